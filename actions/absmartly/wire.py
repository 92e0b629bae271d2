"""What goes to ABsmartly's collector: a request for each goal or exposure, or for many of them."""

from functools import lru_cache
from typing import Any, Protocol

from destination import Headers, PendingRequest, RequestClient, field, if_exists, path
from destination.values import trim

_LIBRARY = path("$.context.library.name")


class CollectorSettings(Protocol):
    """What the wire needs of the settings."""

    @property
    def collector_endpoint(self) -> str:
        """Where the collector is, without a trailing slash."""
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
        """Which SDK generated the event."""
        ...

    @property
    def application(self) -> str | None:
        """Which application it comes from."""
        ...


ORIGIN = ("agent", "application")
"""The fields of both payloads that travel in headers, so that a request has one value of each."""

BATCH_PATH = "/context/batch"


# There are few agents and applications: as `Headers`, which never change, they are merged over a client's once.


@lru_cache(maxsize=1024)
def origin_headers(agent: str | None, application: str | None) -> Headers:
    """Where an event comes from: agent and application, trimmed.

    A blank agent is `segment`; a blank application sends no header. The same origin gives the same object.

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
    """The request that puts one goal or exposure event to the collector.

    The URL is plain concatenation, as Segment's definition has it.
    """
    headers = origin_headers(payload.agent, payload.application)
    return request(f"{settings.collector_endpoint}/context", "put", headers, event)


def send_events(request: RequestClient, settings: CollectorSettings, events: bytes, headers: Headers) -> PendingRequest:
    """The request that puts a JSON list of events to the collector; an answer of any status is read."""
    return request(
        f"{settings.collector_endpoint}{BATCH_PATH}",
        method="put",
        headers={"Content-Type": "application/json", **headers.unsorted},
        body=b'{"requests":' + events + b"}",
        throw_http_errors=False,
    )
