import gzip
import io
import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.delivery import ByteInput, EventSource, InputError
from destination.delivery.splitters import ArraySplitter
from tests.thorough import rarely


class _Pieces:
    """A stream that gives its bytes in the pieces it was made of, as a pipe does."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = iter([piece for piece in pieces if piece])

    def read(self, _size: int) -> bytes:
        return next(self._pieces, b"")

    def close(self) -> None:
        pass


def _source(*pieces: bytes, limit: int = 1 << 20) -> EventSource:
    return EventSource(ByteInput(_Pieces(*pieces)), limit)


def _read(*pieces: bytes, limit: int = 1 << 20) -> list[tuple[str, Any]]:
    """Every record as its place and its event or message."""
    return [
        (record.label, record.event if record.error is None else str(record.error))
        for record in _source(*pieces, limit=limit)
    ]


# --- lines -----------------------------------------------------------------------------------------------


def test_lines_are_events_and_blank_lines_are_skipped() -> None:
    assert _read(b'{"type":1}\r\n\n  \n{"type":2}') == [("line 1", {"type": 1}), ("line 4", {"type": 2})]


def test_a_line_that_is_not_json_is_named_and_the_rest_goes_on() -> None:
    places = _read(b'{"type":1}\nnope\n{"type":2}\n')
    assert places[0] == ("line 1", {"type": 1})
    assert places[1][0] == "line 2"
    assert places[1][1].startswith("not JSON: ")
    assert places[1][1].endswith("at column 1")
    assert places[2] == ("line 3", {"type": 2})


@pytest.mark.parametrize(
    ("line", "kind"),
    [(b"5", "a number"), (b'"x"', "a string"), (b"null", "null"), (b"true", "a boolean"), (b" {}\n[1]", "an array")],
)
def test_an_event_that_is_no_object_is_named(line: bytes, kind: str) -> None:
    assert _read(line)[-1][1] == f"an event is a JSON object, but this is {kind}"


def test_an_event_may_go_on_over_several_lines() -> None:
    typeless = "not an event: it has no type, and no list of events under batch, items, data or events"
    assert _read(b'{\n "type": 1\n}\n\n{\n"type": 2}\n\n {\n\n}\n{"type": 3}') == [
        ("line 1", {"type": 1}),
        ("line 5", {"type": 2}),
        ("line 8", typeless),
        ("line 11", {"type": 3}),
    ]


def test_a_line_that_breaks_off_costs_that_line_only() -> None:
    found = _read(b'{"event": "a",\n{"type": 1}\n{"type": 2}\n')
    assert [label for label, _ in found] == ["line 1", "line 2", "line 3"]
    assert found[0][1].startswith("not JSON: ")
    assert found[1:] == [("line 2", {"type": 1}), ("line 3", {"type": 2})]


def test_lines_cut_anywhere_are_put_together() -> None:
    text = b'{"type":"x\\n"}\n\n{"type":2}\n{"type":3}'
    whole = _read(text)
    for cut in range(len(text)):
        assert _read(text[:cut], text[cut:]) == whole


def test_a_line_is_there_as_soon_as_it_ends() -> None:
    class Slow(_Pieces):
        def read(self, size: int) -> bytes:
            return super().read(size) or pytest.fail("the first event had to wait for the second")

    assert next(iter(EventSource(ByteInput(Slow(b'{"type":1}\n{"b"'))))).event == {"type": 1}


def test_a_line_that_is_too_long_costs_that_line_only() -> None:
    long = b'{"type":"' + b"x" * 300 + b'"}'
    for pieces in ([long + b"\n{}"], [long[:50], long[50:250], long[250:] + b"\n", b"{}"]):
        records = list(_source(*pieces, limit=100))
        assert [(record.label, record.complete) for record in records] == [("line 1", False), ("line 2", True)]
        assert str(records[0].error) == "longer than 100 bytes: too long for an event"
        assert records[0].raw == long[:200]


def test_a_long_line_amid_others_of_one_piece_costs_that_line_only() -> None:
    assert [
        place
        for place, event in _read(b'{"type":0}\n' + b"x" * 300 + b'\n{"type":0}\n', limit=100)
        if event == {"type": 0}
    ] == [
        "line 1",
        "line 3",
    ]


# --- arrays ----------------------------------------------------------------------------------------------


def test_the_items_of_an_array_are_events() -> None:
    text = b' [ {"type": "]\\"},"} , {"type": [1, {"type": []}]},{"type":0}]'
    assert _read(text) == [
        ("item 1", {"type": ']"},'}),
        ("item 2", {"type": [1, {"type": []}]}),
        ("item 3", {"type": 0}),
    ]


def test_an_array_cut_anywhere_is_put_together() -> None:
    text = b'[{"type":"\\\\\\"]},["},5,"x,]",[{}], {"type" : {"type":[1,2]}} ]\n'
    whole = _read(text)
    assert len(whole) == 5
    for cut in range(len(text)):
        assert _read(text[:cut], text[cut:]) == whole
    assert _read(*(bytes([byte]) for byte in text)) == whole


def test_items_of_any_depth_are_followed() -> None:
    deep: Any = "]"
    for _ in range(60):
        deep = {"type": [deep, {}]}
    text = json.dumps([deep, {"type": 0}]).encode()
    assert (
        _read(text)
        == _read(*(text[at : at + 11] for at in range(0, len(text), 11)))
        == [
            ("item 1", deep),
            ("item 2", {"type": 0}),
        ]
    )


def test_an_item_that_is_not_json_costs_that_item_only() -> None:
    places = _read(b'[{"type":1}, {"b" 2}, nope, {"type":3} x, }, {"type":4}]')
    assert [place for place, event in places if isinstance(event, dict)] == ["item 1", "item 6"]


@pytest.mark.parametrize("text", [b"[]", b" [ ] \n", b"", b" \n\n"])
def test_an_empty_input_has_no_records(text: bytes) -> None:
    assert _read(text) == []


def test_a_missing_item_is_named() -> None:
    assert _read(b'[{"type":1},]')[1] == ("item 2", "not JSON: it is empty")


def test_arrays_and_lines_may_follow_an_array() -> None:
    text = b'[{"type":1},\n {"type":2}]\n[{"type":3}]\n\n{"type":4}\n[1]'
    assert _read(text) == [
        ("item 1", {"type": 1}),
        ("item 2", {"type": 2}),
        ("item 3", {"type": 3}),
        ("line 5", {"type": 4}),
        ("line 6", "an event is a JSON object, but this is an array"),
    ]


def test_an_array_that_is_not_closed_is_told_after_its_items() -> None:
    source = _source(b'[{"type":1}, {"b"')
    records = iter(source)
    assert next(records).event == {"type": 1}
    with pytest.raises(InputError, match="not closed after item 1"):
        next(records)


def test_an_item_that_is_too_long_costs_that_item_only() -> None:
    long = b'{"type":"' + b"]}," * 300 + b'","type":[{}]}'
    for size in (1, 7, 64, 10_000):
        text = b"[{}," + long + b',{"type":1}]'
        records = list(_source(*(text[start : start + size] for start in range(0, len(text), size)), limit=100))
        assert [(record.label, record.complete) for record in records] == [
            ("item 1", True),
            ("item 2", False),
            ("item 3", True),
        ]
        assert long.startswith(records[1].raw[:90])


def test_a_long_item_takes_linear_time_and_bounded_memory() -> None:
    splitter = ArraySplitter(limit=1 << 20)
    chunk = b"x" * (1 << 16)
    splitter.feed(b'{"type":"')
    for _ in range(200):
        assert splitter.feed(chunk) == []
        assert len(splitter._buffer) <= (1 << 20) + (1 << 16)
    assert [piece.complete for piece in splitter.feed(b'"},{}]')] == [False, True]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=4), _JSON, max_size=3), max_size=6), st.integers(1, 40), st.booleans())
def test_any_array_gives_its_items(events: list[dict[str, Any]], size: int, indented: bool) -> None:
    events = [{"type": "track", **event} for event in events]
    text = json.dumps(events, indent=1 if indented else None, ensure_ascii=False).encode()
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    assert [event for _, event in _read(*pieces)] == events


@given(st.binary(max_size=60), st.integers(1, 20))
def test_any_bytes_give_records_or_an_input_error(text: bytes, size: int) -> None:
    try:
        for record in _source(*(text[start : start + size] for start in range(0, len(text), size)), limit=30):
            assert (record.event is None) == (record.error is not None)
    except InputError:
        pass


# --- bytes -----------------------------------------------------------------------------------------------


def test_a_byte_order_mark_is_dropped() -> None:
    assert _read(b'\xef\xbb\xbf{"type":0}') == [("line 1", {"type": 0})]
    assert _read(b"\xef", b"\xbb", b"\xbf", b'{"type":0}') == [("line 1", {"type": 0})]
    assert _read(gzip.compress(b'\xef\xbb\xbf[{"type":0}]')) == [("item 1", {"type": 0})]


def test_utf_16_is_named() -> None:
    with pytest.raises(InputError, match="UTF-16"):
        _read('{"type":1}'.encode("utf-16"))


def test_gzip_is_recognised_by_its_bytes_in_any_pieces() -> None:
    data = gzip.compress(b'{"type":1}\n') + gzip.compress(b'{"type":2}\n') + b"\0" * 7
    assert _read(data) == [("line 1", {"type": 1}), ("line 2", {"type": 2})]
    assert _read(*(bytes([byte]) for byte in data)) == [("line 1", {"type": 1}), ("line 2", {"type": 2})]


def test_gzip_that_is_cut_off_is_told_after_what_is_whole() -> None:
    noise = random.Random(7)
    lines = b"".join(b'{"type":%d}\n' % noise.getrandbits(60) for _ in range(20_000))
    found: list[Any] = []
    with pytest.raises(InputError, match="end too early"):
        found.extend(iter(_source(gzip.compress(lines)[:-5])))
    assert len(found) > 19_000


def test_damaged_gzip_is_named() -> None:
    data = bytearray(gzip.compress(b'{"type":1}\n' * 100))
    data[20:30] = b"\xff" * 10
    with pytest.raises(InputError, match="damaged"):
        _read(bytes(data))
    with pytest.raises(InputError, match="damaged"):
        _read(gzip.compress(b"{}\n") + b"garbage")


def test_a_read_that_fails_is_an_input_error() -> None:
    class Broken:
        def read(self, _size: int) -> bytes:
            raise OSError(5, "Input/output error")

        def close(self) -> None:
            pass

    with pytest.raises(InputError, match="events: reading failed: input/output error"):
        list(EventSource(ByteInput(Broken(), "events")))


def test_opening_names_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        ByteInput.open(tmp_path / "missing")
    with pytest.raises(InputError, match="is a folder"):
        ByteInput.open(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        ByteInput.open("a\0b")
    with pytest.raises(InputError, match="cannot be read: file name too long"):
        ByteInput.open("x" * 5000)


def test_a_file_knows_its_size_and_how_much_was_read(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'{"type":1}\n')
    with ByteInput.open(path) as data:
        assert (data.name, data.size, data.bytes_read) == (str(path), 11, 0)
        assert len(list(EventSource(data))) == 1
        assert data.bytes_read == 11


def test_standard_input_is_read_and_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"{}\n"))
    monkeypatch.setattr("sys.stdin", stdin)
    with ByteInput.open("-") as data:
        assert (data.name, data.size) == ("standard input", None)
        assert len(list(EventSource(data))) == 1
    assert not stdin.closed


def test_a_standard_input_that_is_closed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)  # as Python has it after `<&-`
    with pytest.raises(InputError, match="standard input: is closed; give a file of events"):
        ByteInput.open("-")


# --- memory ----------------------------------------------------------------------------------------------


class _Endless:
    """So many bytes of events, made as they are read."""

    def __init__(self, head: bytes, body: bytes, times: int, tail: bytes) -> None:
        self._parts = iter([head + body, *[body] * (times - 1), tail])

    def read(self, _size: int) -> bytes:
        return next(self._parts, b"")

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("form", "thousands"), [("lines", 30), rarely("lines", 100), rarely("array", 40), rarely("gzip", 40)]
)
def test_many_events_need_no_more_memory_than_a_few(form: str, thousands: int) -> None:
    event = json.dumps({"type": "track", "properties": {"text": "x" * 200}}).encode()
    separator, head, tail = (b",\n", b"[", b"{}]") if form == "array" else (b"\n", b"", b"")
    body = (event + separator) * 1_000
    stream: Any = _Endless(head, body, thousands, tail)
    if form == "gzip":
        stream = io.BytesIO(gzip.compress(body * thousands, 1))
    tracemalloc.start()
    try:
        count = sum(1 for record in EventSource(ByteInput(stream)) if record.event)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == thousands * 1_000
    assert peak < 4_000_000  # of 9 to 25 million bytes
