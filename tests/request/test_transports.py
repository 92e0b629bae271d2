import asyncio
import gzip
import socket
import sys
import zlib
from collections.abc import Awaitable, Callable

import pytest

from destination.availability import is_retryable
from destination.errors import ConnectionError as ClientConnectionError
from destination.errors import DestinationError, HTTPError, RedirectError, RedirectRefusedError
from destination.errors import TimeoutError as ClientTimeoutError
from destination.request import HttpxTransport, PyreqwestTransport, Request, RequestClient, RequestOptions, Response
from tests.request.loopback import Answer, Loopback, Received, answer, never

Use = Callable[[Loopback, RequestClient], Awaitable[object]]

make: type[HttpxTransport | PyreqwestTransport] = HttpxTransport


@pytest.fixture(autouse=True, params=[HttpxTransport, PyreqwestTransport])
def _each_transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with each of the transports."""
    monkeypatch.setattr(sys.modules[__name__], "make", request.param)


def talk(handler: Answer, use: Use) -> Loopback:
    """Runs `use` against a server, and gives the server with what it received."""

    async def main() -> Loopback:
        async with Loopback(handler) as server, make() as transport:
            await use(server, RequestClient(transport=transport))
        return server

    return asyncio.run(main())


def fetch(handler: Answer, path: str = "/") -> Response:
    """The answer to one GET."""
    responses: list[Response] = []

    async def use(server: Loopback, request: RequestClient) -> None:
        responses.append(await request(server.url + path))

    talk(handler, use)
    return responses[0]


def failure(handler: Answer) -> DestinationError:
    """The error of one GET."""
    with pytest.raises(DestinationError) as caught:
        fetch(handler)
    return caught.value


def test_request_arrives_as_the_reference_sends_it() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        await request(f"{server.url}/v1//a'b?q=ü#f", "put", {"X-Agent": " segment "}, {"a": "ü"})

    server = talk(lambda _request: answer(), use)
    assert server.requests == [
        Received(
            "PUT",
            "/v1//a%27b?q=%C3%BC",
            {
                "host": server.requests[0].headers["host"],
                "accept": "*/*",
                "accept-encoding": "gzip,deflate",
                "connection": "keep-alive",
                "user-agent": "Segment (Actions)",
                "content-type": "application/json",
                "content-length": "10",
                "x-agent": "segment ".strip(),
            },
            b'{"a":"\xc3\xbc"}',
        )
    ]


def test_what_a_caller_says_of_host_accept_and_length() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        headers = {"Host": "other", "Accept": "text/x", "Content-Length": "99", "Transfer-Encoding": "chunked"}
        await request(server.url, "post", headers, body="abc")

    received = talk(lambda _request: answer(), use).requests[0]
    assert (received.headers["host"], received.headers["accept"]) == ("other", "text/x")
    assert received.headers["content-length"] == "3"
    assert "transfer-encoding" not in received.headers


def test_header_values_travel_as_latin1() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        await request(server.url, headers={"x": "é\u0080\t~"})

    assert talk(lambda _request: answer(), use).requests[0].headers["x"] == "é\u0080\t~"


def test_credentials_in_the_url_become_basic_auth_unless_one_is_given() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        url = f"http://u:p%C3%BC@127.0.0.1:{server.port}/"
        await request(url)
        await request(url, headers={"authorization": "mine"})

    received = talk(lambda _request: answer(), use).requests
    assert [one.headers["authorization"] for one in received] == ["Basic dTpww7w=", "mine"]


def test_post_without_a_body_has_length_0() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        await request(server.url, "post")
        await request(server.url, "delete")

    first, second = talk(lambda _request: answer(), use).requests
    assert first.headers["content-length"] == "0"
    assert "content-length" not in second.headers


def test_answer_is_read_whole() -> None:
    response = fetch(lambda _: answer(b'{"a":1}', "Content-Type: application/json", "X-A: 1", "x-a: 2"), "/x?y#z")
    assert (response.status, response.status_text, response.data) == (200, "OK", {"a": 1})
    assert response.headers["x-a"] == "1, 2"
    assert response.url.endswith("/x?y#z")


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes), ("unknown", bytes)],
)
def test_compressed_answer_is_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    assert fetch(lambda _: answer(pack(b"text" * 99), f"content-encoding: {coding}")).content == "text" * 99


def test_chunked_answer_and_one_that_ends_with_its_connection() -> None:
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert fetch(lambda _: chunked).content == "abc"
    assert fetch(lambda _: b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc").content == "abc"


def test_bodies_of_megabytes_go_both_ways() -> None:
    text = "0123456789" * 300_000
    contents: list[str] = []

    async def use(server: Loopback, request: RequestClient) -> None:
        contents.append((await request(server.url, "post", body=text)).content)

    talk(lambda request: answer(request.body), use)
    assert contents == [text]


def test_http_error_carries_the_answer() -> None:
    error = failure(lambda _: answer(b"[1,", "content-type: application/json", status="400 Bad"))
    assert isinstance(error, HTTPError)
    assert (error.status, error.response.status, error.request.method) == (400, 400, "GET")


def test_connection_is_kept_alive() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        for _ in range(5):
            await request(server.url, "put", json={})

    server = talk(lambda _request: answer(), use)
    assert (len(server.requests), server.connections) == (5, 1)


def test_connections_are_limited() -> None:
    async def main() -> int:
        async with Loopback(lambda _: answer()) as server, make(max_connections=2) as transport:
            request = RequestClient(transport=transport)
            await asyncio.gather(*(request(server.url) for _ in range(20)))
            return server.connections

    assert asyncio.run(main()) == 2


def test_transport_serves_one_event_loop_after_another() -> None:
    transport = make()

    async def main() -> int:
        async with Loopback(lambda _: answer(b"{}", "connection: close")) as server:
            return (await RequestClient(transport=transport)(server.url)).status

    assert [asyncio.run(main()), asyncio.run(main())] == [200, 200]


def test_closed_transport_opens_again_and_may_be_closed_twice() -> None:
    async def main() -> None:
        async with Loopback(lambda _: answer()) as server:
            transport = make()
            await transport.aclose()
            for _ in range(2):
                assert (await RequestClient(transport=transport)(server.url)).ok
                await transport.aclose()
            await transport.aclose()

    asyncio.run(main())


@pytest.mark.thorough
def test_server_that_never_answers_is_a_timeout() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        await request(server.url, timeout_ms=300)

    with pytest.raises(ClientTimeoutError, match=r"^Request timed out after 300ms$") as caught:
        talk(never, use)
    assert (caught.value.code, caught.value.status, is_retryable(caught.value)) == ("ETIMEDOUT", None, True)


@pytest.mark.thorough
def test_body_that_never_ends_is_a_timeout_too() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        await request(server.url, timeout_ms=300)

    with pytest.raises(ClientTimeoutError):
        talk(lambda _: b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc", use)


@pytest.mark.thorough
def test_client_works_on_after_a_timeout() -> None:
    async def half(request: Received) -> bytes:
        return await never(request) if request.target == "/slow" else answer()

    async def use(server: Loopback, request: RequestClient) -> None:
        with pytest.raises(ClientTimeoutError):
            await request(f"{server.url}/slow", timeout_ms=300)
        assert (await request(server.url)).ok

    talk(half, use)


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_refused_connection_says_where() -> None:
    port = closed_port()
    with pytest.raises(ClientConnectionError) as caught:
        asyncio.run(send(f"http://me:secret@127.0.0.1:{port}/v1?key=secret"))
    assert str(caught.value) == (
        f"request to http://127.0.0.1:{port}/v1?… failed, reason: connect ECONNREFUSED 127.0.0.1:{port}"
    )
    assert (caught.value.code, is_retryable(caught.value)) == ("ECONNREFUSED", True)
    assert caught.value.__suppress_context__


async def send(url: str, options: RequestOptions | None = None) -> Response:
    async with make() as transport:
        return await RequestClient(options, transport)(url)


def test_connection_that_is_closed_without_an_answer_is_a_hang_up() -> None:
    error = failure(lambda _: None)
    assert str(error).endswith("failed, reason: socket hang up")
    assert error.code == "ECONNRESET"


@pytest.mark.parametrize(
    "reply",
    [
        b"junk\r\n\r\n",
        b"HTTP/1.1 2000 x\r\n\r\n",
        b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",  # SETTINGS, the first frame of an HTTP/2 server
        b"\x15\x03\x01\x00\x02\x02\x46",  # a TLS alert
    ],
)
def test_answer_that_is_no_http_1_is_named(reply: bytes) -> None:
    error = failure(lambda _: reply + b"\r\n\r\n")
    assert isinstance(error, ClientConnectionError)
    assert error.code == "HPE_INVALID_CONSTANT"
    assert "Expected HTTP/1.1; the server may speak only HTTP/2" in str(error)


def test_answer_that_breaks_off_is_a_connection_error() -> None:
    error = failure(lambda _: b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nabc")
    assert isinstance(error, ClientConnectionError)
    assert error.code == "ECONNRESET"


def test_answer_that_cannot_be_unpacked_is_a_connection_error() -> None:
    error = failure(lambda _: answer(b"abc", "content-encoding: gzip"))
    assert isinstance(error, ClientConnectionError)
    assert error.code == "Z_DATA_ERROR"


def test_http_spoken_where_tls_is_expected_is_a_connection_error() -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer())
        writer.close()

    async def main() -> None:
        async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
            await send(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")

    with pytest.raises(ClientConnectionError) as caught:
        asyncio.run(main())
    assert caught.value.code == "EPROTO"
    assert "the server speaks no TLS there" in str(caught.value)


def test_redirects_are_followed() -> None:
    def handler(request: Received) -> bytes:
        if request.target == "/v1/a":
            return answer(b"gone", "location: ../b?c#d", status="307 Temporary")
        return answer()

    responses: list[Response] = []

    async def use(server: Loopback, request: RequestClient) -> None:
        responses.append(await request(f"{server.url}/v1/a", "put", json={"a": 1}))

    server = talk(handler, use)
    assert [(one.method, one.target, one.body) for one in server.requests] == [
        ("PUT", "/v1/a", b'{"a":1}'),
        ("PUT", "/b?c", b'{"a":1}'),
    ]
    assert responses[0].url == f"{server.url}/b?c#d"


def test_a_body_is_not_redirected_to_another_host() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        here = server.url
        there = here.replace("127.0.0.1", "localhost")
        with pytest.raises(RedirectRefusedError) as caught:
            await request(f"{here}/v1", "put", json={"a": 1}, headers={"x-place": there})
        assert (caught.value.origin, caught.value.target) == (here, there)

    server = talk(
        lambda request: answer(b"", f"location: {request.headers['x-place']}/x", status="308 Permanent Redirect"), use
    )
    assert [one.target for one in server.requests] == ["/v1"]


def test_circle_of_redirects_ends_after_twenty() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        await request(f"{server.url}/loop")

    with pytest.raises(RedirectError, match=r"^maximum redirect reached at: http://127.0.0.1:[0-9]+/loop$"):
        talk(lambda _: answer(b"", "location: /loop", status="302 Found"), use)


def test_cookies_of_an_answer_are_not_sent_back() -> None:
    async def use(server: Loopback, request: RequestClient) -> None:
        await request(server.url)
        await request(server.url)

    server = talk(lambda _: answer(b"", "set-cookie: a=b"), use)
    assert "cookie" not in server.requests[1].headers


def test_proxy_in_the_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert fetch(lambda _: answer()).ok


def test_proxy_that_is_given_is_used() -> None:
    async def main() -> list[Received]:
        async with Loopback(lambda _: answer()) as proxy, make(proxy=proxy.url) as transport:
            await RequestClient(transport=transport)("http://h.invalid/v1?a")
            return proxy.requests

    received = asyncio.run(main())[0]
    assert (received.target, received.headers["host"]) == ("http://h.invalid/v1?a", "h.invalid")


def test_transport_sends_a_bare_request_too() -> None:
    async def main() -> Response:
        async with Loopback(lambda _: answer()) as server, make() as transport:
            return await transport.send(Request("GET", server.url))

    assert asyncio.run(main()).status == 200
