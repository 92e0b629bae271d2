"""What an action does when a mapping of it is saved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal

from destination.definition.input_fields import read_fields
from destination.fields import CompiledFields, InputField, compile_fields

ActionHookType = Literal["onMappingSave", "retlOnMappingSave"]

HOOK_TYPES: Final[tuple[ActionHookType, ...]] = ("onMappingSave", "retlOnMappingSave")
"""The moments at which Segment's app calls a hook; also the keys under which a mapping keeps what it gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookOutput:
    """One value that a hook gives to be stored with the mapping.

    Attributes:
        label: Its name for people.
        description: What it is.
        type: `string`, `number`, `boolean`, …
        required: Whether the hook always gives it.
    """

    label: str
    description: str
    type: str
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class ActionHook:
    """What an action does when a mapping is saved; Segment's `ActionHookDefinition`.

    Attributes:
        label: What the app calls it.
        description: What it does.
        perform_hook: `perform_hook(request, data)` gives `{"successMessage", "savedData"}` or `{"error": {"message",
            "code"}}`; `data` is an `AppInput` with the validated `hook_inputs`. None for a hook that is only known
            from a public definition.
        input_fields: What the app asks for, by key. A field's `dynamic` may be a function that offers its choices.
        output_types: What `savedData` holds, by key. The app stores it in the mapping under the hook's name, and
            performs see it as `data.hook_outputs`.

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
        """The input fields, each with `dynamic` as a truth."""
        declared = {
            key: {**item, "dynamic": True} if key in self.dynamic_functions else item
            for key, item in self.input_fields.items()
        }
        return read_fields(declared, f"hook {self.label!r}")

    @cached_property
    def compiled(self) -> CompiledFields | None:
        """The input fields made ready to validate what was filled in; None where there are none.

        Raises:
            DefinitionError: A field cannot be compiled.
            EngineTypeError: The same, where the reference dies when the action is made.
        """
        return compile_fields(self.fields) if self.fields else None

    @cached_property
    def dynamic_functions(self) -> dict[str, Callable[[Any, Any], Any]]:
        """The functions that offer the choices of input fields, by key."""
        return {
            key: item["dynamic"]
            for key, item in self.input_fields.items()
            if isinstance(item, Mapping) and callable(item.get("dynamic"))
        }
