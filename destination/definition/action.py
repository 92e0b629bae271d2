"""An action: what a destination does with an event."""

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from destination.definition.app import HOOK_TYPES, ActionHook, ActionHookType, DynamicFields
from destination.definition.input_fields import read_fields
from destination.definition.inputs import BatchInput, ExecuteInput, PollInput
from destination.definition.membership import SyncModeDefinition
from destination.errors import DefinitionError
from destination.fields import CompiledFields, InputField, Payload, compile_fields
from destination.records import dataclass

S = TypeVar("S")
P = TypeVar("P")


@dataclass(frozen=True, kw_only=True)
class Action(Generic[S, P]):
    """One action of a destination; Segment's `ActionDefinition`.

    Its fields come from a payload model (`payload`) or from Segment's JSON (`fields`). With `fields`, the payload of
    `perform` is a read-only mapping.

    Attributes:
        title: The action's name for people.
        description: What it does.
        payload: The payload model.
        fields: The fields by key, if there is no payload model.
        perform: `perform(request, data)` returns the pending request, or several of them as a tuple. An `async def`
            may await them and return a result.
        reads_only: Whether `perform` and `perform_batch` change nothing, neither in their input nor elsewhere. The
            payload then shares the event's values instead of copies, unless `perform` is an `async def`.
        perform_batch: `perform_batch(request, data)` sends many payloads at once; or None.
        batch_keys: The payload's fields that `perform_batch` cannot mix in one request, such as those that it sends in
            headers. All events of a batch of a delivery have equal values there.
        max_batch: The maximum number of payloads of a batch of a delivery, or None for any number.
        max_batch_bytes: The maximum size of the body of a batch of a delivery, in bytes, or None for any size.
        batch_is_atomic: Whether a 400 or 422 that names no event means that the partner took nothing of the batch. A
            delivery then halves the batch to find the event that is meant. Elsewhere all its events fail, since the
            partner may have taken a part.
        own_batches: Whether Segment's definition of this action has no batches (divergence 7). Each event of a batch
            then has the outcome that it has alone. Otherwise, as in Segment's runtime, one event whose trigger or
            directive fails rejects the whole batch.
        perform_poll: `perform_poll(request, data)` asks the partner for the state of `data.operation`, a
            `PendingOperation` that `perform` returned, and returns an `OperationStatus`. The pinned version of
            Segment's runtime has nothing like it.
        default_subscription: The trigger that Segment's app proposes.
        platform: Always `cloud` for actions that send from a server.
        hidden: Whether Segment's app does not offer it for new mappings.
        sync_mode: The sync modes that a mapping may choose from.
        hooks: The functions that are called when a mapping is saved, by hook: `onMappingSave`, and
            `retlOnMappingSave` for mappings of Reverse ETL.
        dynamic_fields: The functions that return the choices of `dynamic` fields, by field; see `DynamicFields`.

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
    max_batch_bytes: int | None = None
    batch_is_atomic: bool = False
    own_batches: bool = False
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
            raise DefinitionError(f"the payload of action {self.title!r} is not a Payload model: {self.payload!r}")
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
        """Makes a mapping of the fields' defaults; Segment's `defaultValues`.

        Example:
            >>> Action(title="A", description="", perform=print, fields={"a": {"label": "A", "description": "",
            ...        "type": "string", "default": {"@path": "$.a"}}}).default_values()
            {'a': {'@path': '$.a'}}
        """
        return default_values(self.input_fields)


def default_values(fields: Mapping[str, InputField]) -> dict[str, Any]:
    """Collects the defaults of fields; a default of null counts, fields without one are left out.

    Example:
        >>> name = InputField(label="Name", type="string", default={"@path": "$.event"})
        >>> default_values({"name": name, "agent": InputField(label="Agent", type="string")})
        {'name': {'@path': '$.event'}}
    """
    return {key: field.default for key, field in fields.items() if "default" in field.fields_set}
