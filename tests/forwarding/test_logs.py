"""The log of a forwarder: lines for people or machines, without secrets and line breaks."""

import json

from destination.forwarding.logs import Log
from destination.forwarding.masks import Masks, redactor_of


def log_of(lines: list[str], **options: bool | str) -> Log:
    log = Log(lines.append, clock=lambda: 0.0, **options)  # type: ignore[arg-type]
    log.masks = Masks([redactor_of(["s3cr3t-key"])])
    return log


def test_a_line_has_time_level_and_fields() -> None:
    lines: list[str] = []
    log_of(lines).info("listening", address="http://127.0.0.1:1", admin=None, ports=[1, 2])
    assert lines == ["1970-01-01T00:00:00.000Z info listening address=http://127.0.0.1:1 ports=[1, 2]"]


def test_secrets_are_masked_before_a_text_is_cut() -> None:
    lines: list[str] = []
    log_of(lines).warning("dead", reason="x" * 495 + "s3cr3t-key" + "y" * 100)
    assert "s3cr" not in lines[0]
    assert lines[0].endswith("…")


def test_a_text_from_outside_stays_on_its_line_and_in_its_field() -> None:
    lines: list[str] = []
    hostile = 'm-1\n1970 info listening" reason=\x1b[31m'
    log_of(lines).warning("dead", messageId=hostile)
    assert "\n" not in lines[0]
    assert "\x1b" not in lines[0]
    assert lines[0].count(" ") == 3 + hostile.count(" ")
    log_of(lines, as_json=True).warning("dead", messageId=hostile)
    assert json.loads(lines[1])["messageId"] == hostile
    assert "\x1b" not in lines[1]


def test_levels_below_the_lowest_are_not_written() -> None:
    lines: list[str] = []
    log = log_of(lines, level="warning")
    log.debug("a")
    log.info("b")
    log.warning("c")
    assert [line.split()[-1] for line in lines] == ["c"]
    assert log_of(lines, level="debug").is_debug
