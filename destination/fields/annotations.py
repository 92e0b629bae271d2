"""What a Python annotation says of a field: its type, whether it may be absent, whether there are several."""

import types as python_types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, TypeVar, Union, get_args, get_origin, is_typeddict

from destination.errors import DefinitionError

_SCALARS: dict[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Annotation(Generic[M]):
    """An annotation in the words of fields.

    Attributes:
        kind: The type of the field, or None where the annotation alone does not tell it.
        optional: None is among what it allows.
        multiple: It is a list.
        model: The model of an object with properties.
        choices: The values of a `Literal`.
    """

    kind: str | None = None
    optional: bool = False
    multiple: bool = False
    model: type[M] | None = None
    choices: tuple[Any, ...] = ()


def read_annotation(annotation: Any, model_base: type[M]) -> Annotation[M]:
    """Reads an annotation; classes derived from `model_base` are objects with properties.

    Example:
        >>> read_annotation(list[str] | None, dict)
        Annotation(kind='string', optional=True, multiple=True, model=None, choices=())
    """
    origin = get_origin(annotation)
    arguments = get_args(annotation)
    if origin in (Union, python_types.UnionType):
        others = [one for one in arguments if one is not type(None)]
        untold: Annotation[M] = Annotation()
        inner = read_annotation(others[0], model_base) if len(others) == 1 else untold
        return replace(inner, optional=inner.optional or len(others) < len(arguments))
    if origin is Literal:
        values = tuple(value for value in arguments if value is not None)
        kinds = {_SCALARS.get(type(value)) for value in values}
        return Annotation(kinds.pop() if len(kinds) == 1 else None, len(values) < len(arguments), choices=values)
    if origin in (list, Sequence):
        item = read_annotation(arguments[0], model_base)
        return Annotation(multiple=True) if item.multiple else replace(item, multiple=True, optional=False)
    if isinstance(annotation, type):
        if issubclass(annotation, model_base):
            return Annotation("object", model=annotation)
        if annotation is list:
            return Annotation(multiple=True)
    if annotation in (dict, Mapping) or origin in (dict, Mapping) or is_typeddict(annotation):
        return Annotation("object")
    return Annotation(_SCALARS.get(annotation))


def choices_of(annotation: Annotation[Any]) -> list[Any]:
    """The values of a `Literal` as Segment takes choices.

    A bare number among choices has no value on Segment, so those are written out.

    Raises:
        DefinitionError: A value is neither a string nor a number.
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
