"""Dates as V8's `Date.parse` reads them: strict ISO first, then a lenient reader of English dates.

The rules were taken from what Node 20 does with TZ=UTC. The strict reader decides most text. Where it
stops before a time of day, the lenient reader goes on from there with what was read so far.
"""

import math
import re
import string
from collections.abc import Iterator
from typing import NamedTuple

from destination.values.text import WHITESPACE

_MS_PER_DAY = 86_400_000
_MAX_TIME_MS = 8_640_000_000_000_000
_SIGNIFICANT_DIGITS = 9
_COMPONENTS = 3
_CLOCK_PARTS = 4


def parse_date(text: str) -> float:
    """Returns `Date.parse(text)` where local time is UTC.

    Returns:
        Whole milliseconds since 1970-01-01T00:00:00Z as an `int`, or NaN for what is not a date.

    Example:
        >>> parse_date("2023-01-01T00:00:00.500Z"), parse_date("1 Jan 2023 EST"), parse_date("soon")
        (1672531200500, 1672549200000, nan)
    """
    try:
        return _MIDNIGHTS[text[:10]] + _MINUTES[text[10:17]] + _SECONDS[text[17:19]] + _REST[text[19:]]
    except KeyError:
        return _Reader(text).read()


# --- the common form: a look-up for each part ------------------------------------------------------------


class _Midnights(dict[str, int]):
    """Returns the milliseconds at the start of a day written `YYYY-MM-DD`; caches its results."""

    _DATE = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
    _LIMIT = 4096

    def __missing__(self, text: str) -> int:
        match = self._DATE.fullmatch(text)
        if match is None:
            raise KeyError(text)
        if len(self) >= self._LIMIT:
            self.clear()
        found = self[text] = _days(int(match[1]), int(match[2]), int(match[3])) * _MS_PER_DAY
        return found


class _Rest(dict[str, int]):
    """Returns the milliseconds of the text after the seconds: a fraction, and `Z` or an offset."""

    _FORM = re.compile(r"(?:\.([0-9]+))?(?:[Zz]|([+-])([01][0-9]|2[0-3]):?([0-5][0-9]))?")

    def __missing__(self, text: str) -> int:
        if text[7:] == "+00:00" and text[4:7].isdigit() and text.isascii():  # as Python writes UTC
            milliseconds = self.get(text[:4] + "Z")
            if milliseconds is not None:
                return milliseconds
        match = self._FORM.fullmatch(text)
        if match is None:
            raise KeyError(text)
        fraction, sign, hour, minute = match.groups()
        offset_ms = (int(hour) * 60 + int(minute)) * 60_000 if sign else 0
        return (_fraction_ms(fraction) if fraction else 0) + (offset_ms if sign == "-" else -offset_ms)


_MIDNIGHTS = _Midnights()
_MINUTES = {f"T{hour:02}:{minute:02}:": (hour * 60 + minute) * 60_000 for hour in range(24) for minute in range(60)}
_SECONDS = {f"{second:02}": second * 1000 for second in range(60)}
_REST = _Rest({"": 0, "Z": 0} | {f".{ms:03}Z": ms for ms in range(1000)})


def _number(digits: str) -> int:
    return int(digits.lstrip("0")[:_SIGNIFICANT_DIGITS] or "0")  # V8: (test_digits_after_the_ninth_are_ignored)


def _fraction_ms(digits: str) -> int:
    """Returns the milliseconds of a fraction of a second: what comes after three digits is cut off."""
    length = min(len(digits), _SIGNIFICANT_DIGITS)
    return _number(digits) * 1000 // int(10**length)


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar of any year; `day` may run over the month's end."""
    year -= month <= 2  # years that begin in March end with the leap day
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * ((month + 9) % 12) + 2) // 5 + day - 719_469


# --- tokens ----------------------------------------------------------------------------------------------

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)}
_HALF_DAYS = {"am": 0, "pm": 12}
_ZONES = {"z": 0, "ut": 0, "utc": 0, "gmt": 0}
_ZONES |= {"edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8}

# V8: U+2028 and U+2029 are letters here (test_line_separators_are_no_space)
_SPACE = WHITESPACE.replace("\u2028", "").replace("\u2029", "")
_TOKEN = re.compile(rf"(?P<number>[0-9]+)|(?P<word>[^\x00-@{_SPACE}]+)|(?P<space>[{_SPACE}])|(?P<symbol>.)", re.DOTALL)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_PARENTHESIS = re.compile(r"[()]")


class _Token(NamedTuple):
    kind: str
    """`number`, `word` (in lower case), `symbol` (any other character), `space` or `end`."""
    text: str
    number: int = 0

    def is_digits(self, count: int) -> bool:
        return self.kind == "number" and len(self.text) == count

    def is_sign(self) -> bool:
        return self.text in ("+", "-")


_END = _Token("end", "")


def _tokens(text: str) -> Iterator[_Token]:
    text = text.partition("\0")[0]  # V8: a NUL ends the input (test_nul_ends_the_text)
    position = 0
    while match := _TOKEN.match(text, position):
        position = match.end()
        kind, part = match.lastgroup or "", match.group()
        if kind == "number":
            yield _Token(kind, part, _number(part))
        elif part == "(":
            position = _end_of_comment(text, position)
            yield _Token("symbol", "()")
        else:
            yield _Token(kind, part.translate(_LOWER))


def _end_of_comment(text: str, position: int) -> int:
    """Returns the end of the comment that opened before `position`; comments nest, and the last need not close."""
    depth = 1
    for parenthesis in _PARENTHESIS.finditer(text, position):
        depth += 1 if parenthesis.group() == "(" else -1
        if not depth:
            return parenthesis.end()
    return len(text)


# --- the readers -----------------------------------------------------------------------------------------


class _NoDateError(Exception):
    """The text is not a date."""


class _Reader:
    """Reads one text.

    The parts are collected as they come and put in order at the end.
    """

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._peek = next(self._tokens, _END)
        self._days: list[int] = []
        self._month: int | None = None
        self._clock: list[int] = []
        self._half_day: int | None = None
        self._zone_sign = 0
        self._zone_hour: int | None = None
        self._zone_minute: int | None = None
        self._is_iso = False
        self._saw_number = False

    def read(self) -> float:
        try:
            token = self._read_iso()
            self._saw_number = bool(self._days)
            while token is not _END:
                self._read_token(token)
                token = self._next()
            time = self._date_ms() + self._clock_ms() - self._zone_ms()
        except _NoDateError:
            return math.nan
        return time if -_MAX_TIME_MS <= time <= _MAX_TIME_MS else math.nan

    def _next(self) -> _Token:
        token = self._peek
        self._peek = next(self._tokens, _END)
        return token

    def _skip(self, symbol: str) -> bool:
        if self._peek.text == symbol:
            self._next()
            return True
        return False

    # strict: [±YY]YYYY[-MM[-DD]][THH:mm[:ss[.s…]][Z|±hh[:]mm]]

    def _read_iso(self) -> _Token:
        """Reads as much ISO as there is; returns the first token for the lenient reader."""
        if self._peek.is_sign():
            sign = self._next()
            if not self._peek.is_digits(6):
                return sign
            year = self._next().number
            if sign.text == "-" and year == 0:
                return sign
            self._days.append(-year if sign.text == "-" else year)
        elif self._peek.is_digits(4):
            self._days.append(self._next().number)
        else:
            return self._next()
        for limit in (12, 31):
            if not self._skip("-"):
                break
            if not (self._peek.is_digits(2) and 1 <= self._peek.number <= limit):
                return self._next()
            self._days.append(self._next().number)
        if self._skip("t"):
            self._read_iso_time()
        elif self._peek is not _END:
            return self._next()
        self._is_iso = True
        return _END

    def _read_iso_time(self) -> None:
        """Reads the rest after a `T`: it is ISO, or the text is not a date."""
        hour = self._two_digits(24)
        limit = 0 if hour == 24 else 59
        self._expect(self._skip(":"))
        self._clock += [hour, self._two_digits(limit)]
        if self._skip(":"):
            self._clock.append(self._two_digits(limit))
            if self._skip("."):
                self._expect(self._peek.kind == "number" and not (hour == 24 and self._peek.number))
                self._clock.append(_fraction_ms(self._next().text))
        if self._skip("z"):
            self._set_zone(1, 0, 0)
        elif self._peek.is_sign():
            sign = -1 if self._next().text == "-" else 1
            if self._peek.is_digits(4):
                hour, minute = divmod(self._next().number, 100)
                self._expect(hour <= 23 and minute <= 59)
            else:
                hour = self._two_digits(23)
                self._expect(self._skip(":"))
                minute = self._two_digits(59)
            self._set_zone(sign, hour, minute)
        self._expect(self._peek is _END)

    def _two_digits(self, limit: int) -> int:
        self._expect(self._peek.is_digits(2) and self._peek.number <= limit)
        return self._next().number

    def _expect(self, condition: bool) -> None:
        if not condition:
            raise _NoDateError

    def _set_zone(self, sign: int, hour: int, minute: int | None) -> None:
        self._zone_sign, self._zone_hour, self._zone_minute = sign, hour, minute

    # lenient: numbers, month names, times, half days, zones and comments in almost any order

    def _read_token(self, token: _Token) -> None:
        if token.kind == "number":
            self._saw_number = True
            self._read_number(token.number)
        elif token.kind == "word":
            self._read_word(token.text)
        elif token.is_sign() and (self._clock or (self._zone_hour == 0 and self._zone_minute == 0)):
            self._read_offset(-1 if token.text == "-" else 1)
        else:
            self._expect(not (self._saw_number and (token.is_sign() or token.text == ")")))

    def _read_number(self, number: int) -> None:
        if self._skip(":"):
            if self._skip(":"):
                self._expect(not self._clock)
                self._clock += [number, 0]
            else:
                self._expect(len(self._clock) < _CLOCK_PARTS)
                self._clock.append(number)
                self._skip(".")
        elif self._skip(".") and self._is_next_clock_part(number):
            self._clock.append(number)
            self._expect(self._peek.kind == "number")
            self._finish_clock(_fraction_ms(self._next().text))
        elif self._zone_hour is not None and self._zone_minute is None and number <= 59:
            self._zone_minute = number
        elif self._is_next_clock_part(number):
            self._finish_clock(number)
            peek = self._peek
            self._expect(peek is _END or peek.kind == "space" or peek.text == "z" or peek.is_sign())
        else:
            self._expect(len(self._days) < _COMPONENTS)
            self._days.append(number)
            self._skip("-")

    def _is_next_clock_part(self, number: int) -> bool:
        parts = len(self._clock)
        return number <= 59 if parts in (1, 2) else parts == 3 and number <= 999

    def _finish_clock(self, number: int) -> None:
        if len(self._clock) < _CLOCK_PARTS:
            self._clock.append(number)
        self._clock += [0] * (_CLOCK_PARTS - len(self._clock))

    def _read_word(self, word: str) -> None:
        if word in _HALF_DAYS and self._clock:
            self._half_day = _HALF_DAYS[word]
        elif word[:3] in _MONTH_NUMBERS:
            self._month = _MONTH_NUMBERS[word[:3]]
            self._skip("-")
        elif word in _ZONES and self._saw_number:
            hours = _ZONES[word]
            self._set_zone(-1 if hours < 0 else 1, abs(hours), 0)
        else:
            self._expect(not self._saw_number and self._peek.kind != "number")

    def _read_offset(self, sign: int) -> None:
        self._saw_number = True
        digits = self._next() if self._peek.kind == "number" else _END
        if self._peek.text == ":":
            self._set_zone(sign, digits.number, None)
            return
        self._expect(1 <= len(digits.text) <= 4)
        hour, minute = (digits.number, 0) if len(digits.text) <= 2 else divmod(digits.number, 100)
        self._set_zone(sign, hour, minute)

    # the parts put in order

    def _date_ms(self) -> int:
        self._expect(bool(self._days))
        first, second, third = self._days + [1] * (_COMPONENTS - len(self._days))
        if self._month is not None:
            month = self._month
            day, year = (first, second) if 1 <= first <= 31 else (second, first)
        elif self._is_iso or not 1 <= first <= 31:
            year, month, day = first, second, third
        else:
            month, day, year = first, second, third
        if not self._is_iso and 0 <= year <= 99:
            year += 2000 if year <= 49 else 1900
        self._expect(1 <= month <= 12 and 1 <= day <= 31)
        return _days(year, month, day) * _MS_PER_DAY

    def _clock_ms(self) -> int:
        hour, minute, second, millisecond = self._clock + [0] * (_CLOCK_PARTS - len(self._clock))
        if self._half_day is not None:
            self._expect(hour <= 12)
            hour = hour % 12 + self._half_day
        in_range = hour <= 23 and minute <= 59 and second <= 59 and millisecond <= 999
        self._expect(in_range or (hour == 24 and not (minute or second or millisecond)))
        return ((hour * 60 + minute) * 60 + second) * 1000 + millisecond

    def _zone_ms(self) -> int:
        seconds = (self._zone_hour or 0) * 3600 + (self._zone_minute or 0) * 60
        seconds &= 0xFFFFFFFF  # V8: offsets wrap at 32 bits (test_huge_offset_wraps)
        self._expect(seconds < 2**31)
        return self._zone_sign * seconds * 1000
