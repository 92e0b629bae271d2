"""The intake behind a real server: slow, broken and many connections."""

import contextlib
import resource
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.forwarding.http.kit import KEY, Intake, serving, track
from tests.kit import PATIENCE_S

HEAD = b"POST /v1/track HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic d3JpdGUta2V5LTE6\r\n"


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def read_all(connection: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    read = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            read.append(part)
    return b"".join(read)


def read_answer(connection: socket.socket) -> bytes:
    """What comes until the end of the first JSON answer, or the end of the connection."""
    read = b""
    while b"}" not in read and (part := connection.recv(65_536)):
        read += part
    return read


def post(port: int) -> int:
    with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        return client.post(f"http://127.0.0.1:{port}/v1/track", json=track(), auth=(KEY, "")).status_code


@pytest.mark.parametrize(
    ("sent", "part"),
    [
        (b"", b"head"),
        (HEAD, b"head"),
        (HEAD + b"content-length: 100\r\n\r\n", b"body"),
        (HEAD + b"content-length: 100\r\n\r\n{", b"body"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n", b"body"),
    ],
)
def test_a_request_that_does_not_arrive_is_given_up(sent: bytes, part: bytes) -> None:
    with serving(Intake().app, head_s=0.2, body_s=0.2) as port, connect(port) as connection:
        connection.sendall(sent)
        answer = read_all(connection)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"the %b of the request took longer than" % part in answer
    assert b'"code":"slow_body"' in answer


def test_a_chunked_body_is_taken() -> None:
    intake = Intake()
    body = b'{"userId": "u", "event": "e"}'
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    with serving(intake.app) as port, connect(port) as connection:
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunks)
        assert b'{"success": true}' in read_answer(connection)
    assert len(intake.kept) == 1


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (HEAD + b"content-length: 5\r\n\r\n" + b'{"userId": "u", "event": "e"}', b"400"),  # longer than it says
        (HEAD + b"content-length: -5\r\n\r\n{}", b"400"),
        (HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n{}", b"400"),
        (HEAD + b"x-long: " + b"x" * 200_000, b"400"),
        (HEAD + b"transfer-encoding: chunked\r\n\r\nnonsense\r\n", b"400"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
)
def test_a_request_that_lies_is_a_400(sent: bytes, expected: bytes) -> None:
    intake = Intake()
    with serving(intake.app) as port, connect(port) as connection:
        with contextlib.suppress(OSError):  # the server may answer and close before it has read all
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        assert read_all(connection).split(b" ")[1:2] == [expected]
        assert post(port) == 200
    assert len(intake.kept) == 1


def test_a_body_that_is_cut_off_is_not_an_event() -> None:
    intake = Intake()
    with serving(intake.app) as port:
        with connect(port) as connection:
            connection.sendall(HEAD + b'content-length: 100\r\n\r\n{"userId": "u", "event": "e"}')
        assert post(port) == 200
    assert [one.message_id for one in intake.kept] == ["m-1"]


def test_a_body_that_is_too_large_is_answered_although_the_client_still_sends() -> None:
    with serving(Intake().app) as port, httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        for size in (600_000, 3_000_000):
            response = client.post(f"http://127.0.0.1:{port}/v1/track", content=bytes(size), auth=(KEY, ""))
            assert (response.status_code, response.json()["code"]) == (400, "body_too_large")


@pytest.fixture
def many_files() -> Iterator[int]:
    """The number of connections that this process may open to itself, 1,000 where the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * 1_000 + 200
    if soft < wanted and (hard == resource.RLIM_INFINITY or hard >= wanted):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    try:
        yield min(1_000, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200) // 2)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.thorough
def test_a_thousand_slow_connections_do_not_stop_others(many_files: int) -> None:
    intake = Intake()
    slow = [b"", HEAD, HEAD + b"content-length: 30000\r\n\r\n", HEAD + b"content-length: 30000\r\n\r\n" + b" " * 20_000]
    with serving(intake.app, head_s=PATIENCE_S, body_s=PATIENCE_S) as port, contextlib.ExitStack() as opened:
        for number in range(many_files):
            connection = opened.enter_context(connect(port))
            connection.sendall(slow[number % len(slow)])
        assert [post(port) for _ in range(5)] == [200] * 5
    assert (len(intake.kept), intake.counts.duplicates) == (1, 4)


def test_a_server_that_ends_does_not_wait_for_slow_clients() -> None:
    limits = {"head_s": PATIENCE_S, "body_s": PATIENCE_S, "finish_s": PATIENCE_S}
    with contextlib.ExitStack() as opened, serving(Intake().app, **limits) as port:
        for sent in (b"", HEAD, HEAD + b"content-length: 100\r\n\r\n{"):
            connection = opened.enter_context(connect(port))
            connection.sendall(sent)
        assert post(port) == 200
