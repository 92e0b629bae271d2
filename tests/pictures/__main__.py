"""Writes docs/images: `python -m tests.pictures`."""

import pkgutil
from importlib import import_module
from pathlib import Path

import tests.pictures

IMAGES = Path(__file__).parents[2] / "docs/images"

if __name__ == "__main__":
    for module in pkgutil.iter_modules(tests.pictures.__path__):
        if not module.name.startswith("_") and module.name not in ("svg", "terminal"):
            picture = import_module(f"tests.pictures.{module.name}").draw()
            (IMAGES / f"{module.name}.svg").write_text(picture, encoding="utf-8")
            print(f"docs/images/{module.name}.svg")
