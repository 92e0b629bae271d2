"""Makes the tests of generated suites: `mapping_suite` in a test module, `destination_suite` in `pyproject.toml`."""

import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from destination.definition import find, slugs
from destination.errors import DefinitionError
from destination.runtime import Destination, Instance
from destination.testing.suite.case import SuiteCase
from destination.testing.suite.cases import MAX_CASES, Values, suite_cases
from destination.testing.suite.targets import instance_of, is_file, split_target
from destination.values import read_json

INSTALL_SYRUPY = "a generated suite compares with snapshots and needs syrupy for it: pip install 'syrupy>=6'"


# --- in a test module ---------------------------------------------------------------------------------------


def mapping_suite(
    target: str | Path | Destination[Any] | Instance[Any],
    *,
    destination: str | Destination[Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    values: Values | None = None,
    limit: int = MAX_CASES,
) -> Callable[..., None]:
    """Makes a test function with the generated cases of a target.

    Assign it to a name that pytest collects: `test_mappings = mapping_suite("mappings/shop.json")`.

    Args:
        target: A file of subscriptions, a destination, its slug, or an instance. A relative path is searched from the
            test module's folder upwards.
        destination: For a file: the destination of the subscriptions. If None, it is the one installed destination
            that has all their actions.
        settings: The settings; placeholders if None. Secrets are masked everywhere.
        values: Values by action and field that replace generated ones, for fields whose valid values cannot be
            guessed.
        limit: The maximum number of cases of a subscription.

    Raises:
        pytest.Collector.CollectError: The target cannot be used, or syrupy is not installed; one line.

    Example:
        >>> test_absmartly = mapping_suite("actions-absmartly")
        >>> [mark.name for mark in getattr(test_absmartly, "pytestmark")]
        ['parametrize']
    """
    if find_spec("syrupy") is None:
        raise pytest.Collector.CollectError(INSTALL_SYRUPY)
    caller = sys._getframe(1).f_globals  # noqa: SLF001  relative paths begin at the caller's folder
    try:
        if isinstance(target, Instance):
            instance: Instance[Any] = target
        else:
            found = _located(target, caller) if not isinstance(target, Destination) else target
            instance = instance_of(found, destination=destination, settings=settings)
        cases = suite_cases(instance, values=values, limit=limit)
    except DefinitionError as error:
        raise pytest.Collector.CollectError(str(error)) from None

    def test_mapping_suite(suite_case: SuiteCase, suite_snapshot: Any) -> None:
        from destination.testing.suite.snapshots import compare

        compare(suite_case, suite_snapshot)

    test_mapping_suite.__module__ = caller.get("__name__", __name__)
    parametrize = pytest.mark.parametrize("suite_case", cases, ids=[case.name for case in cases])
    test: Callable[..., None] = parametrize(test_mapping_suite)
    return test


def _located(target: str | Path, caller: Mapping[str, Any]) -> str | Path:
    """Resolves a relative path, from the folder of the calling module upwards."""
    if not is_file(str(target)) or Path(target).is_absolute() or not isinstance(caller.get("__file__"), str):
        return target
    folders = Path(caller["__file__"]).resolve().parents
    return next((folder / target for folder in folders if (folder / target).is_file()), target)


# --- in pyproject.toml --------------------------------------------------------------------------------------


class SuiteTest(pytest.Function):
    """The test of one case."""

    suite_case: SuiteCase

    def reportinfo(self) -> tuple[Path, None, str]:
        """Returns the file and a name in which pytest does not replace dots by `::`."""
        return self.path, None, f"generated suite: {self.name}"


class SuiteFile(pytest.Module):
    """A file with generated tests. It is a module for pytest, so that fixtures of this scope work."""

    targets: list[str]

    def _getobj(self) -> ModuleType:
        return ModuleType(self.path.stem)

    def collect(self) -> Iterator[pytest.Item]:
        """Makes a test for each case of each target.

        Raises:
            CollectError: A target or an option cannot be used, or syrupy is not installed; one line.
        """
        if not self.config.pluginmanager.hasplugin("syrupy"):
            raise self.CollectError(INSTALL_SYRUPY)
        try:
            for target in self.targets:
                yield from self._suite(target)
        except DefinitionError as error:
            raise self.CollectError(f"destination_suite: {error}") from None

    def _suite(self, target: str) -> Iterator[pytest.Item]:
        slug, file = split_target(target)
        instance = instance_of(self.path, destination=slug or None) if file else instance_of(slug)
        values = _values(self.config)
        known = {key: fields for key, fields in values.items() if key in instance.definition.actions}
        several = len(self.targets) > 1
        for case in suite_cases(instance, values=known, limit=_limit(self.config)):
            name = f"{slug or file} / {case.name}" if several else case.name
            item: Any = SuiteTest.from_parent(self, name=name, callobj=_test(case))
            item.suite_case = case
            yield item


def _test(case: SuiteCase) -> Callable[[Any], None]:
    def test_mapping_suite(suite_snapshot: Any) -> None:
        from destination.testing.suite.snapshots import compare

        compare(case, suite_snapshot)

    return test_mapping_suite


def _values(config: pytest.Config) -> Values:
    name = config.getini("destination_suite_values")
    if not name:
        return {}
    path = config.rootpath / name
    try:
        values = read_json(path.read_bytes())
    except OSError as error:
        raise DefinitionError(f"{name}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise DefinitionError(f"{name}: is not valid JSON: {error}") from None
    if not isinstance(values, dict) or not all(isinstance(fields, dict) for fields in values.values()):
        raise DefinitionError(f'{name}: must hold values by action and field: {{"action": {{"field": …}}}}')
    known = {action for slug in slugs() for action in find(slug).actions} if values else set()
    unknown = [action for action in values if action not in known]
    if unknown:
        raise DefinitionError(f"{name}: no installed destination has the action {unknown[0]!r}")
    return values


def _limit(config: pytest.Config) -> int:
    given = config.getini("destination_suite_limit")
    if not given:
        return MAX_CASES
    if not str(given).isdecimal() or int(given) < 1:
        raise DefinitionError(f"destination_suite_limit must be a whole number above 0, but is {given!r}")
    return int(given)
