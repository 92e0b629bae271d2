"""Actions whose partner takes the work and finishes it later. The pinned runtime of Segment has nothing like it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from destination.errors import DefinitionError
from destination.values import real_type_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOperation:
    """What an action's `perform` returns when the partner took the work but has not done it yet.

    It is plain JSON, so that it can be stored, and asked about by another process.

    Attributes:
        context: What `perform_poll` needs to ask about it, such as the partner's identifier of the job.
        message: What is going on, for people.

    Example:
        >>> operation = PendingOperation(context={"jobId": 7}, message="queued")
        >>> PendingOperation.from_json(operation.to_json()) == operation
        True
    """

    context: Mapping[str, Any]
    message: str = ""

    def to_json(self) -> dict[str, Any]:
        """The JSON form: `context` and `message`."""
        return {"context": dict(self.context), "message": self.message}

    @classmethod
    def from_json(cls, value: Any) -> "PendingOperation":
        """Reads the JSON form.

        Raises:
            DefinitionError: The value is none.
        """
        if not isinstance(value, dict) or not isinstance(value.get("context"), dict):
            raise DefinitionError(
                f'a pending operation is {{"context": {{…}}, "message"}}, but this is: {real_type_of(value)}'
            )
        return cls(context=value["context"], message=str(value.get("message") or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStatus:
    """What `perform_poll` found out.

    Attributes:
        state: `pending`: ask again; `completed` and `failed` are final.
        message: For people: how far it is, or why it failed.
        result: What the partner gave, once it is completed.
        operation: What to ask with the next time, where that changed; None: the same again.

    Raises:
        DefinitionError: There is no such state.

    Example:
        >>> OperationStatus(state="completed", result={"rows": 3}).is_final, OperationStatus(state="pending").is_final
        (True, False)
    """

    state: Literal["pending", "completed", "failed"]
    message: str = ""
    result: Any = None
    operation: PendingOperation | None = None

    def __post_init__(self) -> None:
        if self.state not in ("pending", "completed", "failed"):
            raise DefinitionError(f"an operation is pending, completed or failed, but not {self.state!r}")

    @property
    def is_final(self) -> bool:
        """Whether there is nothing more to ask."""
        return self.state != "pending"
