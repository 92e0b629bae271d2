"""Dates in `%`-formats, for any year that JavaScript's dates reach."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from destination.mapping.bounds import FREE, spend
from destination.mapping.liquid.context import Context
from destination.mapping.liquid.filters.arithmetic import round_half_up
from destination.records import dataclass
from destination.values import number_to_string, string_to_number

_PER_DIRECTIVE: Final = 200
_DAY_MS: Final = 86_400_000
_FIRST_YEAR: Final = -271_821
_DIRECTIVE: Final = re.compile(r"%([-_0^#:]+)?([0-9]+)?([EO])?([^\n\r\u2028\u2029])")
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def _days_before_year(year: int) -> int:
    """Days from 1970-01-01 to the first day of a year.

    Example:
        >>> _days_before_year(1971), _days_before_year(1970), _days_before_year(0)
        (365, 0, -719528)
    """
    last = year - 1
    return 365 * (year - 1970) + last // 4 - last // 100 + last // 400 - 477


class CalendarTime:
    """A time as a calendar and a clock show it.

    Attributes:
        time_ms: Milliseconds since 1970, moved by the offset of the zone.
        year: Can be 0 or negative.
        month: 1 to 12.
        day: Of the month, from 1.
        day_of_year: From 1, with liquidjs's leap years.
        weekday: 0 is Sunday.
        hour: 0 to 23.
        minute: 0 to 59.
        second: 0 to 59.
        millisecond: 0 to 999.

    Example:
        >>> time = CalendarTime(951_782_400_000)
        >>> time.year, time.month, time.day, time.weekday, time.date_and_time()
        (2000, 2, 29, 2, '2/29/2000, 12:00:00 AM')
    """

    __slots__ = ("day", "hour", "millisecond", "minute", "month", "second", "time_ms", "weekday", "year")

    def __init__(self, time_ms: int) -> None:
        self.time_ms = time_ms
        days, rest = divmod(time_ms, _DAY_MS)
        seconds, self.millisecond = divmod(rest, 1000)
        minutes, self.second = divmod(seconds, 60)
        self.hour, self.minute = divmod(minutes, 60)
        self.weekday = (days + 4) % 7
        # Years that begin in March end with the leap day.
        era, day_of_era = divmod(days + 719_468, 146_097)
        year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        month = (5 * day_of_year + 2) // 153
        self.day = day_of_year - (153 * month + 2) // 5 + 1
        self.month = month + 3 if month < 10 else month - 9
        self.year = year_of_era + era * 400 + (self.month <= 2)

    @property
    def day_of_year(self) -> int:
        """Days since the year began, from 1."""
        day = self.time_ms // _DAY_MS - _days_before_year(self.year) + 1
        # liquidjs: the year 0 is not a leap year (test_year_zero_has_no_leap_day)
        return day - 1 if self.year == 0 and self.month > 2 else day

    def date(self) -> str:
        """Returns the date as American English writes it. Years before Christ are not marked."""
        return f"{self.month}/{self.day}/{self.year if self.year > 0 else 1 - self.year}"

    def clock(self) -> str:
        """Returns the time of day as American English writes it."""
        half = "AM" if self.hour < 12 else "PM"
        return f"{self.hour % 12 or 12}:{self.minute:02}:{self.second:02} {half}"

    def date_and_time(self) -> str:
        """Returns date and time as American English writes them."""
        return f"{self.date()}, {self.clock()}"


class Moment(CalendarTime):
    """A time shown in a zone.

    Attributes:
        west_minutes: The offset of the zone in minutes, positive west of UTC.
        zone: The name that `%Z` writes, or `''` if it writes the offset.
    """

    __slots__ = ("west_minutes", "zone")

    def __init__(self, time_ms: int, west_minutes: float, zone: str) -> None:
        super().__init__(time_ms)
        self.west_minutes = west_minutes
        self.zone = zone

    def offset(self, colon: str) -> str:
        """Returns the offset from UTC as `+hhmm`, with `colon` between hours and minutes."""
        hours, minutes = divmod(abs(self.west_minutes), 60)
        sign = "-" if self.west_minutes > 0 else "+"
        return f"{sign}{number_to_string(hours):0>2}{colon}{number_to_string(minutes):0>2}"

    def week(self, first_weekday: int) -> str:
        """Returns the number of the week in the year, for weeks that start on `first_weekday`."""
        if self.year == _FIRST_YEAR:
            return "NaN"  # JavaScript's dates begin in its April
        start = self.day_of_year + first_weekday - self.weekday
        # JavaScript: the years 0 to 99 mean 1900 to 1999 here (test_weeks_of_the_first_century)
        year = self.year + 1900 if 0 <= self.year <= 99 else self.year
        january_first = (_days_before_year(year) + 4) % 7
        return str((start - (7 - january_first + first_weekday)) // 7 + 1)


@dataclass(frozen=True, slots=True)
class _Directive:
    """One directive: `%`, flags, width and conversion."""

    convert: Callable[[Moment], str]
    flags: frozenset[str]
    width: float
    pad: str
    fraction_width: float

    def format(self, moment: Moment, context: Context) -> str:
        text = self.convert(moment)
        if self.fraction_width:
            text = text[: int(min(self.fraction_width, 3))]
            context.use(self.fraction_width - len(text))
            text = text.ljust(int(self.fraction_width), "0")
        if self.flags:
            text = self._in_case(text)
        missing = self.width - len(text)
        if missing <= 0:
            return text
        context.use(missing)
        return self.pad * int(missing) + text

    def _in_case(self, text: str) -> str:
        if "^" in self.flags:
            return text.upper()
        if "#" in self.flags:
            return text.upper() if any("a" <= character <= "z" for character in text) else text.lower()
        return text


def strftime(moment: Moment, template: str, context: Context) -> str:
    """Writes the moment in a format.

    Raises:
        Unpositioned: A width exceeds the memory limit.
    """
    if len(template) > FREE:
        spend(_PER_DIRECTIVE * template.count("%"))
        found = _cut(template)
    else:
        found = _parts(template)
    parts = [part if isinstance(part, str) else part.format(moment, context) for part in found]
    return "".join(parts)


@lru_cache(maxsize=512)
def _parts(template: str) -> tuple[str | _Directive, ...]:
    return _cut(template)


def _cut(template: str) -> tuple[str | _Directive, ...]:
    parts: list[str | _Directive] = []
    position = 0
    for found in _DIRECTIVE.finditer(template):
        parts.append(template[position : found.start()])
        position = found.end()
        flags, width, _modifier, conversion = found.groups()
        parts.append(_directive(frozenset(flags or ""), width or "", conversion) or found.group())
    parts.append(template[position:])
    return tuple(part for part in parts if part)


def _directive(flags: frozenset[str], width: str, conversion: str) -> _Directive | None:
    convert = _CONVERSIONS.get(conversion)
    if conversion in "zZ":
        colon = ":" if ":" in flags else ""
        convert = _zone_name(colon) if conversion == "Z" else lambda moment: moment.offset(colon)
    if convert is None:
        return None
    wanted = string_to_number(width)
    default = 0.0 if "-" in flags else float(wanted or _WIDTHS.get(conversion, 0))
    spaces = "_" in flags or (conversion in _PADDED_WITH_SPACES and "0" not in flags)
    return _Directive(convert, flags, default, " " if spaces else "0", float(wanted or 9) if conversion == "N" else 0)


def _zone_name(colon: str) -> Callable[[Moment], str]:
    return lambda moment: moment.zone or moment.offset(colon)


def _century(moment: Moment) -> str:
    return str(int(str(moment.year)[:2]))


def _ordinal(moment: Moment) -> str:
    if moment.day in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(moment.day % 10, "th")


_WIDTHS: Final = {"L": 3, "j": 3} | dict.fromkeys("deHIklmMSUW", 2)
_PADDED_WITH_SPACES: Final = frozenset("aAbBceklpP")
_CONVERSIONS: Final[dict[str, Callable[[Moment], str]]] = {
    "a": lambda moment: _DAYS[moment.weekday][:3],
    "A": lambda moment: _DAYS[moment.weekday],
    "b": lambda moment: _MONTHS[moment.month - 1][:3],
    "B": lambda moment: _MONTHS[moment.month - 1],
    "c": lambda moment: moment.date_and_time(),
    "C": _century,
    "d": lambda moment: str(moment.day),
    "e": lambda moment: str(moment.day),
    "h": lambda moment: _MONTHS[moment.month - 1][:3],
    "H": lambda moment: str(moment.hour),
    "I": lambda moment: str(moment.hour % 12 or 12),
    "j": lambda moment: str(moment.day_of_year),
    "k": lambda moment: str(moment.hour),
    "l": lambda moment: str(moment.hour % 12 or 12),
    "L": lambda moment: str(moment.millisecond),
    "m": lambda moment: str(moment.month),
    "M": lambda moment: str(moment.minute),
    "N": lambda moment: f"{moment.millisecond:03}",
    "p": lambda moment: "AM" if moment.hour < 12 else "PM",
    "P": lambda moment: "am" if moment.hour < 12 else "pm",
    "q": _ordinal,
    "s": lambda moment: number_to_string(round_half_up(moment.time_ms / 1000)),
    "S": lambda moment: str(moment.second),
    "u": lambda moment: str(moment.weekday or 7),
    "U": lambda moment: moment.week(0),
    "w": lambda moment: str(moment.weekday),
    "W": lambda moment: moment.week(1),
    "x": lambda moment: moment.date(),
    "X": lambda moment: moment.clock(),
    "y": lambda moment: str(moment.year)[2:4],
    "Y": lambda moment: str(moment.year),
    "t": lambda _moment: "\t",
    "n": lambda _moment: "\n",
    "%": lambda _moment: "%",
}
