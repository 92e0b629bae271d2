"""Quoted text with its escapes."""

import re
from typing import Final

from destination.mapping.liquid.problems import Unplaced
from destination.values import from_units

QUOTED: Final = re.compile(r"""(["'])(?:(?!\1)[^\\]|\\.)*+(?:\1|\\?\Z)""", re.DOTALL)
"""A quoted text, or one that runs to the end."""

_SIMPLE: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{0,4})|([0-7]{1,3})|(.))", re.DOTALL)


def unquote(quoted: str) -> str:
    r"""The text that a quoted text stands for; its last character is taken for the closing quote.

    Args:
        quoted: With its quotes, one character a UTF-16 unit.

    Raises:
        Unplaced: `\u` and fewer than four digits end a text that is not closed.

    Example:
        >>> unquote(r"'a\n\u0041\101'")
        'a\nAA'
    """
    if "\\" not in quoted:
        return from_units(quoted[1:-1])
    parts = []
    position, last = 1, len(quoted) - 1
    for found in _ESCAPE.finditer(quoted, 1):
        parts.append(quoted[position : found.start()])
        position = found.end()
        code, octal, other = found.groups()
        if code is not None:
            if position == len(quoted) and len(code) < 4:
                # liquidjs reads on behind the end here (test_unfinished_unicode_escape_at_the_end)
                raise Unplaced("Cannot read properties of undefined (reading 'charCodeAt')")
            parts.append(chr(int(code or "0", 16)))
        elif octal is not None:
            parts.append(chr(int(octal, 8)))
        else:
            parts.append(_SIMPLE.get(other, other))
    parts.append(quoted[position:last])
    return from_units("".join(parts))
