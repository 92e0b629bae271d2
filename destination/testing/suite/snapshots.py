"""Compares the results of generated cases with snapshots: readable JSON, one file for each subscription.

It needs syrupy. The text differs from that of `destination.testing.review_text`, which fills one file for each
assertion. Here one file holds dozens of cases that are compared by eye. So each case is one JSON object, and short
values stay on one line.
"""

import json
import re
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.data import SnapshotCollection, SnapshotCollections
from syrupy.extensions.amber import AmberSnapshotExtension
from syrupy.location import PyTestLocation
from syrupy.terminal import disable_color
from syrupy.types import SnapshotIndex

from destination.testing.suite.case import SuiteCase, run_case
from destination.testing.suite.file_names import FILE_EXTENSION, file_name

_WIDTH: Final = 110
_PARAMETER = re.compile(r"\[(.*)\]$", re.DOTALL)
_TESTS: Final = pytest.StashKey[dict[str, set[str]]]()
"""The names of all tests, by the folder of their snapshots."""


class SuiteSnapshotExtension(AmberSnapshotExtension):
    """Writes JSON, and keeps the cases of one subscription in one file: `__snapshots__/test_shop/Orders.suite`."""

    file_extension = FILE_EXTENSION

    def serialize(self, data: Any, **_options: Any) -> str:
        return as_text(data)

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(Path(super().dirname(test_location=test_location)) / test_location.basename)

    @classmethod
    def get_file_basename(cls, *, test_location: PyTestLocation, index: SnapshotIndex) -> str:
        found = _PARAMETER.search(test_location.testname)
        subscription, _, _ = (found[1] if found else test_location.testname).rpartition(" / ")
        return file_name(subscription)

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        return cls.dirname(test_location=test_location) == str(Path(snapshot_location).parent)

    def discover_snapshots(self, *, test_location: PyTestLocation, **_options: Any) -> SnapshotCollections:
        """Returns the snapshots without a test.

        Syrupy deletes snapshots that no test of a run used, with `--snapshot-update`. With `--last-failed` or `-x`
        these would include the snapshots of tests that merely did not run.
        """
        folder = self.dirname(test_location=test_location)
        tests = test_location.item.config.stash.get(_TESTS, {}).get(folder, set())
        stale = SnapshotCollections()
        for file in super().discover_snapshots(test_location=test_location):
            without_test = SnapshotCollection(location=file.location)
            for snapshot in file:
                if snapshot.name not in tests:
                    without_test.add(snapshot)
            if without_test.has_snapshots:
                stale.add(without_test)
        return stale


def remember(tests: Iterable[pytest.Item]) -> None:
    """Notes the collected tests, whether they will run or not."""
    for test in tests:
        location = PyTestLocation(test)
        folder = SuiteSnapshotExtension.dirname(test_location=location)
        names = test.config.stash.setdefault(_TESTS, {}).setdefault(folder, set())
        names.add(SuiteSnapshotExtension.get_snapshot_name(test_location=location))


def as_text(value: Any) -> str:
    """Writes JSON with sorted keys, except those of the result itself; short values are on one line.

    Example:
        >>> print(as_text({"matched": True, "event": {"type": "track", "event": "Signed Up"}}))
        {
          "matched": true,
          "event": {"event": "Signed Up", "type": "track"}
        }
    """
    if not isinstance(value, dict):
        return _written(value, 0)
    members = [f"  {json.dumps(key)}: {_written(item, 2)}" for key, item in value.items()]
    return "\n".join(["{", ",\n".join(members), "}"])


def _written(value: Any, indent: int) -> str:
    line = json.dumps(value, sort_keys=True, ensure_ascii=False)
    if not line.isascii() and not _is_encodable(line):
        line = json.dumps(value, sort_keys=True)
    if not isinstance(value, (dict, list)) or len(line) + indent <= _WIDTH:
        return line
    inside = " " * (indent + 2)
    if isinstance(value, dict):
        parts = [f"{inside}{json.dumps(key)}: {_written(value[key], indent + 2)}" for key in sorted(value)]
        return "\n".join(["{", ",\n".join(parts), f"{' ' * indent}}}"])
    return "\n".join(["[", ",\n".join(f"{inside}{_written(item, indent + 2)}" for item in value), f"{' ' * indent}]"])


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which must be escaped
        return False
    return True


def compare(case: SuiteCase, snapshot: SnapshotAssertion) -> None:
    """Runs a case, compares the result with its snapshot, and fails the test if they differ."""
    __tracebackhide__ = True
    snapshot = snapshot.use_extension(SuiteSnapshotExtension)
    if snapshot == run_case(case):
        return
    options = snapshot.session.pytest_session.config.option
    with disable_color() if options.no_colors else nullcontext():
        lines = list(snapshot.get_assert_diff())
    if snapshot.executions[snapshot.num_executions - 1].recalled_data is None:
        lines = lines[:1]  # only that there is none: hundreds of new snapshots are better read in their files
    lines = [
        case.name,
        case.instance.redactor.text(case.why),
        *lines,
        "If this change is intended: pytest --snapshot-update",
    ]
    pytest.fail("\n".join(lines), pytrace=False)
