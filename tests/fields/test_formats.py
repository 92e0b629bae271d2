"""Formats: verdicts recorded from ajv-formats 2.1.1 and Segment's `date-like`, and the time they take."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from destination.errors import SchemaValidationError
from destination.fields import compile_schema
from destination.fields.formats import ANY_TEXT, FORMATS, NumberFormat, TextFormat
from destination.fields.formats.regular_expression import is_regular_expression
from tests.thorough import some

RECORDED: dict[str, dict[str, list[str]]] = json.loads(Path(__file__).with_name("formats.json").read_text("utf-8"))


@pytest.mark.parametrize("name", RECORDED)
def test_a_format_decides_as_the_reference_does(name: str) -> None:
    form = FORMATS[name]
    assert isinstance(form, TextFormat)
    texts = RECORDED[name]
    assert [text for text in texts["accepted"] if not form.accepts(text)] == []
    assert [text for text in texts["refused"] if form.accepts(text)] == []


def test_every_text_format_is_recorded() -> None:
    assert RECORDED.keys() == {name for name, form in FORMATS.items() if isinstance(form, TextFormat)}


def test_a_date_time_needs_no_offset() -> None:
    form = FORMATS["date-time"]
    assert isinstance(form, TextFormat)
    assert form.accepts("2023-01-01T12:00:00")


def test_hints_test_nothing() -> None:
    assert {name for name, form in FORMATS.items() if form is ANY_TEXT} == {"text", "password", "binary"}


@pytest.mark.parametrize(
    ("name", "number", "accepted"),
    [
        ("int32", 2**31 - 1, True),
        ("int32", 2**31, False),
        ("int32", -(2**31), True),
        ("int32", 1.5, False),
        ("int64", 2.0, True),
        ("int64", 2.5, False),
        ("float", 2.5, True),
        ("double", 2.5, True),
    ],
)
def test_formats_of_numbers(name: str, number: float, accepted: bool) -> None:
    form = FORMATS[name]
    assert isinstance(form, NumberFormat)
    assert form.accepts(number) is accepted


def test_a_format_is_asked_of_values_of_its_type_only() -> None:
    schema: dict[str, Any] = {"type": ["string", "number"], "format": "int32"}
    assert compile_schema(schema).validate("x") == "x"
    with pytest.raises(SchemaValidationError):
        compile_schema(schema).validate(1.5)


def test_a_regular_expression_has_so_many_groups_at_most() -> None:
    most = 32_767
    assert is_regular_expression("()" * most)
    assert not is_regular_expression("()" * (most + 1))


PIECES = (
    "a",
    "a.",
    "a-",
    "-",
    "1",
    "12:",
    "/",
    "%20",
    "a@",
    "://",
    "http://a@",
    "1Y",
    "[",
    "(",
    "a{",
    "::",
    "1:",
    "~0",
)
STARTS = ("", "http://", "P", "#", "2023", "(?<", "a@", "{")


@pytest.mark.parametrize("name", some(RECORDED, every=6))
def test_long_text_that_is_almost_right_is_soon_decided(name: str) -> None:
    """A check that goes back over its 20,000 characters would take minutes here."""
    form = FORMATS[name]
    assert isinstance(form, TextFormat)
    for start, piece in itertools.product(STARTS, PIECES):
        form.accepts(start + piece * (20_000 // len(piece)) + "\0")
