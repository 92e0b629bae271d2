"""A terminal in a picture."""

import io
import re
from collections.abc import Iterable
from typing import Any

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

_FONTS = re.compile(r"^\s*@font-face \{\{.*?\}\}\n", re.MULTILINE | re.DOTALL)
_OWN_FONTS = _FONTS.sub("", CONSOLE_SVG_FORMAT).replace("Fira Code,", "")
"""Without fonts from the network: a picture in a page must need nothing else."""


def picture_of(drawings: Iterable[Any], title: str, name: str, width: int = 100) -> str:
    """What rich draws, as SVG; the same drawings give the same text."""
    console = Console(
        record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor", highlight=False
    )
    for drawing in drawings:
        console.print(drawing)
    return console.export_svg(title=title, code_format=_OWN_FONTS, unique_id=name) + "\n"
