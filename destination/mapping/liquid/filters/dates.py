"""Date filters and time zones by name. Without a zone the time is shown in UTC, as Segment's runtime does."""

import datetime as dt
import re
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from destination.mapping.liquid.coerce import Filter, is_nil, numeric, plain, text_of
from destination.mapping.liquid.context import Context
from destination.mapping.liquid.filters.strftime import CalendarTime, Moment, strftime
from destination.mapping.liquid.problems import Unpositioned
from destination.values import (
    MISSING,
    get_property,
    is_number,
    parse_date,
    string_to_number,
    to_number,
    to_string,
    utf16_length,
)

_DEFAULT_FORMAT: Final = "%A, %B %-e, %Y at %-l:%M %P %z"
_SECONDS: Final = re.compile("[0-9]+")
_MAX_TIME_MS: Final = 8.64e15
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CYCLE_MS: Final = 146_097 * 86_400_000
"""The length of 400 years, after which the calendar repeats."""
_SAFE_MS: Final = range(-59_000_000_000_000, 253_000_000_000_000)
"""The years 101 to 9987. The reference prints such a date and parses it again without a change."""

# Names that Node's tables have and the tz database does not, and names that older databases define differently.
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


def _date(context: Context, value: Any, template: Any = MISSING, zone: Any = MISSING, *_: Any) -> Any:
    context.use(_length(value) + _length(zone))
    moment = _moment(context, value, zone)
    if moment is None:
        return value
    template = plain(template)
    form = _DEFAULT_FORMAT if is_nil(template) else text_of(template)
    context.use(utf16_length(form))
    return strftime(moment, form, context)


def _length(value: Any) -> float:
    if value is MISSING:
        return 0
    length = get_property(value, "length")
    return 0 if is_nil(length) else numeric(length)


def _moment(context: Context, value: Any, zone: Any = MISSING) -> Moment | None:
    value = plain(value)
    if is_nil(value):
        return None
    time_ms = _clipped(_time_ms(context, value))
    if time_ms is None:
        return None  # liquidjs reads the zone of valid dates only (test_unknown_zone_of_no_date)
    if is_nil(zone):
        return Moment(time_ms, 0, "UTC")
    name, west = (zone, _offset_minutes(zone, time_ms)) if isinstance(zone, str) else ("", numeric(zone))
    shown_ms = _clipped(time_ms + (0 - west) * 60_000)
    return None if shown_ms is None else Moment(shown_ms, west, name)


def _time_ms(context: Context, value: Any) -> float:
    if value in ("now", "today"):
        return context.surroundings.now_s() * 1000
    if is_number(value):
        return float(value) * 1000
    if isinstance(value, bool):
        return to_number(value)
    text = to_string(value)
    if isinstance(value, str) and _SECONDS.fullmatch(text):
        return string_to_number(text) * 1000
    return parse_date(text)


def _clipped(time_ms: float) -> int | None:
    """Returns the time in whole milliseconds, or None beyond the range of JavaScript's dates."""
    return int(time_ms) if abs(time_ms) <= _MAX_TIME_MS else None


def _date_to_xmlschema(context: Context, value: Any, *_: Any) -> Any:
    return _date(context, value, "%Y-%m-%dT%H:%M:%S%:z")


def _date_to_rfc822(context: Context, value: Any, *_: Any) -> Any:
    return _date(context, value, "%a, %d %b %Y %H:%M:%S %z")


def _date_to_string(context: Context, value: Any, kind: Any = MISSING, style: Any = MISSING, *_: Any) -> Any:
    return _in_words(context, value, "%b", (kind, style))


def _date_to_long_string(context: Context, value: Any, kind: Any = MISSING, style: Any = MISSING, *_: Any) -> Any:
    return _in_words(context, value, "%B", (kind, style))


def _in_words(context: Context, value: Any, month: str, options: tuple[Any, Any]) -> Any:
    moment = _moment(context, value)
    if moment is None:
        return value
    if options[0] != "ordinal":
        return strftime(moment, f"%d {month} %Y", context)
    if options[1] == "US":
        return strftime(moment, f"{month} {moment.day}%q, %Y", context)
    return strftime(moment, f"{moment.day}%q {month} %Y", context)


# --- zones -----------------------------------------------------------------------------------------------


def _offset_minutes(name: str, time_ms: int) -> float:
    """Returns the offset of a zone at a time, in minutes west of UTC, as liquidjs computes it.

    Raises:
        Unpositioned: There is no such zone. The case of its name does not matter.

    Example:
        >>> _offset_minutes("Asia/Tokyo", 0), _offset_minutes("america/new_york", 0)
        (-540.0, 300.0)
    """
    zone = _zones().get(name.lower())
    if zone is None:
        raise Unpositioned(f"Invalid time zone specified: {_garbled(name)}")
    east_s = _east_s(zone, time_ms)
    if time_ms in _SAFE_MS:
        return -east_s / 60
    # liquidjs parses both printed times: short years and years before Christ become other years
    utc, local = (parse_date(CalendarTime(shown).date_and_time()) for shown in (time_ms, time_ms + east_s * 1000))
    return (utc - local) / 60_000


def _garbled(name: str) -> str:
    """Returns the name as V8 shows it: one character for each byte (test_unknown_zone_beyond_ascii)."""
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


FILTERS: Final[dict[str, Filter]] = {
    "date": _date,
    "date_to_long_string": _date_to_long_string,
    "date_to_rfc822": _date_to_rfc822,
    "date_to_string": _date_to_string,
    "date_to_xmlschema": _date_to_xmlschema,
}
