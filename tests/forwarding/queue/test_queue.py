"""The queue: what it accepts, what each destination gets of it, and when an event is deleted."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import FailedSubscription
from destination.forwarding.queue import Accepted, Queue, QueueFileError, QueueFullError
from destination.forwarding.queue.duplicates import Digests, digest_of
from tests.forwarding.events import RECEIVED, accepted, name_of, names, numbered, settle_all, unsettled
from tests.kit import PATIENCE_S

ALL: Mapping[str, frozenset[str] | None] = {"a": None, "b": None}


class Clock:
    def __init__(self) -> None:
        self.now = RECEIVED

    def __call__(self) -> float:
        return self.now


def opened(folder: Path, routes: Mapping[str, frozenset[str] | None] = ALL, **more: Any) -> Queue:
    more.setdefault("clock", Clock())
    return Queue(folder / "queue.db", routes, **more)


# --- accepting -------------------------------------------------------------------------------------------


async def test_events_come_in_the_order_in_which_they_were_accepted(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    counts = await asyncio.gather(*(queue.put(numbered(first, 100)) for first in range(0, 1_000, 100)))
    assert counts == [100] * 10
    assert await names(queue, "a") == [f"m{number}" for number in range(1_000)]
    assert await names(queue, "b") == await names(queue, "a")
    await queue.close()


async def test_a_body_with_line_breaks_arrives_as_the_same_event(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    body = b'{\n  "type": "track",\n  "messageId": "m1"\n}'
    await queue.put([Accepted("wk", "m1", body, RECEIVED), *accepted("m2", text="zwölf\u2028\x00")])
    first, second = await unsettled(queue, "a")
    assert first.event == {"type": "track", "messageId": "m1"}
    assert second.event is not None
    assert second.event["text"] == "zwölf\u2028\x00"
    await queue.close()


async def test_duplicates_are_accepted_and_not_kept(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    first, second = await asyncio.gather(queue.put(accepted("m1", "m1", "m2")), queue.put(accepted("m2", "m3")))
    assert (first, second) == (2, 1)
    assert await queue.put(accepted("m1", "m2", "m3")) == 0
    assert await queue.put(accepted("m1", key="another")) == 1
    assert queue.rows == 4
    await queue.close()


async def test_duplicates_are_recognised_after_their_events_were_settled_and_the_file_was_opened_again(
    tmp_path: Path,
) -> None:
    queue = opened(tmp_path)
    await queue.put(accepted("m1"))
    await settle_all(queue, "a")
    await settle_all(queue, "b")
    assert queue.rows == 0
    await queue.close()
    queue = opened(tmp_path)
    assert await queue.put(accepted("m1", "m2")) == 1
    assert queue.depth("a").rows == 1
    await queue.close()


async def test_an_id_is_remembered_for_24_hours(tmp_path: Path) -> None:
    clock = Clock()
    queue = opened(tmp_path, clock=clock)
    await queue.put(accepted("m1"))
    clock.now += 24 * 3600
    assert await queue.put(accepted("m1", "m2")) == 1
    clock.now += 1
    assert await queue.put(accepted("m1", "m3")) == 2
    assert await queue.put(accepted("m2")) == 0
    await queue.close()
    clock.now += 24 * 3600
    queue = opened(tmp_path, clock=clock)
    assert await queue.put(accepted("m1", "m2", "m3")) == 1  # m2, since the others were accepted a second later
    await queue.close()


async def test_the_ids_that_are_remembered_are_limited(tmp_path: Path) -> None:
    queue = opened(tmp_path, {}, dedupe_rows=100)
    for first in range(0, 1_000, 10):
        await queue.put(numbered(first, 10))
    assert await queue.put(numbered(900, 100)) == 0
    assert await queue.put(numbered(880, 10)) == 10
    await queue.close()
    with closing(sqlite3.connect(tmp_path / "queue.db")) as connection:
        ((size,),) = connection.execute("SELECT sum(length(digests)) FROM seen").fetchall()
    assert size <= 110 * 12


def test_digests_forget_only_the_oldest_of_their_shard_and_take_back_only_the_last() -> None:
    digests = Digests()
    first, second = digest_of("wk", "m1"), digest_of("wk", "m1")[:2] + bytes(10)
    digests.add(first)
    digests.add(second)
    digests.forget(second)
    digests.take_back(first)
    assert first in digests
    assert second in digests
    digests.take_back(second)
    assert second not in digests
    digests.forget(first)
    assert len(digests) == 0


@pytest.mark.parametrize("bounds", [{"max_rows": 10}, {"max_bytes": 10 * len(accepted("m1")[0].body) + 9}])
async def test_beyond_its_bounds_a_put_is_refused_whole_and_others_are_not(
    tmp_path: Path, bounds: dict[str, Any]
) -> None:
    queue = opened(tmp_path, **bounds)
    results = await asyncio.gather(
        queue.put(numbered(1, 8)), queue.put(numbered(9, 3)), queue.put(numbered(20, 2)), return_exceptions=True
    )
    assert [results[0], results[2]] == [8, 2]
    assert isinstance(results[1], QueueFullError)
    assert queue.rows == 10
    await settle_all(queue, "a")
    with pytest.raises(QueueFullError):
        await queue.put(numbered(9, 3))
    await settle_all(queue, "b")
    assert await queue.put(numbered(9, 3)) == 3  # it was refused, so that it is not a duplicate
    assert await names(queue, "a") == ["m9", "m10", "m11"]
    await queue.close()


# --- destinations ----------------------------------------------------------------------------------------


async def test_an_event_is_deleted_when_all_its_destinations_have_settled_it(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    await queue.put(accepted("m1", "m2", "m3"))
    one, two, three = await unsettled(queue, "a")
    for record in (one, three):
        queue.settled("a", record, "dead")
    assert (queue.depth("a").rows, queue.depth("b").rows) == (1, 3)
    *_, last = await unsettled(queue, "b")
    queue.settled("b", last, "acknowledged")
    queue.settled("b", last, "acknowledged")  # it counts once
    await queue.flush()
    assert queue.rows == 2
    assert await names(queue, "a") == ["m2"]
    assert await names(queue, "b") == ["m1", "m2"]
    queue.settled("a", two, "acknowledged")
    await settle_all(queue, "b")
    assert (queue.rows, queue.bytes) == (0, 0)
    await queue.close()


async def test_write_keys_decide_which_destinations_get_an_event(tmp_path: Path) -> None:
    queue = opened(tmp_path, {"a": frozenset({"one"}), "b": frozenset({"one", "two"}), "c": None})
    for name, key in (("m1", "one"), ("m2", "two"), ("m3", "three"), ("m4", "one")):
        await queue.put(accepted(name, key=key))
    assert await names(queue, "a") == ["m1", "m4"]
    assert await names(queue, "b") == ["m1", "m2", "m4"]
    assert await names(queue, "c") == ["m1", "m2", "m3", "m4"]
    await queue.close()


async def test_an_event_without_a_destination_is_accepted_and_not_kept(tmp_path: Path) -> None:
    queue = opened(tmp_path, {"a": frozenset({"one"})})
    assert await queue.put(accepted("m1", key="two")) == 1
    assert queue.rows == 0
    await queue.close()


async def test_a_new_destination_begins_now(tmp_path: Path) -> None:
    queue = opened(tmp_path, {"a": None})
    await queue.put(accepted("m1"))
    queue.replace_routes({"a": None, "b": None})
    await queue.put(accepted("m2"))
    assert await names(queue, "b") == ["m2"]
    await queue.close()
    queue = opened(tmp_path, {"a": None, "b": None, "c": None})
    await queue.put(accepted("m3"))
    assert [await names(queue, name) for name in "abc"] == [["m1", "m2", "m3"], ["m2", "m3"], ["m3"]]
    await queue.close()


async def test_changed_write_keys_count_for_new_events(tmp_path: Path) -> None:
    queue = opened(tmp_path, {"a": frozenset({"one"})})
    await queue.put(accepted("m1", key="one"))
    queue.replace_routes({"a": frozenset({"two"})})
    await queue.put(accepted("m2", key="one"))
    await queue.put(accepted("m3", key="two"))
    assert await names(queue, "a") == ["m1", "m3"]
    assert queue.depth("a").rows == 2
    await queue.close()


async def test_a_name_that_is_gone_keeps_its_events_until_it_returns(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    await queue.put(accepted("m1", "m2"))
    queue.settled("b", (await unsettled(queue, "b"))[0], "acknowledged")
    await queue.close()
    queue = opened(tmp_path, {"a": None})
    await queue.put(accepted("m3"))
    await settle_all(queue, "a")
    assert queue.gone() == ["b"]
    assert queue.rows == 1
    await queue.close()
    queue = opened(tmp_path)
    await queue.put(accepted("m4"))
    assert await names(queue, "b") == ["m2", "m4"]
    await queue.close()


async def test_the_events_of_a_name_that_is_gone_can_be_dropped(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    for first in range(0, 3_000, 500):
        await queue.put(numbered(first, 500))
    await unsettled(queue, "b")
    await queue.put(numbered(3_000, 500))
    for record in (await unsettled(queue, "a"))[:2_000]:
        queue.settled("a", record, "acknowledged")
    with pytest.raises(ValueError, match="'b' is in the configuration"):
        await queue.drop("b")
    queue.replace_routes({"a": None})
    assert await queue.drop("b") == 3_500
    assert queue.gone() == []
    assert queue.rows == queue.depth("a").rows == 1_500
    with pytest.raises(ValueError, match="no events of 'b'"):
        await queue.drop("b")
    await queue.close()
    queue = opened(tmp_path)
    await queue.put(accepted("new"))
    assert await names(queue, "b") == ["new"]
    assert len(await names(queue, "a")) == 1_501
    await queue.close()


# --- reading ---------------------------------------------------------------------------------------------


async def test_a_source_waits_for_events_and_ends_when_it_is_closed(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    source = queue.source("a")
    waiting = asyncio.ensure_future(source.next())
    await queue.put(accepted("m1"))
    assert [name_of(record) for record in await waiting or ()] == ["m1"]
    waiting = asyncio.ensure_future(source.next())
    await asyncio.sleep(0)
    source.close()
    assert await waiting is None
    assert await source.next() is None
    await queue.close()


async def test_a_deferred_event_is_read_again_with_the_subscriptions_that_are_left(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    await queue.put(accepted("m1", "m2", "m3"))
    one, two, _ = await unsettled(queue, "a")
    left = (FailedSubscription("Goals", 1), FailedSubscription("Old"))
    queue.settled("a", one, "acknowledged")
    queue.settled("a", two, "deferred", left)
    queue.settled("a", two, "deferred")  # which says nothing new
    await queue.flush()
    for _ in range(2):
        assert [(name_of(record), record.retry_only) for record in await unsettled(queue, "a")] == [
            ("m2", left),
            ("m3", None),
        ]
        await queue.close()
        queue = opened(tmp_path)
    await settle_all(queue, "a")
    with closing(sqlite3.connect(tmp_path / "queue.db")) as connection:
        assert connection.execute("SELECT remaining FROM cursors WHERE name = 'a'").fetchall() == [(b"{}",)]
    await queue.close()


async def test_unread_events_can_be_put_back(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    await queue.put(accepted("m1", "m2", "m3", "m4"))
    source = queue.source("a", block=1)
    await source.next()
    records = await queue.unread("a", 2)
    assert [name_of(record) for record in records] == ["m2", "m3"]
    source.put_back(list(records))
    source.finish()
    found = []
    while (batch := await source.next()) is not None:
        found += [name_of(record) for record in batch]
    assert found == ["m2", "m3", "m4"]
    await queue.close()


async def test_depth_has_the_age_of_the_oldest_event(tmp_path: Path) -> None:
    clock = Clock()
    queue = opened(tmp_path, clock=clock)
    assert (queue.depth("a").rows, queue.depth("a").age_s) == (0, 0.0)
    events = [*accepted("m1", at=RECEIVED + 5), *accepted("m2", at=RECEIVED + 10)]
    await queue.put(events)
    clock.now += 60
    assert queue.depth("a").age_s == 55
    assert queue.depth("a").bytes == sum(len(event.body) for event in events)
    first, second = await unsettled(queue, "a")
    assert queue.depth("a").age_s == 55
    queue.settled("a", first, "acknowledged")
    assert queue.depth("a").age_s == 50
    queue.settled("a", second, "acknowledged")
    assert queue.depth("a").age_s == 0
    await queue.close()


# --- the file --------------------------------------------------------------------------------------------


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


@pytest.mark.skipif(os.name != "posix", reason="needs the permissions of POSIX")
async def test_only_the_owner_can_read_its_files(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    await queue.put(accepted("m1"))
    assert _modes(tmp_path) == dict.fromkeys(("queue.db", "queue.db-wal", "queue.db-shm", "queue.db-reserve"), 0o600)
    await queue.close()


async def test_another_process_cannot_use_it_until_it_is_closed(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    with pytest.raises(QueueFileError, match="another process is using this queue"):
        opened(tmp_path)
    assert (
        _opened_by_another_process(tmp_path)
        == f"{tmp_path / 'queue.db'}: another process is using this queue: stop it first\n"
    )
    await queue.close()
    await opened(tmp_path).close()


def _opened_by_another_process(folder: Path) -> str:
    program = (
        "import sys; from destination.forwarding.queue import Queue, QueueFileError\n"
        "try: Queue(sys.argv[1], {})\n"
        "except QueueFileError as error: print(error)"
    )
    command = [sys.executable, "-c", program, str(folder / "queue.db")]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=True).stdout


def test_a_file_that_is_not_a_queue_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, and longer than the header of one is: " + "x" * 100)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE other (x)")
    (tmp_path / "folder").mkdir()
    for name, message in (
        ("text", "is not a queue of events"),
        ("other.db", "is not a queue of events"),
        ("folder", "cannot be opened: is a directory"),
        ("missing/queue.db", "cannot be opened: no such file or directory"),
    ):
        with pytest.raises(QueueFileError, match=message):
            Queue(tmp_path / name, {})
    assert (tmp_path / "text").read_text().startswith("no database")
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("other",)]


async def test_a_queue_of_another_version_is_named(tmp_path: Path) -> None:
    await opened(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / "queue.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(QueueFileError, match="is a queue of another version of this program"):
        opened(tmp_path)


async def test_a_queue_that_is_closed_accepts_nothing(tmp_path: Path) -> None:
    queue = opened(tmp_path)
    await queue.close()
    with pytest.raises(Exception, match="the queue is closed"):
        await queue.put(accepted("m1"))


async def test_a_flush_that_begins_during_a_checkpoint_ends(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "queue.db", {"shop": None})
    await queue.put([Accepted("wk", f"m{number}", b'"' + b"x" * 1_000_000 + b'"', 1.0) for number in range(8)])
    await asyncio.wait_for(queue.flush(), PATIENCE_S)
    assert queue.depth("shop").rows == 8
    await queue.close()
