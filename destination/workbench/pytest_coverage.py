"""Provides the pytest option `--mapping-coverage`, which reports which points of the mappings the tests reach.

It watches every instance that is made while the tests run. Without the option, nothing else is imported.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from destination.workbench.coverage import CollectedCoverage

_OPTION: Final = "mapping_coverage"
_HTML: Final = "mapping_coverage_html"
_NAME: Final = "destination-mapping-coverage-run"
_WORKER_DATA: Final = "destination_mapping_coverage"
_ROWS: Final = 100


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options."""
    group = parser.getgroup("destination", "Destinations")
    group.addoption(
        "--mapping-coverage",
        dest=_OPTION,
        nargs="?",
        const=0.0,
        type=_percent,
        metavar="FAIL_UNDER",
        help="Report which points of the mappings the tests reach; fail if it is less than FAIL_UNDER percent.",
    )
    group.addoption(
        "--mapping-coverage-html",
        dest=_HTML,
        type=Path,
        metavar="FILE.html",
        help="Write a page that shows for each line of the mappings what the tests reach; implies --mapping-coverage.",
    )


def _percent(text: str) -> float:
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a percentage; write one, as in --mapping-coverage=90, or put the option after the files"
        )
    return percent


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Starts watching before the first conftest.py is loaded, because it may make instances."""
    _begin(early_config)


def pytest_configure(config: pytest.Config) -> None:
    """Starts watching if an earlier start was not possible."""
    _begin(config)


def _begin(config: pytest.Config) -> None:
    given = config.known_args_namespace
    fail_under, html = getattr(given, _OPTION, None), getattr(given, _HTML, None)
    if (fail_under is None and html is None) or config.pluginmanager.hasplugin(_NAME):
        return
    run = _Run(fail_under or 0.0, html)
    config.pluginmanager.register(run, _NAME)
    config.add_cleanup(run.end)


class _Run:
    """The coverage of one test run."""

    def __init__(self, fail_under: float, html: Path | None) -> None:
        from destination.runtime.instance import watching
        from destination.workbench.coverage import CollectedCoverage

        self._fail_under = fail_under
        self._html = html
        self._collected: CollectedCoverage = CollectedCoverage()
        self._watching = ExitStack()
        self._watching.enter_context(watching(self._collected.watch))
        self._problems: list[str] = []
        self._page_is_written = False

    def end(self) -> None:
        self._watching.close()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int | pytest.ExitCode) -> None:
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:  # a worker of pytest-xdist
            from destination.values import write_json

            output[_WORKER_DATA] = write_json(self._collected.to_data())
            return
        coverage = self._collected.coverage()
        if not coverage.subscriptions:
            if self._fail_under:
                self._problems.append("no test makes an instance of a destination")
        elif coverage.percent < self._fail_under:
            self._problems.append(f"{coverage.percent} % of the points are reached, less than {self._fail_under:g} %")
        if self._html is not None:
            self._write_page(self._html)
        if self._problems and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Adds the counts of a worker of pytest-xdist."""
        data = getattr(node, "workeroutput", {}).get(_WORKER_DATA)
        if data is not None:
            from destination.values import read_json

            self._collected.add(read_json(data))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        from destination.values.printable import printable
        from destination.workbench.coverage.report import summary

        coverage = self._collected.coverage()
        terminalreporter.write_sep("-", "mapping coverage")
        for line in summary(coverage, _ROWS):
            terminalreporter.write_line(printable(self._collected.hide(line)))
        for problem in self._problems:
            terminalreporter.write_line(printable(f"FAILED mapping coverage: {problem}"), red=True)
        if self._page_is_written:
            terminalreporter.write_line(f"The page is in {self._html}")

    def _write_page(self, html: Path) -> None:
        from destination.pages import PageError, write_page
        from destination.workbench.coverage.report import render_page

        page = render_page(self._collected.coverage(), "tests", self._collected.hide)
        try:
            html.parent.mkdir(parents=True, exist_ok=True)
            write_page(html, page)
            self._page_is_written = True
        except PageError as error:
            self._problems.append(f"--mapping-coverage-html {error}")
        except OSError as error:  # the folder cannot be made
            self._problems.append(f"--mapping-coverage-html {html}: cannot be written: {error.strerror or error}")
