"""Bodies: compressed, too large, cut off, or no JSON at all."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Message

from destination.forwarding.http.body import BodyReader
from tests.forwarding.http.kit import KEY, Intake, track

GZIP = {"content-encoding": "gzip"}
EVENT = json.dumps(track()).encode()


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "text/plain;charset=UTF-8", "image/png", ""]
)
def test_the_content_type_does_not_matter(content_type: str) -> None:
    assert Intake().post("/v1/track", EVENT, headers={"content-type": content_type}).status_code == 200


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        ("gzip", gzip.compress(EVENT)),
        ("GZIP", gzip.compress(EVENT)),
        ("x-gzip", gzip.compress(EVENT)),
        ("gzip", gzip.compress(EVENT[:10]) + gzip.compress(EVENT[10:])),
        ("identity", EVENT),
        ("", EVENT),
    ],
)
def test_a_compressed_body_is_read(encoding: str, raw: bytes) -> None:
    intake = Intake()
    assert intake.post("/v1/track", raw, headers={"content-encoding": encoding}).status_code == 200
    assert intake.event["messageId"] == "m-1"


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        ("gzip", EVENT),
        ("gzip", b""),
        ("gzip", gzip.compress(EVENT)[:-9]),
        ("gzip", gzip.compress(EVENT)[:-1]),
        ("gzip", gzip.compress(EVENT) + b"x"),
        ("gzip", zlib.compress(EVENT)),
        ("gzip", gzip.compress(b"") * 5_000),
        ("br", EVENT),
        ("gzip, gzip", gzip.compress(gzip.compress(EVENT))),
    ],
)
def test_a_body_that_cannot_be_decompressed_is_a_400(encoding: str, raw: bytes) -> None:
    intake = Intake()
    response = intake.post("/v1/track", raw, headers={"content-encoding": encoding})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_body")
    assert intake.counts.refused_by_reason == {"invalid_body": 1}


@pytest.mark.thorough
def test_a_bomb_is_a_400() -> None:
    """A gigabyte of zeros in a megabyte, and a body that is small enough only while it is compressed."""
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.flush()
    for raw in (bomb, gzip.compress(b" " * 512_001)):
        response = Intake().post("/v1/track", raw, headers=GZIP)
        assert (response.status_code, response.json()["code"]) == (400, "body_too_large")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b" ",
        b"{",
        b'{"batch": [1}',
        b"nonsense",
        b"\xff\xfe{}",
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\xff"}',
        b"{'a': 1}",
        b"[" * 400_000,
        b'{"a":' * 90_000,
        b'{"a": "' + b'\\"' * 200_000,  # a string that does not end, and looks like 200,000 beginnings of one
        b'{"batch": [' + (b"[" * 1_900 + b"]" * 1_900 + b",") * 100 + b"1]}",  # much work for whoever reads it
        b"5",
        b"null",
        b"[]",
        b'"text"',
    ],
)
@pytest.mark.parametrize("path", ["/v1/track", "/v1/batch"])
def test_what_is_not_a_json_object_is_a_400(path: str, raw: bytes) -> None:
    intake = Intake()
    response = intake.post(path, raw)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_body")
    assert response.json()["success"] is False


@pytest.mark.parametrize("batch", [None, {}, "text", 5, True])
def test_a_batch_without_a_list_is_a_400(batch: Any) -> None:
    assert Intake().post("/v1/batch", {"batch": batch}).json()["code"] == "invalid_body"
    assert Intake().post("/v1/batch", track()).json()["code"] == "invalid_body"


@pytest.mark.parametrize(("size", "status"), [(512_000, 200), (512_001, 400)])
def test_a_body_has_500_kilobytes_at_most(size: int, status: int) -> None:
    body = json.dumps({"batch": [track()]}).encode()
    response = Intake().post("/v1/batch", body + b" " * (size - len(body)))
    assert response.status_code == status
    if status == 400:
        assert response.json() == {
            "success": False,
            "code": "body_too_large",
            "message": "the body is larger than 512,000 bytes",
        }


# --- bodies in parts -------------------------------------------------------------------------------------


def parts(*bodies: bytes, end: Message | None = None) -> Callable[[], Any]:
    """Receives a body in parts; without an end it never ends."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    messages += [end] if end is not None else []

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop(0)

    return receive


END: Message = {"type": "http.request", "body": b"", "more_body": False}


async def answer(intake: Intake, receive: Callable[[], Any]) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Basic d3JpdGUta2V5LTE6")]
    scope = {"type": "http", "method": "POST", "path": "/v1/track", "headers": headers, "client": None}
    await intake.app({**scope, "query_string": b"", "root_path": ""}, receive, send)
    return sent


async def test_a_body_may_come_in_parts() -> None:
    intake = Intake()
    sent = await answer(intake, parts(*(EVENT[at : at + 1] for at in range(len(EVENT))), end=END))
    assert sent[0]["status"] == 200
    assert intake.event["messageId"] == "m-1"
    assert "context" not in intake.event  # the server does not know the client's address


async def test_a_client_that_goes_away_gets_no_answer() -> None:
    intake = Intake()
    assert await answer(intake, parts(EVENT[:5], end={"type": "http.disconnect"})) == []
    assert await answer(intake, parts(end={"type": "http.disconnect"})) == []
    assert intake.kept == []


@pytest.mark.parametrize("first", [(), (EVENT,)])
async def test_a_body_that_does_not_end_is_a_408(first: tuple[bytes, ...]) -> None:
    intake = Intake(body_s=0.01)
    sent = await answer(intake, parts(*first))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert intake.counts.refused_by_reason == {"slow_body": 1}


async def test_the_rest_of_a_body_that_is_too_large_is_read_but_not_kept() -> None:
    """A client that is cut off would not see the answer."""
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": bytes(100_000), "more_body": read < 20}

    sent = await answer(Intake(), receive)
    assert (sent[0]["status"], read) == (400, 20)
    assert (b"connection", b"close") not in sent[0]["headers"]


async def test_a_body_that_never_ends_is_cut_off() -> None:
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": bytes(100_000), "more_body": True}

    sent = await answer(Intake(), receive)
    assert (sent[0]["status"], read) == (400, 82)
    assert (b"connection", b"close") in sent[0]["headers"]


async def test_bodies_that_are_being_received_have_a_size_together() -> None:
    reader = BodyReader(1_000, 2_500, 30, 10)
    waiting = [asyncio.create_task(reader.read(parts(bytes(1_000)), b"")) for _ in range(2)]
    while reader.buffered_bytes < 2_000:  # noqa: ASYNC110  nothing but the counter says it
        await asyncio.sleep(0)
    intake = Intake()
    intake.app.router.default._bodies = reader  # type: ignore[attr-defined]
    sent = await answer(intake, parts(b" " * 600, end=END))
    assert (sent[0]["status"], sent[0]["headers"][1]) == (503, (b"retry-after", b"10"))
    assert intake.counts.refused_by_reason == {"busy": 1}
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert reader.buffered_bytes == 0
    sent = await answer(intake, parts(b'{"userId": "u",', b'"event": "e"}', end=END))
    assert sent[0]["status"] == 200
    assert intake.counts.accepted_by_key == {KEY: 1}
    assert reader.buffered_bytes == 0
