"""Provides the pytest plugin; pytest finds it by its entry point, and `pytest -p no:destination` leaves it out.

pytest loads this module in every run of every project in whose environment this package is installed. So it imports
nothing slow, and each fixture imports what it needs.
"""

from __future__ import annotations  # pytest loads this in every project, where it may be an old one

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from destination.testing.clock import FrozenClock
    from destination.testing.collector import Collector
    from destination.testing.snapshot import Masking

pytest_plugins = ("destination.testing.suite.plugin",)

_CASES = (".cases.json", ".cases.yaml", ".cases.yml")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options."""
    group = parser.getgroup("destination", "destinations and mappings")
    group.addoption(
        "--record",
        action="store_true",
        default=False,
        help="write missing results into the cases of *.cases.yaml and *.cases.json files",
    )
    group.addoption(
        "--record-all",
        action="store_true",
        default=False,
        help="like --record, and also replace expected results that differ",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuses to record in several processes, because those of pytest-xdist share the cases of one file.

    Raises:
        UsageError: `--record` is used with `-n`.
    """
    records = config.getoption("record") or config.getoption("record_all")
    if records and config.getoption("dist", "no") != "no":
        raise pytest.UsageError("--record writes files, which needs a single process: add -n 0")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects the files of cases."""
    if not file_path.name.endswith(_CASES):
        return None
    from destination.testing.cases.items import CasesFile

    return CasesFile.from_parent(parent, path=file_path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints which cases were recorded."""
    if config.getoption("record") or config.getoption("record_all"):
        from destination.testing.cases.items import summary
        from destination.values.printable import printable

        for line in summary(config):
            terminalreporter.write_line(printable(line))


@pytest.fixture
def collector() -> Collector:
    """A partner's API that answers by rules and keeps the requests that it received.

    Use it as the `transport` of an instance or a test integration; see `destination.testing.Collector`.
    """
    from destination.testing.collector import Collector

    return Collector()


@pytest.fixture
def frozen_clock() -> Iterator[FrozenClock]:
    """A clock at 2026-01-01T00:00:00Z, the time of test events; see `destination.testing.FrozenClock`.

    It is the time for `now` and `today` in Liquid templates. A `Delivery` that has it as its `clock` takes its waits,
    rates and retries from it. Everything else uses the real time: `time.time()` and `datetime`, also in a `perform`,
    and the time limits of templates and requests.
    """
    from destination.testing.clock import FrozenClock, frozen

    with frozen(FrozenClock()) as clock:
        yield clock


@pytest.fixture
def snapshot_requests(request: pytest.FixtureRequest) -> Callable[[Masking], SnapshotAssertion]:
    """Snapshots of requests, plans, results and traces as text for review, one file for each assertion.

    Call it with the object that knows the secrets: `assert instance.plan(event) == snapshot_requests(instance)`, or,
    after a call of a test integration, `assert integration == snapshot_requests(integration)`.
    `pytest --snapshot-update` writes the files.
    """
    if not request.config.pluginmanager.hasplugin("syrupy"):
        pytest.fail('snapshot_requests needs syrupy: install "destination-actions[test]"', pytrace=False)
    from destination.testing.snapshot import RequestSnapshotExtension

    snapshot: SnapshotAssertion = request.getfixturevalue("snapshot")
    made: dict[int, SnapshotAssertion] = {}

    def of(masking: Masking) -> SnapshotAssertion:
        if id(masking) not in made:
            extension = RequestSnapshotExtension.of(masking, f"-{len(made) + 1}" if made else "")
            made[id(masking)] = snapshot.use_extension(extension)
        return made[id(masking)]

    return of
