import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.values import date_to_string, dates, parse_date
from tests.values.recorded import DATES

_DAY_MS = 86_400_000


def _check(subject: str) -> None:
    for text, expected in DATES[subject]:
        found = parse_date(text)
        if expected is None:
            assert isinstance(found, float), text
            assert math.isnan(found), text
        else:
            assert type(found) is int, text
            assert found == expected, text


@pytest.mark.parametrize("subject", DATES)
def test_dates_are_read_as_node_reads_them(subject: str) -> None:
    _check(subject)


def test_date_only_and_local_forms_are_utc() -> None:
    assert parse_date("2023-05-06") == parse_date("2023-05-06T00:00Z") == parse_date("2023-05-06T00:00:00")
    assert parse_date("5/6/2023") == parse_date("2023-05-06")


def test_february_has_31_days() -> None:
    assert parse_date("2023-02-30") == parse_date("2023-03-02") == 1677715200000
    assert parse_date("2023-02-30T01:00:00.000Z") == 1677715200000 + 3_600_000
    assert parse_date("2/31/2023") == parse_date("2023-03-03")


def test_midnight_may_be_24_oclock_but_nothing_after_it() -> None:
    assert parse_date("2023-05-06T24:00:00.000Z") == parse_date("2023-05-07")
    assert math.isnan(parse_date("2023-05-06T24:00:00.001Z"))


def test_fraction_is_cut_after_three_digits() -> None:
    assert parse_date("1970-01-01T00:00:00.1Z") == 100
    assert parse_date("1970-01-01T00:00:00.12Z") == 120
    assert parse_date("1970-01-01T00:00:00.1239Z") == 123
    assert parse_date("1970-01-01T00:00:00.123999+00:00") == 123


def test_digits_after_the_ninth_are_ignored() -> None:
    # Leading zeros are dropped before nine digits are taken, yet they count for the length.
    assert parse_date("1970-01-01T00:00:00.1234567891234Z") == 123
    assert parse_date("1970-01-01T00:00:00.000000000123456789Z") == 123
    assert parse_date("1/1/00000000002023") == parse_date("1/1/2023")


def test_offset_is_taken_away() -> None:
    assert parse_date("1970-01-01T00:00:00+05:30") == -(5 * 60 + 30) * 60_000
    assert parse_date("1970-01-01T00:00:00.5-0800") == 8 * 3_600_000 + 500


def test_huge_offset_wraps() -> None:
    assert parse_date("1/2/2023 GMT+1193047:00") == 1672615696000
    assert math.isnan(parse_date("1/2/2023 GMT+596524:00"))


def test_unknown_words_count_only_before_the_first_number() -> None:
    assert parse_date("foo 12") == 1007164800000
    assert math.isnan(parse_date("12 foo"))
    assert math.isnan(parse_date("foo12"))


def test_two_digit_years_turn_at_fifty() -> None:
    assert parse_date("1/1/49") == parse_date("2049-01-01")
    assert parse_date("1/1/50") == parse_date("1950-01-01")


def test_lone_number_is_a_month() -> None:
    assert parse_date("5") == parse_date("2001-05-01")
    assert math.isnan(parse_date("13"))


def test_month_names_are_known_by_three_letters() -> None:
    assert parse_date("Janx 5 2023") == parse_date("2023-01-05")
    assert math.isnan(parse_date("5 Ja 2023"))


def test_only_ascii_letters_make_a_month() -> None:
    assert parse_date("sep 5 2023") == parse_date("9/5/2023")
    assert math.isnan(parse_date("5 \u017fep 2023"))
    assert math.isnan(parse_date("2023 5 6 \u212aan"))


def test_comments_nest_and_need_no_end() -> None:
    assert parse_date("5/6/2023 (a (b) c) 3:04") == parse_date("2023-05-06T03:04")
    assert parse_date("5/6/2023 (a") == parse_date("2023-05-06")
    assert math.isnan(parse_date("5/6/2023 a)"))


def test_nul_ends_the_text() -> None:
    assert parse_date("5/6/2023\0 garbage") == parse_date("2023-05-06")
    assert math.isnan(parse_date("\x005/6/2023"))


def test_line_separators_are_no_space() -> None:
    assert parse_date("1\u00a02") == parse_date("1 2")
    assert math.isnan(parse_date("1\u20282"))


def test_the_range_ends_where_javascripts_does() -> None:
    assert parse_date("+275760-09-13T00:00:00.000Z") == 8_640_000_000_000_000
    assert parse_date("-271821-04-20T00:00:00.000Z") == -8_640_000_000_000_000
    assert math.isnan(parse_date("+275760-09-13T00:00:00.001Z"))
    assert math.isnan(parse_date("-271821-04-19T23:59:59.999Z"))


def test_very_long_text_is_no_trouble() -> None:
    assert math.isnan(parse_date("1" * 100_000))
    assert math.isnan(parse_date("(" * 100_000))
    assert math.isnan(parse_date("1/" * 100_000))
    assert parse_date("1970-01-01T00:00:00." + "1" * 100_000) == 111


def test_remembered_days_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates._Midnights, "_LIMIT", 3)
    days = dates._Midnights()
    for day in range(1, 10):
        assert days[f"1970-01-0{day}"] == (day - 1) * _DAY_MS
        assert len(days) <= 3


@given(st.datetimes())
def test_the_common_form_is_read_like_every_other(moment: object) -> None:
    text = f"{moment:%Y-%m-%dT%H:%M:%S}" if moment else ""
    text = text.rjust(19, "0")  # strftime does not pad years everywhere
    for rest in ("", "Z", ".123Z", ".5Z", "+02:00", "-0330", ".123456+00:00", "z", ".Z", "+24:00", " Z"):
        found, slowly = parse_date(text + rest), dates._Reader(text + rest).read()
        assert found == slowly or (math.isnan(found) and math.isnan(slowly)), text + rest


@given(st.text())
def test_any_text_gives_whole_milliseconds_or_nan(text: str) -> None:
    found = parse_date(text)
    assert type(found) is int or math.isnan(found)


def test_dates_are_written_as_to_iso_string_does() -> None:
    written = {
        0: "1970-01-01T00:00:00.000Z",
        -1: "1969-12-31T23:59:59.999Z",
        951_782_400_000: "2000-02-29T00:00:00.000Z",
        253_402_300_799_999: "9999-12-31T23:59:59.999Z",
        253_402_300_800_000: "+010000-01-01T00:00:00.000Z",
        -62_167_219_200_000: "0000-01-01T00:00:00.000Z",
        -62_167_219_200_001: "-000001-12-31T23:59:59.999Z",
        8_640_000_000_000_000: "+275760-09-13T00:00:00.000Z",
        -8_640_000_000_000_000: "-271821-04-20T00:00:00.000Z",
    }
    assert {ms: date_to_string(ms) for ms in written} == written
    assert {ms: parse_date(text) for ms, text in written.items()} == {ms: ms for ms in written}


@pytest.mark.parametrize("ms", [8_640_000_000_000_001, -8_640_000_000_000_001])
def test_a_date_that_javascript_does_not_have_is_not_written(ms: int) -> None:
    with pytest.raises(ValueError, match="Invalid time value"):
        date_to_string(ms)
