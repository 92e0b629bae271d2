"""The public contract of the collector: the publish requests that it accepts."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel


class _Record(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_camel)


class _Unit(_Record):
    type: str
    uid: Annotated[str, Field(min_length=1, max_length=640)] | None = None


class _Exposure(_Record):
    id: Annotated[int, Field(ge=0)]
    name: str
    variant: Annotated[int, Field(ge=0, le=128)]
    exposed_at: int
    assigned: bool
    eligible: bool
    unit: str | None = None


class _Goal(_Record):
    name: str
    achieved_at: int
    properties: dict[str, Any] | None = None


class _Attribute(_Record):
    name: str
    set_at: int


class _Publish(_Record):
    units: list[_Unit]
    published_at: int
    hashed: bool = False
    historic: bool = False
    exposures: list[_Exposure] = Field(default_factory=list)
    goals: list[_Goal] = Field(default_factory=list)
    attributes: list[_Attribute] = Field(default_factory=list)


def errors_of(event: Any, batch_index: int) -> list[dict[str, Any]]:
    """Checks a publish request; one item `{batchIndex, eventIndex, subject, message}` for each error of the collector.

    Example:
        >>> errors_of({"units": [{"type": "userId", "uid": ""}], "publishedAt": 1}, 0)
        [{'batchIndex': 0, 'eventIndex': 0, 'subject': 'units.0.uid',
          'message': 'String should have at least 1 character'}]
        >>> errors_of({"units": [], "publishedAt": 1}, 0)
        []
    """
    try:
        _Publish.model_validate(event)
    except ValidationError as error:
        return [
            {
                "batchIndex": batch_index,
                "eventIndex": next((part for part in item["loc"] if isinstance(part, int)), 0),
                "subject": ".".join(map(str, item["loc"])),
                "message": item["msg"],
            }
            for item in error.errors(include_url=False, include_input=False)
        ]
    return []
