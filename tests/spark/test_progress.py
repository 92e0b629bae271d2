"""A task that is tried again sends nothing of what an earlier attempt had acknowledged and logged."""

from pathlib import Path

from destination.delivery import FailedSubscription, Record
from destination.delivery.record import Piece
from destination.values import write_json
from pyspark_destination.progress import Progress, TaskKey
from pyspark_destination.tables import adopt_parts, part_file


def record(identifier: str | None, number: int = 1) -> Record:
    event = {"type": "track", "n": number, **({} if identifier is None else {"messageId": identifier})}
    return Record("row", Piece(number, write_json(event), True), ordinal=number)


def test_each_attempt_reads_what_all_earlier_ones_wrote(tmp_path: Path) -> None:
    for number in range(3):
        with Progress(tmp_path) as attempt:
            assert [attempt.is_settled(record(f"m{index}")) for index in range(3)] == [
                index < number for index in range(3)
            ]
            attempt.add(record(f"m{number}"))


def test_a_line_that_was_cut_off_does_not_count(tmp_path: Path) -> None:
    with Progress(tmp_path) as first:
        first.add(record("m1"))
        first.add(record("m2"))
    (log,) = tmp_path.glob("*.log")
    log.write_bytes(log.read_bytes()[:-2])
    with Progress(tmp_path) as second:
        assert [second.is_settled(record(name)) for name in ("m1", "m2")] == [True, False]


def test_two_events_of_one_message_id_are_left_out_only_as_often_as_they_were_settled(tmp_path: Path) -> None:
    with Progress(tmp_path) as first:
        first.add(record("m1"))
    with Progress(tmp_path) as second:
        assert [second.is_settled(record("m1", number)) for number in (1, 2)] == [True, False]


def test_an_event_without_a_message_id_is_never_taken_for_settled(tmp_path: Path) -> None:
    with Progress(tmp_path) as first:
        first.add(record(None))
    with Progress(tmp_path) as second:
        assert not second.is_settled(record(None))


def test_an_event_that_is_settled_in_part_is_sent_to_the_rest_only(tmp_path: Path) -> None:
    with Progress(tmp_path) as first:
        first.add(record("m1"), [("Goals", 1)])
    with Progress(tmp_path) as second:
        again = record("m1")
        assert not second.is_settled(again)
        assert again.retry_only == (FailedSubscription("Goals", 1),)
        second.add(again)
    with Progress(tmp_path) as third:
        assert third.is_settled(record("m1"))


def test_without_a_folder_nothing_is_kept() -> None:
    with Progress(None) as progress:
        progress.add(record("m1"))
        assert not progress.is_settled(record("m1"))


def test_parts_of_several_attempts_become_one_file_with_the_last_word(tmp_path: Path) -> None:
    key = TaskKey("run", 0, 1)
    first = part_file(str(tmp_path), key)
    first.write_text('{"messageId":"m1","verdict":"dead"}\n{"messageId":"m2","verdict":"acknowledged"}\n{"mess')
    second = part_file(str(tmp_path), key)
    second.write_text('{"messageId":"m1","verdict":"acknowledged"}\n')
    assert adopt_parts(str(tmp_path), "run", 0) == 1
    (table,) = tmp_path.glob("*.json")
    expected = ['{"messageId":"m2","verdict":"acknowledged"}', '{"messageId":"m1","verdict":"acknowledged"}']
    assert table.read_text().splitlines() == expected
    assert not (tmp_path / "_attempts" / "run" / "0").exists()


def test_a_commit_that_is_done_again_adds_nothing_twice(tmp_path: Path) -> None:
    for _ in range(2):
        part_file(str(tmp_path), TaskKey("run", 4, 0)).write_text('{"messageId":"m1","verdict":"dead"}\n')
        adopt_parts(str(tmp_path), "run", 4)
        adopt_parts(str(tmp_path), "run", 4)
    (table,) = tmp_path.glob("*.json")
    assert len(table.read_text().splitlines()) == 1
