"""The file of refused events: bounded, private, and never in the way of the intake."""

import errno
import json
import logging
import os
import stat
from pathlib import Path

import pytest

from destination.forwarding.http import Refused, RefusedLog
from tests.forwarding.http.kit import KEY, NOW, Intake, track


def refused(number: int) -> Refused:
    return Refused("no_user", "it has no user", {"event": "Paid", "messageId": f"m-{number}", "writeKey": KEY})


def test_events_are_appended_and_only_the_owner_can_read_them(tmp_path: Path) -> None:
    file = tmp_path / "refused.ndjson"
    for number in range(2):
        log = RefusedLog(file)
        assert log.add([refused(number)], NOW) == 1
        log.close()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["event"] for line in lines] == [{"event": "Paid", "messageId": f"m-{number}"} for number in range(2)]
    assert KEY not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_of_its_maximum_size_takes_no_more_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    file = tmp_path / "refused.ndjson"
    log = RefusedLog(file, max_bytes=300)
    kept = [log.add([refused(number)], NOW) for number in range(6)]
    log.close()
    assert kept == [1, 1, 0, 0, 0, 0]
    assert len(file.read_bytes()) <= 300
    assert [record.getMessage() for record in caplog.records] == [
        f"refused events are not kept in {file}: it has its maximum size of 300 bytes"
    ]


def test_a_full_disk_leaves_no_half_line_and_does_not_break_the_intake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "refused.ndjson"
    log = RefusedLog(file)
    intake = Intake(refused=log)
    write, room = os.write, [10]

    def write_a_part(descriptor: int, data: bytes) -> int:
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[: room.pop()])

    with monkeypatch.context() as full:
        full.setattr(os, "write", write_a_part)
        for _ in range(3):
            assert intake.post("/v1/batch", {"batch": [track(userId=None), track()]}).status_code == 200
            assert intake.post("/v1/track", track(userId=None)).status_code == 400
    assert file.read_bytes() == b""
    assert intake.counts.refused_by_reason == {"no_user": 6}
    assert len(intake.kept) == 1
    assert caplog.text.count("No space left on device") == 1
    intake.post("/v1/track", track(userId=None))
    log.close()
    assert len(file.read_text().splitlines()) == 1


def test_a_file_on_a_full_device_is_no_obstacle() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    log = RefusedLog("/dev/full")
    assert log.add([refused(1)], NOW) == 0
    log.close()


def test_a_closed_file_is_no_obstacle(tmp_path: Path) -> None:
    log = RefusedLog(tmp_path / "refused.ndjson")
    log.close()
    assert log.add([refused(1)], NOW) == 0


def test_a_file_that_cannot_be_opened_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="refused"):
        RefusedLog(tmp_path / "nothing" / "refused.ndjson")


def test_events_that_cannot_be_kept_by_the_queue_are_not_kept_here(tmp_path: Path) -> None:
    """The client sends the batch again, and they would be here twice."""
    file = tmp_path / "refused.ndjson"
    log = RefusedLog(file)
    intake = Intake(refused=log)
    intake.behind_s = 5
    intake.post("/v1/batch", {"batch": [track(), 5]})
    log.close()
    assert file.read_bytes() == b""


def test_a_log_line_names_twenty_events_and_hides_control_characters(caplog: pytest.LogCaptureFixture) -> None:
    intake = Intake()
    items = [{"messageId": f"m-{number}\x1b[31m\n", "type": "page"} for number in range(25)]
    intake.post("/v1/batch", {"batch": items})
    (record,) = [record for record in caplog.records if record.name.endswith("http.intake")]
    assert record.getMessage().startswith(r"25 events were refused: no_user; messageId: m-0\x1b[31m\n, m-1")
    assert record.getMessage().endswith(r"m-19\x1b[31m\n and 5 more")
