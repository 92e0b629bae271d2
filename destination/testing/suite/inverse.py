"""From a payload that is wanted back to an event: a mapping, read against its direction.

`{"name": {"@path": "$.event"}}` and a wanted `name` of `"a"` give an event whose `event` is `"a"`. Each directive has
its inverse here. Some have none: no event changes a literal, and the result of a template language cannot be known in
advance. Those get an event in which every path that they read has a distinct text, and a note.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from destination.fields import InputField
from destination.mapping.paths import split_path
from destination.mapping.shape import Place as MappingPath
from destination.mapping.shape import directive_name, is_directive
from destination.testing.suite.draft import Draft, Keys, Position, event_paths
from destination.values import MISSING, stringify, truthy

_ROOT_DIRECTIVE: Final = "__segment_internal_directive"


@dataclass(frozen=True, slots=True)
class Target:
    """The value that a part of a mapping has to make.

    Attributes:
        wanted: The value.
        position: Its path in the payload.
        path: Path of the part in the mapping.
        field: The field, where it is known.
    """

    wanted: Any
    position: Position
    path: MappingPath
    field: InputField | None = None

    def of(self, *keys: str) -> "Target":
        """Returns the target for the part below these keys of the mapping."""
        return replace(self, path=(*self.path, *keys))

    def member(self, key: str, wanted: Any) -> "Target":
        """Returns the target for one member of the value, for the part under its key."""
        properties = (self.field.properties if self.field is not None else None) or {}
        return Target(wanted, (*self.position, key), (*self.path, key), properties.get(key))


def is_root_directive(mapping: Mapping[str, Any]) -> bool:
    """Whether one directive makes the whole payload, so that the mapping has no part for each field.

    Example:
        >>> is_root_directive({"@path": "$.properties"}), is_root_directive({"name": {"@path": "$.event"}})
        (True, False)
    """
    return _ROOT_DIRECTIVE in mapping or is_directive(dict(mapping))


def invert(draft: Draft, mapping: Any, wanted: Mapping[str, Any], fields: Mapping[str, InputField]) -> None:
    """Writes into a draft what a mapping needs to make the wanted values.

    Args:
        draft: Gets it.
        mapping: The mapping; of one that is no object nothing is known.
        wanted: The wanted values by field. A field that is not wanted gets nothing of its own.
        fields: The action's fields.

    Example:
        >>> draft = Draft(("shop", "order"))
        >>> mapping = {"name": {"@path": "$.event"}, "plan": {"@path": "$.traits.plan"}, "to": "x"}
        >>> invert(draft, mapping, {"name": "Signed Up", "plan": "pro", "to": "y"}, {})
        >>> draft.event({"type": "track"}), draft.notes
        ({'type': 'track', 'event': 'Signed Up', 'traits': {'plan': 'pro'}},
         ['to: stands in the mapping, no event changes it'])
    """
    if not isinstance(mapping, Mapping) or _ROOT_DIRECTIVE in mapping:
        draft.fill(mapping, (), "the directive at the root")
    elif not is_directive(dict(mapping)):
        # Where two fields read one path, the more particular one has its value there.
        for key in sorted(wanted, key=lambda key: not _is_particular(fields.get(key))):
            if key in mapping:
                _add(draft, mapping[key], Target(wanted[key], (key,), (key,), fields.get(key)))
    elif (keys := _path_keys(mapping.get("@path"))) is not None:
        for key, value in wanted.items():
            draft.write((*keys, key), value, (key,), fields.get(key))
    else:
        draft.fill(mapping, (), directive_name(dict(mapping)))


def _is_particular(field: InputField | None) -> bool:
    return field is not None and bool(field.format or field.choices or field.type not in ("string", "text"))


def _add(draft: Draft, part: Any, target: Target) -> None:
    if isinstance(part, list):
        items = target.wanted if isinstance(target.wanted, list) else []
        for index, item in enumerate(part):
            key = str(index)
            _add(
                draft,
                item,
                target.member(key, items[index] if index < len(items) else draft.own(*target.position, key)),
            )
    elif not isinstance(part, dict):
        draft.note(target.position, "stands in the mapping, no event changes it")
    elif is_directive(part):
        name = directive_name(part)
        inverse = INVERSES.get(name)
        if inverse is None:
            draft.fill(part, target.position, name)
        else:
            inverse(draft, part[name], target)
    else:
        values = target.wanted if isinstance(target.wanted, dict) else {}
        for key, item in part.items():
            if key in values or not values:
                _add(draft, item, target.member(key, values.get(key, draft.own(*target.position, key))))


_Inverse: TypeAlias = Callable[[Draft, Any, Target], None]


def _path(draft: Draft, value: Any, target: Target) -> None:
    keys = _path_keys(value)
    if keys is None:
        draft.fill({"@path": value}, target.position, "a path that a directive gives")
    else:
        draft.write(keys, target.wanted, target.position, target.field)


def _template(draft: Draft, value: Any, target: Target) -> None:
    paths = event_paths({"@template": value})
    if len(paths) == 1 and isinstance(target.wanted, (str, int, float)):
        draft.write(paths[0], target.wanted, target.position)
    else:
        draft.fill({"@template": value}, target.position, "@template")


def _if(draft: Draft, value: Any, target: Target) -> None:
    if not isinstance(value, dict):
        return
    condition = value.get("exists" if "exists" in value else "blank")
    choice = draft.choices.get(target.path, "then")
    branch = "then" if choice == "then" else "else"
    if branch == "then" or truthy(value.get("else", MISSING)):  # Segment: a falsy `else` is dropped
        _add(draft, value.get(branch), target.of("@if", branch))
    if choice == "then":
        draft.fill(condition, target.position)
    else:
        draft.refuse(condition, target.position, blank=choice == "blank")


def _member(name: str, key: str) -> _Inverse:
    """Makes the inverse of a directive that passes on, changed a little, the value under its key."""

    def inverse(draft: Draft, value: Any, target: Target) -> None:
        if isinstance(value, dict):
            _add(draft, value.get(key), target.of(name, key))

    return inverse


def _whole(name: str) -> _Inverse:
    """Makes the inverse of a directive that passes on its value."""
    return lambda draft, value, target: _add(draft, value, target.of(name))


def _json(draft: Draft, value: Any, target: Target) -> None:
    if isinstance(value, dict):
        wanted = stringify(target.wanted) if value.get("mode") == "decode" else target.wanted
        _add(draft, value.get("value"), replace(target.of("@json", "value"), wanted=wanted, field=None))


def _flatten(draft: Draft, value: Any, target: Target) -> None:
    if isinstance(value, dict):
        wanted = {"nested": target.wanted} if isinstance(target.wanted, dict) else target.wanted
        _add(draft, value.get("value"), replace(target.of("@flatten", "value"), wanted=wanted, field=None))


def _merge(draft: Draft, value: Any, target: Target) -> None:
    """What is wanted is for the first object; each other one gets a key of its own, so that it shows."""
    objects = value.get("objects") if isinstance(value, dict) else None
    for index, part in enumerate(objects if isinstance(objects, list) else ()):
        key = f"{target.position[-1] if target.position else 'object'}{index}"
        wanted = target.wanted if index == 0 else {key: draft.own(*target.position, key)}
        if isinstance(part, dict) and not is_directive(part) and isinstance(target.wanted, dict):
            wanted = {key: target.wanted.get(key, draft.own(*target.position, key)) for key in part}
        _add(draft, part, replace(target.of("@merge", "objects", str(index)), wanted=wanted))


def _array_path(draft: Draft, value: Any, target: Target) -> None:
    keys = _path_keys(value[0]) if isinstance(value, list) and value else None
    shape = value[1] if isinstance(value, list) and len(value) > 1 else None
    if keys is None:
        draft.fill({"@arrayPath": value}, target.position, "a path that a directive gives")
        return
    items = target.wanted if isinstance(target.wanted, list) else [target.wanted]
    if not isinstance(shape, dict) or not shape:
        draft.write(keys, items, target.position, target.field)
        return
    made = []
    single = target.field.model_copy(update={"multiple": False}) if target.field is not None else None
    for index, item in enumerate(items):
        # An item is an event of its own: paths in the shape begin there.
        inner = Draft((*draft.names, *target.position, str(index)), draft.choices)
        _add(inner, shape, Target(item, (), (*target.path, "@arrayPath", "1"), single))
        made.append(inner.event({}))
        draft.take_item(inner, (*keys, str(index)), target.position)
    draft.write(keys, made, target.position)


def _made_by(name: str) -> _Inverse:
    """Makes the inverse of a directive whose result cannot be known in advance."""
    return lambda draft, value, target: draft.fill({name: value}, target.position, name)


INVERSES: Final[Mapping[str, _Inverse]] = {
    "@path": _path,
    "@template": _template,
    "@if": _if,
    "@literal": _whole("@literal"),
    "@excludeWhenNull": _whole("@excludeWhenNull"),
    "@case": _member("@case", "value"),
    "@replace": _member("@replace", "value"),
    "@json": _json,
    "@flatten": _flatten,
    "@merge": _merge,
    "@arrayPath": _array_path,
    "@transform": _made_by("@transform"),
    "@liquid": _made_by("@liquid"),
    "@jsonpath": _made_by("@jsonpath"),
    "@jinja": _made_by("@jinja"),
}
"""What each directive needs of an event to make a wanted value, by its name."""


def _path_keys(path: Any) -> Keys | None:
    """The keys of a `@path`; None where it is no text."""
    return split_path(path.replace("$.", "", 1)) if isinstance(path, str) else None
