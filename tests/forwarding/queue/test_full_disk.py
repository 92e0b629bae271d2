"""A full disk: nothing that was accepted is lost, events can be settled, and the queue recovers by itself."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from destination.forwarding.queue import Queue, QueueUnavailableError
from destination.forwarding.queue.file import RESERVE_BYTES
from tests.forwarding.events import names, numbered, settle_all, unsettled
from tests.kit import PATIENCE_S

_DISK_MB = 48


async def filled(queue: Queue, *, first: int = 0) -> int:
    """Puts events until they are refused; returns the number of the first one that was."""
    while True:
        try:
            assert await queue.put(numbered(first, 50, text="x" * 1_000)) == 50
        except QueueUnavailableError:
            return first
        first += 50


async def until_recovered(queue: Queue) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while queue.error is not None:  # noqa: ASYNC110  its own timer ends it
            await asyncio.sleep(0.01)


async def test_with_a_full_file_events_are_refused_and_settled_and_their_space_is_used_again(tmp_path: Path) -> None:
    queue = Queue(tmp_path / "queue.db", {"a": None, "b": None})
    queue._file.writer.execute("PRAGMA max_page_count = 500")
    count = await filled(queue)
    assert count
    assert "full" in str(queue.error)
    assert queue.rows == count
    assert await names(queue, "a") == [f"m{number}" for number in range(count)]
    for record in (await unsettled(queue, "b"))[: count // 2]:
        queue.settled("b", record, "acknowledged")
    await queue.flush()
    with pytest.raises(QueueUnavailableError):  # the other destination still has them
        await queue.put(numbered(count, 50, text="x" * 1_000))
    for record in (await unsettled(queue, "a"))[: count // 2]:
        queue.settled("a", record, "acknowledged")
    await queue.flush()
    await until_recovered(queue)
    again = await filled(queue, first=count)
    assert again > count
    assert await names(queue, "b") == [f"m{number}" for number in range(count // 2, again)]
    await queue.close()
    queue = Queue(tmp_path / "queue.db", {"a": None, "b": None})
    assert await names(queue, "a") == [f"m{number}" for number in range(count // 2, again)]
    assert await queue.put(numbered(0, again)) == 0
    await queue.close()


async def test_the_statement_that_finds_the_file_full_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself refuses, in the midst of a transaction that also settles events."""
    queue = Queue(tmp_path / "queue.db", {"a": None})
    await queue.put(numbered(0, 200, text="x" * 1_000))
    records = await unsettled(queue, "a")
    await queue.flush()
    monkeypatch.setattr(queue._file, "has_room", lambda _size: True)
    ((pages,),) = queue._file.writer.execute("PRAGMA page_count").fetchall()
    queue._file.writer.execute(f"PRAGMA max_page_count = {pages}")
    for record in records[:10]:
        queue.settled("a", record, "acknowledged")
    with pytest.raises(QueueUnavailableError, match="database or disk is full"):
        await queue.put(numbered(200, 1_000, text="x" * 1_000))
    await queue.flush()
    assert queue.rows == 190
    queue._file.writer.execute(f"PRAGMA max_page_count = {pages * 100}")
    assert await queue.put(numbered(200, 1_000, text="x" * 1_000)) == 1_000  # those refused are not duplicates
    assert await names(queue, "a") == [f"m{number}" for number in range(10, 1_200)]
    await queue.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={_DISK_MB}m", "none", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_S).returncode == 0
    except FileNotFoundError:
        done = False
    if not done:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True, timeout=PATIENCE_S)


def fill(folder: Path, *, leave: int = 0) -> Path:
    """Fills a file system by a file."""
    path = folder / "filler"
    found = os.statvfs(folder)
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(found.f_bavail * found.f_frsize - leave, 1))
    return path


@pytest.mark.thorough
async def test_on_a_full_disk_everything_that_was_accepted_is_there_and_can_be_settled(disk: Path) -> None:
    queue = Queue(disk / "queue.db", {"a": None, "b": None})
    count = await filled(queue)
    assert count * 1_000 > (_DISK_MB << 20) - 2 * RESERVE_BYTES  # it did not give up early
    fill(disk, leave=8 << 20)  # the space that the reserve has freed is not used up by others at once
    await settle_all(queue, "a")
    assert queue.rows == count
    await settle_all(queue, "b")
    assert queue.rows == 0
    await until_recovered(queue)  # the disk is still full, but not the file
    assert await queue.put(numbered(count, 1_000, text="x" * 1_000)) == 1_000
    await queue.close()
    queue = Queue(disk / "queue.db", {"a": None, "b": None})
    assert (
        await names(queue, "a") == await names(queue, "b") == [f"m{number}" for number in range(count, count + 1_000)]
    )
    await queue.close()


@pytest.mark.thorough
async def test_a_process_that_is_killed_on_a_full_disk_loses_nothing(disk: Path) -> None:
    queue = Queue(disk / "queue.db", {"a": None})
    count = await filled(queue)
    killed = _copy_as_killed(disk)
    await queue.close()
    queue = Queue(killed, {"a": None})
    assert await names(queue, "a") == [f"m{number}" for number in range(count)]
    await queue.close()


def _copy_as_killed(disk: Path) -> Path:
    folder = disk.parent / "killed"
    folder.mkdir()
    for suffix in ("", "-wal"):
        (folder / f"queue.db{suffix}").write_bytes((disk / f"queue.db{suffix}").read_bytes())
    return folder / "queue.db"


async def test_the_queue_recovers_by_itself_when_there_is_space_again(disk: Path) -> None:
    queue = Queue(disk / "queue.db", {"a": None})
    await queue.put(numbered(0, 50))
    filler = fill(disk)
    count = await filled(queue, first=50)
    assert queue.error is not None
    _remove(filler)
    await until_recovered(queue)
    assert await queue.put(numbered(count, 50)) == 50
    assert (disk / "queue.db-reserve").stat().st_size == RESERVE_BYTES
    assert len(await names(queue, "a")) == count + 50
    await queue.close()


def _remove(path: Path) -> None:
    path.unlink()
