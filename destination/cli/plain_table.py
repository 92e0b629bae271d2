"""Draws tables that need neither colours nor line breaks as rich does, whose import takes longer than most commands."""

import os
from collections.abc import Mapping, Sequence
from typing import Final

_GAP: Final = "   "
_WISHES: Final = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS")
"""Variables by which a user asks rich for colours, or for another width, where there is no terminal."""


def plain_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    numeric: Sequence[bool],
    title: str,
    width: int,
    environment: Mapping[str, str] = os.environ,
) -> list[str] | None:
    r"""Draws a table where that is simple; None if rich is to draw it.

    Args:
        columns: The headings.
        rows: The cells of each row.
        numeric: Whether each column is set to the right.
        title: The title, or nothing.
        width: The maximum width of a line.
        environment: The variables of the environment.

    Returns:
        The lines, without spaces at their ends.

    Example:
        >>> print("\n".join(plain_table(("name", "sent"), [("Track Calls", "7")], (False, True), "", 40, {})))
         name          sent
         ──────────────────
         Track Calls      7
    """
    texts = [title, *columns, *(cell for row in rows for cell in row)]
    if not all(map(_is_narrow, texts)) or wants_rich(environment):
        return None
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    inner = sum(widths) + len(_GAP) * (len(widths) - 1)
    if inner + 2 > width or len(title) > inner + 2 or not all(widths):
        return None
    lines = [_line(cells, widths, numeric) for cells in (columns, *rows)]
    return [*([title] if title else []), lines[0], f" {'─' * inner}", *lines[1:]]


def wants_rich(environment: Mapping[str, str]) -> bool:
    """Returns whether a user asks for what only rich does, such as colours in a file.

    Example:
        >>> wants_rich({"FORCE_COLOR": "1"}), wants_rich({})
        (True, False)
    """
    return any(environment.get(name) for name in _WISHES)


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> str:
    set_ = (
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, numeric, strict=True)
    )
    return f" {_GAP.join(set_)}".rstrip()


def _is_narrow(text: str) -> bool:
    """Returns whether each character surely takes one column of a terminal."""
    return all(" " <= char <= "~" or char in "–…" for char in text)
