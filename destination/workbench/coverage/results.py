"""What a directive can come to: a value, nothing, or either."""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from destination.mapping.paths import split_path
from destination.mapping.shape import directive_name, is_directive
from destination.values import MISSING, truthy

Knowledge: TypeAlias = Mapping[tuple[str, ...], str]
"""Of paths of the event: whether there is a `value` or `nothing`, where that is known."""
Results: TypeAlias = frozenset[str]

VALUE: Final[Results] = frozenset({"value"})
NOTHING: Final[Results] = frozenset({"nothing"})
EITHER: Final[Results] = VALUE | NOTHING

# These make a text, an object or a list of whatever comes.
_ALWAYS_A_VALUE: Final = frozenset({"@template", "@liquid", "@jinja", "@merge", "@flatten"})


def path_of(value: Any) -> tuple[str, ...] | None:
    """The keys of a plain `@path`; None for anything else."""
    if not isinstance(value, dict) or value.keys() != {"@path"} or not isinstance(value["@path"], str):
        return None
    return split_path(value["@path"].replace("$.", "", 1))


def possible_results(value: Any, known: Knowledge) -> Results:
    """What a part of a mapping can come to; `nothing` is null or undefined.

    Args:
        value: The part.
        known: What is known of the event where the part stands.

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
    name = directive_name(value)
    options = value[name]
    if name in _ALWAYS_A_VALUE:
        return VALUE
    if name == "@path":
        return _of_path(value, known)
    if name == "@literal":
        return possible_results(options, known)
    if name == "@arrayPath":
        return _of_array_path(options, known)
    if name == "@jsonpath":
        return EITHER if isinstance(options, dict) and options.get("mode") == "first" else VALUE
    if name == "@excludeWhenNull":
        return possible_results(options, known)
    return _of_options(name, options, known) if isinstance(options, dict) else EITHER


def _of_path(value: dict[str, Any], known: Knowledge) -> Results:
    keys = path_of(value)
    if keys == ():
        return VALUE
    found = None if keys is None else known.get(keys)
    return EITHER if found is None else frozenset({found})


def _of_array_path(options: Any, known: Knowledge) -> Results:
    root = options[0] if isinstance(options, list) and options else None
    return _of_path({"@path": root}, known) if isinstance(root, str) else possible_results(root, known)


def _of_options(name: str, options: dict[str, Any], known: Knowledge) -> Results:
    inner = options.get("value", MISSING)
    if name == "@if":
        return _of_if(options, known)
    if name == "@transform":
        return possible_results(options.get("mapping"), {})
    if name == "@replace":
        return VALUE if truthy(inner) else NOTHING
    if name == "@case":
        return possible_results(inner, known) if truthy(inner) else NOTHING
    if name == "@json":
        return _of_json(options, possible_results(inner, known))
    return EITHER


def _of_if(options: dict[str, Any], known: Knowledge) -> Results:
    then, else_ = options.get("then", MISSING), options.get("else", MISSING)
    asked = path_of(options.get("exists", options.get("blank")))
    there = known if asked is None else {**known, asked: "value"}
    return possible_results(then, there) | possible_results(else_ if truthy(else_) else MISSING, known)


def _of_json(options: dict[str, Any], inner: Results) -> Results:
    if options.get("mode") == "encode":
        return VALUE if inner == VALUE else EITHER  # null becomes the text `null`
    if options.get("mode") == "decode":
        return NOTHING if inner == NOTHING else EITHER  # the text `null` becomes null
    return NOTHING
