import io
import json
import resource
import signal
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import (
    ByteInput,
    DeadLetters,
    Delivery,
    EventSource,
    Failure,
    InputError,
    Record,
    RecordingError,
    UnreadableRecordError,
    describe,
)
from destination.request import Request, Response
from destination.runtime import Redactor
from tests.delivery.shop import shop_instance, source_of, subscription, track

pytestmark = pytest.mark.anyio


async def _run(path: Path, source: EventSource, handler: Any = None, *subscriptions: dict[str, Any]) -> list[str]:
    """Delivers, failures into the file; gives what was sent as `place:messageId`."""
    sent = []

    def answer(request: Request) -> Any:
        given = 200 if handler is None else handler(request)
        if given == 200:
            sent.append(f"{request.url.rpartition('/')[2]}:{request.json()['id']}")
        return given

    letters = DeadLetters(path, source.input.name)
    await Delivery(shop_instance(answer, *subscriptions), failures=letters).run(source)
    letters.close()
    return sorted(sent)


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


async def test_running_the_file_again_sends_only_what_failed(tmp_path: Path) -> None:
    def b_is_down(request: Request) -> int:
        return 503 if request.url.endswith("/b") else 200

    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    assert await _run(first, source_of(track(1), track(2)), b_is_down) == ["a:m1", "a:m2"]
    with ByteInput.open(first) as data:
        assert await _run(second, EventSource(data), b_is_down) == []
    with ByteInput.open(second) as data:
        assert await _run(third, EventSource(data)) == ["b:m1", "b:m2"]
    assert third.read_bytes() == b""


async def test_an_envelope_tells_what_failed_and_why(tmp_path: Path) -> None:
    def refuse(request: Request) -> Response | int:
        return Response(400, json={"why": "no"}) if request.url.endswith("/b") else 200

    path = tmp_path / "failed"
    await _run(path, source_of(track(1)), refuse)
    assert _lines(path) == [
        {
            "deadLetter": 1,
            "source": "events",
            "at": "line 1",
            "failures": [
                {
                    "subscription": "B",
                    "index": 1,
                    "error": "400 Bad Request",
                    "type": "HTTPError",
                    "code": "BAD_REQUEST",
                    "status": 400,
                    "retryable": False,
                    "attempts": 1,
                    "response": {"status": 400, "data": {"why": "no"}},
                }
            ],
            "event": track(1),
        }
    ]


async def test_the_event_stays_as_it_came_byte_for_byte(tmp_path: Path) -> None:
    raw = b'{"type": "track", "n": 123456789012345678901234567890, "s": "\\ud800 \xc3\xa9",\n "messageId": "m" }'
    source = EventSource(ByteInput(io.BytesIO(b"[" + raw + b"]")))
    path = tmp_path / "failed"
    await _run(path, source, lambda _request: 500)
    assert path.read_bytes().endswith(b',"event":' + raw.replace(b"\n", b" ") + b"}\n")
    with ByteInput.open(path) as data:
        (record,) = EventSource(data)
    assert record.event is not None
    assert record.event["s"] == "\ud800 é"


async def test_text_that_was_no_event_is_kept_and_may_be_mended(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    await _run(first, source_of(b'{"type": "track" \xff\x00\r', b"[5]"))
    letters = _lines(first)
    assert [letter["failures"][0]["subscription"] for letter in letters] == [None, None]
    assert letters[1]["raw"] == "[5]"
    with ByteInput.open(first) as data:
        await _run(second, EventSource(data))
    assert [letter["raw"] for letter in _lines(second)] == [letter["raw"] for letter in letters]
    letters[1]["raw"] = json.dumps(track(7))
    first.write_text(json.dumps(letters[1]))
    with ByteInput.open(first) as data:
        assert await _run(third, EventSource(data)) == ["a:m7", "b:m7"]
    assert third.read_bytes() == b""


async def test_a_line_that_was_too_long_is_named_by_its_beginning(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    source = EventSource(ByteInput(io.BytesIO(b"x" * 500)), 100)
    await _run(first, source)
    (letter,) = _lines(first)
    assert letter["start"] == "x" * 200
    with ByteInput.open(first) as data:
        await _run(second, EventSource(data))
    assert "a dead letter without its event" in _lines(second)[0]["failures"][0]["error"]


async def test_a_failure_of_the_whole_event_is_sent_through_all_again(tmp_path: Path) -> None:
    letter = {"deadLetter": 1, "failures": [{"subscription": None, "error": "given up"}], "event": track(3)}
    assert await _run(tmp_path / "again", source_of(letter)) == ["a:m3", "b:m3"]


async def test_subscriptions_of_one_name_are_told_apart_by_their_place(tmp_path: Path) -> None:
    path, again = tmp_path / "failed", tmp_path / "again"
    twins = (subscription("Same", "a"), subscription("Same", "b"))
    await _run(path, source_of(track(1)), lambda request: 500 if request.url.endswith("/b") else 200, *twins)
    with ByteInput.open(path) as data:
        assert await _run(again, EventSource(data), None, *twins) == ["b:m1"]
    with ByteInput.open(path) as data:
        assert await _run(again, EventSource(data), None, *twins, subscription("Same", "c")) == ["b:m1"]


async def test_a_subscription_that_is_gone_stays_owed(tmp_path: Path) -> None:
    path, again = tmp_path / "failed", tmp_path / "again"
    await _run(path, source_of(track(1)), lambda _request: 500)
    with ByteInput.open(path) as data:
        assert await _run(again, EventSource(data), None, subscription("A", "a")) == ["a:m1"]
    (letter,) = _lines(again)
    (failure,) = letter["failures"]
    assert failure["subscription"] == "B"
    assert failure["error"] == "there is no enabled subscription 'B' (any more) to send it through"


async def test_a_subscription_that_does_not_match_any_more_is_done(tmp_path: Path) -> None:
    letter = {"deadLetter": 1, "failures": [{"subscription": "A", "error": "x"}], "event": {"type": "page"}}
    assert await _run(tmp_path / "again", source_of(letter)) == []
    assert (tmp_path / "again").read_bytes() == b""


@pytest.mark.parametrize(
    ("letter", "message"),
    [
        ({"deadLetter": 2, "failures": [], "event": {}}, "a dead letter of an unknown form"),
        ({"deadLetter": 1, "failures": {}, "event": {}}, "a dead letter of an unknown form"),
        ({"deadLetter": 1, "failures": [{"subscription": 5}], "event": {}}, "names its subscription by: number"),
        ({"deadLetter": 1, "failures": [7], "event": {}}, "names its subscription by: undefined"),
        ({"deadLetter": 1, "failures": [{"subscription": None}], "event": [1]}, "but this is an array"),
        ({"deadLetter": 1, "failures": []}, "a dead letter without its event"),
        ({"deadLetter": 1, "failures": [], "raw": ""}, "not JSON: it is empty"),
    ],
)
def test_an_envelope_that_was_damaged_is_named(letter: dict[str, Any], message: str) -> None:
    (record,) = source_of(letter)
    assert record.event is None
    assert message in str(record.error)


def test_an_event_that_has_a_property_of_that_name_is_an_event() -> None:
    (record,) = source_of({"type": "track", "deadLetter": 1})
    assert record.event == {"type": "track", "deadLetter": 1}
    assert repr(record) == "<Record line 1: an event>"


def _record() -> Record:
    (record,) = source_of(track(1))
    return record


def test_reasons_are_redacted_and_the_event_is_not(tmp_path: Path) -> None:
    path = tmp_path / "failed"
    letters = DeadLetters(path, "events", Redactor({"apiKey": "s3cr3t"}, ["apiKey"]))
    (record,) = source_of(track(1, note="s3cr3t"))
    letters.add(record, [Failure(InputError("the key s3cr3t is wrong"), "A", 0)])
    letters.close()
    (letter,) = _lines(path)
    assert letter["failures"][0]["error"] == "the key <redacted> is wrong"
    assert letter["event"]["note"] == "s3cr3t"
    assert letters.written == 1


def test_a_long_answer_is_shortened(tmp_path: Path) -> None:
    from destination.errors import HTTPError

    request = Request("GET", "https://x.test")
    for answer, kept in (({"a": "x" * 5000}, 2001), ("y" * 5000, 2001)):
        error = HTTPError(Response(500, json=answer), request)
        data = Failure(error).to_json()["response"]["data"]
        assert isinstance(data, str)
        assert len(data) == kept
    assert Failure(HTTPError(Response(500), request)).to_json()["response"]["data"] in (None, "")


def test_a_file_that_cannot_be_made_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be written"):
        DeadLetters(tmp_path / "missing" / "failed")


def test_a_file_that_cannot_grow_is_a_recording_error(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path / "failed", "events")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, limits[1]))
    try:
        with pytest.raises(RecordingError, match="cannot be written: file too large"):
            letters.add(_record(), [Failure(InputError("x"))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
        letters.close()


def test_errors_are_described_in_one_line() -> None:
    assert describe(UnreadableRecordError("a\n  b\n")) == "a; b"
    assert describe(UnreadableRecordError("")) == "UnreadableRecordError"
    assert describe(ZeroDivisionError("division by zero")) == "ZeroDivisionError: division by zero"


async def test_a_refusal_that_was_too_large_to_read_is_written(tmp_path: Path) -> None:
    letters = tmp_path / "letters"
    await _run(letters, source_of(track(1)), lambda _: Response(404, bytes(10_000_001)))
    [letter] = _lines(letters)
    assert [failure["response"] for failure in letter["failures"]] == [{"status": 404, "data": None}] * 2
