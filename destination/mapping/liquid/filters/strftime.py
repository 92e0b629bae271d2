"""`%`-formats for dates."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from destination.mapping.bounds import FREE, spend
from destination.mapping.liquid.context import Context
from destination.mapping.liquid.filters.arithmetic import round_half_up
from destination.mapping.liquid.filters.calendar_time import CalendarTime, days_before_year
from destination.values import number_to_string, string_to_number

_PER_DIRECTIVE: Final = 200
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


class Moment(CalendarTime):
    """A time shown in a zone.

    Attributes:
        west_minutes: How far the zone lies west of UTC.
        zone: The name that `%Z` writes, or `''` for the offset.
    """

    __slots__ = ("west_minutes", "zone")

    def __init__(self, time_ms: int, west_minutes: float, zone: str) -> None:
        super().__init__(time_ms)
        self.west_minutes = west_minutes
        self.zone = zone

    def offset(self, colon: str) -> str:
        """`+hhmm`, with the colon between if there is one."""
        hours, minutes = divmod(abs(self.west_minutes), 60)
        sign = "-" if self.west_minutes > 0 else "+"
        return f"{sign}{number_to_string(hours):0>2}{colon}{number_to_string(minutes):0>2}"

    def week(self, first_weekday: int) -> str:
        """The week of the year, where weeks start on a weekday."""
        if self.year == _FIRST_YEAR:
            return "NaN"  # JavaScript's dates begin in its April
        start = self.day_of_year + first_weekday - self.weekday
        # JavaScript: the years 0 to 99 mean 1900 to 1999 here (test_weeks_of_the_first_century)
        year = self.year + 1900 if 0 <= self.year <= 99 else self.year
        january_first = (days_before_year(year) + 4) % 7
        return str((start - (7 - january_first + first_weekday)) // 7 + 1)


@dataclass(frozen=True, slots=True)
class _Directive:
    """One `%` with what belongs to it."""

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
    """The moment in a format.

    Raises:
        Unplaced: A width exceeds the memory limit.
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
