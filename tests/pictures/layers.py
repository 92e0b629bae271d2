"""The layers of the project: the floors of the import contract, with the packages that stand on each."""

import ast
import tomllib
from pathlib import Path
from textwrap import wrap

from tests.pictures import svg

ROOT = Path(__file__).parents[2]

_WIDTH, _GAP, _EDGE, _HEAD = 980, 10, 16, 44
_CHARACTER = 6.1
"""The width of a small letter in pixels, about."""


def floors() -> list[list[str]]:
    """The layers of the import contract from the top, each with its packages and modules."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [contract] = [one for one in config["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    return [[name.strip(" ()") for name in layer.split("|")] for layer in contract["layers"]]


def sentence_of(name: str) -> str:
    """The first sentence of a docstring, without its full stop."""
    path = ROOT / name.replace(".", "/")
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n\n")[0].replace("\n", " ").replace("`", "").partition(". ")[0].rstrip(".")


def draw() -> str:
    """The picture."""
    shapes = [svg.text(_EDGE, 28, "A package imports only from floors below its own.", "text")]
    y = float(_HEAD)
    for names in floors():
        width = (_WIDTH - 2 * _EDGE - (len(names) - 1) * _GAP) / len(names)
        sentences = {name: wrap(sentence_of(name), int((width - 24) / _CHARACTER)) for name in names}
        height = 36 + 17 * max(map(len, sentences.values()))
        for column, (name, lines) in enumerate(sentences.items()):
            x = _EDGE + column * (width + _GAP)
            shapes += [
                svg.box(x, y, width, height),
                svg.text(x + 12, y + 23, name, "label code"),
                *(svg.text(x + 12, y + 43 + 17 * row, line, "text small") for row, line in enumerate(lines)),
            ]
        y += height + _GAP
    return svg.picture(_WIDTH, int(y) + _EDGE - _GAP, "The layers of the project", shapes)
