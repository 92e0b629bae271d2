"""What can be known about the parts of a mapping without an event; each directive answers for itself.

For what a directive does not say, `compile` is called with a scope that notes what it uses. So a new directive works
with every tool.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from destination.errors import MappingError
from destination.mapping.changes import Change, ChangesOf, in_list, in_object, shown
from destination.mapping.directive import (
    EITHER,
    NOTHING,
    VALUE,
    Constant,
    Directive,
    Keys,
    Knowledge,
    Part,
    Resolver,
    Results,
)
from destination.mapping.directives import DIRECTIVES
from destination.mapping.needs import Need, Something, Wanted
from destination.mapping.validate import MappingPath, directive_name, is_directive
from destination.values import MISSING, is_number


def directive_of(value: Any) -> Directive | None:
    """Returns the directive that a part of a mapping is; None if it is not a directive, or an unknown one.

    Example:
        >>> directive_of({"@path": "$.event"}).name, directive_of({"name": {"@path": "$.event"}})
        ('@path', None)
    """
    return DIRECTIVES.get(directive_name(value)) if isinstance(value, dict) and is_directive(value) else None


def parts_of(directive: Directive, options: Any) -> list[Part]:
    """Returns the mappings inside a directive's value, in their order.

    Example:
        >>> both = {"direction": "left", "objects": [{"@path": "$.traits"}, {"source": "web"}]}
        >>> [part.keys for part in parts_of(DIRECTIVES["@merge"], both)]
        [('direction',), ('objects', '0'), ('objects', '1')]
    """
    if directive.parts is not None:
        found = list(directive.parts(options))
    else:
        scope = _AskingScope(directive.name)
        directive.compile(options, scope)
        found = list({part.keys: part for part in scope.parts}.values())
    if isinstance(options, dict):
        order = {key: index for index, key in enumerate(options)}
        found.sort(key=lambda part: order.get(part.keys[0], len(order)) if part.keys else -1)
    return found


def passed_parts(directive: Directive, options: Any) -> list[Part]:
    """Returns the parts of which a directive returns one unchanged, in the directive's order."""
    by_keys = {part.keys: part for part in parts_of(directive, options)} if directive.passes else {}
    return [by_keys[keys] for keys in directive.passes if keys in by_keys]


def is_literal(value: Any) -> bool:
    """Returns whether a part of a mapping is a constant, alone or in a directive that returns its value unchanged.

    Example:
        >>> is_literal({"a": [1, {"@literal": ""}]}), is_literal({"a": {"@path": "$.event"}})
        (True, False)
    """
    if isinstance(value, list):
        return all(map(is_literal, value))
    if not isinstance(value, dict):
        return True
    if not is_directive(value):
        return all(map(is_literal, value.values()))
    directive = directive_of(value)
    return directive is not None and directive.passes == ((),)  # it returns its whole value


# --- what may come of a part ---------------------------------------------------------------------------------


def possible_results(value: Any, known: Knowledge) -> Results:
    """Returns the possible results of a part of a mapping; `nothing` is null or undefined.

    Args:
        value: The part.
        known: What is known of the event when the part is resolved: the paths that certainly have a value or nothing.

    Example:
        >>> sorted(possible_results({"@path": "$.a"}, {})), sorted(possible_results({"@template": "{{a}}"}, {}))
        (['nothing', 'value'], ['value'])
        >>> sorted(possible_results({"@case": {"operator": "upper", "value": {"@path": "$.a"}}}, {("a",): "value"}))
        ['value']
    """
    if value is None or value is MISSING:
        return NOTHING
    if not isinstance(value, dict) or not is_directive(value):
        return VALUE
    directive = directive_of(value)
    if directive is None:
        return EITHER
    options = value[directive.name]
    if directive.results is not None:
        return directive.results(options, known, possible_results)
    if directive.always:
        return VALUE
    path = directive.event_path(options)
    if path is not None:
        there = "value" if not path else known.get(path)
        return EITHER if there is None else frozenset({there})
    passed = [possible_results(part.value, {**known, **part.known}) for part in passed_parts(directive, options)]
    return frozenset().union(*passed) or EITHER


def known_at(mapping: Any, path: MappingPath, matched: Knowledge) -> Knowledge:
    """Returns what is known about the event where a part of a mapping is resolved: which paths have a value.

    Args:
        mapping: The mapping as it is resolved.
        path: The path of the part.
        matched: What the trigger says about an event that it matches.

    Example:
        >>> mapping = {"a": {"@if": {"exists": {"@path": "$.b"}, "then": {"@path": "$.b"}, "else": {"@path": "$.b"}}}}
        >>> known_at(mapping, ("a", "@if", "then"), {}), known_at(mapping, ("a", "@if", "else"), {})
        ({('b',): 'value'}, {('b',): 'nothing'})
    """
    known = matched
    for directive, part in _parts_around(mapping, path):
        known = {} if part.keys in directive.derived else {**known, **part.known}
    return known


def is_dead(mapping: Any, path: MappingPath, matched: Knowledge) -> bool:
    """Returns whether a part of a mapping is never resolved, because no event reaches its branch.

    Args:
        mapping: The mapping as it is resolved.
        path: The path of the part.
        matched: What the trigger says about an event that it matches.

    Example:
        >>> mapping = {"@if": {"exists": {"@path": "$.b"}, "then": 1, "else": 2}}
        >>> is_dead(mapping, ("@if", "else"), {("b",): "value"}), is_dead(mapping, ("@if", "then"), {})
        (True, False)
    """
    known = matched
    for directive, part in _parts_around(mapping, path):
        if any(known.get(read, result) != result for read, result in part.known.items()):
            return True
        known = {} if part.keys in directive.derived else {**known, **part.known}
    return False


def _parts_around(mapping: Any, path: MappingPath) -> Iterator[tuple[Directive, Part]]:
    """Returns the parts of directives on the way to a path, from the outermost."""
    value = mapping
    for depth, key in enumerate(path):
        directive = directive_of(value)
        if directive is not None and directive.name == key:
            below = path[depth + 1 :]
            parts = parts_of(directive, value[key]) if below else ()
            yield from ((directive, part) for part in parts if below[: len(part.keys)] == part.keys)
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return


# --- what the compiler asks ----------------------------------------------------------------------------------


def copies(part: Any) -> int:
    """Returns how many times the size of the event a part of a mapping can become, at most.

    Sizes multiply in a part that reads something made from the event (`@transform`, `@arrayPath`).

    Example:
        >>> one = {"@path": "$.a"}
        >>> copies({"a": one, "b": [one, one], "c": 5})
        3
        >>> copies({"@transform": {"apply": {"a": one, "b": one}, "mapping": {"a": one, "b": one, "c": one}}})
        6
    """
    if isinstance(part, list):
        return sum(map(copies, part))
    if not isinstance(part, dict):
        return 0
    if not is_directive(part):
        return sum(map(copies, part.values()))
    name = directive_name(part)
    options = part[name]
    directive = DIRECTIVES.get(name)
    if directive is not None and directive.derived and isinstance(options, (dict, list)):
        from_made = from_event = 0  # copies in the parts that read something made, and in the others
        for key, item in _members(options):
            if (key,) in directive.derived:
                from_made += copies(item)
            else:
                from_event += copies(item)
        return max(1, from_event) * max(1, from_made)
    return max(1, copies(options))


def selects(value: Any) -> bool:
    """Returns whether the result of a part consists only of unchanged values of the event, and of scalars.

    Example:
        >>> selects({"@if": {"exists": {"@path": "$.a"}, "then": {"@path": "$.a"}, "else": ""}}), selects({"a": 1})
        (True, False)
    """
    if not isinstance(value, dict):
        return not isinstance(value, list)
    directive = directive_of(value)
    if directive is None:
        return False
    options = value[directive.name]
    if directive.gives_path:
        return isinstance(options, str)
    return bool(directive.passes) and all(selects(member(options, keys)) for keys in directive.passes)


def member(options: Any, keys: Keys) -> Any:
    """Returns the value under the keys of a directive's value, or `MISSING`."""
    for key in keys:
        options = options.get(key, MISSING) if isinstance(options, dict) else MISSING
    return options


def only_reads_paths(mapping: Any) -> bool:
    """Returns whether a mapping consists only of constant paths and of templates of paths."""
    if isinstance(mapping, list):
        return all(map(only_reads_paths, mapping))
    if not isinstance(mapping, dict):
        return True
    if not is_directive(mapping):
        return all(map(only_reads_paths, mapping.values()))
    directive = directive_of(mapping)
    return directive is not None and directive.only_reads_paths(mapping[directive.name])


# --- what tools ask ------------------------------------------------------------------------------------------


def needs_of(directive: Directive, options: Any, wanted: Wanted) -> list[Need]:
    """Returns what an event needs so that a directive makes a wanted value."""
    if directive.inverse is not None:
        return list(directive.inverse(options, wanted))
    return [Something({directive.name: options}, directive.name)]


def changes_of(directive: Directive, options: Any, path: MappingPath, changes_of_part: ChangesOf) -> Iterator[Change]:
    """Yields the small changes of a directive's value.

    Args:
        directive: The directive.
        options: Its value.
        path: Its path in the mapping, without its own key.
        changes_of_part: Finds the changes of a mapping in it.
    """
    if directive.changes is not None:
        yield from directive.changes(options, path, changes_of_part)
        return
    parts = [part for part in parts_of(directive, options) if part.value is not MISSING]
    own_path = (*path, directive.name)
    for part in parts:
        yield from _put(options, part.keys, changes_of_part(part.value, (*own_path, *part.keys)))
    if isinstance(options, (dict, list)):
        members = _members(options)
        own: list[tuple[Keys, Any]] = [((key,), item) for key, item in members]
    else:
        own = [((), options)]
    known = {part.keys[:1] for part in parts}
    for keys, value in own:
        if keys not in known and not isinstance(value, (dict, list)):
            change = literal_change(value, (*own_path, *keys))
            yield from _put(options, keys, iter([change._replace(text=": ".join((*keys, change.text)))]))


def literal_change(value: Any, path: MappingPath) -> Change:
    """Makes the small change of a scalar.

    Example:
        >>> literal_change("web", ("source",)).text, literal_change(False, ()).value
        ('"web" becomes "web_"', True)
    """
    other: Any
    if isinstance(value, bool):
        other = not value
    elif isinstance(value, str):
        other = f"{value}_" if value else "changed"
    elif is_number(value):
        other = value + 1 if value + 1 != value else 0
    else:
        other = "changed"
    return Change(path, f"{shown(value)} becomes {shown(other)}", other)


def _members(options: dict[str, Any] | list[Any]) -> Iterable[tuple[str, Any]]:
    return options.items() if isinstance(options, dict) else ((str(at), item) for at, item in enumerate(options))


def _put(options: Any, keys: Keys, changes: Iterator[Change]) -> Iterator[Change]:
    """Makes changes of the options from changes of the value under the keys."""
    if not keys:
        yield from changes
    elif isinstance(options, dict):
        yield from in_object(keys[0], options, _put(options[keys[0]], keys[1:], changes))
    elif isinstance(options, list):
        yield from in_list(int(keys[0]), options, _put(options[int(keys[0])], keys[1:], changes))


class _AskingScope:
    """A scope that only notes what a directive uses; see `destination.mapping.directive.Scope`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.parts: list[Part] = []

    def resolver(self, value: Any, *keys: str) -> Resolver:
        if value is not MISSING:
            self.parts.append(Part(keys, value))
        return _nothing if isinstance(value, (dict, list)) else Constant(value)

    payload = transform = transform_for_reading = resolver

    def getter(self, _path: str) -> Resolver:
        return _nothing

    def reading(self, run: Resolver, *_paths: Keys) -> Resolver:
        return run

    def copies(self, value: Any) -> int:
        return copies(value)

    def only_reads_paths(self, value: Any) -> bool:
        return only_reads_paths(value)

    def error(self, message: str) -> MappingError:
        return MappingError(message, self._name)

    def failure(self, _message: str) -> Resolver:
        return _nothing


def _nothing(_event: Any) -> Any:
    return MISSING
