"""Records are read while the ones before them are sent, and none that was read is lost."""

import asyncio
from collections.abc import Callable

from destination.delivery import Delivery, InputError, Record
from destination.delivery.in_flight import event_size
from destination.delivery.record import Piece
from destination.request import Request, Response
from destination.values import write_json
from tests.delivery.shop import shop, subscription, track


class Blocks:
    """A source of two blocks of four records; calls `asked` with the number of the block that is wanted."""

    def __init__(self, asked: Callable[[int], None], last: Exception | None = None) -> None:
        self._asked = asked
        self._last = last
        self._count = 0

    async def next(self) -> list[Record] | None:
        self._count += 1
        self._asked(self._count)
        if self._count > 2:
            if self._last is not None:
                raise self._last
            return None
        first = 4 * self._count - 3
        numbers = range(first, first + 4)
        return [Record("line", Piece(one, write_json(track(one)), True), ordinal=one) for one in numbers]

    def close(self) -> None:
        """Nothing is open."""


class Turns:
    """A transport that answers in the next turn of the event loop."""

    def __init__(self) -> None:
        self.sent = 0

    async def send(self, request: Request) -> Response:
        self.sent += 1
        await asyncio.sleep(0)
        return Response(200, b"{}", {"content-type": "application/json"}, url=request.url)

    async def aclose(self) -> None:
        """Nothing is open."""


def test_the_next_block_is_read_while_half_of_the_last_one_waits() -> None:
    transport, sent = Turns(), []
    instance = shop.instance({}, [subscription("A", "a")], transport=transport)
    source = Blocks(lambda _number: sent.append(transport.sent))
    report = asyncio.run(Delivery(instance, concurrency=1).run(source))
    assert report.sent == 8
    assert sent[0] == 0
    assert 1 <= sent[1] < 4


def test_what_was_read_before_the_input_broke_is_sent() -> None:
    transport = Turns()
    instance = shop.instance({}, [subscription("A", "a")], transport=transport)
    source = Blocks(lambda _number: None, InputError("events.ndjson: reading failed"))
    report = asyncio.run(Delivery(instance, concurrency=1).run(source))
    assert (report.stop, report.sent) == ("input", 8)


def test_memory_of_many_small_values_is_counted_as_more_than_their_text() -> None:
    small, text = b'{"a":[' + b'{"b":1},' * 25_000 + b"1]}", b'{"a":"' + b"x" * 200_000 + b'"}'
    assert event_size(small) > 25 * len(small)
    assert event_size(text) < 4 * len(text)
