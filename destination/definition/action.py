"""What a destination can do with an event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from destination.definition.execute_input import ExecuteInput
from destination.errors import DefinitionError
from destination.fields import InputField, Payload, load_fields

S = TypeVar("S")
P = TypeVar("P")


@dataclass(frozen=True, kw_only=True)
class Action(Generic[S, P]):
    """One action of a destination; Segment's `ActionDefinition`.

    Its fields come from a payload model (`payload`) or as Segment's own JSON (`fields`); with the second,
    `perform` sees a read-only mapping.

    Attributes:
        title: The action's name for people.
        description: What it does.
        payload: The payload model.
        fields: The fields by key, where there is no payload model.
        perform: `perform(request, data)` returns the pending request, several of them as a tuple, or what an
            `async def` makes of answers that it awaited itself.
        perform_batch: The same for many payloads at once, or None.
        default_subscription: The trigger that Segment's app proposes.
        platform: Always `cloud` for actions that send from a server.
        hidden: Not offered to people who make new mappings.

    Example:
        >>> ping = Action(title="Ping", description="Send a ping", perform=lambda request, data: request("https://x.test"),
        ...               fields={"name": {"label": "Name", "description": "Who", "type": "string", "required": True}})
        >>> ping.input_fields["name"].required
        True
    """

    title: str
    description: str
    perform: Callable[[Any, ExecuteInput[S, P]], Any]
    payload: type[P] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    perform_batch: Callable[[Any, ExecuteInput[S, list[P]]], Any] | None = None
    default_subscription: str | None = None
    platform: Literal["cloud", "web"] = "cloud"
    hidden: bool = False

    def __post_init__(self) -> None:
        if self.payload is not None and self.fields:
            raise DefinitionError(f"action {self.title!r} has both a payload model and fields: give one of them")
        if self.payload is not None and not issubclass(self.payload, Payload):
            raise DefinitionError(f"the payload of action {self.title!r} is no Payload model: {self.payload!r}")
        _ = self.input_fields  # a malformed field is an error where it is written

    @cached_property
    def input_fields(self) -> dict[str, InputField]:
        """The fields by their keys on the wire."""
        if self.payload is not None:
            assert issubclass(self.payload, Payload)  # noqa: S101  checked at construction; for the type checker
            return dict(self.payload.input_fields())
        return read_fields(self.fields, f"action {self.title!r}")

    def default_values(self) -> dict[str, Any]:
        """The mapping made of the fields' defaults; Segment's `defaultValues`.

        Example:
            >>> Action(title="A", description="", perform=print, fields={"a": {"label": "A", "description": "",
            ...        "type": "string", "default": {"@path": "$.a"}}}).default_values()
            {'a': {'@path': '$.a'}}
        """
        return default_values(self.input_fields)


def read_fields(fields: Mapping[str, Any], place: str) -> dict[str, InputField]:
    """Fields given as models or as Segment's JSON.

    Raises:
        DefinitionError: A field is malformed; names the place and the field.
    """
    if all(isinstance(value, InputField) for value in fields.values()):
        return dict(fields)
    try:
        return load_fields(fields)
    except DefinitionError as error:
        raise DefinitionError(f"{place}: {error}") from None


def default_values(fields: Mapping[str, InputField]) -> dict[str, Any]:
    """The defaults of those fields that have one; a default of null counts."""
    return {key: field.default for key, field in fields.items() if "default" in field.model_fields_set}
