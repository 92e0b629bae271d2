"""A collector on a free loopback port, for demonstrations and tests. Nothing leaves the machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from destination.catalog.absmartly.contract import findings
from destination.values import read_json, write_json

API_KEY = "embedded-collector-key"
_MAX_BATCH = 500


class EmbeddedCollector:
    """ABsmartly's collector as its public API describes it, in a thread of this process.

    It answers PUT `/v1/context` and `/v1/context/batch`, GET `/v1/context/authed` and `/healthy`, asks for the
    API key, checks what arrives against the contract, and keeps it in `received`.

    Attributes:
        received: What arrived, in order: `{"headers": {...}, "event": {...}}` for each publish request.

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
        """The collector endpoint to give as a setting, without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def settings(self) -> dict[str, str]:
        """Settings of an ABsmartly (Actions) instance that sends here."""
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
        """Checks and keeps publish requests; gives the status and the body of the answer."""
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
        """Stays silent: what arrived is in `received`."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512  # the default of 5 resets connections when many are opened at once

    def __init__(self, collector: EmbeddedCollector) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.collector = collector

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stays silent: a client that breaks off is no fault of the server."""
