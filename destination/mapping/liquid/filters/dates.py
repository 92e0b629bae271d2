"""Date filters. Without a zone the time is shown in UTC, where the runtime runs."""

import re
from typing import Any, Final

from destination.mapping.liquid.coerce import Filter, numeric, text_of
from destination.mapping.liquid.context import Context
from destination.mapping.liquid.drops import is_nil, plain
from destination.mapping.liquid.filters.strftime import Moment, strftime
from destination.mapping.liquid.filters.zones import offset_minutes
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
        return None  # liquidjs asks for the zone only of dates that are some (test_unknown_zone_of_no_date)
    if is_nil(zone):
        return Moment(time_ms, 0, "UTC")
    name, west = (zone, offset_minutes(zone, time_ms)) if isinstance(zone, str) else ("", numeric(zone))
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
    """The time as a date holds it, None beyond what dates reach."""
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


FILTERS: Final[dict[str, Filter]] = {
    "date": _date,
    "date_to_long_string": _date_to_long_string,
    "date_to_rfc822": _date_to_rfc822,
    "date_to_string": _date_to_string,
    "date_to_xmlschema": _date_to_xmlschema,
}
