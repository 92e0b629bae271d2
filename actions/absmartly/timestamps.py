"""Moments in Unix milliseconds."""

import math
from typing import Any

from destination import MISSING, PayloadValidationError
from destination.values import as_double, is_number, parse_date, real_type_of, to_string

_EARLIEST = 1_262_304_000_000  # 2010-01-01
_LATEST = 2_524_608_000_000  # 2050-01-01


def unix_timestamp(value: Any) -> float:
    """Converts a moment to Unix milliseconds: numbers stay, anything else is read as by JavaScript's Date.parse.

    Example:
        >>> unix_timestamp("2023-01-01T00:00:00.000Z"), unix_timestamp(5), unix_timestamp(None)
        (1672531200000, 5, nan)
    """
    if isinstance(value, str):
        return parse_date(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return as_double(value)
    return parse_date(to_string(value))


def event_time(timestamp: Any) -> float:
    """Converts the `timestamp` of an event to Unix milliseconds.

    Raises:
        PayloadValidationError: It is missing or cannot be read (divergence 1: the reference sends null).

    Example:
        >>> event_time("2023-01-01")
        1672531200000
    """
    moment = parse_date(timestamp) if timestamp.__class__ is str else unix_timestamp(timestamp)
    if moment.__class__ is int or math.isfinite(moment):
        return moment
    if timestamp is MISSING or timestamp is None:
        found = "is missing"
    else:
        # never the repr of an object, which may nest to any depth
        shown = to_string(timestamp) if is_number(timestamp) else real_type_of(timestamp)
        found = f"cannot be read as a date: {f'{timestamp!r:.60}' if isinstance(timestamp, str) else shown}"
    raise PayloadValidationError(f"Field `timestamp` of the event {found}. Give an ISO 8601 date and time.")


def is_valid_timestamp(value: Any) -> bool:
    """Whether a moment in an exposure is a number between 2010 and 2050, or text that reads as a date.

    Example:
        >>> is_valid_timestamp(1672531200000), is_valid_timestamp("2023-01-01"), is_valid_timestamp(5)
        (True, True, False)
    """
    if is_number(value):
        return bool(_EARLIEST <= value <= _LATEST)
    return isinstance(value, str) and not math.isnan(parse_date(value))
