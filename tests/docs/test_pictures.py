"""The pictures in docs/images are what the code draws today; `python -m tests.pictures` draws them anew."""

from pathlib import Path

from tests.pictures import event_way, explain, layers

IMAGES = Path(__file__).parents[2] / "docs/images"


def test_the_picture_of_explain_is_up_to_date() -> None:
    assert (IMAGES / "explain.svg").read_text(encoding="utf-8") == explain.draw()


def test_the_pictures_of_the_architecture_are_up_to_date() -> None:
    assert (IMAGES / "layers.svg").read_text(encoding="utf-8") == layers.draw()
    assert (IMAGES / "event_way.svg").read_text(encoding="utf-8") == event_way.draw()


def test_pictures_need_no_network() -> None:
    for picture in IMAGES.glob("*.svg"):
        text = picture.read_text(encoding="utf-8")
        assert "url(http" not in text, picture.name
        assert "<script" not in text, picture.name
