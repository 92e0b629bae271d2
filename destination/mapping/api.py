"""Mappings written in code: each function returns a directive as plain JSON.

What they return is what Segment's app and API have, so mappings in code and mappings as JSON are one thing. Arguments
may be any JSON value or another directive.
"""

from typing import Any, Literal, TypeAlias

Mapping: TypeAlias = dict[str, Any]
"""A directive, or an object of them, as plain JSON."""


def path(value: str | Mapping) -> Mapping:
    """`@path`: one value of the event.

    Example:
        >>> path("$.properties.plan")
        {'@path': '$.properties.plan'}
    """
    return {"@path": value}


def template(value: str | Mapping) -> Mapping:
    """`@template`: text with `{{path}}` replaced by values of the event (no `$.` in such a path).

    Example:
        >>> template("Page: {{ name }}")
        {'@template': 'Page: {{ name }}'}
    """
    return {"@template": value}


def literal(value: Any) -> Mapping:
    """`@literal`: a value as it stands.

    Example:
        >>> literal("segment")
        {'@literal': 'segment'}
    """
    return {"@literal": value}


def _branches(condition: Mapping, then: Any, else_: Any) -> Mapping:
    options = dict(condition)
    if then is not None:
        options["then"] = then
    if else_ is not None:
        options["else"] = else_
    return {"@if": options}


def if_exists(value: Any, *, then: Any = None, else_: Any = None) -> Mapping:
    """`@if`: `then` when the value is neither null nor undefined, else `else_`. None leaves a branch out.

    Example:
        >>> if_exists(path("$.userId"), then="known", else_="unknown")
        {'@if': {'exists': {'@path': '$.userId'}, 'then': 'known', 'else': 'unknown'}}
    """
    return _branches({"exists": value}, then, else_)


def if_blank(value: Any, *, then: Any = None, else_: Any = None) -> Mapping:
    """`@if` with `blank`: `then` when the value exists and is *not* blank, else `else_`.

    Segment's key reads the wrong way round: `then` is for a value that is there and has something in it. Blank are
    `""`, 0, false and lists of nothing. None leaves a branch out.

    Example:
        >>> if_blank(path("$.name"), then=path("$.name"), else_="nameless")
        {'@if': {'blank': {'@path': '$.name'}, 'then': {'@path': '$.name'}, 'else': 'nameless'}}
    """
    return _branches({"blank": value}, then, else_)


def case(value: Any, operator: Literal["lower", "upper"]) -> Mapping:
    """`@case`: text in lower or upper case.

    Example:
        >>> case(path("$.code"), "upper")
        {'@case': {'operator': 'upper', 'value': {'@path': '$.code'}}}
    """
    return {"@case": {"operator": operator, "value": value}}


def replace(
    value: Any,
    pattern: str,
    replacement: str = "",
    *,
    pattern2: str | None = None,
    replacement2: str = "",
    everywhere: bool = True,
    ignorecase: bool = False,
) -> Mapping:
    """`@replace`: a text of at most 10 characters replaced by another, then a second one if given.

    Args:
        value: What to look in.
        pattern: What to look for, as plain text.
        replacement: What to put there; `$&` is the text found, `$$` a dollar sign.
        pattern2: What to look for in the result.
        replacement2: What to put there.
        everywhere: Whether to replace every place (Segment's `global`) or the first only.
        ignorecase: Whether to ignore case.

    Example:
        >>> replace(path("$.event"), " ", "_")
        {'@replace': {'value': {'@path': '$.event'}, 'pattern': ' ', 'replacement': '_'}}
    """
    options: Mapping = {"value": value, "pattern": pattern, "replacement": replacement}
    if pattern2 is not None:
        options |= {"pattern2": pattern2, "replacement2": replacement2}
    if not everywhere:
        options["global"] = False
    if ignorecase:
        options["ignorecase"] = True
    return {"@replace": options}


def array_path(value: str | Mapping, shape: Mapping | None = None) -> Mapping:
    """`@arrayPath`: a list of the event, each item resolved against the shape, whose paths begin at the item.

    Example:
        >>> array_path("$.products", {"id": path("$.sku")})
        {'@arrayPath': ['$.products', {'id': {'@path': '$.sku'}}]}
    """
    return {"@arrayPath": [value] if shape is None else [value, shape]}


def merge(*objects: Mapping, direction: Literal["left", "right"] = "right") -> Mapping:
    """`@merge`: several objects made one; with `right` a later one wins, with `left` an earlier one.

    Example:
        >>> merge(path("$.traits"), {"source": "segment"})
        {'@merge': {'objects': [{'@path': '$.traits'}, {'source': 'segment'}], 'direction': 'right'}}
    """
    return {"@merge": {"objects": list(objects), "direction": direction}}


def transformed(apply: Mapping, mapping: Mapping) -> Mapping:
    """`@transform`: `mapping` resolved against what `apply` makes of the event.

    Example:
        >>> transformed(apply={"who": path("$.userId")}, mapping={"id": path("$.who")})
        {'@transform': {'apply': {'who': {'@path': '$.userId'}}, 'mapping': {'id': {'@path': '$.who'}}}}
    """
    return {"@transform": {"apply": apply, "mapping": mapping}}


def flatten(value: Any, separator: str = ".", *, omit_arrays: bool = False) -> Mapping:
    """`@flatten`: nested keys joined by the separator; lists too, unless `omit_arrays`.

    Example:
        >>> flatten(path("$.properties"), "_")
        {'@flatten': {'value': {'@path': '$.properties'}, 'separator': '_'}}
    """
    options: Mapping = {"value": value, "separator": separator}
    if omit_arrays:
        options["omitArrays"] = True
    return {"@flatten": options}


def json_encode(value: Any) -> Mapping:
    """`@json`: the value as JSON text.

    Example:
        >>> json_encode(path("$.properties"))
        {'@json': {'mode': 'encode', 'value': {'@path': '$.properties'}}}
    """
    return {"@json": {"mode": "encode", "value": value}}


def json_decode(value: Any) -> Mapping:
    """`@json`: the value of JSON text.

    Example:
        >>> json_decode(path("$.properties.json"))
        {'@json': {'mode': 'decode', 'value': {'@path': '$.properties.json'}}}
    """
    return {"@json": {"mode": "decode", "value": value}}


def exclude_when_null(value: Any) -> Mapping:
    """`@excludeWhenNull`: the value without its nulls.

    Example:
        >>> exclude_when_null(path("$.traits"))
        {'@excludeWhenNull': {'@path': '$.traits'}}
    """
    return {"@excludeWhenNull": value}


def liquid_template(value: str) -> Mapping:
    """`@liquid`: a Liquid template of at most 1,000 characters.

    Example:
        >>> liquid_template("{{ event | downcase }}")
        {'@liquid': '{{ event | downcase }}'}
    """
    return {"@liquid": value}


def jsonpath(query: str, *, first: bool = False) -> Mapping:
    """`@jsonpath` (not portable): all that a JSONPath query selects, as a list, or the `first` match alone.

    Example:
        >>> jsonpath("$.products[*].sku"), jsonpath("$..sku", first=True)
        ({'@jsonpath': '$.products[*].sku'}, {'@jsonpath': {'path': '$..sku', 'mode': 'first'}})
    """
    return {"@jsonpath": {"path": query, "mode": "first"} if first else query}


def jinja_template(value: str) -> Mapping:
    """`@jinja` (not portable): a Jinja2 template, rendered to text in a sandbox.

    Example:
        >>> jinja_template("{{ properties.price * 2 }}")
        {'@jinja': '{{ properties.price * 2 }}'}
    """
    return {"@jinja": value}
