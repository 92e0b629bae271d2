"""Typed payloads and settings: a class declares the fields, and `perform` gets an instance."""

import types as python_types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import (
    Any,
    ClassVar,
    Final,
    Literal,
    Self,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from destination.errors import DefinitionError
from destination.fields.declare import FieldSpec
from destination.fields.input_field import (
    FieldConditions,
    GlobalSetting,
    InputField,
)
from destination.fields.segment_keys import camel_case
from destination.records import dataclass
from destination.values import MISSING

PayloadView: TypeAlias = MappingProxyType[str, Any]
"""The read-only payload that `perform` gets when an action's fields are given as JSON."""


@dataclass(frozen=True, slots=True)
class _Member:
    """One attribute of a model, computed once for its class."""

    name: str
    key: str
    field: InputField
    make: Callable[[Any], Any] | None
    """Makes an instance, or a list of instances, of the member's own model."""


@dataclass(frozen=True, slots=True)
class _Plan:
    model: "type[_Model]"
    members: tuple[_Member, ...]
    blank: dict[str, Any]
    """The attributes of an instance without any keys."""
    same_names: bool
    """Whether every key is also the attribute's name, and no member has a model of its own."""


@dataclass(frozen=True, slots=True)
class _Annotation:
    """What an annotation says of a field.

    Attributes:
        kind: The field's type; None where the annotation alone does not determine it.
        optional: Whether None is allowed.
        multiple: Whether it is a list.
        model: The model of an object with properties.
        choices: The values of a `Literal`.
    """

    kind: str | None = None
    optional: bool = False
    multiple: bool = False
    model: "type[_Model] | None" = None
    choices: tuple[Any, ...] = ()


_new, _set = object.__new__, object.__setattr__
_RAW: Final = "_values"
"""The attribute with the values by key, if the values are not the instance's own attributes."""


class _Model:  # noqa: PLW1641  no hash: its values are lists and objects
    """The common base of payloads and settings."""

    _field_class: ClassVar[type[InputField]] = InputField
    _plan: ClassVar["_Plan | None"] = None

    def __init__(self, **values: Any) -> None:
        """Sets the attributes by name, without converting or validating them."""
        plan = _plan_of(type(self))
        unknown = values.keys() - plan.blank.keys()
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        missing = [one.name for one in plan.members if one.field.required is True and one.name not in values]
        if missing:
            raise TypeError(f"{type(self).__name__} needs {', '.join(missing)}")
        raw = {one.key: _to_raw(values[one.name]) for one in plan.members if one.name in values}
        self.__dict__.update(values)
        self.__dict__[_RAW] = raw

    @property
    def _values(self) -> dict[str, Any]:
        """Returns the values by key."""
        state = self.__dict__
        values: dict[str, Any] = state.get(_RAW, state)
        return values

    @classmethod
    def input_fields(cls) -> dict[str, InputField]:
        """Returns the fields by key.

        Raises:
            DefinitionError: The declaration of an attribute is not a valid field; the message names it.
        """
        return {member.key: member.field for member in _plan_of(cls).members}

    @classmethod
    def from_validated(cls, values: dict[str, Any]) -> Self:
        """Makes an instance of values that are already validated.

        Args:
            values: The values by key. The instance keeps this object, without a copy.
        """
        plan = cls._plan
        if plan is None or plan.model is not cls:
            plan = _plan_of(cls)
        self = _new(cls)
        if plan.same_names and values.keys() <= plan.blank.keys():
            # The values are the attributes, without a copy. An absent one is None by its FieldSpec.
            _set(self, "__dict__", values)
            return self
        state = self.__dict__
        for member in plan.members:
            value = values.get(member.key, MISSING)
            if value is not MISSING:
                state[member.name] = member.make(value) if member.make else value
        state[_RAW] = values
        return self

    @classmethod
    def maker(cls) -> Callable[[dict[str, Any]], "_Model"]:
        """Returns the fastest form of `from_validated`, for values whose keys are all fields."""
        if not _plan_of(cls).same_names:
            return cls.from_validated

        def make(values: dict[str, Any]) -> _Model:
            self = _new(cls)
            _set_state(self, values)
            return self

        return make

    @property
    def fields_set(self) -> frozenset[str]:
        """Returns the names of the attributes whose keys were present; an absent attribute is None, like a null."""
        return frozenset(one.name for one in self._given())

    def _given(self) -> "list[_Member]":
        return [one for one in _plan_of(type(self)).members if one.key in self._values]

    def to_json(self) -> dict[str, Any]:
        """Returns the given values by key."""
        return dict(self._values)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values == other._values if isinstance(other, _Model) else False

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={getattr(self, name)!r}" for name in _plan_of(type(self)).blank if name in self.fields_set
        )
        return f"{type(self).__name__}({shown})"


_set_state: Callable[[_Model, dict[str, Any]], None] = vars(_Model)["__dict__"].__set__


class Payload(_Model):
    """The base of payload models: attributes declared with `field(…)` are an action's fields.

    The annotation determines the field: `str`, `bool`, `int` (integer), `float` (number) and `dict` (object) are
    types, another `Payload` is an object with properties, `list[…]` allows several values, `… | None` is not
    required, and a `Literal` has choices.

    Instances are read-only and have an attribute for every field; the attribute of an absent field is None.

    Example:
        >>> from destination.fields import field
        >>> class Order(Payload):
        ...     order_id: str = field(label="Order ID")
        ...     total: float | None = field(label="Total", minimum=1)
        >>> Order.input_fields()["orderId"].to_json()
        {'label': 'Order ID', 'type': 'string', 'required': True}
        >>> order = Order.from_validated({"orderId": "a1"})
        >>> order.order_id, order.total, order.fields_set, order.to_json()
        ('a1', None, frozenset({'order_id'}), {'orderId': 'a1'})
    """


class Settings(_Model):
    """The base of settings models: attributes declared with `setting(…)` are a destination's settings.

    Example:
        >>> from destination.fields import setting
        >>> class Account(Settings):
        ...     api_key: str = setting(label="API key", type="password")
        >>> Account.input_fields()
        {'apiKey': GlobalSetting(label='API key', ... type='password', required=True, ...)}
        >>> Account(api_key="s3cr3t")
        Account(api_key=…)
    """

    _field_class = GlobalSetting

    def __repr__(self) -> str:
        """Shows the names only: secrets are often declared as plain strings, and URLs have passwords in them."""
        return f"{type(self).__name__}({', '.join(f'{one.name}=…' for one in self._given())})"


def _to_raw(value: Any) -> Any:
    if isinstance(value, _Model):
        return value.to_json()
    return [_to_raw(item) for item in value] if isinstance(value, list) else value


# --- from a class to its fields --------------------------------------------------------------------------


def _plan_of(cls: type[_Model]) -> _Plan:
    found = cls._plan
    if found is None or found.model is not cls:  # the plan of a base class
        members = tuple(_members(cls))
        keys = [member.key for member in members]
        for key in keys:
            if keys.count(key) > 1:
                raise DefinitionError(f"{cls.__name__} has two fields with the key {key!r}")
        same_names = all(member.key == member.name and not member.make for member in members)
        found = _Plan(cls, members, dict.fromkeys(member.name for member in members), same_names)
        cls._plan = found
    return found


def _members(cls: type[_Model]) -> Iterator[_Member]:
    try:
        hints = get_type_hints(cls)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise DefinitionError(f"an annotation of {cls.__name__} cannot be read: {error}") from None
    for name, hint in hints.items():
        if get_origin(hint) is ClassVar or name in _OWN_NAMES:
            continue
        spec = getattr(cls, name, None)
        if not isinstance(spec, FieldSpec):
            raise DefinitionError(f"{cls.__name__}.{name} is not a field: assign field(…) or setting(…) to it")
        yield _member(cls, name, spec, _read_annotation(hint))
    for base in cls.__mro__:
        for name, value in vars(base).items():
            if isinstance(value, FieldSpec) and name not in hints:
                raise DefinitionError(f"{cls.__name__}.{name} has no annotation")
            if isinstance(value, FieldSpec) and name in _OWN_NAMES:
                raise DefinitionError(f"{cls.__name__}.{name}: the name is taken; use another and key={name!r}")


def _member(cls: type[_Model], name: str, spec: FieldSpec, annotation: _Annotation) -> _Member:
    model = annotation.model
    options: dict[str, Any] = {"label": None, "type": annotation.kind, "required": not annotation.optional}
    if annotation.multiple:
        options["multiple"] = True
    if annotation.choices:
        options["choices"] = _choices_of(annotation)
    if model is not None:
        options["properties"] = model.input_fields()
    options |= spec.options
    for conditions in ("required", "depends_on"):
        if isinstance(options.get(conditions), Mapping):
            options[conditions] = FieldConditions.from_json(options[conditions])
    if options["type"] is None:
        raise DefinitionError(
            f"{cls.__name__}.{name}: its annotation does not determine a type; pass type=… (as for a datetime)"
        )
    try:
        made = cls._field_class(**options)
    except DefinitionError as error:
        raise DefinitionError(f"{cls.__name__}.{name}: {error}") from None
    make = _maker(model, made) if model is not None else None
    return _Member(name, spec.key or camel_case(name.rstrip("_")), made, make)


def _maker(model: type[_Model], made: InputField) -> Callable[[Any], Any]:
    make = model.from_validated
    if made.multiple:
        return lambda values: [make(value) for value in values] if isinstance(values, list) else values
    return lambda value: make(value) if isinstance(value, dict) else value


_OWN_NAMES = frozenset(dir(_Model)) | {"_values", "_plan"}


# --- annotations -----------------------------------------------------------------------------------------

_SCALARS: dict[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def _read_annotation(annotation: Any) -> _Annotation:
    """Reads what an annotation says of a field.

    Example:
        >>> _read_annotation(list[str] | None)
        _Annotation(kind='string', optional=True, multiple=True, model=None, choices=())
    """
    origin = get_origin(annotation)
    arguments = get_args(annotation)
    if origin in (Union, python_types.UnionType):
        others = [one for one in arguments if one is not type(None)]
        inner = _read_annotation(others[0]) if len(others) == 1 else _Annotation()
        return replace(inner, optional=inner.optional or len(others) < len(arguments))
    if origin is Literal:
        values = tuple(value for value in arguments if value is not None)
        kinds = {_SCALARS.get(type(value)) for value in values}
        return _Annotation(kinds.pop() if len(kinds) == 1 else None, len(values) < len(arguments), choices=values)
    if origin in (list, Sequence):
        item = _read_annotation(arguments[0])
        return _Annotation(multiple=True) if item.multiple else replace(item, multiple=True, optional=False)
    if isinstance(annotation, type):
        if issubclass(annotation, _Model):
            return _Annotation("object", model=annotation)
        if annotation is list:
            return _Annotation(multiple=True)
    if annotation in (dict, Mapping) or origin in (dict, Mapping) or is_typeddict(annotation):
        return _Annotation("object")
    return _Annotation(_SCALARS.get(annotation))


def _choices_of(annotation: _Annotation) -> list[Any]:
    """Writes the values of a `Literal` as Segment's choices.

    Segment has no value for a bare number among choices, so numbers get a label.

    Raises:
        DefinitionError: A value is neither a string nor an integer.
    """
    choices: list[Any] = []
    for value in annotation.choices:
        if isinstance(value, str):
            choices.append(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            choices.append({"label": str(value), "value": value})
        else:
            raise DefinitionError(f"{value!r} is no choice that Segment knows: strings and numbers are")
    return choices
