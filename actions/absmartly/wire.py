"""What goes to ABsmartly's collector: one request for each goal or exposure."""

from typing import Any, Protocol

from destination import PendingRequest, RequestClient, field, if_exists, path, trim

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


def send_event(
    request: RequestClient, settings: CollectorSettings, event: dict[str, Any], payload: Originated
) -> PendingRequest:
    """The request that puts one goal or exposure event to the collector.

    Agent and application are trimmed; a blank agent is `segment`, a blank application sends no header.
    The URL is plain concatenation, as Segment's definition has it.
    """
    headers = {"X-Agent": trim(payload.agent or "") or "segment"}
    application = trim(payload.application or "")
    if application:
        headers["X-Application"] = application
        headers["X-Application-Version"] = "0"
    return request(f"{settings.collector_endpoint}/context", method="put", headers=headers, json=event)
