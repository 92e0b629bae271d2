"""Small changes of the texts in which directives say where they look."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_PLACEHOLDER: Final = re.compile(r"\{\{\{?\s*([^{}]*?)\s*\}\}\}?")
_INDEX: Final = re.compile(r"\[(\d+)\]$")
_PARENT: Final = re.compile(r"^(.*[^.$\s])(?:\.[^.\[\]]+|\[[^\[\]]*\])$")
_OUTPUT: Final = re.compile(r"(\{\{-?\s*)([A-Za-z_][\w-]*(?:\.[\w-]+)*)")
_FILTER: Final = re.compile(r"\s*\|\s*[A-Za-z_]\w*(?:[^|}'\"]|'[^']*'|\"[^\"]*\")*?(?=\s*(?:\||-?\}\}))")

_CONDITION: Final = re.compile(r"\{%-?\s*(?:if|elsif|elif|unless)\s.*?%\}", re.DOTALL)
_OPERATOR: Final = re.compile(r"'[^']*'|\"[^\"]*\"|==|!=|>=|<=|>|<|\b(?:and|or)\b")
_OTHERS: Final = {"==": "!=", "!=": "==", ">": ">=", ">=": ">", "<": "<=", "<=": "<", "and": "or", "or": "and"}


class TextChange(NamedTuple):
    """A changed text.

    Attributes:
        text: The text.
        what: What became what in it.
    """

    text: str
    what: str


def path_changes(path: str) -> Iterator[TextChange]:
    """A path whose last part is another, and the one without its last part.

    Example:
        >>> [change.text for change in path_changes("$.properties.products[0].sku")]
        ['$.properties.products[0].sku_', '$.properties.products[0]']
        >>> [change.text for change in path_changes("$.products[0]")], [change.text for change in path_changes("$.a")]
        (['$.products[1]', '$.products'], ['$.a_'])
    """
    index = _INDEX.search(path)
    if index:
        other = f"{path[: index.start()]}[{int(index[1]) + 1}]"
    elif path.endswith(("']", '"]')):
        other = f"{path[:-2]}_{path[-2:]}"
    else:
        other = f"{path}_"
    yield TextChange(other, f"{path} becomes {other}")
    parent = _PARENT.match(path)
    if parent:
        yield TextChange(parent[1], f"{path} becomes {parent[1]}")


def template_changes(template: str) -> Iterator[TextChange]:
    """A `@template` with another path in a placeholder, without one, and without the text between them.

    Example:
        >>> [change.text for change in template_changes("Page: {{ name }}")]
        ['Page: {{ name_ }}', 'Page: ', '{{ name }}']
    """
    end = 0
    texts: list[tuple[int, int]] = []
    for found in _PLACEHOLDER.finditer(template):
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
    """A `@liquid` or `@jinja` template with another path in an output, another operator, and without a filter.

    Example:
        >>> [change.text for change in expression_changes("{{ event | downcase }}!")]
        ['{{ event_ | downcase }}!', '{{ event }}!']
        >>> [change.text for change in expression_changes("{% if a == '>' and b %}x{% endif %}")]
        ["{% if a != '>' and b %}x{% endif %}", "{% if a == '>' or b %}x{% endif %}"]
    """
    for found in _OUTPUT.finditer(template):
        changed = f"{template[: found.end()]}_{template[found.end() :]}"
        yield TextChange(changed, f"{found[2]} becomes {found[2]}_")
    for found in _FILTER.finditer(template):
        yield TextChange(template[: found.start()] + template[found.end() :], f"{found[0].strip()} is left out")
    for condition in _CONDITION.finditer(template):
        for found in _OPERATOR.finditer(template, condition.start(), condition.end() - 2):
            other = _OTHERS.get(found[0])
            if other:
                changed = template[: found.start()] + other + template[found.end() :]
                yield TextChange(changed, f"{found[0]} becomes {other} in {condition[0]}")
