from hypothesis import given
from hypothesis import strategies as st

from destination.values import (
    WHITESPACE,
    from_units,
    is_bmp,
    join_text,
    to_units,
    trim,
    utf16_length,
    utf16_slice,
)
from tests.values.recorded import VALUES

_PARTY = "\U0001f389"
_UNITS = "\ud83c\udf89"


def test_texts_are_cut_and_counted_as_in_node() -> None:
    for text, expected in VALUES["texts"]:
        start, end, cut = expected["slice"]
        assert trim(text) == expected["trim"]
        assert utf16_length(text) == expected["length"]
        assert utf16_slice(text, start, end) == cut, (text, start, end)


def test_trim_takes_javascripts_white_space() -> None:
    assert trim(WHITESPACE + "a b" + WHITESPACE) == "a b"
    assert trim("\x1c\x85\u180e\u200b") == "\x1c\x85\u180e\u200b"


def test_length_counts_code_units() -> None:
    assert [utf16_length(text) for text in ("", "abc", "é", _PARTY, "\ud83c")] == [0, 3, 1, 2, 1]


def test_a_cut_may_halve_a_pair() -> None:
    assert utf16_slice("a" + _PARTY, 0, 2) == "a\ud83c"
    assert utf16_slice("a" + _PARTY, 2, 9) == "\udf89"
    assert utf16_slice("a" + _PARTY, 1, 3) == _PARTY
    assert utf16_slice("", 0, 3) == ""


def test_halves_that_meet_become_one_character() -> None:
    assert join_text(["\ud83c", "\udf89"]) == _PARTY
    assert join_text(["\udf89", "\ud83c"]) == "\udf89\ud83c"
    assert from_units(_UNITS) == _PARTY
    assert from_units("é") == "é"


def test_units_are_one_character_each() -> None:
    assert to_units("x" + _PARTY) == "x" + _UNITS
    assert to_units("") == ""
    assert to_units("é\uffff") == "é\uffff"


def test_bmp_is_up_to_ffff() -> None:
    assert is_bmp("")
    assert is_bmp("\uffff\ud83c")
    assert not is_bmp(_PARTY)


@given(st.text())
def test_units_and_characters_are_inverse(text: str) -> None:
    assert from_units(to_units(text)) == from_units(text)
    assert len(to_units(text)) == utf16_length(text)


@given(st.text(), st.integers(0, 20))
def test_two_cuts_join_to_the_whole(text: str, place: int) -> None:
    whole = from_units(text)
    assert join_text([utf16_slice(whole, 0, place), utf16_slice(whole, place, 2 * len(whole) + place)]) == whole
