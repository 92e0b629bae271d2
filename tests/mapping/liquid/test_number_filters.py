"""Filters on numbers.

The outcomes are recorded from liquidjs 10.27.2 as Segment configures it.
"""

import pytest

from tests.mapping.liquid.rendering import EVENT, render


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "x" | plus: 1 }}', "1"),
        ("{{ nul | minus: 1 }}", "-1"),
        ("{{ t | plus: 1 }}", "2"),
        ('{{ "0x10" | plus: 1 }}', "17"),
        ('{{ " 7 " | times: "2" }}', "14"),
        ("{{ o | plus: 1 }}", "1"),
        ("{{ em | plus: 1 }}", "1"),
        ('{{ "1_0" | plus: 1 }}', "1"),
        ("{{ 5 | plus: missing }}", "5"),
    ],
)
def test_what_is_no_number_counts_as_zero(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 5 | plus }}{{ 5 | minus }}{{ 5 | times }}{{ 5 | divided_by }}{{ 5 | modulo }}", "NaNNaNNaNNaNNaN"),
        ("{{ 5 | at_least }}{{ 5 | at_most }}{{ 2.5 | round }}", "553"),
    ],
)
def test_a_missing_argument_is_nan(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 0.1 | plus: 0.2 }}", "0.30000000000000004"),
        ("{{ 9007199254740993 | plus: 0 }}", "9007199254740992"),
        ('{{ 1e308 | plus: 1 }}{{ "1e308" | times: 10 }}', "1Infinity"),
        ("{{ 4.35 | times: 100 }}", "434.99999999999994"),
        ('{{ -7 | abs }}{{ "-1.5" | abs }}', "71.5"),
    ],
)
def test_arithmetic_is_done_with_doubles(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 5 | divided_by: 2 }}", "2.5"),
        ("{{ 5 | divided_by: 2, true }}", "2"),
        ("{{ -5 | divided_by: 2, true }}", "-3"),
        ("{{ 5 | divided_by: 0 }}", "Infinity"),
        ("{{ -5 | divided_by: 0 }}", "-Infinity"),
        ("{{ 0 | divided_by: 0 }}", "NaN"),
        ("{{ 5 | divided_by: 0, true }}", "Infinity"),
        ("{{ 6 | divided_by: 3 }}", "2"),
    ],
)
def test_division(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 5 | modulo: 3 }}{{ -5 | modulo: 3 }}", "21"),
        ("{{ 5 | modulo: -3 }}", "-1"),
        ("{{ 5.5 | modulo: 2 }}", "1.5"),
        ("{{ 5 | modulo: 0 }}", "NaN"),
        ('{{ "Infinity" | modulo: 2 }}', "NaN"),
        ('{{ 5 | modulo: "Infinity" }}', "NaN"),
    ],
)
def test_modulo_has_the_sign_of_the_divisor(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 5 | at_least: 7 }}{{ 5 | at_least: 3, 9 }}", "79"),
        ("{{ 5 | at_most: 3 }}{{ 5 | at_most: 7, 1 }}", "31"),
    ],
)
def test_limits_take_any_number_of_arguments(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 2.7 | floor }}{{ -2.1 | floor }}{{ 2.1 | ceil }}{{ -2.7 | ceil }}", "2-33-2"),
        ('{{ "Infinity" | floor }}', "Infinity"),
        ('{{ "x" | ceil }}', "0"),
    ],
)
def test_floor_and_ceil(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 1.005 | round: 2 }}", "1.01"),
        ("{{ 2.675 | round: 2 }}", "2.68"),
        ("{{ 1.45 | round: 1 }}", "1.5"),
        ("{{ 2.5 | round }}", "3"),
        ("{{ -2.5 | round }}", "-3"),
        ("{{ -2.4 | round }}", "-2"),
        ("{{ 1234 | round: -2 }}", "1200"),
        ('{{ 2.55 | round: "1" }}', "2.6"),
        ("{{ 5 | round: 400 }}", "NaN"),
        ("{{ 5 | round: -400 }}", "NaN"),
        ("{{ 0.49999999999999994 | round }}", "1"),
    ],
)
def test_round_corrects_binary_fractions(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 1234567 | round: -4 }}", "1230000"),
        ("{{ 1234567 | round: -5 }}", "1200000"),
        ("{{ 1.5 | round: 29 }}", "1.5000000000000004"),
        ("{{ 2 | round: 1.5 }}", "1.992234925906079"),
        ("{{ 1.23456 | round: 308.3 }}", "NaN"),
        ("{{ 31 | round: 3.5 }}", "31.000124130396642"),
        ("{{ 106.18896 | round: 0.5 }}", "106.25252938165754"),
        ("{{ 106.18896 | round: -0.5 }}", "107.5174404457249"),
    ],
)
def test_round_to_tens_of_thousands_is_off(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{{ "12.5" | to_integer }}{{ t | to_integer }}', "12.51"),
        ('{{ "x" | to_integer }}', "NaN"),
        ("{{ nil | to_integer }}{{ missing | to_integer }}", "0NaN"),
    ],
)
def test_to_integer_is_no_rounding(template: str, expected: str) -> None:
    assert render(template, EVENT) == expected
