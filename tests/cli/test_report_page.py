import importlib.util
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Invoke, track, write_events


def test_report_is_one_page(invoke: Invoke, settings: Path, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", track(1), track(2))
    page = tmp_path / "page.html"
    result = invoke("run", file, "--settings", settings, "--report", page, "--no-batch")
    assert result.exit_code == 0
    assert f"the report is in {page}" in result.stderr
    html = page.read_text(encoding="utf-8")
    assert "2 requests" in html
    assert '<b id="delivered">2</b>' in html
    assert "<script" not in html


def test_report_of_a_run_with_the_embedded_collector_masks_its_key(invoke: Invoke, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", track(1, event="embedded-collector-key"), track(2, event=""))
    page = tmp_path / "page.html"
    invoke("run", file, "--report", page)
    html = page.read_text(encoding="utf-8")
    assert "embedded-collector-key" not in html
    assert "<details>" in html


def test_report_must_not_replace_the_input(invoke: Invoke, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", track(1))
    result = invoke("run", file, "--report", file)
    assert result.exit_code == 2
    assert "are the same file" in result.stderr


def test_report_that_cannot_be_written_is_told_before_anything_is_sent(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("run", write_events(tmp_path / "events", track(1)), "--report", tmp_path / "no" / "page.html")
    assert result.exit_code == 2
    assert "no such file or directory" in result.stderr


def test_report_that_cannot_be_written_at_the_end_is_told(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    file = write_events(tmp_path / "events", track(1))
    monkeypatch.setattr("destination.pages.page.open_private", full)
    result = invoke("run", file, "--report", tmp_path / "page.html")
    assert result.exit_code == 1
    assert "no space left on device" in result.stderr


def test_report_needs_pygal(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("destination.cli.report_page.find_spec", lambda _name: None)
    result = invoke("run", write_events(tmp_path / "events", track(1)), "--report", tmp_path / "page.html")
    assert result.exit_code == 2
    assert "destination-actions[report]" in result.stderr
    assert importlib.util.find_spec("pygal") is not None


@pytest.mark.thorough
def test_report_of_several_workers_is_of_all_of_them(invoke: Invoke, settings: Path, tmp_path: Path) -> None:
    file = write_events(tmp_path / "events", *map(track, range(20)), track(99, event=""))
    page = tmp_path / "page.html"
    result = invoke("run", file, "--settings", settings, "--report", page, "--workers", 2, "--no-batch")
    assert result.exit_code == 1
    html = page.read_text(encoding="utf-8")
    assert "20 requests" in html
    assert html.count("<details>") == 1
    assert html.count("<li>") == 1
