import asyncio
import socket
import subprocess
import sys

import httpx
import pytest

from destination.errors import HTTPError
from destination.request import HttpxTransport, RequestClient, Response
from destination.request.httpx_transport import _failure_of
from destination.request.network_errors import cause_of
from destination.request.url import parse_url
from tests.request.loopback import Loopback, answer


def fetch(reply: bytes) -> Response:
    async def main() -> Response:
        async with Loopback(lambda _: reply) as server, HttpxTransport() as transport:
            return await RequestClient(transport=transport)(server.url)

    return asyncio.run(main())


@pytest.mark.parametrize(("status", "words"), [("404 Nope", "Nope"), ("404 ", "Not Found"), ("599 ", "599")])
def test_status_text_is_the_server_s_own_or_the_usual_one(status: str, words: str) -> None:
    with pytest.raises(HTTPError) as caught:
        fetch(answer(status=status))
    assert str(caught.value) == words


def test_headers_of_an_answer_are_latin1() -> None:
    assert fetch(answer(b"", "X-A: 1", "x-a: \xe9")).headers["x-a"] == "1, é"


@pytest.mark.parametrize(
    ("cause", "code", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "ENOTFOUND", "getaddrinfo ENOTFOUND h"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "EAI_AGAIN", "getaddrinfo EAI_AGAIN h"),
        (ConnectionRefusedError(111, "x"), "ECONNREFUSED", "connect ECONNREFUSED h:443"),
        (OSError(113, "x"), "EHOSTUNREACH", "connect EHOSTUNREACH h:443"),
        (ExceptionGroup("x", [OSError(101, "x"), OSError(111, "x")]), "ENETUNREACH", "connect ENETUNREACH h:443"),
        (OSError("x"), "ECONNREFUSED", "connect ECONNREFUSED h:443"),
    ],
)
def test_cause_of_a_failed_connection_is_named_as_in_node(cause: Exception, code: str, reason: str) -> None:
    error = httpx.ConnectError("x")
    error.__cause__ = cause
    cause.__context__ = error  # a circle must not hang
    assert cause_of(_failure_of(error), parse_url("https://h/")) == (code, reason)


def test_reset_while_reading_is_named_as_in_node() -> None:
    error = httpx.ReadError("x")
    error.__cause__ = ConnectionResetError(104, "x")
    assert cause_of(_failure_of(error), parse_url("https://h/")) == ("ECONNRESET", "read ECONNRESET")


def test_importing_the_client_does_not_import_httpx() -> None:
    code = "import sys, destination.request; print({'ada_url', 'httpx', 'pyreqwest'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "set()\n"
