"""Requests to ABsmartly's collector: one for each goal or exposure, or one for many of them."""

from functools import lru_cache
from typing import Any, Protocol

from destination import Headers, PendingRequest, RequestClient, field, if_exists, path
from destination.values import trim

_LIBRARY = path("$.context.library.name")


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
