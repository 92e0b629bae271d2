import asyncio
import gzip
import zlib

import pytest

from destination.errors import ConnectionError as ClientConnectionError
from destination.errors import HTTPError
from destination.request import HttpxTransport, PyreqwestTransport, RequestClient, Response, delivery_transport
from destination.request.network_errors import cause_of
from destination.request.pyreqwest_transport import _failure_of
from destination.request.url import parse_url
from destination.request.wire import decompress
from tests.request.loopback import Loopback, answer


def fetch(reply: bytes) -> Response:
    async def main() -> Response:
        async with Loopback(lambda _: reply) as server, PyreqwestTransport() as transport:
            return await RequestClient(transport=transport)(server.url)

    return asyncio.run(main())


def test_status_text_is_always_the_usual_one() -> None:
    with pytest.raises(HTTPError) as caught:
        fetch(answer(status="404 Nope"))
    assert str(caught.value) == "Not Found"


def test_header_of_an_answer_that_is_not_ascii_is_left_out() -> None:
    response = fetch(answer(b"", "X-A: 1", "x-a: \xe9", "x-b: 2", "x-b: 3"))
    assert dict(response.headers) == {"content-length": "0", "x-b": "2, 3"}


def test_headers_of_a_packed_answer_stay_as_they_came() -> None:
    packed = gzip.compress(b"text")
    response = fetch(answer(packed, "content-encoding: gzip"))
    assert dict(response.headers) == {"content-encoding": "gzip", "content-length": str(len(packed))}


def test_many_at_once_share_the_connections() -> None:
    async def main() -> tuple[int, int]:
        async with Loopback(lambda _: answer()) as server, PyreqwestTransport(max_connections=8) as transport:
            request = RequestClient(transport=transport)
            for _ in range(5):
                await asyncio.gather(*(request(server.url, "put", json={}) for _ in range(40)))
            return len(server.requests), server.connections

    requests, connections = asyncio.run(main())
    assert requests == 200
    assert connections <= 16  # a connection just used may not be back in the pool when the next is asked for


def test_cancelled_request_leaves_the_transport_usable() -> None:
    async def main() -> int:
        begun = asyncio.Event()

        async def slow(_request: object) -> bytes:
            if not begun.is_set():
                begun.set()
                await asyncio.Event().wait()
            return answer()

        async with Loopback(slow) as server, PyreqwestTransport() as transport:
            request = RequestClient(transport=transport)

            async def send() -> Response:
                return await request(server.url)

            task = asyncio.create_task(send())
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await send()).status

    assert asyncio.run(main()) == 200


@pytest.mark.parametrize(
    ("causes", "code", "reason"),
    [
        (["dns error", "Name or service not known"], "ENOTFOUND", "getaddrinfo ENOTFOUND h"),
        (["dns error", "Temporary failure in name resolution"], "EAI_AGAIN", "getaddrinfo EAI_AGAIN h"),
        (["client error (Connect)", "x (os error 113)"], "EHOSTUNREACH", "connect EHOSTUNREACH h:443"),
        (["client error (SendRequest)", "x (os error 104)"], "ECONNRESET", "read ECONNRESET"),
        (["client error (Connect)", "tcp connect error"], "ECONNREFUSED", "connect ECONNREFUSED h:443"),
        (
            ["client error (Connect)", "received fatal alert: DecodeError"],
            "EPROTO",
            "the server broke TLS off: decodeerror",
        ),
        (["client error (Connect)", "tls: something new"], "EPROTO", "TLS failed"),
        (["connection closed before message completed"], "ECONNRESET", "socket hang up"),
        ([], "ECONNRESET", "socket hang up"),
    ],
)
def test_cause_is_named_as_in_node(causes: list[str], code: str, reason: str) -> None:
    assert cause_of(_failure_of("\n".join(causes)), parse_url("https://h/")) == (code, reason)


def test_answer_of_damaged_gzip_data_names_node_s_code() -> None:
    with pytest.raises(ClientConnectionError) as caught:
        fetch(answer(b"abc", "content-encoding: gzip"))
    assert caught.value.code == "Z_DATA_ERROR"


async def test_several_codings_are_taken_off_from_the_last() -> None:
    raw = zlib.compressobj(wbits=-15)
    assert await decompress(gzip.compress(raw.compress(b"text") + raw.flush()), "deflate, gzip") == b"text"
    assert await decompress(b"", "gzip") == b""
    assert await decompress(gzip.compress(b"text")[:-4], "gzip") == b"text"


def test_delivery_uses_pyreqwest_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(delivery_transport(1), PyreqwestTransport)
    monkeypatch.setattr("destination.request.pyreqwest_transport.find_spec", lambda _name: None)
    assert isinstance(delivery_transport(1), HttpxTransport)
