from pathlib import Path

from tests.pictures.diff import draw

PICTURE = Path(__file__).parents[3] / "docs" / "images" / "diff.svg"


def test_the_picture_in_the_docs_is_of_the_example_in_the_docs() -> None:
    """Drawn anew by `python -m tests.pictures`."""
    assert PICTURE.read_text(encoding="utf-8") == draw()
