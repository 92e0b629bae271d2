"""The pytest plugin where several processes run the tests, as with pytest-xdist."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.mapping import template
from destination.runtime import Destination
from destination.workbench.pytest_coverage import _Run

DEMO: Destination[Any] = Destination(name="Demo", slug="demo", actions={})
PAGES = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "x", "mapping": {}}


class Reporter:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def write_sep(self, _sep: str, title: str) -> None:
        self.lines.append(title)

    def write_line(self, line: str, **_markup: bool) -> None:
        self.lines.append(line)


@pytest.fixture
def make_run() -> Iterator[Any]:
    runs: list[_Run] = []

    def make(fail_under: float, html: Path | None = None) -> Any:
        runs.append(_Run(fail_under, html))
        return runs[-1]

    yield make
    for run in runs:
        run.end()


def finish(run: Any, **config: Any) -> Any:
    session = SimpleNamespace(config=SimpleNamespace(**config), exitstatus=0)
    run.pytest_sessionfinish(session, pytest.ExitCode.OK)
    return session


def summary(run: Any) -> list[str]:
    reporter = Reporter()
    run.pytest_terminal_summary(reporter)
    return reporter.lines


def from_worker(make_run: Any, kind: str) -> Any:
    """The node of a worker that saw one event."""
    worker = make_run(0.0)
    DEMO.instance({}, [PAGES]).plan({"type": kind})
    output: dict[str, Any] = {}
    finish(worker, workeroutput=output)
    worker.end()
    return SimpleNamespace(workeroutput=output)


def test_what_the_workers_saw_adds_up(make_run: Any) -> None:
    nodes = [from_worker(make_run, kind) for kind in ("page", "track", "track")]
    run = make_run(100.0)
    for node in nodes:
        run.pytest_testnodedown(node, None)
    run.pytest_testnodedown(SimpleNamespace(), "a worker that crashed")
    assert finish(run).exitstatus == 0
    assert summary(run)[-1] == "100.0 % reached: 2 of 2 points, by 3 events"


def test_too_little_in_all_of_them_fails(make_run: Any) -> None:
    node = from_worker(make_run, "page")
    run = make_run(60.0)
    run.pytest_testnodedown(node, None)
    assert finish(run).exitstatus == pytest.ExitCode.TESTS_FAILED
    assert summary(run)[-1] == "FAILED mapping coverage: 50.0 % of the points are reached, less than 60 %"


def test_a_page_that_cannot_be_written_is_told(make_run: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = make_run(0.0, tmp_path / "file" / "page.html")
    assert finish(run).exitstatus == pytest.ExitCode.TESTS_FAILED
    assert f"{tmp_path / 'file' / 'page.html'}: cannot be written: " in summary(run)[-1]
    run = make_run(0.0, tmp_path / "new" / "page.html")
    assert finish(run).exitstatus == pytest.ExitCode.OK
    assert summary(run)[-1].startswith("The page is in ")
    assert (tmp_path / "new" / "page.html").exists()


def test_a_secret_in_a_mapping_is_neither_told_nor_on_the_page(make_run: Any, tmp_path: Path) -> None:
    run = make_run(0.0, tmp_path / "page.html")
    settings = {"collectorEndpoint": "https://h.test", "apiKey": "s3cr3t", "environment": "test"}
    absmartly.instance(
        settings, [{**PAGES, "partnerAction": "trackGoal", "mapping": {"name": template("s3cr3t {{ a }}")}}]
    )
    absmartly.instance(settings, [{**PAGES, "partnerAction": "trackGoal", "subscribe": 'name = "s3cr3t"'}])
    finish(run)
    shown = "\n".join(summary(run)) + (tmp_path / "page.html").read_text()
    assert "s3cr3t" not in shown
    assert 'name = "<redacted>": matched' in shown
    assert "&lt;redacted&gt; {{ a }}" in shown
