"""Dates as JavaScript's `toISOString` writes them."""

import datetime as dt

_MS_PER_DAY = 86_400_000
_MAX_TIME_MS = 8_640_000_000_000_000


class _DayTexts(dict[int, str]):
    """Returns `YYYY-MM-DDT` of a day, counted from 1970-01-01; caches its results."""

    def __missing__(self, day: int) -> str:
        if len(self) >= _LIMIT:
            self.clear()
        cycles, within = divmod(day + _DAYS_BEFORE_1970, _DAYS_OF_400_YEARS)
        date = dt.date.fromordinal(within + 1 + _DAYS_OF_400_YEARS)  # in the years 401 to 800
        year = date.year - 400 + 400 * cycles
        # A year of more or fewer than four digits has a sign and six.
        year_text = f"{year:04}" if 0 <= year <= 9999 else f"{year:+07}"
        found = self[day] = f"{year_text}-{date.month:02}-{date.day:02}T"
        return found


_LIMIT = 4096
_DAYS_BEFORE_1970 = 719_162
_DAYS_OF_400_YEARS = 146_097
_DAY_TEXTS = _DayTexts()
_MINUTE_TEXTS = [f"{minute // 60:02}:{minute % 60:02}:" for minute in range(24 * 60)]
_SECOND_TEXTS = [f"{second:02}." for second in range(60)]
_MILLISECOND_TEXTS = [f"{millisecond:03}Z" for millisecond in range(1000)]


def date_to_string(ms: int) -> str:
    """Returns `new Date(ms).toISOString()`.

    Args:
        ms: Whole milliseconds since 1970-01-01T00:00:00Z, at most 8.64e15 from it.

    Raises:
        ValueError: JavaScript has no such date.

    Example:
        >>> date_to_string(1672531200500), date_to_string(-62198755200000)
        ('2023-01-01T00:00:00.500Z', '-000001-01-01T00:00:00.000Z')
    """
    if not -_MAX_TIME_MS <= ms <= _MAX_TIME_MS:
        raise ValueError("Invalid time value")
    day, within = divmod(ms, _MS_PER_DAY)
    minute, rest = divmod(within, 60_000)
    second, millisecond = divmod(rest, 1000)
    return _DAY_TEXTS[day] + _MINUTE_TEXTS[minute] + _SECOND_TEXTS[second] + _MILLISECOND_TEXTS[millisecond]
