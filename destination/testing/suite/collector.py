"""The tests that `destination_suite` in `pyproject.toml` stands for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from destination.definition import find, slugs
from destination.errors import DefinitionError
from destination.testing.suite.case import SuiteCase
from destination.testing.suite.cases import MAX_CASES, Values, suite_cases
from destination.testing.suite.parametrized import INSTALL_SYRUPY
from destination.testing.suite.targets import instance_of, split_target
from destination.values import read_json


class SuiteTest(pytest.Function):
    """The test of one case."""

    suite_case: SuiteCase

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it stands and how it is called; pytest would write the dots of the bare name as `::`."""
        return self.path, None, f"free suite: {self.name}"


class SuiteFile(pytest.Module):
    """A file that stands for suites. It is a module for pytest, so that fixtures of that scope work."""

    targets: list[str]

    def _getobj(self) -> ModuleType:
        return ModuleType(self.path.stem)

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each case of each target.

        Raises:
            CollectError: A target or an option cannot be used, or syrupy is not there; one line.
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
        raise DefinitionError(f"{name}: is no JSON: {error}") from None
    if not isinstance(values, dict) or not all(isinstance(fields, dict) for fields in values.values()):
        raise DefinitionError(f'{name}: holds values by action and field: {{"action": {{"field": …}}}}')
    known = {action for slug in slugs() for action in find(slug).actions} if values else set()
    unknown = [action for action in values if action not in known]
    if unknown:
        raise DefinitionError(f"{name}: has values for {unknown[0]!r}, which is an action of no installed destination")
    return values


def _limit(config: pytest.Config) -> int:
    given = config.getini("destination_suite_limit")
    if not given:
        return MAX_CASES
    if not str(given).isdecimal() or int(given) < 1:
        raise DefinitionError(f"destination_suite_limit is a number above 0, but this is: {given!r}")
    return int(given)
