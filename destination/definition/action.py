"""What a destination can do with an event."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from destination.definition.call_inputs import PollInput
from destination.definition.dynamic_fields import DynamicFields
from destination.definition.execute_input import BatchInput, ExecuteInput
from destination.definition.hook import HOOK_TYPES, ActionHook, ActionHookType
from destination.definition.input_fields import read_fields
from destination.definition.sync_mode import SyncModeDefinition
from destination.errors import DefinitionError
from destination.fields import CompiledFields, InputField, Payload, compile_fields

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
        reads_only: That `perform` and `perform_batch` change nothing, neither in what they are given nor elsewhere.
            Events on their way out then go without copies: the payload shares the event's own values, and in rare
            cases `perform` is called a second time, with copies.
        perform_batch: The same for many payloads at once, or None.
        batch_keys: The payload's fields that `perform_batch` cannot mix in one request, such as those that travel in
            headers. A delivery makes batches of events that have the same values there.
        max_batch: So many payloads `perform_batch` should get at most, or None for any number. A delivery keeps to it.
        perform_poll: `perform_poll(request, data)` asks the partner about `data.operation`, a `PendingOperation` that
            `perform` returned, and gives an `OperationStatus`. Beyond Segment's pinned runtime.
        default_subscription: The trigger that Segment's app proposes.
        platform: Always `cloud` for actions that send from a server.
        hidden: Not offered to people who make new mappings.
        sync_mode: The sync modes that a mapping may choose from.
        hooks: What happens when a mapping is saved, by hook: `onMappingSave`, and `retlOnMappingSave` for mappings
            of Reverse ETL.
        dynamic_fields: What gives the choices of fields that are `dynamic`, by field: a function `(request, data)`,
            or for an object's properties functions by their keys, `__keys__` and `__values__` for all keys or
            values.

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
    reads_only: bool = False
    perform_batch: Callable[[Any, BatchInput[S, P]], Any] | None = None
    batch_keys: tuple[str, ...] = ()
    max_batch: int | None = None
    perform_poll: Callable[[Any, PollInput[S]], Any] | None = None
    default_subscription: str | None = None
    platform: Literal["cloud", "web"] = "cloud"
    hidden: bool = False
    sync_mode: SyncModeDefinition | None = None
    hooks: Mapping[ActionHookType, ActionHook] = field(default_factory=dict)
    dynamic_fields: DynamicFields = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.payload is not None and self.fields:
            raise DefinitionError(f"action {self.title!r} has both a payload model and fields: give one of them")
        if self.payload is not None and not issubclass(self.payload, Payload):
            raise DefinitionError(f"the payload of action {self.title!r} is no Payload model: {self.payload!r}")
        unknown = [name for name in self.hooks if name not in HOOK_TYPES]
        if unknown:
            raise DefinitionError(f"action {self.title!r} has a hook {unknown[0]!r}: there are {', '.join(HOOK_TYPES)}")
        _ = self.input_fields  # a malformed field is an error where it is written

    @cached_property
    def input_fields(self) -> dict[str, InputField]:
        """The fields by their keys on the wire."""
        if self.payload is not None:
            assert issubclass(self.payload, Payload)  # noqa: S101  checked at construction; for the type checker
            return dict(self.payload.input_fields())
        return read_fields(self.fields, f"action {self.title!r}")

    @cached_property
    def compiled_fields(self) -> CompiledFields | None:
        """The fields made ready to validate payloads, once for all subscriptions; None where there are none.

        Raises:
            DefinitionError: A condition has an unknown operator.
            EngineTypeError: A field, its choices or its conditions have no shape that can be read.
        """
        return compile_fields(self.input_fields) if self.input_fields else None

    def default_values(self) -> dict[str, Any]:
        """The mapping made of the fields' defaults; Segment's `defaultValues`.

        Example:
            >>> Action(title="A", description="", perform=print, fields={"a": {"label": "A", "description": "",
            ...        "type": "string", "default": {"@path": "$.a"}}}).default_values()
            {'a': {'@path': '$.a'}}
        """
        return default_values(self.input_fields)


def default_values(fields: Mapping[str, InputField]) -> dict[str, Any]:
    """The defaults of those fields that have one; a default of null counts.

    Example:
        >>> name = InputField(label="Name", type="string", default={"@path": "$.event"})
        >>> default_values({"name": name, "agent": InputField(label="Agent", type="string")})
        {'name': {'@path': '$.event'}}
    """
    return {key: field.default for key, field in fields.items() if "default" in field.model_fields_set}
