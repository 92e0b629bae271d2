"""Functions that are called outside of events: hooks, dynamic fields, audiences, polls of pending operations."""

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

from destination.definition.input_fields import read_fields
from destination.errors import DefinitionError
from destination.fields import CompiledFields, InputField, compile_fields
from destination.mapping.paths import split_path
from destination.records import dataclass
from destination.values import real_type_of, string_to_number

ActionHookType = Literal["onMappingSave", "retlOnMappingSave"]

HOOK_TYPES: Final[tuple[ActionHookType, ...]] = ("onMappingSave", "retlOnMappingSave")
"""The moments at which Segment's app calls a hook; also the keys of a hook's values in the mapping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookOutput:
    """One value that a hook returns, to be stored with the mapping.

    Attributes:
        label: Its name for people.
        description: What it is.
        type: `string`, `number`, `boolean`, …
        required: Whether the hook always returns it.

    Example:
        >>> HookOutput(label="List ID", description="The list that was made.", type="string", required=True).required
        True
    """

    label: str
    description: str
    type: str
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class ActionHook:
    """A function that Segment's app calls when a mapping is saved; Segment's `ActionHookDefinition`.

    Attributes:
        label: Its name in the app.
        description: What it does.
        perform_hook: `perform_hook(request, data)` returns `{"successMessage", "savedData"}` or `{"error": {"message",
            "code"}}`; `data` is an `AppInput` with the validated `hook_inputs`. None for a hook that is only known
            from a public definition.
        input_fields: The fields to fill in before it is called, by key. A field's `dynamic` may be a function that
            returns its choices.
        output_types: The values in `savedData`, by key. The app stores them in the mapping under the hook's name, and
            performs have them in `data.hook_outputs`.

    Example:
        >>> hook = ActionHook(label="Make a list", description="", perform_hook=lambda request, data: {}, input_fields={
        ...     "list": {"label": "List", "description": "", "type": "string", "dynamic": lambda request, data: {}}})
        >>> hook.fields["list"].dynamic, list(hook.dynamic_functions)
        (True, ['list'])
    """

    label: str
    description: str
    perform_hook: Callable[[Any, Any], Any] | None = None
    input_fields: Mapping[str, Any] = field(default_factory=dict)
    output_types: Mapping[str, HookOutput] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _ = self.fields  # a malformed field is an error where it is written

    @cached_property
    def fields(self) -> dict[str, InputField]:
        """The input fields, with `dynamic` as true or false."""
        declared = {
            key: {**item, "dynamic": True} if key in self.dynamic_functions else item
            for key, item in self.input_fields.items()
        }
        return read_fields(declared, f"hook {self.label!r}")

    @cached_property
    def compiled(self) -> CompiledFields | None:
        """The compiled input fields, which validate the values that were filled in; None if there are no fields.

        Raises:
            DefinitionError: A field cannot be compiled.
            EngineTypeError: A field cannot be compiled, and Segment's runtime raises a TypeError for it.
        """
        return compile_fields(self.fields) if self.fields else None

    @cached_property
    def dynamic_functions(self) -> dict[str, Callable[[Any, Any], Any]]:
        """The functions that return the choices of input fields, by key."""
        return {
            key: item["dynamic"]
            for key, item in self.input_fields.items()
            if isinstance(item, Mapping) and callable(item.get("dynamic"))
        }


DynamicFunction: TypeAlias = Callable[[Any, Any], Any]
"""Called as `(request, data)`; returns `{"choices": [{"label", "value"}], "nextPage"?, "error"?}`."""

DynamicFields: TypeAlias = Mapping[str, DynamicFunction | Mapping[str, DynamicFunction]]
"""The functions by field. For an object, or a list of objects, a mapping of functions by the object's keys: `__keys__`
returns the keys of an object with arbitrary keys, `__values__` the values of keys without a function of their own."""

# JavaScript's `.` stops at four line ends, and so a path may begin in its middle.
_ITEM = re.compile(r"([^\n\r\u2028\u2029]*)\.\[([0-9]+)\]\.([^\n\r\u2028\u2029]*)")
_MEMBER = re.compile(r"([^\n\r\u2028\u2029]*)\.([^\n\r\u2028\u2029]*)")


def find_dynamic_field(fields: DynamicFields | None, path: str) -> tuple[DynamicFunction | None, dict[str, Any] | None]:
    """Finds the function for a path, and its `dynamic_field_context`; two Nones if there is no function.

    A path is a field's key (`list`), a member of an object (`user.email`), a member of an item of a list
    (`items.[2].sku`), or `user.__keys__`. Source: `extractFieldContextAndHandler` of Segment's runtime, with its
    oddities: quotes and brackets split a path, as in `@path`.

    Example:
        >>> fields = {"list": print, "items": {"sku": print}, "user": {"__values__": print}}
        >>> find_dynamic_field(fields, "items.[2].sku")[1], find_dynamic_field(fields, "user.email")[1]
        ({'selectedArrayIndex': 2}, {'selectedKey': 'email'})
        >>> find_dynamic_field(fields, "unknown")
        (None, None)
    """
    handler = path
    context: dict[str, Any] | None = None
    item = _ITEM.search(path)
    if item is not None and item[3]:
        handler, context = f"{item[1]}.{item[3]}", {"selectedArrayIndex": string_to_number(item[2])}
    else:
        member = item or _MEMBER.search(path)
        if member is not None:
            parent = (fields or {}).get(member[1])
            # Divergence: what JavaScript's objects inherit (`constructor`) is not a function of the author.
            if parent is not None and (callable(parent) or member[2] not in parent):
                handler, context = f"{member[1]}.__values__", {"selectedKey": member[2]}
    function = _look_up(fields, handler)
    return (None, None) if function is None else (function, context)


def _look_up(fields: Any, path: str) -> DynamicFunction | None:
    found = fields
    for key in split_path(path):
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found if callable(found) else None


def no_dynamic_field(path: str) -> dict[str, Any]:
    """Returns the answer for a path without a function.

    Example:
        >>> no_dynamic_field("list")["error"]
        {'message': 'No dynamic field named list found.', 'code': '404'}
    """
    return {
        "choices": [],
        "nextPage": "",
        "error": {"message": f"No dynamic field named {path} found.", "code": "404"},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceConfig:
    """The kind of audiences that a destination has; Segment's `audienceConfig`.

    Attributes:
        mode: `synced`: audiences are created at the partner, and members are sent in syncs. `realtime`: members are
            sent when they enter or leave.
        full_audience_sync: Whether a sync has all members, and not only the changes; for `synced`.
        create_audience: `create_audience(request, data)` creates an audience and returns its identifier.
        get_audience: `get_audience(request, data)` looks an audience up.

    Example:
        >>> AudienceConfig(mode="realtime").has_functions
        False
    """

    mode: Literal["synced", "realtime"]
    full_audience_sync: bool = False
    create_audience: Callable[[Any, Any], Any] | None = None
    get_audience: Callable[[Any, Any], Any] | None = None

    @property
    def has_functions(self) -> bool:
        """Whether audiences can be both created and looked up."""
        return self.create_audience is not None and self.get_audience is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingOperation:
    """An operation that the partner accepted and has not finished yet; an action's `perform` returns it.

    The pinned version of Segment's runtime has nothing like it. It is plain JSON, so that it can be stored, and
    polled by another process.

    Attributes:
        context: The data for `perform_poll`, such as the partner's identifier of the job.
        message: The state of the operation, for people.

    Example:
        >>> operation = PendingOperation(context={"jobId": 7}, message="queued")
        >>> PendingOperation.from_json(operation.to_json()) == operation
        True
    """

    context: Mapping[str, Any]
    message: str = ""

    def to_json(self) -> dict[str, Any]:
        """Returns the JSON form: `context` and `message`."""
        return {"context": dict(self.context), "message": self.message}

    @classmethod
    def from_json(cls, value: Any) -> "PendingOperation":
        """Reads the JSON form.

        Raises:
            DefinitionError: The value is not a pending operation.
        """
        if not isinstance(value, dict) or not isinstance(value.get("context"), dict):
            raise DefinitionError(
                f'a pending operation is {{"context": {{…}}, "message"}}, but this is: {real_type_of(value)}'
            )
        return cls(context=value["context"], message=str(value.get("message") or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationStatus:
    """The state of an operation; `perform_poll` returns it.

    Attributes:
        state: `pending`: poll again. `completed` and `failed` are final.
        message: The progress, or the reason of the failure, for people.
        result: The partner's result of a completed operation.
        operation: The operation for the next poll, if it changed; None to poll with the unchanged one.

    Raises:
        DefinitionError: The state is none of these.

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
        """Whether the state is final."""
        return self.state != "pending"
