"""Reads and writes fields in Segment's JSON form: `InputField`, and `GlobalSetting` for a destination's settings.

Reading and writing changes nothing: an absent key stays absent, a null stays null, and unknown keys are kept.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal, Self, TypeVar, dataclass_transform, get_args

from destination.errors import DefinitionError
from destination.fields.segment_keys import Category, DisplayMode, FieldType, InputMethod, ObjectUI, segment_key

Declaration = TypeVar("Declaration", bound="_Declaration")
_Test = Callable[[Any], bool]


@dataclass_transform(kw_only_default=True, frozen_default=True)
class _Declaration:  # noqa: PLW1641  no hash: its values are lists and objects
    """A frozen value whose keyword arguments are checked.

    `_plain` recognises what is plainly right. Anything else goes to pydantic's model of the same declaration, which
    says what is wrong; importing pydantic takes longer than most commands work.
    """

    _plain: ClassVar[Mapping[str, _Test]]
    """A test for each attribute, in their order; what it accepts, pydantic accepts as it is."""
    _required: ClassVar[frozenset[str]]
    _unknown: ClassVar[Mapping[str, Any]] = {}
    """The keys that Segment does not have, where there are any."""

    def __init__(self, **given: Any) -> None:
        """Checks and sets the attributes, by their names or by Segment's keys.

        Raises:
            DefinitionError: A value is wrong or missing; the message names the key.
        """
        tests = self._plain
        if self._required <= given.keys() <= tests.keys() and all(tests[name](given[name]) for name in given):
            vars(self).update(given)
            return
        from destination.fields.checked import check

        checked = check(
            type(self).__name__, {name: _to_json(value) for name, value in given.items()}, _make, by_name=True
        )
        vars(self).update(vars(checked))

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Reads Segment's JSON form.

        Raises:
            DefinitionError: A key has a value that Segment does not accept; the message names the key.
        """
        from destination.fields.checked import check

        checked = check(cls.__name__, value, _make, by_name=False)
        return cls.of_checked(vars(checked), {})

    @classmethod
    def of_checked(cls, values: Mapping[str, Any], unknown: Mapping[str, Any]) -> Self:
        """Makes an instance of values that need no check.

        Args:
            values: The attributes, by name.
            unknown: The keys that Segment does not have.
        """
        self = object.__new__(cls)
        vars(self).update(values)
        if unknown:
            vars(self)["_unknown"] = unknown
        return self

    @property
    def fields_set(self) -> frozenset[str]:
        """Returns the names of the attributes that were given."""
        return frozenset(vars(self)) - {"_unknown"}

    def copy_with(self, **values: Any) -> Self:
        """Returns a copy with other values, which are not checked.

        Example:
            >>> InputField(label="Name", type="string").copy_with(multiple=True).multiple
            True
        """
        return self.of_checked({**vars(self), **values}, {})

    def to_json(self) -> dict[str, Any]:
        """Returns Segment's JSON form, with the given keys only."""
        values = vars(self)
        known = {segment_key(name): _to_json(values[name]) for name in self._plain if name in values}
        return {**known, **self._unknown}

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(self) == vars(other)

    def __repr__(self) -> str:
        values = {name: getattr(self, name) for name in self._plain}
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in values.items())})"


def _make(kind: str, values: Mapping[str, Any], unknown: Mapping[str, Any]) -> Any:
    kinds: Mapping[str, type[_Declaration]] = {
        "FieldCondition": FieldCondition,
        "FieldConditions": FieldConditions,
        "InputField": InputField,
    }
    return kinds[kind].of_checked(values, unknown)


def _to_json(value: Any) -> Any:
    if isinstance(value, _Declaration):
        return value.to_json()
    if isinstance(value, dict):
        return {key: _to_json(item) for key, item in value.items()}
    return [_to_json(item) for item in value] if isinstance(value, list) else value


def _is(*kinds: type) -> _Test:
    return lambda value: type(value) in kinds


def _one_of(values: Any) -> _Test:
    texts = frozenset(get_args(values))
    return lambda value: type(value) is str and value in texts


def _list_of(test: _Test) -> _Test:
    return lambda value: type(value) is list and all(map(test, value))


def _or_none(test: _Test) -> _Test:
    return lambda value: value is None or test(value)


def _is_anything(_value: Any) -> bool:
    return True


def _are_properties(value: Any) -> bool:
    return type(value) is dict and all(type(key) is str and type(field) is InputField for key, field in value.items())


class FieldCondition(_Declaration):
    """A condition on another field, or (`type="syncMode"`) on the mode of a sync.

    Example:
        >>> FieldCondition(field_key="kind", operator="is", value="order").value
        'order'
    """

    operator: Literal["is", "is_not"]
    field_key: str | None = None
    type: Literal["field", "syncMode"] | None = None
    value: Any = None
    """The value to compare the other field with; if this key is absent, the condition tests whether that
    field is present."""

    _required = frozenset({"operator"})
    _plain: ClassVar[Mapping[str, _Test]] = {
        "operator": _one_of(Literal["is", "is_not"]),
        "field_key": _or_none(_is(str)),
        "type": _or_none(_one_of(Literal["field", "syncMode"])),
        "value": _is_anything,
    }


class FieldConditions(_Declaration):
    """Conditions that must all hold, or of which one must hold (`match="any"`).

    Example:
        >>> order = FieldCondition(field_key="kind", operator="is", value="order")
        >>> FieldConditions(match="all", conditions=[order]).conditions[0].field_key
        'kind'
    """

    match: Literal["any", "all"] | None = None
    conditions: list[FieldCondition]

    _required = frozenset({"conditions"})
    _plain: ClassVar[Mapping[str, _Test]] = {
        "match": _or_none(_one_of(Literal["any", "all"])),
        "conditions": _list_of(_is(FieldCondition)),
    }


class InputField(_Declaration):
    """One field of an action's payload.

    Attributes have snake_case names; the keys in JSON are Segment's (`allowNull`, `depends_on`, …).

    Example:
        >>> name = InputField.from_json({"label": "Name", "type": "string", "required": True, "allowNull": False})
        >>> name.required, name.allow_null, name.to_json()
        (True, False, {'label': 'Name', 'type': 'string', 'required': True, 'allowNull': False})
    """

    label: str
    description: str | None = None
    type: FieldType
    required: bool | FieldConditions | None = None
    """True, or the conditions under which the field is required."""
    multiple: bool | None = None
    """The value is a list; a single value is wrapped in one."""
    allow_null: bool | None = None
    """Null is a valid value; otherwise it counts as absent."""
    default: Any = None
    """The mapping that Segment's app proposes; validation does not use it."""
    choices: list[Any] | None = None
    """The allowed values: strings, or objects `{"label": …, "value": …}`."""
    placeholder: str | None = None
    properties: dict[str, "InputField"] | None = None
    """The fields of an object."""
    category: Category | None = None
    depends_on: FieldConditions | None = None
    """The conditions under which the app shows the field."""
    read_only: bool | None = None
    unsafe_hidden: bool | None = None
    """The app hides the field."""
    minimum: int | float | None = None
    """The minimum of a `number`, or of the length of a `string` in characters; 0 is no limit."""
    maximum: int | float | None = None
    """The maximum of a `number`, or of the length of a `string` in characters; 0 is no limit."""
    format: str | None = None
    """The required format of strings, such as `uri`, `email`, `date-time`."""
    disabled_input_methods: list[InputMethod] | None = None
    display_mode: DisplayMode | None = None
    additional_properties: bool | None = None
    """An object with `properties` keeps other keys."""
    default_object_ui: ObjectUI | None = None
    dynamic: bool | None = None
    """The app requests the choices from the destination."""

    _required = frozenset({"label", "type"})
    _plain: ClassVar[Mapping[str, _Test]] = {
        "label": _is(str),
        "description": _or_none(_is(str)),
        "type": _one_of(FieldType),
        "required": _or_none(_is(bool, FieldConditions)),
        "multiple": _or_none(_is(bool)),
        "allow_null": _or_none(_is(bool)),
        "default": _is_anything,
        "choices": _or_none(_is(list)),
        "placeholder": _or_none(_is(str)),
        "properties": _or_none(_are_properties),
        "category": _or_none(_one_of(Category)),
        "depends_on": _or_none(_is(FieldConditions)),
        "read_only": _or_none(_is(bool)),
        "unsafe_hidden": _or_none(_is(bool)),
        "minimum": _or_none(_is(int, float)),
        "maximum": _or_none(_is(int, float)),
        "format": _or_none(_is(str)),
        "disabled_input_methods": _or_none(_list_of(_one_of(InputMethod))),
        "display_mode": _or_none(_one_of(DisplayMode)),
        "additional_properties": _or_none(_is(bool)),
        "default_object_ui": _or_none(_one_of(ObjectUI)),
        "dynamic": _or_none(_is(bool)),
    }


class GlobalSetting(InputField):
    """One setting of a destination; `type` is `string`, `password`, `number` or `boolean`.

    Example:
        >>> GlobalSetting(label="API key", type="password", required=True).to_json()
        {'label': 'API key', 'type': 'password', 'required': True}
    """


def load_fields(value: Mapping[str, Any]) -> dict[str, InputField]:
    """Reads an action's fields from Segment's JSON form.

    Raises:
        DefinitionError: A field is not valid; the message names it.

    Example:
        >>> load_fields({"name": {"label": "Name", "type": "strnig"}})
        Traceback (most recent call last):
        destination.errors.DefinitionError: field `name`: a field is declared wrongly at `type`: Input should be ...
    """
    fields = {}
    for key, field in value.items():
        try:
            fields[key] = InputField.from_json(field)
        except DefinitionError as error:
            raise DefinitionError(f"field `{key}`: {error}") from None
    return fields
