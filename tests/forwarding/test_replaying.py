"""Dead letters are sent again once, and only what is left of them is kept."""

import asyncio
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import Delivery, DeliveryOptions, RecordingError, RetryPolicy
from destination.forwarding.dead_letter_file import DeadLetterFile, read_dead_letters
from destination.forwarding.replaying import Replayed, replay
from destination.request import Request, Response
from destination.values import write_json
from tests.delivery.shop import shop_instance, track

OPTIONS = DeliveryOptions(retry=RetryPolicy(attempts=1), batch_size=10)


def dead_letter(number: int, *failed: tuple[str, int]) -> bytes:
    failures = [{"subscription": name, "index": index, "error": "earlier"} for name, index in failed]
    line = {"deadLetter": 1, "source": "queue", "at": f"event {number}", "failures": failures, "event": track(number)}
    return write_json(line) + b"\n"


class Partner:
    """Takes what it gets, except for what is in `refused`: (path, messageId)."""

    def __init__(self, *refused: tuple[str, str], status: int = 400) -> None:
        self.refused = set(refused)
        self.status = status
        self.got: list[tuple[str, str]] = []

    def __call__(self, request: Request) -> Response:
        item = (request.url.rsplit("/", 1)[1], json.loads(request.body or b"")["id"])
        self.got.append(item)
        return Response(self.status if item in self.refused else 200)


def send(path: Path, partner: Partner, names: Collection[str] | None = None) -> Replayed:
    async def main() -> Replayed:
        file = DeadLetterFile(path)
        try:
            return await replay(file, shop_instance(partner), names, OPTIONS)
        finally:
            file.close()

    return asyncio.run(main())


def left(path: Path) -> list[tuple[str | None, list[str]]]:
    return [
        (one.message_id, sorted(failure["subscription"] for failure in one.failures)) for one in read_dead_letters(path)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "dead"
    path.write_bytes(dead_letter(1, ("A", 0)) + dead_letter(2, ("A", 0), ("B", 1)) + dead_letter(3, ("B", 1)))
    return path


def test_what_is_delivered_is_sent_once_to_what_failed_and_removed(path: Path) -> None:
    partner = Partner()
    assert send(path, partner) == Replayed(3, 0, 0)
    assert sorted(partner.got) == [("a", "m1"), ("a", "m2"), ("b", "m2"), ("b", "m3")]
    assert path.read_bytes() == b""


def test_only_those_that_are_named_are_sent(path: Path) -> None:
    partner = Partner()
    first = next(read_dead_letters(path)).id
    assert send(path, partner, [first, "m3", "nobody"]) == Replayed(2, 0, 0, ("nobody",))
    assert sorted(partner.got) == [("a", "m1"), ("b", "m3")]
    assert left(path) == [("m2", ["A", "B"])]


def test_what_fails_again_names_only_what_failed_now(path: Path) -> None:
    assert send(path, Partner(("b", "m2"))) == Replayed(2, 1, 0)
    assert left(path) == [("m2", ["B"])]
    (found,) = read_dead_letters(path)
    assert found.failures[0]["status"] == 400
    partner = Partner()
    assert send(path, partner) == Replayed(1, 0, 0)
    assert partner.got == [("b", "m2")]


def test_a_partner_that_is_down_is_not_waited_for(path: Path) -> None:
    partner = Partner(("a", "m1"), ("a", "m2"), ("b", "m2"), ("b", "m3"), status=503)
    found = send(path, partner)
    assert found.acknowledged == 0
    assert sorted(left(path)) == [("m1", ["A"]), ("m2", ["A", "B"]), ("m3", ["B"])]


def test_a_line_that_is_there_twice_is_sent_once(path: Path) -> None:
    path.write_bytes(dead_letter(1, ("A", 0)) * 2)
    partner = Partner()
    assert send(path, partner) == Replayed(1, 0, 0)
    assert partner.got == [("a", "m1")]
    assert path.read_bytes() == b""


def test_what_cannot_be_written_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise RecordingError("no space left")

    monkeypatch.setattr(DeadLetterFile, "add", full)
    found = send(path, Partner(("a", "m1")), ["m1"])
    assert (found.acknowledged, found.failed) == (0, 0)
    assert left(path)[0] == ("m1", ["A"])


def test_an_empty_file_has_nothing_to_send(tmp_path: Path) -> None:
    partner = Partner()
    assert send(tmp_path / "none", partner, ["m1"]) == Replayed(0, 0, 0, ("m1",))
    assert partner.got == []


def test_one_that_is_stopped_half_way_keeps_only_what_was_not_sent(path: Path) -> None:
    path.write_bytes(dead_letter(2, ("A", 0), ("B", 1)) + dead_letter(3, ("A", 0), ("B", 1)))
    before = path.read_bytes().splitlines()
    sent: list[str] = []
    deliveries: list[Delivery] = []

    def stopping(request: Request) -> Response:
        sent.append(request.url.rsplit("/", 1)[1])
        deliveries[0].stop()
        return Response(200)

    async def main() -> Replayed:
        file = DeadLetterFile(path)
        try:
            instance = shop_instance(stopping)
            one_by_one = DeliveryOptions(retry=RetryPolicy(attempts=1), rate=0.001)
            return await replay(file, instance, None, one_by_one, concurrency=1, begun=deliveries.append)
        finally:
            file.close()

    found = asyncio.run(main())
    assert len(sent) == 1
    other = "B" if sent == ["a"] else "A"
    assert (found.acknowledged, found.failed, found.deferred) == (0, 0, 2)
    assert sorted(left(path)) == [("m2", [other]), ("m3", ["A", "B"])]
    assert path.read_bytes().splitlines()[0] == before[1]
