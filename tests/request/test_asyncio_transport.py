import asyncio
import gzip
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable

import pytest

from destination.errors import ConnectionError as ClientConnectionError
from destination.errors import HTTPError
from destination.request import AsyncioTransport, Request, RequestClient, Response
from destination.request.decompress import decompress
from destination.request.network_errors import HangUpError, code_and_reason
from destination.request.url import parse_url
from tests.request.loopback import Answer, Loopback, answer


def serve(handler: Answer, use: Callable[[Loopback, AsyncioTransport], Awaitable[Response]]) -> Response:
    async def main() -> Response:
        async with Loopback(handler) as server, AsyncioTransport() as transport:
            return await use(server, transport)

    return asyncio.run(main())


def fetch(reply: bytes) -> Response:
    async def use(server: Loopback, transport: AsyncioTransport) -> Response:
        return await RequestClient(transport=transport)(server.url)

    return serve(lambda _: reply, use)


@pytest.mark.parametrize(("status", "words"), [("404 Nope", "Nope"), ("404 ", "Not Found"), ("599 ", "599")])
def test_status_text_is_the_server_s_own_or_the_usual_one(status: str, words: str) -> None:
    with pytest.raises(HTTPError) as caught:
        fetch(answer(status=status))
    assert str(caught.value) == words


def test_headers_of_an_answer_are_latin1_and_joined() -> None:
    response = fetch(answer(b"", "X-A: 1", "x-a: \xe9 ", "x-b:"))
    assert dict(response.headers) == {"content-length": "0", "x-a": "1, é", "x-b": ""}


def test_headers_of_a_packed_answer_stay_as_they_came() -> None:
    packed = gzip.compress(b"text")
    response = fetch(answer(packed, "content-encoding: gzip"))
    assert dict(response.headers) == {"content-encoding": "gzip", "content-length": str(len(packed))}


def test_many_at_once_share_the_connections() -> None:
    async def main() -> tuple[int, int]:
        async with Loopback(lambda _: answer()) as server, AsyncioTransport(max_connections=8) as transport:
            request = RequestClient(transport=transport)
            for _ in range(5):
                await asyncio.gather(*(request(server.url, "put", json={}) for _ in range(40)))
            return len(server.requests), server.connections

    assert asyncio.run(main()) == (200, 8)


def test_connections_to_one_place_make_room_for_another() -> None:
    async def main() -> tuple[int, int, int]:
        async with Loopback(lambda _: answer()) as one, Loopback(lambda _: answer()) as other:
            async with AsyncioTransport(max_connections=1) as transport:
                request = RequestClient(transport=transport)
                for server in (one, other, other, one):
                    await request(server.url)
            return one.connections, other.connections, len(one.requests)

    assert asyncio.run(main()) == (2, 1, 2)


def test_connection_that_was_idle_for_too_long_is_not_used_again() -> None:
    async def main() -> int:
        async with Loopback(lambda _: answer()) as server, AsyncioTransport(keepalive_s=0) as transport:
            for _ in range(2):
                await RequestClient(transport=transport)(server.url)
            return server.connections

    assert asyncio.run(main()) == 2


def test_connection_that_the_server_closed_meanwhile_is_not_used_again() -> None:
    async def main() -> int:
        closed = asyncio.Event()

        async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer())
            writer.close()
            await writer.wait_closed()
            closed.set()

        server = await asyncio.start_server(once, "127.0.0.1", 0)
        async with server, AsyncioTransport() as transport:
            request = RequestClient(transport=transport)
            for _ in range(2):
                await request(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
                await closed.wait()
                closed.clear()
                for _ in range(5):  # its end is in the socket; the loop has to look there
                    await asyncio.sleep(0)
            return (await request(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")).status

    assert asyncio.run(main()) == 200


def test_cancelled_request_leaves_the_transport_usable() -> None:
    async def main() -> tuple[int, int]:
        begun = asyncio.Event()

        async def slow(_request: object) -> bytes:
            if not begun.is_set():
                begun.set()
                await asyncio.Event().wait()
            return answer()

        async with Loopback(slow) as server, AsyncioTransport() as transport:
            request = RequestClient(transport=transport)

            async def send() -> Response:
                return await request(server.url)

            task = asyncio.create_task(send())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await send()).status, server.connections

    assert asyncio.run(main()) == (200, 2)


def test_closing_ends_what_is_under_way() -> None:
    async def main() -> None:
        begun = asyncio.Event()

        async def slow(_request: object) -> bytes:
            begun.set()
            await asyncio.Event().wait()
            return b""

        async with Loopback(slow) as server:
            transport = AsyncioTransport()
            task = asyncio.ensure_future(transport.send(Request("GET", server.url)))
            await begun.wait()
            await transport.aclose()
            with pytest.raises(ClientConnectionError, match="socket hang up"):
                await task

    asyncio.run(main())


def test_answer_to_head_has_no_body_whatever_it_says() -> None:
    async def use(server: Loopback, transport: AsyncioTransport) -> Response:
        await RequestClient(transport=transport)(server.url, "head")
        return await RequestClient(transport=transport)(server.url, "head")

    response = serve(lambda _: b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", use)
    assert (response.content, response.headers["content-length"]) == ("", "9")


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_status_without_a_body_ends_with_its_headers(status: str) -> None:
    async def use(server: Loopback, transport: AsyncioTransport) -> Response:
        return await transport.send(Request("GET", server.url))

    assert serve(lambda _: f"HTTP/1.1 {status}\r\n\r\n".encode(), use).content == ""


def test_answer_that_is_only_announced_is_waited_for() -> None:
    assert (
        fetch(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nx: 1\r\n\r\n" + answer(b"ab")).content == "ab"
    )


def test_answer_in_pieces_is_put_together() -> None:
    async def main() -> Response:
        async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            for byte in answer(b"body", "x-name: value", status="200 Fine"):
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
            writer.close()

        async with await asyncio.start_server(slowly, "127.0.0.1", 0) as server, AsyncioTransport() as transport:
            return await transport.send(Request("GET", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))

    response = asyncio.run(main())
    assert (response.status_text, response.headers["x-name"], response.body) == ("Fine", "value", b"body")


def test_words_that_nobody_asked_for_end_the_connection() -> None:
    async def use(server: Loopback, transport: AsyncioTransport) -> Response:
        await transport.send(Request("GET", server.url))
        return await transport.send(Request("GET", server.url))

    response = serve(lambda _: answer(b"a") + answer(b"b"), use)
    assert response.content == "a"


def test_head_of_a_request_is_its_own() -> None:
    async def use(server: Loopback, transport: AsyncioTransport) -> Response:
        request = RequestClient(transport=transport)
        for method, value, body in (("put", "1", "a"), ("put", "1", "bc"), ("put", "2", None), ("delete", "2", None)):
            await request(f"{server.url}/?{value}", method, {"x": value}, body=body)
        seen.extend((one.method, one.target, one.headers["x"], one.body) for one in server.requests)
        return await request(server.url)

    seen: list[tuple[str, str, str, bytes]] = []
    serve(lambda _: answer(), use)
    assert seen == [
        ("PUT", "/?1", "1", b"a"),
        ("PUT", "/?1", "1", b"bc"),
        ("PUT", "/?2", "2", b""),
        ("DELETE", "/?2", "2", b""),
    ]


@pytest.mark.parametrize(
    ("cause", "connecting", "code", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), True, "ENOTFOUND", "getaddrinfo ENOTFOUND h"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), True, "EAI_AGAIN", "getaddrinfo EAI_AGAIN h"),
        (OSError(113, "x"), True, "EHOSTUNREACH", "connect EHOSTUNREACH h:443"),
        (
            OSError("Multiple exceptions: [Errno 101] x, [Errno 111] y"),
            True,
            "ENETUNREACH",
            "connect ENETUNREACH h:443",
        ),
        (UnicodeError("label too long"), True, "ECONNREFUSED", "connect ECONNREFUSED h:443"),
        (ConnectionResetError(104, "x"), False, "ECONNRESET", "read ECONNRESET"),
        (HangUpError("closed"), False, "ECONNRESET", "socket hang up"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] x"), True, "EPROTO", "TLS failed"),
    ],
)
def test_cause_is_named_as_in_node(cause: Exception, connecting: bool, code: str, reason: str) -> None:
    assert code_and_reason(cause, parse_url("https://h/"), connecting=connecting) == (code, reason)


def test_several_codings_are_taken_off_from_the_last() -> None:
    raw = zlib.compressobj(wbits=-15)
    assert decompress(gzip.compress(raw.compress(b"text") + raw.flush()), "deflate, gzip") == b"text"
    assert decompress(b"", "gzip") == b""
    assert decompress(gzip.compress(b"text")[:-4], "gzip") == b"text"
