"""From a payload that is wanted back to an event: a mapping, read against its direction.

`{"name": {"@path": "$.event"}}` and a wanted `name` of `"a"` give an event whose `event` is `"a"`. Each directive has
its way back here. Some have none: what a literal gives no event changes, and of what a template language makes of an
event one cannot tell. Those get an event in which every place that they read has a text of its own, and a note.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from destination.fields import InputField
from destination.mapping.paths import split_path
from destination.mapping.shape import Place, directive_name, is_directive
from destination.testing.suite.draft import Draft, Position
from destination.testing.suite.edit import Keys
from destination.testing.suite.event_paths import event_paths
from destination.values import MISSING, stringify, truthy

_ROOT_DIRECTIVE: Final = "__segment_internal_directive"


@dataclass(frozen=True, slots=True)
class Aim:
    """What a part of a mapping shall give.

    Attributes:
        wanted: The value.
        position: Where in the payload it stands.
        place: Where in the mapping the part stands.
        field: The field, where it is known.
    """

    wanted: Any
    position: Position
    place: Place
    field: InputField | None = None

    def of(self, *keys: str) -> "Aim":
        """The same for what stands below these keys of the mapping."""
        return replace(self, place=(*self.place, *keys))

    def member(self, key: str, wanted: Any) -> "Aim":
        """One member of it, for what stands under its key."""
        properties = (self.field.properties if self.field is not None else None) or {}
        return Aim(wanted, (*self.position, key), (*self.place, key), properties.get(key))


def is_root_directive(mapping: Mapping[str, Any]) -> bool:
    """Whether one directive makes the whole payload, so that the mapping has no part for each field.

    Example:
        >>> is_root_directive({"@path": "$.properties"}), is_root_directive({"name": {"@path": "$.event"}})
        (True, False)
    """
    return _ROOT_DIRECTIVE in mapping or is_directive(dict(mapping))


def invert(draft: Draft, mapping: Any, wanted: Mapping[str, Any], fields: Mapping[str, InputField]) -> None:
    """Has a draft hold what a mapping needs to give what is wanted.

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
        # Where two fields read one place the more particular one has its value there.
        for key in sorted(wanted, key=lambda key: not _is_particular(fields.get(key))):
            if key in mapping:
                _add(draft, mapping[key], Aim(wanted[key], (key,), (key,), fields.get(key)))
    elif (keys := _path_keys(mapping.get("@path"))) is not None:
        for key, value in wanted.items():
            draft.write((*keys, key), value, (key,), fields.get(key))
    else:
        draft.fill(mapping, (), directive_name(dict(mapping)))


def _is_particular(field: InputField | None) -> bool:
    return field is not None and bool(field.format or field.choices or field.type not in ("string", "text"))


def _add(draft: Draft, part: Any, aim: Aim) -> None:
    if isinstance(part, list):
        items = aim.wanted if isinstance(aim.wanted, list) else []
        for index, item in enumerate(part):
            key = str(index)
            _add(draft, item, aim.member(key, items[index] if index < len(items) else draft.own(*aim.position, key)))
    elif not isinstance(part, dict):
        draft.note(aim.position, "stands in the mapping, no event changes it")
    elif is_directive(part):
        name = directive_name(part)
        way = _WAYS.get(name)
        if way is None:
            draft.fill(part, aim.position, name)
        else:
            way(draft, part[name], aim)
    else:
        values = aim.wanted if isinstance(aim.wanted, dict) else {}
        for key, item in part.items():
            if key in values or not values:
                _add(draft, item, aim.member(key, values.get(key, draft.own(*aim.position, key))))


_Way: TypeAlias = Callable[[Draft, Any, Aim], None]


def _path(draft: Draft, value: Any, aim: Aim) -> None:
    keys = _path_keys(value)
    if keys is None:
        draft.fill({"@path": value}, aim.position, "a path that a directive gives")
    else:
        draft.write(keys, aim.wanted, aim.position, aim.field)


def _template(draft: Draft, value: Any, aim: Aim) -> None:
    paths = event_paths({"@template": value})
    if len(paths) == 1 and isinstance(aim.wanted, (str, int, float)):
        draft.write(paths[0], aim.wanted, aim.position)
    else:
        draft.fill({"@template": value}, aim.position, "@template")


def _if(draft: Draft, value: Any, aim: Aim) -> None:
    if not isinstance(value, dict):
        return
    condition = value.get("exists" if "exists" in value else "blank")
    choice = draft.choices.get(aim.place, "then")
    branch = "then" if choice == "then" else "else"
    if branch == "then" or truthy(value.get("else", MISSING)):  # Segment: a falsy `else` is dropped
        _add(draft, value.get(branch), aim.of("@if", branch))
    if choice == "then":
        draft.fill(condition, aim.position)
    else:
        draft.refuse(condition, aim.position, blank=choice == "blank")


def _member(name: str, key: str) -> _Way:
    """The way of a directive that passes on, changed a little, what stands under its key."""

    def way(draft: Draft, value: Any, aim: Aim) -> None:
        if isinstance(value, dict):
            _add(draft, value.get(key), aim.of(name, key))

    return way


def _whole(name: str) -> _Way:
    """The way of a directive that passes on its value."""
    return lambda draft, value, aim: _add(draft, value, aim.of(name))


def _json(draft: Draft, value: Any, aim: Aim) -> None:
    if isinstance(value, dict):
        wanted = stringify(aim.wanted) if value.get("mode") == "decode" else aim.wanted
        _add(draft, value.get("value"), replace(aim.of("@json", "value"), wanted=wanted, field=None))


def _flatten(draft: Draft, value: Any, aim: Aim) -> None:
    if isinstance(value, dict):
        wanted = {"nested": aim.wanted} if isinstance(aim.wanted, dict) else aim.wanted
        _add(draft, value.get("value"), replace(aim.of("@flatten", "value"), wanted=wanted, field=None))


def _merge(draft: Draft, value: Any, aim: Aim) -> None:
    """What is wanted is for the first object; each other one gets a key of its own, so that it shows."""
    objects = value.get("objects") if isinstance(value, dict) else None
    for index, part in enumerate(objects if isinstance(objects, list) else ()):
        key = f"{aim.position[-1] if aim.position else 'object'}{index}"
        wanted = aim.wanted if index == 0 else {key: draft.own(*aim.position, key)}
        if isinstance(part, dict) and not is_directive(part) and isinstance(aim.wanted, dict):
            wanted = {key: aim.wanted.get(key, draft.own(*aim.position, key)) for key in part}
        _add(draft, part, replace(aim.of("@merge", "objects", str(index)), wanted=wanted))


def _array_path(draft: Draft, value: Any, aim: Aim) -> None:
    keys = _path_keys(value[0]) if isinstance(value, list) and value else None
    shape = value[1] if isinstance(value, list) and len(value) > 1 else None
    if keys is None:
        draft.fill({"@arrayPath": value}, aim.position, "a path that a directive gives")
        return
    items = aim.wanted if isinstance(aim.wanted, list) else [aim.wanted]
    if not isinstance(shape, dict) or not shape:
        draft.write(keys, items, aim.position, aim.field)
        return
    made = []
    single = aim.field.model_copy(update={"multiple": False}) if aim.field is not None else None
    for index, item in enumerate(items):
        # An item is an event of its own: paths in the shape begin there.
        inner = Draft((*draft.names, *aim.position, str(index)), draft.choices)
        _add(inner, shape, Aim(item, (), (*aim.place, "@arrayPath", "1"), single))
        made.append(inner.event({}))
        draft.take_item(inner, (*keys, str(index)), aim.position)
    draft.write(keys, made, aim.position)


def _made_by(name: str) -> _Way:
    """The way of a directive of which one cannot tell what it makes."""
    return lambda draft, value, aim: draft.fill({name: value}, aim.position, name)


_WAYS: Final[Mapping[str, _Way]] = {
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


def _path_keys(path: Any) -> Keys | None:
    """The keys of a `@path`; None where it is no text."""
    return split_path(path.replace("$.", "", 1)) if isinstance(path, str) else None
