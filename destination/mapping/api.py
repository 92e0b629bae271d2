"""Mappings written in code: each function returns a directive as plain JSON.

The JSON is the same as in Segment's app and API. Arguments may be any JSON value or another directive.
"""

from typing import Any, Literal, TypeAlias

Mapping: TypeAlias = dict[str, Any]
"""A directive, or an object of them, as plain JSON."""


def path(value: str | Mapping) -> Mapping:
    """Writes `@path`: one value of the event.

    Example:
        >>> path("$.properties.plan")
        {'@path': '$.properties.plan'}
    """
    return {"@path": value}


def template(value: str | Mapping) -> Mapping:
    """Writes `@template`: text with `{{path}}` replaced by values of the event (without `$.` in the path).

    Example:
        >>> template("Page: {{ name }}")
        {'@template': 'Page: {{ name }}'}
    """
    return {"@template": value}


def literal(value: Any) -> Mapping:
    """Writes `@literal`: a value as it is written.

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
    """Writes `@if`: `then` if the value is neither null nor undefined, otherwise `else_`. None leaves a branch out.

    Example:
        >>> if_exists(path("$.userId"), then="known", else_="unknown")
        {'@if': {'exists': {'@path': '$.userId'}, 'then': 'known', 'else': 'unknown'}}
    """
    return _branches({"exists": value}, then, else_)


def if_blank(value: Any, *, then: Any = None, else_: Any = None) -> Mapping:
    """Writes `@if` with `blank`: `then` if the value exists and is *not* blank, otherwise `else_`.

    Note the order: `then` is for a value that is not blank. `""`, 0, false and lists without content are blank. None
    leaves a branch out.

    Example:
        >>> if_blank(path("$.name"), then=path("$.name"), else_="nameless")
        {'@if': {'blank': {'@path': '$.name'}, 'then': {'@path': '$.name'}, 'else': 'nameless'}}
    """
    return _branches({"blank": value}, then, else_)


def case(value: Any, operator: Literal["lower", "upper"]) -> Mapping:
    """Writes `@case`: text in lower or upper case.

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
    """Writes `@replace`: a text of at most 10 characters is replaced by another, then a second one if it is passed.

    Args:
        value: The text to search.
        pattern: The text to find; it is not a regular expression.
        replacement: The text to insert; `$&` is the text found, `$$` a dollar sign.
        pattern2: The text to find in the result.
        replacement2: The text to insert for it.
        everywhere: Whether to replace every occurrence (Segment's `global`), or only the first.
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
    """Writes `@arrayPath`: a list of the event, each item mapped with the shape, whose paths begin at the item.

    Example:
        >>> array_path("$.products", {"id": path("$.sku")})
        {'@arrayPath': ['$.products', {'id': {'@path': '$.sku'}}]}
    """
    return {"@arrayPath": [value] if shape is None else [value, shape]}


def merge(*objects: Mapping, direction: Literal["left", "right"] = "right") -> Mapping:
    """Writes `@merge`: several objects merged into one; with `right` a later one wins, with `left` an earlier one.

    Example:
        >>> merge(path("$.traits"), {"source": "segment"})
        {'@merge': {'objects': [{'@path': '$.traits'}, {'source': 'segment'}], 'direction': 'right'}}
    """
    return {"@merge": {"objects": list(objects), "direction": direction}}


def transformed(apply: Mapping, mapping: Mapping) -> Mapping:
    """Writes `@transform`: `apply` maps the event, then `mapping` maps the payload of `apply`.

    Example:
        >>> transformed(apply={"who": path("$.userId")}, mapping={"id": path("$.who")})
        {'@transform': {'apply': {'who': {'@path': '$.userId'}}, 'mapping': {'id': {'@path': '$.who'}}}}
    """
    return {"@transform": {"apply": apply, "mapping": mapping}}


def flatten(value: Any, separator: str = ".", *, omit_arrays: bool = False) -> Mapping:
    """Writes `@flatten`: nested keys joined with the separator; lists too, unless `omit_arrays`.

    Example:
        >>> flatten(path("$.properties"), "_")
        {'@flatten': {'value': {'@path': '$.properties'}, 'separator': '_'}}
    """
    options: Mapping = {"value": value, "separator": separator}
    if omit_arrays:
        options["omitArrays"] = True
    return {"@flatten": options}


def json_encode(value: Any) -> Mapping:
    """Writes `@json` with `encode`: the value as JSON text.

    Example:
        >>> json_encode(path("$.properties"))
        {'@json': {'mode': 'encode', 'value': {'@path': '$.properties'}}}
    """
    return {"@json": {"mode": "encode", "value": value}}


def json_decode(value: Any) -> Mapping:
    """Writes `@json` with `decode`: the value that JSON text contains.

    Example:
        >>> json_decode(path("$.properties.json"))
        {'@json': {'mode': 'decode', 'value': {'@path': '$.properties.json'}}}
    """
    return {"@json": {"mode": "decode", "value": value}}


def exclude_when_null(value: Any) -> Mapping:
    """Writes `@excludeWhenNull`: the value without its nulls.

    Example:
        >>> exclude_when_null(path("$.traits"))
        {'@excludeWhenNull': {'@path': '$.traits'}}
    """
    return {"@excludeWhenNull": value}


def liquid_template(value: str) -> Mapping:
    """Writes `@liquid`: a Liquid template of at most 1,000 characters.

    Example:
        >>> liquid_template("{{ event | downcase }}")
        {'@liquid': '{{ event | downcase }}'}
    """
    return {"@liquid": value}


def jsonpath(query: str, *, first: bool = False) -> Mapping:
    """Writes `@jsonpath` (not portable): the list of all matches of a JSONPath query, or only the `first` match.

    Example:
        >>> jsonpath("$.products[*].sku"), jsonpath("$..sku", first=True)
        ({'@jsonpath': '$.products[*].sku'}, {'@jsonpath': {'path': '$..sku', 'mode': 'first'}})
    """
    return {"@jsonpath": {"path": query, "mode": "first"} if first else query}


def jinja_template(value: str) -> Mapping:
    """Writes `@jinja` (not portable): a Jinja2 template, rendered to text in a sandbox.

    Example:
        >>> jinja_template("{{ properties.price * 2 }}")
        {'@jinja': '{{ properties.price * 2 }}'}
    """
    return {"@jinja": value}
