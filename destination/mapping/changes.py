"""Small changes of parts of a mapping: helpers with which directives define their changes for `destination mutate`."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

from destination.mapping.validate import MappingPath
from destination.values import MISSING, truthy

# Strings, which `re` compiles when they are first used: most processes change no mapping.
_PLACEHOLDER: Final = r"\{\{\{?\s*([^{}]*?)\s*\}\}\}?"
_INDEX: Final = r"\[(\d+)\]$"
_PARENT: Final = r"^(.*[^.$\s])(?:\.[^.\[\]]+|\[[^\[\]]*\])$"
_OUTPUT: Final = r"(\{\{-?\s*)([A-Za-z_][\w-]*(?:\.[\w-]+)*)"
_FILTER: Final = r"\s*\|\s*[A-Za-z_]\w*(?:[^|}'\"]|'[^']*'|\"[^\"]*\")*?(?=\s*(?:\||-?\}\}))"

_CONDITION: Final = r"(?s)\{%-?\s*(?:if|elsif|elif|unless)\s.*?%\}"
_OPERATOR: Final = r"'[^']*'|\"[^\"]*\"|==|!=|>=|<=|>|<|\b(?:and|or)\b"
_OTHERS: Final = {"==": "!=", "!=": "==", ">": ">=", ">=": ">", "<": "<=", "<=": "<", "and": "or", "or": "and"}


class Change(NamedTuple):
    """A change of a part of a subscription.

    Attributes:
        path: The keys that lead to what is changed.
        text: The change in words: what became what.
        value: The changed part.
    """

    path: MappingPath
    text: str
    value: Any


ChangesOf: TypeAlias = Callable[[Any, MappingPath], Iterator[Change]]
"""Finds the changes of a part of a mapping that is a mapping itself, given its path."""
Changes: TypeAlias = Callable[[Any, MappingPath, ChangesOf], Iterator[Change]]
"""Finds the changes of a directive's value, given the directive's path without its own key."""


def in_object(key: str, value: dict[str, Any], changes: Iterator[Change]) -> Iterator[Change]:
    """Makes changes of a member to changes of the object."""
    for change in changes:
        yield change._replace(value={**value, key: change.value})


def in_list(index: int, value: list[Any], changes: Iterator[Change]) -> Iterator[Change]:
    """Makes changes of an item to changes of the list."""
    for change in changes:
        yield change._replace(value=[*value[:index], change.value, *value[index + 1 :]])


def shown(value: Any) -> str:
    """Writes a value in full for the text of a change. Half of a secret would not be recognised and masked any more.

    Example:
        >>> shown("a"), shown({"a": [1, True]})
        ('"a"', '{"a": [1, true]}')
    """
    return json.dumps(value, ensure_ascii=False, default=str)


# --- directives with options ---------------------------------------------------------------------------------


def options_changes(name: str, mappings: tuple[str, ...], others: dict[str, Callable[[Any], Any]]) -> Changes:
    """Makes the changes of a directive whose value is an object of options.

    Args:
        name: The directive.
        mappings: The options that are mappings themselves.
        others: Functions that change the other options; they return `MISSING` for a value that they cannot change.
    """

    def changes(options: Any, path: MappingPath, changes_of: ChangesOf) -> Iterator[Change]:
        if not isinstance(options, dict):
            return
        for key, change in others.items():
            before = options.get(key, MISSING)
            after = change(before)
            if after is not MISSING:
                was = "the default" if before is MISSING else shown(before)
                yield Change((*path, name, key), f"{key}: {was} becomes {shown(after)}", {**options, key: after})
        for key in mappings:
            if key in options:
                yield from in_object(key, options, changes_of(options[key], (*path, name, key)))

    return changes


def one_for_the_other(first: str, second: str) -> Callable[[Any], Any]:
    """Makes the change of an option that is one of two texts."""
    return lambda value: {first: second, second: first}.get(value, MISSING) if isinstance(value, str) else MISSING


def other_text(value: Any) -> Any:
    """Changes an option that is a text."""
    return f"{value}_" if isinstance(value, str) else MISSING


def flag(*, default: bool) -> Callable[[Any], Any]:
    """Makes the change of an option that is true or false."""
    return lambda value: not (default if value is MISSING else truthy(value))


# --- directives whose value is a text ------------------------------------------------------------------------


class TextChange(NamedTuple):
    """A changed text.

    Attributes:
        text: The text.
        what: What became what in it.
    """

    text: str
    what: str


def text_changes(name: str, changes_of_text: "Callable[[str], Iterator[TextChange]]") -> Changes:
    """Makes the changes of a directive whose value is a text, or another directive that makes one."""

    def changes(options: Any, path: MappingPath, changes_of: ChangesOf) -> Iterator[Change]:
        if isinstance(options, str):
            yield from (Change(path, change.what, change.text) for change in changes_of_text(options))
        elif isinstance(options, dict):
            yield from changes_of(options, (*path, name))

    return changes


def path_changes(path: str) -> Iterator[TextChange]:
    """Changes the last part of a path, and removes it.

    Example:
        >>> [change.text for change in path_changes("$.properties.products[0].sku")]
        ['$.properties.products[0].sku_', '$.properties.products[0]']
        >>> [change.text for change in path_changes("$.products[0]")], [change.text for change in path_changes("$.a")]
        (['$.products[1]', '$.products'], ['$.a_'])
    """
    index = re.search(_INDEX, path)
    if index:
        other = f"{path[: index.start()]}[{int(index[1]) + 1}]"
    elif path.endswith(("']", '"]')):
        other = f"{path[:-2]}_{path[-2:]}"
    else:
        other = f"{path}_"
    yield TextChange(other, f"{path} becomes {other}")
    parent = re.match(_PARENT, path)
    if parent:
        yield TextChange(parent[1], f"{path} becomes {parent[1]}")


def template_changes(template: str) -> Iterator[TextChange]:
    """Changes a `@template`: another path in a placeholder, no placeholder, no text between placeholders.

    Example:
        >>> [change.text for change in template_changes("Page: {{ name }}")]
        ['Page: {{ name_ }}', 'Page: ', '{{ name }}']
    """
    end = 0
    texts: list[tuple[int, int]] = []
    for found in re.finditer(_PLACEHOLDER, template):
        texts.append((end, found.start()))
        end = found.end()
        if found[1]:
            for change in path_changes(found[1]):
                changed = template[: found.start(1)] + change.text + template[found.end(1) :]
                yield TextChange(changed, f"{{{{ {found[1]} }}}} becomes {{{{ {change.text} }}}}")
        yield TextChange(template[: found.start()] + template[end:], f"{found[0]} is left out")
    texts.append((end, len(template)))
    for start, stop in texts:
        if template[start:stop].strip():
            yield TextChange(template[:start] + template[stop:], f'"{template[start:stop]}" is left out')


def expression_changes(template: str) -> Iterator[TextChange]:
    """Changes a `@liquid` or `@jinja` template: another path, another operator, no filter.

    Example:
        >>> [change.text for change in expression_changes("{{ event | downcase }}!")]
        ['{{ event_ | downcase }}!', '{{ event }}!']
        >>> [change.text for change in expression_changes("{% if a == '>' and b %}x{% endif %}")]
        ["{% if a != '>' and b %}x{% endif %}", "{% if a == '>' or b %}x{% endif %}"]
    """
    for found in re.finditer(_OUTPUT, template):
        changed = f"{template[: found.end()]}_{template[found.end() :]}"
        yield TextChange(changed, f"{found[2]} becomes {found[2]}_")
    for found in re.finditer(_FILTER, template):
        yield TextChange(template[: found.start()] + template[found.end() :], f"{found[0].strip()} is left out")
    for condition in re.finditer(_CONDITION, template):
        for found in re.compile(_OPERATOR).finditer(template, condition.start(), condition.end() - 2):
            other = _OTHERS.get(found[0])
            if other:
                changed = template[: found.start()] + other + template[found.end() :]
                yield TextChange(changed, f"{found[0]} becomes {other} in {condition[0]}")
