"""Writes texts and values as Markdown and escapes them, by the rules of GitHub (GFM)."""

import re
from typing import Any

from destination.values import stringify

_SPECIAL = re.compile(r"[\\`*_\[\]<>~#]")
_RUNS = re.compile("`+")
_OPENING = re.compile(r"\\[!-/:-@\[-`{-~]|`+")
_PIPE = re.compile(r"(\\*)\|")
_MARKUP = re.compile(r"[^0-9A-Za-z\s]")
_UNSAFE = re.compile(r"\\[!-/:-@\[-`{-~]|[<`]")


def plain(text: str) -> str:
    r"""Writes a text on one line, with everything escaped that means something in Markdown.

    Example:
        >>> print(plain("a_b *c*\n`d`"))
        a\_b \*c\* \`d\`
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def code(text: str) -> str:
    """Writes a text as a code span, with a fence that no run of backticks in the text can end.

    Example:
        >>> print(code("a"), code("a`b"), code("`"))
        `a` ``a`b`` `` ` ``
    """
    text = " ".join(text.splitlines())
    runs = set(map(len, _RUNS.findall(text)))
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    # A reader of Markdown removes one space at each end, unless there is nothing else.
    is_padded = text.startswith(" ") and text.endswith(" ") and text.strip(" ")
    pad = " " if text[:1] == "`" or text[-1:] == "`" or is_padded else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def value(json: Any) -> str:
    """Writes a JSON value as a code span.

    Example:
        >>> value({"@path": "$.event"})
        '`{"@path":"$.event"}`'
    """
    return code(stringify(json))


def block(text: str, language: str = "") -> str:
    """Writes a text as a block of code, with a fence that is longer than any run of backticks in it.

    Example:
        >>> print(block('type = "page"'))
        ```
        type = "page"
        ```
    """
    fence = "`" * max([3, *(len(run) + 1 for run in _RUNS.findall(text))])
    return f"{fence}{language}\n{text}\n{fence}"


def prose(text: str) -> str:
    r"""Writes a description, which may have Markdown of its own: links and code spans stay.

    HTML and backticks that open no code span are escaped.

    Example:
        >>> print(prose("Use `a|b`, not <b>; see [the docs](https://h.test). It's 5` long."))
        Use `a|b`, not &lt;b>; see [the docs](https://h.test). It's 5\` long.
    """
    return "".join(part if is_code else _text(part) for part, is_code in _parts(text.strip()))


def _text(text: str) -> str:
    written = {"<": "&lt;", "`": r"\`"}
    return _UNSAFE.sub(lambda found: written.get(found[0], found[0]), text)


def _parts(text: str) -> list[tuple[str, bool]]:
    """Splits a text into pieces, each with whether it is a code span: from a run of backticks to one as long."""
    parts = []
    start = position = 0
    while (opening := _OPENING.search(text, position)) is not None:
        # A backslash escapes the next character, but not within a code span.
        behind = () if opening[0].startswith("\\") else _RUNS.finditer(text, opening.end())
        closing = next((run for run in behind if run[0] == opening[0]), None)
        position = opening.end() if closing is None else closing.end()
        if closing is not None:
            parts += [(text[start : opening.start()], False), (text[opening.start() : position], True)]
            start = position
    return [*parts, (text[start:], False)]


def cell(markdown: str) -> str:
    r"""Writes Markdown for a cell of a table: on one line, with its pipes escaped.

    Example:
        >>> print(cell("`a|b` | c\n\nd"))
        `a\|b` \| c<br>d
    """
    whole = "".join(" ".join(part.splitlines()) if is_code else part for part, is_code in _parts(markdown))
    lines = "<br>".join(line.strip() for line in whole.splitlines() if line.strip())
    return "".join(_cell_code(part) if is_code else _PIPE.sub(_escaped, part) for part, is_code in _parts(lines))


def _escaped(found: re.Match[str]) -> str:
    is_escaped = len(found[1]) % 2 == 1
    return found[0] if is_escaped else f"{found[1]}\\|"


def _cell_code(span: str) -> str:
    if "\\|" not in span:
        return span.replace("|", "\\|")
    # No code span of a table can hold a backslash before a pipe: the table would take both.
    fence = len(span) - len(span.lstrip("`"))
    inner = span[fence:-fence]
    if inner.startswith(" ") and inner.endswith(" ") and inner.strip(" "):
        inner = inner[1:-1]
    return f"<code>{_MARKUP.sub(lambda found: f'&#{ord(found[0])};', inner)}</code>"
