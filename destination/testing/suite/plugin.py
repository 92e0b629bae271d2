"""Adds generated suites to pytest: the targets in `pyproject.toml`, and the fixture of every suite.

```toml
[tool.pytest.ini_options]
destination_suite = ["actions-absmartly", "mappings/shop.json"]
```

pytest loads this module in every run, so it imports nothing slow.
"""

from __future__ import annotations  # pytest loads this in every project, where it may be an old one

import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

_OPTION = "destination_suite"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options of `[tool.pytest.ini_options]`."""
    parser.addini(_OPTION, "Destinations (slugs) and files of mappings that get generated snapshot tests.", "linelist")
    parser.addini(f"{_OPTION}_values", "A JSON file of values for fields, by action and field.")
    parser.addini(f"{_OPTION}_limit", "Maximum number of generated tests for one subscription.")


def pytest_configure(config: pytest.Config) -> None:
    """Adds the files of suites to the collected ones if pytest was started without arguments.

    Raises:
        UsageError: A file does not exist; without an error, nobody would miss its tests.
    """
    if config.pluginmanager.hasplugin("syrupy"):
        from destination.testing.suite.file_names import FILE_EXTENSION

        ignored = config.getoption("ignore_file_extensions", None)
        config.option.ignore_file_extensions = [*(ignored or ()), FILE_EXTENSION]
    targets = _targets(config)
    for path, names in targets.items():
        if not path.is_file():
            raise pytest.UsageError(f"destination_suite: {names[0]}: there is no such file of mappings")
    if config.args_source is not pytest.Config.ArgsSource.TESTPATHS:
        return
    collected = [Path(arg).resolve() for arg in config.args]
    for path in targets:
        if not any(folder == path or folder in path.parents for folder in collected):
            config.args.append(str(path))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects the tests of a file of mappings, or of the configuration file that names destinations."""
    targets = _targets(parent.config).get(file_path)
    if not targets:
        return None
    from destination.testing.suite.collector import SuiteFile

    suite: pytest.Collector = SuiteFile.from_parent(parent, path=file_path)
    assert isinstance(suite, SuiteFile)  # noqa: S101  for the type checker
    suite.targets = targets
    return suite


@pytest.hookimpl(wrapper=True, trylast=True)  # innermost: runs before --last-failed removes tests
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Notes the suites' tests, so that the snapshots of those that do not run are not unused."""
    report = yield
    tests = [item for item in report.result or () if isinstance(item, pytest.Item) and _case(item) is not None]
    if tests:
        from destination.testing.suite.snapshots import remember

        remember(tests)
    return report


def pytest_report_collectionfinish(items: list[pytest.Item]) -> list[str]:
    """Reports how many cases the limit leaves out."""
    return [
        f"generated suite: {case.subscription}: {case.left_out} cases left out; raise destination_suite_limit"
        for case in _cases(items)
        if case.left_out
    ]


@pytest.fixture
def suite_snapshot(request: pytest.FixtureRequest) -> Any:
    """The snapshot that a case of a suite is compared with; syrupy's `snapshot`."""
    if not request.config.pluginmanager.hasplugin("syrupy"):
        from destination.testing.suite.collector import INSTALL_SYRUPY

        pytest.fail(INSTALL_SYRUPY, pytrace=False)
    return request.getfixturevalue("snapshot")


def _targets(config: pytest.Config) -> dict[Path, list[str]]:
    """Returns the targets of `destination_suite`, by the file that is collected for them."""
    found: dict[Path, list[str]] = {}
    for target in config.getini(_OPTION):
        from destination.testing.suite.targets import split_target

        _, file = split_target(target)
        path = Path(os.path.normpath(config.rootpath / file)) if file else config.inipath
        if path is not None and target not in found.setdefault(path, []):
            found[path].append(target)
    return found


def _cases(items: Iterable[pytest.Item]) -> Iterator[Any]:
    return (case for item in items if (case := _case(item)) is not None)


def _case(item: pytest.Item) -> Any:
    """Returns the case of a suite that an item tests, or None."""
    case = getattr(item, "suite_case", None)
    return item.callspec.params.get("suite_case") if case is None and hasattr(item, "callspec") else case
