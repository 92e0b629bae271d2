"""What ABsmartly's collector reads: requests, their headers, and times in Unix milliseconds.

A request has one goal or exposure, or many of them.
"""

import math
from functools import lru_cache
from typing import Any, Protocol

from destination import (
    MISSING,
    Headers,
    PayloadValidationError,
    PendingRequest,
    RequestClient,
    field,
    if_exists,
    path,
)
from destination.values import as_double, is_number, parse_date, real_type_of, to_string, trim

_LIBRARY = path("$.context.library.name")
_EARLIEST = 1_262_304_000_000  # 2010-01-01
_LATEST = 2_524_608_000_000  # 2050-01-01


class CollectorSettings(Protocol):
    """The part of the settings that requests need."""

    @property
    def collector_endpoint(self) -> str:
        """The URL of the collector, without a trailing slash."""
        ...


AGENT = field(
    label="Agent",
    description="Optional agent identifier that originated the event. Used to identify which SDK generated the event.",
    required=False,
    default=if_exists(_LIBRARY, then=_LIBRARY, else_="segment"),
)
APPLICATION = field(
    label="Application",
    description="Optional application name that originated this event. Must exist if not empty. "
    "Create Applications in the Settings > Applications section of the ABsmartly Web Console",
    required=False,
)


class Originated(Protocol):
    """The fields that both payloads have."""

    @property
    def agent(self) -> str | None:
        """The SDK that generated the event."""
        ...

    @property
    def application(self) -> str | None:
        """The application that the event comes from."""
        ...


ORIGIN = ("agent", "application")
"""The fields of both payloads that are sent in headers, so that a request has one value of each."""

BATCH_PATH = "/context/batch"


# --- requests ---------------------------------------------------------------------------------------------


# There are few agents and applications: as `Headers`, which never change, they are merged over a client's once.


@lru_cache(maxsize=1024)
def origin_headers(agent: str | None, application: str | None) -> Headers:
    """Makes the headers for the agent and the application of an event, trimmed.

    A blank agent is `segment`; a blank application has no header. Equal arguments return one object.

    Example:
        >>> origin_headers(" ", " web ")
        Headers({'x-agent': 'segment', 'x-application': 'web', 'x-application-version': '0'})
    """
    return _trimmed(trim(agent or "") or "segment", trim(application or ""))


@lru_cache(maxsize=1024)
def _trimmed(agent: str, application: str) -> Headers:
    headers = {"X-Agent": agent}
    if application:
        headers["X-Application"] = application
        headers["X-Application-Version"] = "0"
    return Headers(headers)


def send_event(
    request: RequestClient, settings: CollectorSettings, event: dict[str, Any], payload: Originated
) -> PendingRequest:
    """Makes the request that sends one goal or exposure to the collector.

    The URL is concatenated without further checks, as in Segment's definition.
    """
    headers = origin_headers(payload.agent, payload.application)
    return request(f"{settings.collector_endpoint}/context", "put", headers, event)


def send_events(request: RequestClient, settings: CollectorSettings, events: bytes, headers: Headers) -> PendingRequest:
    """Makes the request that sends a JSON list of events to the collector; no status of the answer raises an error."""
    return request(
        f"{settings.collector_endpoint}{BATCH_PATH}",
        method="put",
        headers={"Content-Type": "application/json", **headers.unsorted},
        body=b'{"requests":' + events + b"}",
        throw_http_errors=False,
    )


# --- times ------------------------------------------------------------------------------------------------


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
    """Returns whether a moment in an exposure is a number between 2010 and 2050, or text that reads as a date.

    Example:
        >>> is_valid_timestamp(1672531200000), is_valid_timestamp("2023-01-01"), is_valid_timestamp(5)
        (True, True, False)
    """
    if is_number(value):
        return bool(_EARLIEST <= value <= _LATEST)
    return isinstance(value, str) and not math.isnan(parse_date(value))
