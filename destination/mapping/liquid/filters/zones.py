"""Time zones by name, as Node's tables have them."""

import datetime as dt
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from destination.mapping.liquid.filters.calendar_time import CalendarTime
from destination.mapping.liquid.problems import Unplaced
from destination.values import parse_date

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CYCLE_MS: Final = 146_097 * 86_400_000
"""The length of 400 years, after which the calendar repeats."""
_SAFE_MS: Final = range(-59_000_000_000_000, 253_000_000_000_000)
"""The years 101 to 9987: what the reference reads back of a printed date is what it printed."""

# Short names that Node's tables have beside those of the tz database, and such as older databases
# give rules of their own.
_SHORT_NAMES: Final = {
    "ACT": "Australia/Darwin",
    "AET": "Australia/Sydney",
    "AGT": "America/Argentina/Buenos_Aires",
    "ART": "Africa/Cairo",
    "AST": "America/Anchorage",
    "BET": "America/Sao_Paulo",
    "BST": "Asia/Dhaka",
    "CAT": "Africa/Maputo",
    "CET": "Europe/Brussels",
    "CNT": "America/St_Johns",
    "CST": "America/Chicago",
    "CST6CDT": "America/Chicago",
    "CTT": "Asia/Shanghai",
    "EAT": "Africa/Nairobi",
    "ECT": "Europe/Paris",
    "EET": "Europe/Athens",
    "EST": "America/Panama",
    "EST5EDT": "America/New_York",
    "HST": "Pacific/Honolulu",
    "IET": "America/Indiana/Indianapolis",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "MET": "Europe/Brussels",
    "MIT": "Pacific/Apia",
    "MST": "America/Phoenix",
    "MST7MDT": "America/Denver",
    "NET": "Asia/Yerevan",
    "NST": "Pacific/Auckland",
    "PLT": "Asia/Karachi",
    "PNT": "America/Phoenix",
    "PRT": "America/Puerto_Rico",
    "PST": "America/Los_Angeles",
    "PST8PDT": "America/Los_Angeles",
    "SST": "Pacific/Guadalcanal",
    "VST": "Asia/Ho_Chi_Minh",
    "WET": "Europe/Lisbon",
    "Canada/East-Saskatchewan": "America/Regina",
    "US/Pacific-New": "America/Los_Angeles",
}
_REFUSED: Final = ("Factory", "localtime")


def offset_minutes(name: str, time_ms: int) -> float:
    """Minutes that the zone lies west of UTC at a time, as liquidjs finds them out.

    Raises:
        Unplaced: There is no such zone; case does not count.

    Example:
        >>> offset_minutes("Asia/Tokyo", 0), offset_minutes("america/new_york", 0)
        (-540.0, 300.0)
    """
    zone = _zones().get(name.lower())
    if zone is None:
        raise Unplaced(f"Invalid time zone specified: {_garbled(name)}")
    east_s = _east_s(zone, time_ms)
    if time_ms in _SAFE_MS:
        return -east_s / 60
    # liquidjs reads both printed times back: short years and years before Christ turn into others
    utc, local = (parse_date(CalendarTime(shown).date_and_time()) for shown in (time_ms, time_ms + east_s * 1000))
    return (utc - local) / 60_000


def _garbled(name: str) -> str:
    """V8 takes the bytes of a wrong name for characters (test_unknown_zone_beyond_ascii)."""
    return name.replace("\0", " ").encode("utf-8", "surrogatepass").decode("latin-1")


def _east_s(zone: str, time_ms: int) -> int:
    while time_ms not in _SAFE_MS:
        time_ms += _CYCLE_MS if time_ms < 0 else -_CYCLE_MS
    moment = _EPOCH + dt.timedelta(milliseconds=time_ms)
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


@cache
def _zones() -> dict[str, str]:
    names = {name: name for name in available_timezones() if name not in _REFUSED}
    return {name.lower(): zone for name, zone in (names | _SHORT_NAMES).items()}
