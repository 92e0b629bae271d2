import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.values import as_double, number_to_string, string_to_number
from tests.values.recorded import VALUES, same_number


def test_numbers_are_printed_as_node_prints_them() -> None:
    for number, expected in VALUES["number_to_string"]:
        assert number_to_string(float(number)) == expected, number


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-7, "-7"),
        (0.1, "0.1"),
        (123.456, "123.456"),
        (-0.000001, "-0.000001"),
        (1e-7, "1e-7"),
        (1.25e-7, "1.25e-7"),
        (5e-324, "5e-324"),
        (1e16, "10000000000000000"),
        (123456789012345680.0, "123456789012345680"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
    ],
)
def test_number_to_string(number: float, expected: str) -> None:
    assert number_to_string(number) == expected


def test_whole_numbers_beyond_the_safe_range_print_as_doubles() -> None:
    assert number_to_string(2**53 - 1) == "9007199254740991"
    assert number_to_string(2**53 + 1) == "9007199254740992"
    assert number_to_string(12345678901234567890) == "12345678901234567000"
    assert number_to_string(10**400) == "Infinity"
    assert number_to_string(-(10**400)) == "-Infinity"


def test_as_double_rounds_beyond_the_safe_range_only() -> None:
    assert as_double(2**53 - 1) == 2**53 - 1
    assert as_double(2**53 + 1) == 2**53
    assert as_double(-(2**53) - 1) == -(2**53)
    assert as_double(10**400) == math.inf
    assert as_double(-(10**400)) == -math.inf
    assert as_double(0.5) == 0.5


def test_texts_become_numbers_as_in_node() -> None:
    for text, expected in VALUES["string_to_number"]:
        assert same_number(string_to_number(text), float(expected)), text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        (" \n\t\u00a0\ufeff\u2029", 0),
        (" 12 ", 12),
        ("5.", 5),
        (".5", 0.5),
        ("-0", -0.0),
        ("-0.0", -0.0),
        ("0x1F", 31),
        ("0B101", 5),
        ("0o17", 15),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("1e400", math.inf),
        ("-1e400", -math.inf),
        ("Infinity", math.inf),
        ("+Infinity", math.inf),
        (" -Infinity ", -math.inf),
        ("9007199254740993", 9007199254740992),
        ("1" * 500, math.inf),
        ("0" * 500 + "7", 7),
        ("0x" + "f" * 300, math.inf),
    ],
)
def test_string_to_number(text: str, expected: float) -> None:
    assert same_number(string_to_number(text), expected)


@pytest.mark.parametrize(
    "text",
    [
        *(".", "+", "-", "e5", "1e", "1 2", "1_000", "1,5", "-0x10", "+0b1", "0x", "0xg", "0b2", "0o8", "1n"),
        *("inf", "nan", "NaN", "infinity", "INFINITY", "Infinity5", "true"),
        *("\u0661", "\uff11", "\x1f1", "\x851", "\u180e1"),
    ],
)
def test_what_is_no_number_is_nan(text: str) -> None:
    assert math.isnan(string_to_number(text))


@given(st.floats(allow_nan=False))
def test_printed_numbers_read_back(number: float) -> None:
    assert string_to_number(number_to_string(number)) == number


@given(st.text())
def test_any_text_is_a_number_or_nan(text: str) -> None:
    assert isinstance(string_to_number(text), (int, float))
