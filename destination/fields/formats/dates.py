"""The formats of dates and times, and Segment's `date-like`."""

import math
import re

from destination.values import WHITESPACE, number_to_string, parse_date, string_to_number

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]++)?(?:z|[+-][0-9]{2}(?::?[0-9]{2})?)?", re.ASCII | re.IGNORECASE
)
_T_OR_SPACE = re.compile(f"[tT{WHITESPACE}]")
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FEBRUARY = 2


def is_date(text: str) -> bool:
    """Tests for `YYYY-MM-DD`, a day that exists.

    Example:
        >>> is_date("2024-02-29"), is_date("2023-02-29"), is_date("2023-2-1")
        (True, False, False)
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = map(int, match.groups())
    if not 1 <= month <= len(_DAYS):
        return False
    leap = month == _FEBRUARY and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= day <= _DAYS[month - 1] + leap


def is_time(text: str) -> bool:
    """Tests for `HH:MM:SS` with an optional fraction and offset; 23:59:60 is a leap second.

    Example:
        >>> is_time("23:59:60Z"), is_time("12:00:00.5+01"), is_time("24:00:00")
        (True, True, False)
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    clock = tuple(map(int, match.groups()))
    return (clock[0] < 24 and clock[1] < 60 and clock[2] < 60) or clock == (23, 59, 60)


def is_date_time(text: str) -> bool:
    """Tests for a date and a time with a `T` or one white-space character between them.

    ajv-formats intends to require an offset, but does not (test_a_date_time_needs_no_offset).

    Example:
        >>> is_date_time("2023-01-01T12:00:00Z"), is_date_time("2023-01-01 12:00:00"), is_date_time("2023-01-01")
        (True, True, False)
    """
    parts = _T_OR_SPACE.split(text)
    return len(parts) == 2 and is_date(parts[0]) and is_time(parts[1])


_DURATION = re.compile(
    r"P(?=.)(?:(?:[0-9]++Y)?+(?:[0-9]++M)?+(?:[0-9]++D)?+"
    r"(?:T(?=[0-9])(?:[0-9]++H)?+(?:[0-9]++M)?+(?:[0-9]++S)?+)?|[0-9]++W)"
)


def is_duration(text: str) -> bool:
    """Tests for an ISO 8601 duration.

    Example:
        >>> [is_duration(text) for text in ("P1DT2H", "P3W", "P", "PT")]
        [True, True, False, False]
    """
    return _DURATION.fullmatch(text) is not None


# dayjs 1.10.7 parses this form itself and accepts any number in it: `2023-13-45` is a date. Its optional separators
# make most parts ambiguous, so this expression may backtrack, but by a few characters only.
_DAYJS = re.compile(
    r"[0-9]{4}[-/]?(?:[0-9]{1,2})?[-/]?[0-9]{0,2}[Tt"
    + WHITESPACE
    + r"]*(?:[0-9]{1,2})?:?(?:[0-9]{1,2})?:?(?:[0-9]{1,2})?[.:]?(?:[0-9]++)?"
)
_MAX_SECONDS = 8_640_000_000_000


def is_date_like(text: str) -> bool:
    """Tests for a date as Segment defines it: a text that dayjs or V8's `Date.parse` accepts, or Unix time in seconds.

    Digits that JavaScript would write in the same way are always seconds. So `99999999999999` is out of range,
    although `9999999999999999` (which JavaScript rounds) is a date.

    Example:
        >>> [is_date_like(text) for text in ("2023-13-45", "foo 12", "1672531200", "foo", "12:00", "99999999999999")]
        [True, True, True, False, False, False]
    """
    if text[-1:] in ("Z", "z"):  # no number ends so, and dayjs passes these to the engine
        return not math.isnan(parse_date(text))
    number = string_to_number(text)
    if not math.isnan(number) and number_to_string(number) == text:
        return abs(number) <= _MAX_SECONDS
    return _DAYJS.fullmatch(text) is not None or not math.isnan(parse_date(text))
