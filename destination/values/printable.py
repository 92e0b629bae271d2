"""Makes text from outside safe to show in a terminal, a log or a page.

Escaped are control characters (C0, U+007F, C1), line and paragraph separators, marks that change the direction of text,
annotation marks, halves of surrogate pairs, and code points that are not characters.
"""

import re
from typing import Any, Final

_NAMES: Final = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_UNSAFE: Final = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ufffe\uffff\ud800-\udfff"
_ANY: Final = re.compile(f"[{_UNSAFE}]")
_ANY_BUT_LINES: Final = re.compile(rf"(?![\n\t])[{_UNSAFE}]")
# The same in UTF-8, without what JSON escapes itself.
_IN_JSON: Final = re.compile(
    rb"\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xaf]|\xef\xbf[\xb9-\xbb\xbe\xbf]"
)


def printable(text: str, *, lines: bool = False) -> str:
    r"""Escapes the characters of a text that could control a terminal, a log or a page.

    Args:
        text: Any text.
        lines: Whether line breaks and tabs stay, for a text that has lines of its own.

    Example:
        >>> print(printable("a\x1b[31m\nb\u202e\x9b"))
        a\x1b[31m\nb\u202e\x9b
        >>> printable("one\r\ntwo", lines=True)
        'one\\r\ntwo'
    """
    if text.isascii() and text.isprintable():
        return text
    return (_ANY_BUT_LINES if lines else _ANY).sub(_written, text)


def _written(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    return _NAMES.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def printable_on_page(value: Any) -> Any:
    r"""Makes a value safe to show in a template, with its line breaks: Jinja's `finalize` for every page.

    Example:
        >>> printable_on_page("a\x9b"), printable_on_page(5)
        ('a\\x9b', 5)
    """
    if hasattr(value, "__html__") or isinstance(value, (int, float)):
        return value
    return printable(str(value), lines=True)


def printable_json(raw: bytes) -> bytes:
    r"""Escapes these characters in JSON with JSON's own escapes; the value stays the same.

    Args:
        raw: JSON, where JSON's own rules have escaped C0 already.

    Example:
        >>> print(printable_json('{"a":"\x9b\u202e\x7f"}'.encode()).decode())
        {"a":"\u009b\u202e\u007f"}
    """
    if is_printable_json(raw):
        return raw
    return _IN_JSON.sub(lambda found: b"\\u%04x" % ord(found[0].decode()), raw)


def is_printable_json(raw: bytes) -> bool:
    r"""Returns whether `printable_json` surely changes nothing. False: it may change something, or not.

    Example:
        >>> is_printable_json('{"a":"é"}'.encode()), is_printable_json('{"a":"\x7f"}'.encode())
        (True, False)
    """
    if raw.isascii():
        return b"\x7f" not in raw
    # The bytes with which the characters to escape begin.
    return not (b"\xc2" in raw or b"\xe2" in raw or b"\x7f" in raw or b"\xd8" in raw or b"\xef" in raw)


_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]\s*[\]}]|[\[\]{},:]|[^\s\[\]{},:"]+')
_INDENTED_LEVELS: Final = 64
"""The number of levels that are indented. With more, a deep value of a few kilobytes becomes megabytes of spaces."""


def indent_json(text: str) -> str:
    """Indents JSON by two spaces, as `JSON.stringify(value, null, 2)` writes it.

    It works at any depth; from the 65th level on it stays on one line.

    Example:
        >>> print(indent_json('{"a":[1,{}],"b":"x"}'))
        {
          "a": [
            1,
            {}
          ],
          "b": "x"
        }
    """
    parts: list[str] = []
    depth = 0
    for part in _TOKENS.findall(text):
        if part in "[{":
            depth += 1
            parts += (part, _line(depth))
        elif part in "]}":
            depth -= 1
            parts += (_line(depth) if depth < _INDENTED_LEVELS else "", part)
        elif part == ",":
            parts += (part, _line(depth))
        elif part == ":":
            parts.append(": " if depth <= _INDENTED_LEVELS else ":")
        else:
            parts.append("".join(part.split()) if part[0] in "[{" else part)
    return "".join(parts)


def _line(depth: int) -> str:
    return "\n" + "  " * depth if depth <= _INDENTED_LEVELS else ""
