"""No answer takes more memory or time than its request allows, over both transports."""

import asyncio
import contextlib
import gzip
import itertools
import sys
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Self

import pytest

from destination.availability import is_retryable
from destination.errors import EngineTypeError, HTTPError, ResponseTooLargeError
from destination.request import (
    HttpxTransport,
    MockTransport,
    PyreqwestTransport,
    Request,
    RequestClient,
    RequestOptions,
    Response,
    merge_options,
)
from destination.request.wire import BodyTooLargeError, decompress
from destination.values import MISSING
from tests.request.loopback import answer

make: type[HttpxTransport | PyreqwestTransport] = HttpxTransport


@pytest.fixture(params=[HttpxTransport, PyreqwestTransport])
def each_transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test runs with each of the transports."""
    monkeypatch.setattr(sys.modules[__name__], "make", request.param)


Pieces = Callable[[], Iterator[bytes]]
_HEAD = b"HTTP/1.1 200 OK\r\n"
_SYSTEM_BUFFERS = 50_000_000


class Partner:
    """Answers every request with pieces, for as long as somebody reads them.

    Attributes:
        sent: How many bytes of the answers were taken.
        requests: How many requests came.
        closed: Set when a connection has been closed.
    """

    def __init__(self, pieces: Pieces) -> None:
        self.sent = self.requests = 0
        self.closed = asyncio.Event()
        self.url = ""
        self._pieces = pieces
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1?key=k"
        return self

    async def __aexit__(self, *_exception: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.get_running_loop().create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(len(b"{}"))
                self.requests += 1
                for piece in self._pieces():
                    writer.write(piece)
                    await writer.drain()
                    self.sent += len(piece)
                    assert self.sent < 2 * _SYSTEM_BUFFERS, "nobody closes the connection"
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.closed.set()
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


def ask(pieces: Pieces, *, closes: bool = False, **options: Any) -> tuple[Response, Partner]:
    """The answer to a PUT; `closes` waits for the connection to be closed while the transport is open."""

    async def main() -> tuple[Response, Partner]:
        async with Partner(pieces) as partner, make() as transport:
            client = RequestClient(RequestOptions(timeout_ms=None, **options), transport)
            response = await client(partner.url, "put", json={})
            if closes:
                await partner.closed.wait()
        return response, partner

    return asyncio.run(main())


def once(raw: bytes) -> Pieces:
    return lambda: iter([raw])


def endless(head: bytes, piece: bytes) -> Pieces:
    return lambda: itertools.chain([head], itertools.repeat(piece))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


# --- bodies ----------------------------------------------------------------------------------------------

_ENDLESS = {
    "without a length": endless(_HEAD + b"\r\n", bytes(65_536)),
    "in chunks": endless(_HEAD + b"transfer-encoding: chunked\r\n\r\n", chunk(bytes(65_536))),
    "of a length beyond it": endless(_HEAD + b"content-length: 99999999999\r\n\r\n", bytes(65_536)),
    "packed": endless(
        _HEAD + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n", chunk(gzip.compress(b"x") * 999)
    ),
}
_CHUNKED = _HEAD + b"transfer-encoding: chunked\r\n\r\n"


@pytest.mark.usefixtures("each_transport")
@pytest.mark.parametrize("pieces", _ENDLESS.values(), ids=_ENDLESS)
def test_an_endless_body_is_left_and_its_connection_closed(pieces: Pieces) -> None:
    response, partner = ask(pieces, closes=True, max_response_bytes=100_000)
    assert (response.status, response.ok, response.too_large, response.value) == (200, True, True, None)
    assert response.warnings == ["the answer is larger than 100,000 bytes and was not read"]
    assert partner.requests == 1
    assert partner.sent < _SYSTEM_BUFFERS


@pytest.mark.usefixtures("each_transport")
@pytest.mark.parametrize(
    "pieces",
    [
        endless(_CHUNKED + b"1;", b"x" * 65_536),
        endless(_CHUNKED + chunk(b"x") + b"0\r\n", b"x: %b\r\n" % (b"y" * 1_000)),
    ],
    ids=["chunk extension", "trailers"],
)
def test_what_surrounds_the_body_without_end_is_not_retried(pieces: Pieces) -> None:
    try:
        response, _ = ask(pieces)
    except ResponseTooLargeError:  # it came along with the head; never retried, as below
        return
    assert (response.status, response.too_large) == (200, True)


@pytest.mark.usefixtures("each_transport")
@pytest.mark.parametrize("size", [10_000_000, 10_000_001])
def test_ten_megabytes_are_the_limit_where_none_is_named(size: int) -> None:
    response, _ = ask(once(answer(bytes(size))))
    assert response.too_large is (size > 10_000_000)
    whole, _ = ask(once(answer(bytes(size))), max_response_bytes=None)
    assert len(whole.body) == size


@pytest.mark.usefixtures("each_transport")
def test_an_empty_answer_fits_into_no_bytes() -> None:
    response, _ = ask(once(answer(b"")), max_response_bytes=0)
    assert (response.too_large, response.body) == (False, b"")


def bomb(layers: int) -> bytes:
    """50 MB of nothing, packed so many times."""
    packed = gzip.compress(bytes(50_000_000))
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return packed


@pytest.mark.usefixtures("each_transport")
@pytest.mark.parametrize(
    ("codings", "body"),
    [
        ("gzip", bomb(1)),
        ("deflate", zlib.compress(bytes(50_000_000))),
        ("deflate", zlib.compress(bytes(50_000_000))[2:-4]),
        ("gzip, gzip, gzip", bomb(3)),
        ("GZIP,x-gzip", bomb(2)),
        ("gzip," * 5 + "gzip", gzip.compress(b"")),
    ],
    ids=["gzip", "deflate", "raw deflate", "three times", "other names", "six times"],
)
def test_a_body_that_unpacks_to_more_than_the_limit_is_left(codings: str, body: bytes) -> None:
    response, _ = ask(once(answer(body, f"content-encoding: {codings}")))
    assert response.too_large


@pytest.mark.usefixtures("each_transport")
@pytest.mark.parametrize("coding", ["br", "zstd", "compress"])
def test_a_coding_that_was_not_asked_for_stays_packed(coding: str) -> None:
    body = b"\x28\xb5\x2f\xfd whatever is in it"
    assert ask(once(answer(body, f"content-encoding: {coding}")))[0].body == body


async def test_unpacking_lets_others_have_their_turn() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    assert len(await decompress(gzip.compress(bytes(9_000_000)), "gzip", 10_000_000)) == 9_000_000
    task.cancel()
    assert turns >= 8


async def test_a_bomb_is_left_as_soon_as_it_is_too_large() -> None:
    with pytest.raises(BodyTooLargeError):
        await decompress(bomb(1), "gzip", 0)
    assert await decompress(b"", "gzip", 0) == b""
    assert await decompress(gzip.compress(b"abc")[:-9], "gzip", 3) == b"abc"  # cut off: what is there


# --- heads -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("each_transport")
@pytest.mark.parametrize(
    "pieces",
    [
        endless(_HEAD, b"x: %b\r\n" % (b"y" * 1_000)),
        endless(_HEAD + b"x: ", b"y" * 65_536),
        endless(b"HTTP/1.1 200 ", b"y" * 65_536),
    ],
    ids=["headers", "one header", "reason phrase"],
)
def test_an_endless_head_is_a_final_error(pieces: Pieces) -> None:
    with pytest.raises(
        ResponseTooLargeError, match=r"^the head of the answer of http://127\.0\.0\.1:[0-9]+/v1\?… is "
    ) as it:
        ask(pieces)
    assert not is_retryable(it.value)
    assert "the partner may have taken the event" in str(it.value)


@pytest.mark.usefixtures("each_transport")
def test_a_long_reason_phrase_is_cut() -> None:
    response, _ = ask(once(b"HTTP/1.1 201 " + b"y" * 50_000 + b"\r\ncontent-length: 0\r\n\r\n"))
    assert len(response.status_text) <= 1_000


# --- what becomes of an answer that was not read ---------------------------------------------------------


def receive(status: int, perform: Callable[[RequestClient], Any]) -> Any:
    """What comes of a perform whose answer is one byte too large."""
    transport = MockTransport(lambda _: Response(status, b"x" * 11, {"content-type": "application/json"}))
    client = RequestClient(RequestOptions(max_response_bytes=10), transport)
    return asyncio.run(perform(client))


@pytest.mark.parametrize("read", ["body", "content", "data"])
def test_who_needs_the_answer_learns_that_the_event_may_have_been_taken(read: str) -> None:
    async def perform(request: RequestClient) -> object:
        return getattr(await request("https://h.test/?key=k", "put", json={}), read)

    with pytest.raises(ResponseTooLargeError) as caught:
        receive(200, perform)
    assert str(caught.value) == (
        "the answer of https://h.test/?… is larger than 10 bytes and was not read; "
        "the partner may have taken the event, so it is not sent again"
    )
    assert (caught.value.code, caught.value.status, is_retryable(caught.value)) == ("RESPONSE_TOO_LARGE", None, False)


@pytest.mark.parametrize("status", [400, 404, 429, 503])
@pytest.mark.parametrize("throws", [True, False])
def test_another_status_is_classified_as_itself(status: int, throws: bool) -> None:
    async def perform(request: RequestClient) -> object:
        response = await request("https://h.test/", "put", json={}, throw_http_errors=throws)
        return response.data

    with pytest.raises(HTTPError) as caught:
        receive(status, perform)
    assert caught.value.status == status
    assert caught.value.answer is MISSING
    assert is_retryable(caught.value) is (status in (429, 503))


def test_who_does_not_need_it_gets_it_with_a_warning() -> None:
    async def perform(request: RequestClient) -> Response:
        return await request("https://h.test/", "put", json={})

    response = receive(201, perform)
    assert (response.status, response.ok, response.value) == (201, True, None)
    assert response.warnings == ["the answer is larger than 10 bytes and was not read"]


# --- the option ------------------------------------------------------------------------------------------


def test_a_request_and_its_client_name_the_limit() -> None:
    client = RequestClient(RequestOptions(max_response_bytes=5))
    assert client("https://h.test/").request.max_response_bytes == 5
    assert client("https://h.test/", max_response_bytes=7).request.max_response_bytes == 7
    assert client("https://h.test/", max_response_bytes=None).request.max_response_bytes is None
    assert client.extend(RequestOptions(timeout_ms=1))("https://h.test/").options.max_response_bytes == 5
    assert RequestClient()("https://h.test/").request.max_response_bytes == 10_000_000
    assert Request("GET", "https://h.test/").max_response_bytes == 10_000_000


@pytest.mark.parametrize("limit", [-1, 1.5, "5", True])
def test_a_limit_is_a_number_of_bytes(limit: Any) -> None:
    with pytest.raises(EngineTypeError, match=r"^max_response_bytes is a whole number of bytes from 0, or None"):
        merge_options(RequestOptions(), RequestOptions(max_response_bytes=limit))


def test_a_hook_may_change_the_limit() -> None:
    transport = MockTransport(lambda _: Response(200, b"x" * 11))
    client = RequestClient(RequestOptions(before_request=(lambda _: RequestOptions(max_response_bytes=10),)), transport)

    async def send() -> Response:
        return await client("https://h.test/")

    assert asyncio.run(send()).too_large
