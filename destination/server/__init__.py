"""Serves a destination with the routes of Segment's local dev server. Needs the extra `server`."""

try:
    from destination.listening import is_loopback, open_socket
    from destination.local_server import make_server, serve
    from destination.server.manifest import to_manifest
    from destination.server.routes import MAX_BODY_BYTES, MAX_EVENTS
    from destination.server.tester import SEGMENT_ORIGINS, create_tester, routes_of
except ModuleNotFoundError as error:
    missing = (error.name or "").partition(".")[0]
    if missing not in ("starlette", "uvicorn"):
        raise
    raise ModuleNotFoundError(
        f"destination.server needs {missing}: pip install 'destination-actions[server]'", name=missing
    ) from None

__all__ = [
    "MAX_BODY_BYTES",
    "MAX_EVENTS",
    "SEGMENT_ORIGINS",
    "create_tester",
    "is_loopback",
    "make_server",
    "open_socket",
    "routes_of",
    "serve",
    "to_manifest",
]
