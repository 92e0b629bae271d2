"""Takes events in over HTTP, as Segment's tracking API does. Needs the extra `server`."""

try:
    from destination.forwarding.http.events import Refused
    from destination.forwarding.http.intake import create_intake
    from destination.forwarding.http.options import (
        EVENT_REASONS,
        REQUEST_REASONS,
        IntakeCounts,
        IntakeOptions,
        WriteKeys,
    )
    from destination.forwarding.http.refused import MAX_REFUSED_BYTES, RefusedLog
    from destination.forwarding.http.server import make_server
except ModuleNotFoundError as error:
    missing = (error.name or "").partition(".")[0]
    if missing not in ("starlette", "uvicorn"):
        raise
    raise ModuleNotFoundError(
        f"destination.forwarding.http needs {missing}: pip install 'destination-actions[server]'", name=missing
    ) from None

__all__ = [
    "EVENT_REASONS",
    "MAX_REFUSED_BYTES",
    "REQUEST_REASONS",
    "IntakeCounts",
    "IntakeOptions",
    "Refused",
    "RefusedLog",
    "WriteKeys",
    "create_intake",
    "make_server",
]
