"""Lists of events in an object: what Segment's SDKs post, and dumps of other tools."""

import gzip
import io
import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.delivery import ByteInput, EventSource, InputError, Record, Share

LIMIT = 120
"""An object that is longer than this many bytes is read twice in these tests."""


def track(number: int, **more: Any) -> dict[str, Any]:
    return {"type": "track", "messageId": f"m{number}", **more}


def read(data: bytes, limit: int = 1 << 20) -> list[tuple[str, Any]]:
    source = EventSource(ByteInput(io.BytesIO(data)), limit)
    return [(one.label, one.event if one.error is None else str(one.error)) for one in source]


def read_file(path: Path, limit: int = LIMIT, share: Share | None = None) -> list[Record]:
    with ByteInput.open(path) as data:
        return list(EventSource(data, limit, share))


def dumped(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent).encode()


@pytest.mark.parametrize("key", ["batch", "items", "data", "events"])
def test_a_line_with_a_list_of_events_is_read_as_its_events(key: str) -> None:
    text = dumped(track(1)) + b"\n" + dumped({key: [track(2), track(3)]}) + b"\n" + dumped(track(4))
    assert read(text) == [
        ("line 1", track(1)),
        ("line 2, event 1", track(2)),
        ("line 2, event 2", track(3)),
        ("line 3", track(4)),
    ]


def test_a_whole_file_may_be_one_object_on_many_lines() -> None:
    text = dumped({"batch": [track(1), track(2)], "writeKey": "k"}, indent=2)
    assert read(text + b"\n") == [("event 1", track(1)), ("event 2", track(2))]
    again = read(text + b"\n" + text + b"\n" + dumped(track(3)))
    assert [label for label, _ in again] == ["event 1", "event 2", "event 3", "event 4", f"line {2 * 13 + 1}"]


def test_an_array_may_hold_objects_with_lists() -> None:
    text = dumped([{"batch": [track(1)]}, track(2), {"batch": [{"events": [track(3)]}]}])
    assert read(text) == [
        ("item 1, event 1", track(1)),
        ("item 2", track(2)),
        ("item 3, event 1, event 1", track(3)),
    ]


def test_what_the_envelope_says_is_merged_key_by_key_and_own_keys_win() -> None:
    envelope = {
        "batch": [
            track(1, context={"locale": "en"}, integrations={"All": True}, timestamp="t"),
            track(2, sentAt="own", context=None),
            track(3),
        ],
        "context": {"locale": "de", "ip": "192.0.2.1"},
        "integrations": {"All": False, "Shop": {"id": 1}},
        "sentAt": "2026-03-01T12:00:00.000Z",
        "writeKey": "k",
    }
    expected = [
        track(
            1,
            context={"locale": "en", "ip": "192.0.2.1"},
            integrations={"All": True, "Shop": {"id": 1}},
            timestamp="t",
            sentAt=envelope["sentAt"],
        ),
        track(2, sentAt="own", context=None, integrations=envelope["integrations"]),
        track(3, context=envelope["context"], integrations=envelope["integrations"], sentAt=envelope["sentAt"]),
    ]
    for text in (dumped(envelope), dumped(envelope, indent=1), dumped([envelope])):
        assert [event for _, event in read(text)] == expected


def test_an_inner_envelope_wins_over_an_outer_one() -> None:
    inner = {"batch": [track(1)], "context": {"locale": "en"}}
    text = dumped({"data": [inner], "context": {"locale": "de", "ip": "192.0.2.1"}, "sentAt": None})
    assert read(text)[0][1] == track(1, context={"locale": "en", "ip": "192.0.2.1"}, sentAt=None)


def test_events_of_one_envelope_share_nothing_that_can_be_changed() -> None:
    text = dumped({"batch": [track(1), track(2)], "context": {"app": {"name": "shop"}}})
    first, second = (one.event for one in EventSource(ByteInput(io.BytesIO(text))))
    assert first is not None
    assert second is not None
    first["context"]["app"]["name"] = "changed"
    assert second["context"] == {"app": {"name": "shop"}}


def test_an_object_with_a_type_is_an_event_whatever_it_holds() -> None:
    event = {"batch": [track(1)], "context": {}, "type": "track"}
    assert read(dumped(event)) == [("line 1", event)]
    assert read(dumped(event, indent=1)) == [("line 1", event)]
    assert read(dumped({"type": None, "items": [1]})) == [("line 1", {"type": None, "items": [1]})]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"event": "Signed Up"}, "not an event: it has no type, and no list of events under batch, items, data or ev"),
        ({"data": {"events": 1}}, "not an event: it has no type, and no list of events"),
        ({"batch": [track(1)], "data": []}, "not an event: it has no type, and lists under batch and data: keep one"),
    ],
)
def test_an_object_that_is_neither_is_an_error_with_its_line(value: Any, message: str) -> None:
    assert read(dumped(track(1)) + b"\n" + dumped(value))[1][0] == "line 2"
    assert read(dumped(track(1)) + b"\n" + dumped(value))[1][1].startswith(message)


def test_what_is_not_an_event_in_a_list_is_named_and_the_rest_goes_on() -> None:
    labels = dict(read(b'{"batch": [5, {"type": "page"}, {"a": 1}]}'))
    assert labels["line 1, event 1"] == "an event is a JSON object, but this is a number"
    assert labels["line 1, event 2"] == {"type": "page"}
    assert labels["line 1, event 3"].startswith("not an event: it has no type")


def test_an_empty_list_has_no_events() -> None:
    assert read(b'{"batch": []}\n{"items":[]}') == read(b'{"batch": [\n]}') == []


def test_events_keep_their_bytes_where_nothing_is_merged() -> None:
    (record,) = EventSource(ByteInput(io.BytesIO(b'{"batch": [{"type":"page", "n":1.50}]}')))
    assert record.raw == b'{"type":"page", "n":1.50}'


# --- objects that are longer than a line may be --------------------------------------------------------------

_LONG = {"batch": [track(number) for number in range(9)], "context": {"ip": "192.0.2.1"}, "sentAt": "now"}
_LONG_EVENTS = [track(number, context={"ip": "192.0.2.1"}, sentAt="now") for number in range(9)]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("packed", [False, True])
def test_a_long_object_is_streamed_with_the_keys_after_its_list(
    tmp_path: Path, indent: int | None, packed: bool
) -> None:
    path = tmp_path / "events.json"
    text = b"\n " + dumped({"x": [1], **_LONG}, indent) + b"\n\n" + dumped(track(9))
    path.write_bytes(gzip.compress(text) if packed else text)
    records = read_file(path)
    assert [record.event for record in records] == [*_LONG_EVENTS, track(9)]
    assert [record.ordinal for record in records] == list(range(1, 11))
    assert [record.label for record in records[:9]] == [f"event {number}" for number in range(1, 10)]
    assert records[9].label == f"line {text.count(10) + 1}"


def test_a_long_object_in_a_pipe_is_refused_in_one_line() -> None:
    with pytest.raises(InputError, match=r"^input: holds its events in one JSON object that is too large .*: keys aft"):
        read(dumped(_LONG), LIMIT)


def test_a_long_object_that_is_not_closed_sends_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(dumped(_LONG)[:-1])
    with pytest.raises(InputError, match="the JSON object that begins in line 1 is not closed"):
        read_file(path)


def test_a_long_event_with_a_list_is_still_too_long(tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(dumped({**_LONG, "type": "track"}) + b"\n" + dumped(track(1)))
    records = read_file(path)
    assert [(record.label, str(record.error)) for record in records[:1]] == [
        ("line 1", f"longer than {LIMIT} bytes: too long for an event")
    ]
    assert records[1].event == track(1)


@given(st.data())
def test_a_long_object_gives_the_events_of_a_short_one(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    texts = st.text('ab[]{}",:\\', max_size=9)
    events = data.draw(st.lists(st.dictionaries(texts, texts, max_size=2), max_size=12))
    members = [("events", [{"type": "track", **event} for event in events])]
    members += data.draw(st.lists(st.tuples(st.sampled_from(["sentAt", "context", "x]}"]), st.just({"k": 'v]"}'}))))
    envelope = dict(data.draw(st.permutations(members)))
    path = tmp_path_factory.mktemp("long") / "events.json"
    path.write_bytes(json.dumps(envelope, indent=data.draw(st.sampled_from([None, 1]))).encode())
    limit = data.draw(st.integers(150, 400))
    assert [one.event for one in read_file(path, limit)] == [one.event for one in read_file(path, 1 << 20)]


@pytest.mark.thorough
@given(st.lists(st.sampled_from([1, 0, 2, 700])), st.integers(2, 3))
def test_shares_count_the_events_of_envelopes_one_by_one(sizes: list[int], of: int) -> None:
    lines, number = [], 0
    for size in sizes:
        events = [track(number + index, items=[]) for index in range(size)]
        lines.append(dumped(events[0] if size == 1 else {"items": events}))
        number += size
    text = b"\n".join(lines)
    shares = [
        [one.ordinal for one in EventSource(ByteInput(io.BytesIO(text)), share=Share(index, of))] for index in range(of)
    ]
    assert sorted(chain(*shares)) == list(range(1, number + 1))
    for index, ordinals in enumerate(shares):
        assert all(Share(index, of).takes(ordinal) for ordinal in ordinals)


# --- kinds of file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "head", "sentence"),
    [
        ("a.zip", b"PK\x03\x04xxxxxx", "is a zip archive; unpack it first: unzip {name}"),
        ("a.ndjson", b"\x28\xb5\x2f\xfdxxxxxx", "is compressed with zstd; unpack it first: zstd -d {name}"),
        ("a.xz", b"\xfd7zXZ\x00xxxxxx", "is compressed with xz; unpack it first: xz -dk {name}"),
        ("a.bz2", b"BZh91AY&SY", "is compressed with bzip2; unpack it first: bzip2 -dk {name}"),
        ("a.parquet", b"PAR1\x15\x04\x15\x10", "is a Parquet file; write its rows as JSON first: duckdb"),
        ("a.csv", b"type,event\ntrack,x\n", "is a CSV file; write its rows as JSON first, one event on a line"),
        ("a.txt", b"type;event\ntrack;x\n", "is a CSV file; write its rows as JSON first, one event on a line"),
        ("main.tf", b"# Ours\n", "is a Terraform file, which holds mappings and no events; give it with --mappings"),
        ("main.txt", b'resource "segment_destination_subscription" "a" {\n', "is a Terraform file"),
        ("a.json", '{"type":1}'.encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
        ("a.gz", gzip.compress(gzip.compress(b"{}")), "is compressed twice with gzip; unpack it first"),
        ("a.tgz", gzip.compress(b"events.ndjson" + b"\0" * 244 + b"ustar\x0000"), "is a tar archive; unpack it first"),
    ],
)
def test_a_file_of_another_kind_gets_its_own_sentence(tmp_path: Path, name: str, head: bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(head)
    with pytest.raises(InputError) as raised:
        read_file(path)
    assert str(raised.value).startswith(f"{path}: {sentence.format(name=path)}")


def test_json_is_read_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(dumped(track(1)))
    assert [record.event for record in read_file(path)] == [track(1)]


@pytest.mark.parametrize("many_lines", [False, True])
def test_a_key_with_two_lists_is_an_error_and_no_events_are_lost_silently(many_lines: bool) -> None:
    text = b'{"batch": [' + dumped(track(1)) + b'], "batch": [' + dumped(track(2)) + b"]}"
    text = text.replace(b"{", b"{\n", 1) if many_lines else text
    (first, second) = read(text + b"\n" + dumped(track(3)))
    assert first == ("line 1", "not an event: it has no type, and two lists under batch: keep one")
    assert second == ("line 3" if many_lines else "line 2", track(3))
    ((_, error),) = read(text, len(text) // 2)  # it would be read twice
    assert "too long for an event" in error


def test_a_share_has_the_error_of_a_key_with_two_lists_only_once(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b'{"batch": [], "batch": []}\n' + dumped(track(1)))
    shares = [read_file(path, 1 << 20, Share(number, 2)) for number in range(2)]
    assert [len(share) for share in shares] == [2, 0]
