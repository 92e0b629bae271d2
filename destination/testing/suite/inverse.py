"""Finds the event for a wanted payload, by reading the mapping backwards.

For `{"name": {"@path": "$.event"}}` and the wanted name `"a"`, the event gets the `event` `"a"`. Each directive says
what it needs of an event. Some values cannot be brought about: no event changes a literal, and the result of a template
language is not known in advance. Then every path that the directive reads gets a text of its own, and the draft
a note.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from destination.fields import InputField
from destination.mapping.knowledge import directive_of, needs_of
from destination.mapping.needs import AtPath, FromPart, ItemsAtPath, Need, Nothing, Something, Wanted
from destination.mapping.validate import MappingPath, directive_name, is_directive
from destination.records import dataclass
from destination.testing.suite.draft import Draft, Position

_ROOT_DIRECTIVE: Final = "__segment_internal_directive"


@dataclass(frozen=True, slots=True)
class Target:
    """The value that a part of a mapping must make.

    Attributes:
        wanted: The value.
        position: The path of the value in the payload.
        path: The path of the part in the mapping.
        field: The field, if there is one.
    """

    wanted: Any
    position: Position
    path: MappingPath
    field: InputField | None = None

    def of(self, *keys: str) -> "Target":
        """Returns the target for the part at these keys below this one in the mapping."""
        return replace(self, path=(*self.path, *keys))

    def member(self, key: str, wanted: Any) -> "Target":
        """Returns the target for one member of the value, for the part under its key."""
        properties = (self.field.properties if self.field is not None else None) or {}
        return Target(wanted, (*self.position, key), (*self.path, key), properties.get(key))


def is_root_directive(mapping: Mapping[str, Any]) -> bool:
    """Whether one directive makes the whole payload, so that the mapping has no separate part for each field.

    Example:
        >>> is_root_directive({"@path": "$.properties"}), is_root_directive({"name": {"@path": "$.event"}})
        (True, False)
    """
    return _ROOT_DIRECTIVE in mapping or is_directive(dict(mapping))


def invert(draft: Draft, mapping: Any, wanted: Mapping[str, Any], fields: Mapping[str, InputField]) -> None:
    """Writes into a draft what a mapping needs to make the wanted values.

    Args:
        draft: The draft to write into.
        mapping: The mapping. Nothing is known of one that is not an object.
        wanted: The wanted values by field. A field that is not wanted gets no value of its own.
        fields: The action's fields.

    Example:
        >>> draft = Draft(("shop", "order"))
        >>> mapping = {"name": {"@path": "$.event"}, "plan": {"@path": "$.traits.plan"}, "to": "x"}
        >>> invert(draft, mapping, {"name": "Signed Up", "plan": "pro", "to": "y"}, {})
        >>> draft.event({"type": "track"}), draft.notes
        ({'type': 'track', 'event': 'Signed Up', 'traits': {'plan': 'pro'}},
         ['to: is fixed in the mapping: no event changes it'])
    """
    if not isinstance(mapping, Mapping) or _ROOT_DIRECTIVE in mapping:
        draft.fill(mapping, (), "the directive at the root")
    elif not is_directive(dict(mapping)):
        # If two fields read one path, the more particular one has its value there.
        for key in sorted(wanted, key=lambda key: not _is_particular(fields.get(key))):
            if key in mapping:
                _add(draft, mapping[key], Target(wanted[key], (key,), (key,), fields.get(key)))
    else:
        _invert_root(draft, dict(mapping), wanted, fields)


def _invert_root(
    draft: Draft, mapping: dict[str, Any], wanted: Mapping[str, Any], fields: Mapping[str, InputField]
) -> None:
    """Inverts a mapping that is one directive; if it takes an object of the event, each member has a path."""
    directive = directive_of(mapping)
    path = directive.event_path(mapping[directive.name]) if directive is not None and directive.gives_path else None
    if path is None:
        draft.fill(mapping, (), directive_name(mapping))
        return
    for key, value in wanted.items():
        draft.write((*path, key), value, (key,), fields.get(key))


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
        draft.note(target.position, "is fixed in the mapping: no event changes it")
    elif is_directive(part):
        _add_directive(draft, part, target)
    else:
        values = target.wanted if isinstance(target.wanted, dict) else {}
        for key, item in part.items():
            if key in values or not values:
                _add(draft, item, target.member(key, values.get(key, draft.own(*target.position, key))))


def _add_directive(draft: Draft, part: dict[str, Any], target: Target) -> None:
    directive = directive_of(part)
    if directive is None:
        draft.fill(part, target.position, directive_name(part))
        return
    options = part[directive.name]
    choices = directive.branches.choices(options) if directive.branches is not None else {}
    wanted = Wanted(
        target.wanted,
        name=target.position[-1] if target.position else "object",
        branch=draft.choices.get(target.path, next(iter(choices), "")),
        own_text=lambda *names: draft.own(*target.position, *names),
    )
    for need in needs_of(directive, options, wanted):
        _meet(draft, need, target.of(directive.name))


def _meet(draft: Draft, need: Need, target: Target) -> None:
    """Writes into the draft what a directive needs.

    Args:
        draft: The draft to write into.
        need: What the directive needs.
        target: The value that the directive must make; its path ends in the directive's key.
    """
    match need:
        case AtPath():
            draft.write(need.path, need.value, target.position, target.field if need.is_field else None)
        case FromPart():
            field = target.field if need.is_field else None
            _add(draft, need.part, replace(target.of(*need.keys), wanted=need.value, field=field))
        case ItemsAtPath():
            _add_items(draft, need, target)
        case Something():
            draft.fill(need.part, target.position, need.maker)
        case Nothing():
            draft.refuse(need.part, target.position, blank=need.is_blank)


def _add_items(draft: Draft, need: ItemsAtPath, target: Target) -> None:
    made = []
    single = target.field.copy_with(multiple=False) if target.field is not None else None
    for index, value in enumerate(need.values):
        # An item is treated as an event: paths in the shape begin at the item.
        inner = Draft((*draft.names, *target.position, str(index)), draft.choices)
        _add(inner, need.part, Target(value, (), (*target.path, *need.keys), single))
        made.append(inner.event({}))
        draft.take_item(inner, (*need.path, str(index)), target.position)
    draft.write(need.path, made, target.position)
