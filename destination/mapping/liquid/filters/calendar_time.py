"""The parts of a time in the Gregorian calendar, for any year that JavaScript's dates reach."""

from typing import Final

_DAY_MS: Final = 86_400_000


def days_before_year(year: int) -> int:
    """Days from 1970-01-01 to the first day of a year.

    Example:
        >>> days_before_year(1971), days_before_year(1970), days_before_year(0)
        (365, 0, -719528)
    """
    last = year - 1
    return 365 * (year - 1970) + last // 4 - last // 100 + last // 400 - 477


class CalendarTime:
    """A time as the calendar and the clock show it.

    Attributes:
        time_ms: Milliseconds since 1970, moved by the zone that is shown.
        year: Also 0 and below.
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
        day = self.time_ms // _DAY_MS - days_before_year(self.year) + 1
        # liquidjs: the year 0 is no leap year (test_year_zero_has_no_leap_day)
        return day - 1 if self.year == 0 and self.month > 2 else day

    def date(self) -> str:
        """As American English writes a date; years before Christ without saying so."""
        return f"{self.month}/{self.day}/{self.year if self.year > 0 else 1 - self.year}"

    def clock(self) -> str:
        """As American English writes a time of day."""
        half = "AM" if self.hour < 12 else "PM"
        return f"{self.hour % 12 or 12}:{self.minute:02}:{self.second:02} {half}"

    def date_and_time(self) -> str:
        """As American English writes both."""
        return f"{self.date()}, {self.clock()}"
