"""The file of failed events: written, listed and cleared line by line, without losing one."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import Failure, Record, RecordingError
from destination.delivery.record import Piece
from destination.errors import IntegrationError
from destination.forwarding.dead_letter_file import DeadLetterFile, id_of, read_dead_letters
from destination.values import write_json


def record(number: int) -> Record:
    event = {"type": "track", "messageId": f"m{number}", "properties": {"n": number}}
    return Record("event", Piece(number, write_json(event), True))


def fail(file: DeadLetterFile, number: int) -> None:
    file.add(record(number), [Failure(IntegrationError("no units", "BAD", 400), "Goals", 0, attempts=1)])


@contextmanager
def opened(path: Path, **options: Any) -> Iterator[DeadLetterFile]:
    file = DeadLetterFile(path, **options)
    try:
        yield file
    finally:
        file.close()


def ids(path: Path) -> list[str | None]:
    return [one.message_id for one in read_dead_letters(path)]


def test_what_fails_can_be_listed(tmp_path: Path) -> None:
    path = tmp_path / "dead"
    with opened(path, source="queue") as file:
        fail(file, 1)
        (found,) = file.dead_letters()
    assert found.message_id == "m1"
    shown = found.to_json(with_event=True)
    assert shown["event"]["properties"] == {"n": 1}
    assert shown["failures"][0]["error"] == "no units"
    assert found.record(1).retry_only is not None


def test_removing_keeps_every_other_line_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "dead"
    path.write_bytes(b"not a dead letter\n")
    with opened(path) as file:
        for number in range(5):
            fail(file, number)
        lines = path.read_bytes().splitlines(keepends=True)
        assert asyncio.run(file.remove({id_of(lines[2]), id_of(lines[4]), "unknown"})) == 2
        assert path.read_bytes() == b"".join([*lines[:2], lines[3], lines[5]])
        fail(file, 9)
    assert ids(path) == ["m0", "m2", "m4", "m9"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_written_while_lines_are_removed_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dead"

    async def main() -> int:
        with opened(path) as file:
            fail(file, 1)
            fail(file, 2)
            first = next(file.dead_letters()).id
            real = asyncio.to_thread

            async def meanwhile(*arguments: Any) -> Any:
                copied = await real(*arguments)
                fail(file, 3)
                return copied

            monkeypatch.setattr(asyncio, "to_thread", meanwhile)
            return await file.remove({first})

    assert asyncio.run(main()) == 1
    assert ids(path) == ["m2", "m3"]


def test_the_file_stays_locked_after_lines_were_removed(tmp_path: Path) -> None:
    path = tmp_path / "dead"
    with opened(path) as file:
        fail(file, 1)
        asyncio.run(file.remove({next(file.dead_letters()).id}))
        program = "import sys; from destination.delivery import DeadLetters; DeadLetters(sys.argv[1], append=True)"
        import subprocess
        import sys

        done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
    assert "another run is writing failed events there" in done.stderr


def test_a_line_that_was_cut_off_is_removed_and_a_whole_one_gets_its_end(tmp_path: Path) -> None:
    path = tmp_path / "dead"
    with opened(path) as file:
        fail(file, 1)
        fail(file, 2)
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    with opened(path) as file:
        fail(file, 3)
    assert ids(path) == ["m1", "m3"]
    path.write_bytes(whole.rstrip(b"\n"))
    with opened(path) as file:
        fail(file, 3)
    assert ids(path) == ["m1", "m2", "m3"]


def test_a_write_that_fails_half_way_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dead"
    with opened(path) as file:
        fail(file, 1)
        whole = path.read_bytes()

        class Full:
            def write(self, line: bytes) -> int:
                with path.open("ab") as other:
                    other.write(line[:20])
                raise OSError(28, "No space left on device")

            def close(self) -> None: ...

        with monkeypatch.context() as patched:
            patched.setattr(file._file, "_file", Full())
            with pytest.raises(RecordingError, match="no space left"):
                fail(file, 2)
        assert path.read_bytes() == whole
        fail(file, 3)
    assert ids(path) == ["m1", "m3"]


def test_a_replacement_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "dead"
    with opened(path) as file:
        fail(file, 1)
        before = path.read_bytes()
        (tmp_path / "dead.part").mkdir()
        with pytest.raises(RecordingError, match="cannot be replaced"):
            asyncio.run(file.remove({next(file.dead_letters()).id}))
        assert path.read_bytes() == before
        fail(file, 2)
    assert ids(path) == ["m1", "m2"]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_owner_can_read_it_also_after_lines_were_removed(tmp_path: Path) -> None:
    path = tmp_path / "dead"
    with opened(path) as file:
        fail(file, 1)
        asyncio.run(file.remove({next(file.dead_letters()).id}))
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    assert list(read_dead_letters(tmp_path / "none")) == []
    with pytest.raises(RecordingError, match="cannot be read"):
        list(read_dead_letters(tmp_path))
