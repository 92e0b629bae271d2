import asyncio
import gzip
import os
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import ByteInput
from destination.studio.corpus import Corpus, open_corpus
from destination.usage_problem import UsageProblem
from tests.kit import PATIENCE_S
from tests.studio.corpora import corpus_of, lines_of, loaded

EVENTS: list[dict[str, Any]] = [
    {"type": "track", "event": "Order Completed", "messageId": "M-1", "userId": "u1"},
    {"type": "page", "name": "Home"},
    {"type": "identify", "userId": "u2", "name": "not a page"},
]


def opened(path: Path) -> Corpus:
    corpus = open_corpus(str(path))
    asyncio.run(corpus.load())
    return corpus


@pytest.mark.parametrize("form", ["ndjson", "array", "batch", "gzip"])
def test_every_form_of_input_is_read(tmp_path: Path, form: str) -> None:
    path = tmp_path / "events"
    array = b"[" + b",\n".join(lines_of([event]).strip() for event in EVENTS) + b"]"
    path.write_bytes(
        {
            "ndjson": lines_of(EVENTS),
            "array": array,
            "batch": b'{"batch": ' + array + b"}",
            "gzip": gzip.compress(lines_of(EVENTS)),
        }[form]
    )
    corpus = opened(path)
    assert [corpus.parse(index) for index in range(len(corpus))] == EVENTS
    assert corpus.status() == {"name": str(path), "events": 3, "unreadable": 0, "complete": True, "error": None}
    assert [corpus.line(index) for index in range(3)] == [1, 2, 3]
    assert corpus.label(2) == {"array": "item 3", "batch": "event 3"}.get(form, "line 3")


def test_lists_and_searches_have_what_they_need() -> None:
    corpus = loaded(EVENTS)
    assert corpus.types == ["track", "page", "identify"]
    assert corpus.names == ["Order Completed", "Home", ""]
    assert corpus.words == ["order completed\ntrack\nm-1\nu1", "home\npage", "identify\nu2"]


def test_events_of_any_shape_are_kept() -> None:
    events = [{"type": 5}, {"type": None, "event": ["x"]}, {"type": "track", "event": 7, "userId": 8, "messageId": {}}]
    corpus = loaded(events)
    assert (corpus.types, corpus.names) == (["", "", "track"], ["", "", ""])
    assert [corpus.parse(index) for index in range(3)] == events


def test_a_line_that_holds_no_event_is_a_row_of_its_own() -> None:
    corpus = loaded([EVENTS[0], b"oops \xff", b'{"no": "type"}', EVENTS[1]])
    assert corpus.status() | {"name": ""} == {
        "name": "",
        "events": 4,
        "unreadable": 2,
        "complete": True,
        "error": None,
    }
    assert [index for index in range(4) if corpus.parse(index) is None] == [1, 2]
    assert corpus.unreadable[2].startswith("not an event: it has no type")
    assert corpus.event(1) == {
        "index": 1,
        "line": 2,
        "label": "line 2",
        "text": "oops \N{REPLACEMENT CHARACTER}",
        "isObject": False,
    }


def test_the_text_of_an_event_is_indented_and_keeps_the_order_of_its_keys() -> None:
    corpus = loaded([{"type": "track", "b": [1, {"z": "é"}], "a": {}}])
    assert corpus.event(0) == {
        "index": 0,
        "line": 1,
        "label": "line 1",
        "text": '{\n  "type": "track",\n  "b": [\n    1,\n    {\n      "z": "é"\n    }\n  ],\n  "a": {}\n}',
        "isObject": True,
    }


@pytest.mark.parametrize("index", [-1, 3])
def test_an_index_outside_is_no_event(index: int) -> None:
    with pytest.raises(LookupError):
        loaded(EVENTS).event(index)


def test_an_input_that_breaks_off_says_so_and_keeps_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "events.gz"
    path.write_bytes(gzip.compress(lines_of(EVENTS * 5_000))[:-40])
    corpus = opened(path)
    assert corpus.complete
    assert len(corpus) > 0
    assert corpus.error == f"{path}: the gzip data end too early; the file was cut off"

    array = tmp_path / "events.json"
    array.write_bytes(b"[" + lines_of([EVENTS[0]]) + b"," + lines_of([EVENTS[1]]))
    corpus = opened(array)
    assert (len(corpus), corpus.complete) == (1, True)
    assert "the JSON array is not closed after item 1" in str(corpus.error)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"[]"])
def test_an_empty_input_is_an_empty_corpus(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "events"
    path.write_bytes(content)
    corpus = opened(path)
    assert (len(corpus), corpus.complete, corpus.error) == (0, True, None)


def test_a_file_of_another_kind_says_so(tmp_path: Path) -> None:
    path = tmp_path / "events.zip"
    path.write_bytes(b"PK\x03\x04 and more of it")
    corpus = opened(path)
    assert corpus.complete
    assert corpus.error is not None
    assert corpus.error.startswith(f"{path}: ")


def test_no_file_is_an_empty_corpus() -> None:
    corpus = open_corpus(None)
    asyncio.run(corpus.load())
    assert corpus.status() == {"name": None, "events": 0, "unreadable": 0, "complete": True, "error": None}


@pytest.mark.parametrize("name", ["missing.ndjson", "."])
def test_a_file_that_cannot_be_opened_is_refused_at_once(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageProblem):
        open_corpus(str(tmp_path / name))


def test_events_are_there_while_the_input_is_still_open() -> None:
    """The loop does not wait for a pipe: it answers while nothing comes, and what came is listed."""

    async def scene() -> None:
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb", buffering=0) as source, os.fdopen(writing, "wb", buffering=0) as sink:
            corpus = Corpus(ByteInput(source, "standard input"))
            loading = asyncio.create_task(corpus.load())
            for number in range(1, 4):
                grown = asyncio.create_task(corpus.grown())
                await asyncio.sleep(0)
                sink.write(lines_of([EVENTS[0]]))
                await asyncio.wait_for(grown, PATIENCE_S)
                assert (len(corpus), corpus.complete) == (number, False)
            sink.close()
            await asyncio.wait_for(loading, PATIENCE_S)
            assert (len(corpus), corpus.complete, corpus.error) == (3, True, None)

    asyncio.run(scene())


def test_loading_can_be_cancelled_while_nothing_comes() -> None:
    async def scene() -> None:
        reading, writing = os.pipe()
        corpus = Corpus(ByteInput(os.fdopen(reading, "rb", buffering=0), "standard input"))
        loading = asyncio.create_task(corpus.load())
        await asyncio.sleep(0)
        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading
        os.close(writing)

    asyncio.run(scene())


def test_an_event_is_kept_as_its_bytes() -> None:
    """Memory is that of the input: no parsed event stays, and equal names are one text."""
    corpus = loaded(EVENTS * 100)
    assert corpus.raw(0) == lines_of([EVENTS[0]]).strip()
    assert corpus.parse(0) is not corpus.parse(0)
    assert len({id(name) for name in corpus.names}) == 3


def test_a_corpus_is_read_once() -> None:
    corpus = corpus_of(EVENTS)
    asyncio.run(corpus.load())
    asyncio.run(corpus.load())
    assert len(corpus) == 3
