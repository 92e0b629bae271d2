"""What a client may take of the tester: time, memory, and the end of it."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from destination import Action, Destination, MockTransport, local_server
from destination.server import MAX_BODY_BYTES, MAX_EVENTS
from tests.kit import PATIENCE_S
from tests.server.conftest import serving
from tests.server.shop import SHOP

_HEAD = b"POST /bare HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n"


def connect(client: httpx.Client | int) -> socket.socket:
    port = client if isinstance(client, int) else client.base_url.port
    assert port is not None
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def read_all(connection: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


# --- time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "part"),
    [
        (b"", b"head"),
        (b"GET /manifest HTTP/1.1\r\nhost: local", b"head"),
        (_HEAD, b"body"),
        (_HEAD + b'{"payload":', b"body"),
    ],
    ids=["nothing", "half a head", "no body", "half a body"],
)
def test_a_request_that_does_not_arrive_is_given_up(sent: bytes, part: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_server, "HEAD_S", 0.2)
    monkeypatch.setattr(local_server, "BODY_S", 0.2)
    with serving(SHOP, MockTransport()) as client, connect(client) as connection:
        connection.sendall(sent)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"the %b of the request took longer than" % part in answer


def blocked() -> tuple[Destination[Any], threading.Event, threading.Event]:
    """A destination whose perform holds its thread, as a hostile mapping does, until it may go on."""
    begun, go_on = threading.Event(), threading.Event()

    def perform(_request: Any, _data: Any) -> str:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        return "done"

    action = Action(title="Hold", description="", fields={}, perform=perform)
    return Destination(name="Demo", slug="demo", actions={"hold": action}), begun, go_on


def test_the_manifest_is_answered_while_an_event_takes_long() -> None:
    demo, begun, go_on = blocked()
    with serving(demo, MockTransport()) as client, ThreadPoolExecutor(1) as pool:
        held = pool.submit(
            httpx.post, f"{client.base_url}/hold", json={"payload": {}}, timeout=PATIENCE_S, trust_env=False
        )
        assert begun.wait(PATIENCE_S)
        try:
            assert client.get("/manifest", timeout=PATIENCE_S).json()["slug"] == "demo"
            assert not held.done()
        finally:
            go_on.set()
        assert held.result().status_code == 200


@pytest.mark.thorough
def test_many_requests_at_once_are_all_answered() -> None:
    with serving(SHOP, MockTransport()) as client, ThreadPoolExecutor(50) as pool:
        url = f"{client.base_url}/bare"
        with httpx.Client(trust_env=False, timeout=PATIENCE_S) as many:
            answers = list(pool.map(lambda _: many.post(url, json={"payload": {"n": 1}}).status_code, range(200)))
    assert answers == [200] * 200


# --- size ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [MAX_EVENTS + 1, 400_000])
def test_a_batch_of_too_many_events_is_refused(shop: httpx.Client, sent: list[Any], count: int) -> None:
    response = shop.post("/buy", content=b'{"payload":[' + b",".join([b"{}"] * count) + b"]}")
    error = f"`payload` has {count:,} events; the tester takes 10,000 at most"
    assert (response.status_code, response.json()) == (413, {"ok": False, "error": error})
    assert sent == []


def test_a_body_of_too_many_values_is_refused_before_it_is_read(shop: httpx.Client) -> None:
    response = shop.post("/buy", content=b'{"payload":[' + b",".join([b"[]"] * 600_000) + b"]}")
    assert response.status_code == 413
    assert response.json()["error"].startswith("the body has more than 1,000,000 values")


def test_the_largest_batch_is_taken(shop: httpx.Client) -> None:
    assert shop.post("/buy", json={"payload": [{}] * MAX_EVENTS}, timeout=PATIENCE_S).status_code == 200


def test_a_client_that_sends_too_much_sees_the_limit_of_bytes(shop: httpx.Client) -> None:
    response = shop.post("/buy", content=b" " * (MAX_BODY_BYTES + 1))
    assert (response.status_code, response.json()["error"]) == (413, "the body is larger than 10,485,760 bytes")


# --- the end ---------------------------------------------------------------------------------------------


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The tester as a process, and its port."""
    command = [sys.executable, "-m", "destination", "serve-tester", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        first = running.stdout.readline()
        for _ in range(5):
            running.stdout.readline()
        try:
            yield running, int(first.split(b"127.0.0.1:")[1].split(b" ")[0])
        finally:
            running.kill()


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is a POSIX signal here")
def test_sigterm_ends_open_connections_without_a_word(process: tuple[subprocess.Popen[bytes], int]) -> None:
    running, port = process
    settings = {"apiKey": "k", "environment": "e"}
    with socket.create_server(("127.0.0.1", 0)) as partner, contextlib.ExitStack() as stack:
        settings["collectorEndpoint"] = f"http://127.0.0.1:{partner.getsockname()[1]}"  # it never answers
        event = {"type": "track", "event": "a", "userId": "u", "timestamp": "2026-01-01", "properties": {}}
        body = json.dumps({"payload": event, "settings": settings}).encode()
        asking = b"POST /trackGoal HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
        sent = [
            b"",
            b"GET /mani",
            _HEAD,
            _HEAD + b'{"a":',
            b"GET /manifest HTTP/1.1\r\nhost: localhost\r\n\r\n",
            asking,
        ]
        connections = [stack.enter_context(connect(port)) for _ in range(500)]
        for number, connection in enumerate(connections):
            connection.sendall(sent[number % len(sent)])
        partner.settimeout(PATIENCE_S)
        stack.enter_context(partner.accept()[0])  # a request is under way
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=PATIENCE_S)
    assert err == b""


def test_a_client_that_is_gone_is_no_fault(process: tuple[subprocess.Popen[bytes], int]) -> None:
    running, port = process
    for sent in (b"", b"GET /mani", _HEAD, _HEAD + b'{"a":', b"GET /manifest HTTP/1.1\r\nhost: localhost\r\n\r\n"):
        with connect(port) as connection:
            connection.sendall(sent)
    with connect(port) as connection:  # what was sent before was taken up before
        connection.sendall(b"GET /last HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 405")
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=PATIENCE_S)
    assert err == b""
