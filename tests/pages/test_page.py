import re
from pathlib import Path

import pytest
from jinja2 import TemplateError
from markupsafe import Markup

from destination.pages import PageError, render, write_page

ROOT = Path(__file__).parents[2]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with a template that shows a value in each block."""
    folder = tmp_path / "pages_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "page.html").write_text(
        '{% extends "base.html" %}{% block title %}{{ value }}{% endblock %}'
        "{% block content %}<p>{{ value }}</p><i>{{ count|number }}</i>{% endblock %}"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return folder.name


def test_every_value_is_escaped_and_printable(package: str) -> None:
    html = render(package, "page.html", value="<b>\u009b\u0001", count=1)
    assert html.count("&lt;b&gt;\\x9b\\x01") == 2
    assert "<b>" not in html


def test_every_value_is_masked_before_it_is_escaped(package: str) -> None:
    html = render(package, "page.html", lambda text: text.replace("<1234>", "***"), value="a <1234>", count=1)
    assert html.count("a ***") == 2
    assert "1234" not in html


def test_values_that_are_no_texts_are_masked_too(package: str) -> None:
    html = render(package, "page.html", lambda text: text.replace("s3cr3t", "***"), value=["s3cr3t"], count=1)
    assert "s3cr3t" not in html


def test_counts_are_no_secrets(package: str) -> None:
    html = render(package, "page.html", lambda text: text.replace("1234", "***"), value="", count=1234)
    assert "<i>1,234</i>" in html
    assert "<p>1234</p>" in render(package, "page.html", lambda _: "***", value=1234, count=0)


def test_markup_stays_as_it_is(package: str) -> None:
    assert "<p><svg/></p>" in render(package, "page.html", lambda _: "***", value=Markup("<svg/>"), count=1)


def test_a_value_that_is_not_given_is_an_error(package: str) -> None:
    with pytest.raises(TemplateError, match="'value' is undefined"):
        render(package, "page.html", count=1)


def test_a_page_runs_no_script_and_loads_nothing(package: str) -> None:
    html = render(package, "page.html", value="", count=1)
    assert "default-src 'none'" in html
    assert "http" not in html.replace("http-equiv", "")


def test_a_page_that_cannot_be_written_is_an_error_of_one_line(tmp_path: Path) -> None:
    write_page(tmp_path / "page.html", "ü\ud800")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "ü?"
    with pytest.raises(PageError, match="cannot be written: is a directory"):
        write_page(tmp_path, "")


@pytest.mark.parametrize("template", sorted((ROOT / "destination").rglob("*.html")), ids=lambda path: path.parent.name)
def test_every_colour_has_a_value_for_dark_screens(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    if template.name == "base.html":
        light, dark = (
            set(re.findall(r"(--[\w-]+):", block)) for block in re.findall(r":root \{(.*?)\}", text, re.DOTALL)
        )
        assert light == dark
        text = re.sub(r":root \{.*?\}", "", text, flags=re.DOTALL)
    assert re.findall(r"(?<!&)#[0-9a-f]{3,6}\b", text) == []
