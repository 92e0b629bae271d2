"""The free suite in one line of a test module."""

import sys
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from destination.errors import DefinitionError
from destination.runtime import Destination, Instance
from destination.testing.suite.case import SuiteCase
from destination.testing.suite.cases import MAX_CASES, Values, suite_cases
from destination.testing.suite.targets import instance_of, is_file

INSTALL_SYRUPY = "the free suite compares with snapshots, which needs syrupy: pip install 'syrupy>=6'"


def mapping_suite(
    target: str | Path | Destination[Any] | Instance[Any],
    *,
    destination: str | Destination[Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    values: Values | None = None,
    limit: int = MAX_CASES,
) -> Callable[..., None]:
    """A test function with a case for everything that the subscriptions of a target can do.

    Give it a name that pytest looks for: `test_mappings = mapping_suite("mappings/shop.json")`.

    Args:
        target: A file of subscriptions, a destination, its slug, or an instance. A relative path begins at the test
            module's folder, or at the nearest one above it that has such a file.
        destination: For a file: whose subscriptions these are. Without it, the one installed destination that has all
            their actions.
        settings: The settings; placeholders when None. What is secret shows nowhere.
        values: Values for fields of which the generator cannot know what they must be, by action and field.
        limit: So many cases of a subscription at most.

    Raises:
        pytest.Collector.CollectError: The target cannot be used, or syrupy is not installed. pytest prints the line.

    Example:
        >>> test_absmartly = mapping_suite("actions-absmartly")
        >>> [mark.name for mark in getattr(test_absmartly, "pytestmark")]
        ['parametrize']
    """
    if find_spec("syrupy") is None:
        raise pytest.Collector.CollectError(INSTALL_SYRUPY)
    caller = sys._getframe(1).f_globals  # noqa: SLF001  whose folder a relative path begins at
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
    """A relative path, from the folder of the module that names it."""
    if not is_file(str(target)) or Path(target).is_absolute() or not isinstance(caller.get("__file__"), str):
        return target
    folders = Path(caller["__file__"]).resolve().parents
    return next((folder / target for folder in folders if (folder / target).is_file()), target)
