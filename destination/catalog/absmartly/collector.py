"""A collector on a free loopback port, for demonstrations and tests. Nothing leaves the machine."""

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from destination.catalog.absmartly.plain_publish import is_plainly_valid
from destination.catalog.demo import Arrivals
from destination.values import read_json, write_json


def findings(event: Any, batch_index: int = 0) -> list[dict[str, Any]]:
    """Checks a publish request; one item `{batchIndex, eventIndex, subject, message}` for each error of the collector.

    Example:
        >>> findings({"units": [{"type": "userId", "uid": ""}], "publishedAt": 1})
        [{'batchIndex': 0, 'eventIndex': 0, 'subject': 'units.0.uid',
          'message': 'String should have at least 1 character'}]
        >>> findings({"units": [], "publishedAt": 1})
        []
    """
    if is_plainly_valid(event):
        return []
    from destination.catalog.absmartly.contract import errors_of

    return errors_of(event, batch_index)


API_KEY = "embedded-collector-key"
_MAX_BATCH = 500


class EmbeddedCollector:
    """ABsmartly's collector as its public API describes it, in a thread of this process.

    It answers PUT `/v1/context` and `/v1/context/batch`, GET `/v1/context/authed` and `/healthy`. It requires the
    API key, checks each publish request against the contract, and keeps the valid ones in `received`.

    Attributes:
        received: The accepted publish requests in order, each as `{"headers": {...}, "event": {...}}`.

    Example:
        >>> import httpx
        >>> with EmbeddedCollector() as collector:
        ...     httpx.get(collector.endpoint.removesuffix("/v1") + "/healthy").status_code
        200
    """

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def endpoint(self) -> str:
        """The value for the setting `collectorEndpoint`, without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of an ABsmartly (Actions) instance that sends to this collector."""
        return {"collectorEndpoint": self.endpoint, "apiKey": API_KEY, "environment": "embedded"}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, headers: dict[str, str], events: list[Any]) -> tuple[int, dict[str, Any]]:
        """Checks and keeps publish requests; returns the status and the body of the answer."""
        errors = [finding for index, event in enumerate(events) for finding in findings(event, index)]
        refused = {finding["batchIndex"] for finding in errors}
        self.received.extend(
            {"headers": headers, "event": event} for index, event in enumerate(events) if index not in refused
        )
        return (400 if errors else 200), {"ok": not errors, "warnings": [], "errors": errors}


class _Handler(BaseHTTPRequestHandler):
    """One connection; the collector is an attribute of the server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def do_GET(self) -> None:
        if self.path == "/healthy":
            self._answer(200, {"ok": True})
        elif self.path != "/v1/context/authed":
            self._answer(404, {"code": 404, "message": f"no route {self.path}"})
        elif self._let_in():
            self._answer(200, {})

    def do_PUT(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path not in ("/v1/context", "/v1/context/batch"):
            self._answer(404, {"code": 404, "message": f"no route {self.path}"})
            return
        if not self._let_in():
            return
        try:
            body = read_json(raw)
        except ValueError as error:
            self._answer(400, {"code": 400, "message": f"malformed JSON: {error}"})
            return
        events = body.get("requests") if self.path.endswith("/batch") and isinstance(body, dict) else [body]
        if not isinstance(events, list) or not 1 <= len(events) <= _MAX_BATCH:
            self._answer(400, {"code": 400, "message": f"`requests` takes 1 to {_MAX_BATCH} items"})
            return
        headers = {name.lower(): value for name, value in self.headers.items() if name.lower() != "x-api-key"}
        self._answer(*self.server.collector.take(headers, events))

    def _let_in(self) -> bool:
        if self.headers.get("X-API-Key") == API_KEY:
            return True
        self._answer(401, None)
        return False

    def _answer(self, status: int, body: dict[str, Any] | None) -> None:
        raw = b"" if body is None else write_json(body)
        self.send_response(status)
        if raw:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name that http.server gives
        """Logs nothing: `received` holds what arrived."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512  # the default of 5 resets connections when many are opened at once

    def __init__(self, collector: EmbeddedCollector) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.collector = collector

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Prints nothing: a client that closes its connection early is not an error of the server."""


_MAX_KEPT = 1_000
_MAX_UID_LENGTH = 12
_COLUMNS = ("at", "kind", "name", "units", "agent")


class AbsmartlyDemo(EmbeddedCollector):
    """The embedded collector that `destination run` starts when it is given no settings.

    It keeps the first 1,000 publish requests and counts the others, so that a file of any size can be tried.
    """

    name = "embedded collector"

    def __init__(self) -> None:
        super().__init__()
        self._total = 0
        self._counting = threading.Lock()

    @property
    def address(self) -> str:
        """The URL of its API."""
        return self.endpoint

    def take(self, headers: dict[str, str], events: list[Any]) -> tuple[int, dict[str, Any]]:
        """Checks, counts and keeps publish requests."""
        with self._counting:  # requests come in threads of their own
            before = len(self.received)
            answer = super().take(headers, events)
            self._total += len(self.received) - before
            del self.received[_MAX_KEPT:]
        return answer

    def arrivals(self) -> Arrivals:
        """Returns the kept publish requests by their time, a row for each."""
        received = sorted(self.received[:_MAX_KEPT], key=lambda item: item["event"]["publishedAt"])
        return Arrivals(_COLUMNS, [_row(item["headers"], item["event"]) for item in received], self._total, received)


def _row(headers: dict[str, str], event: dict[str, Any]) -> tuple[str, ...]:
    goals, exposures = event.get("goals") or [], event.get("exposures") or []
    kind = "exposure" if exposures else "goal"
    names = ", ".join(str(item["name"]) for item in (*goals, *exposures))
    units = ", ".join(f"{unit['type']}={_short(unit.get('uid') or '')}" for unit in event["units"])
    return _moment(event["publishedAt"]), kind, names, units or "(none)", headers.get("x-agent", "")


def _short(uid: str) -> str:
    return uid if len(uid) <= _MAX_UID_LENGTH else f"{uid[:_MAX_UID_LENGTH]}…"


def _moment(milliseconds: int) -> str:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return str(milliseconds)
