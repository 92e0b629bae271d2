"""Generates tests for every subscription of a destination or a file of mappings.

`suite_cases(instance)` makes the events, and `run_case(case)` returns the result of one; both are pure functions. For
pytest there are `mapping_suite` (in a test module), `plugin` and `collector` (for `pyproject.toml`), and `snapshots`
(for syrupy).

An event is made in three steps: `sample` makes a payload, `inverse` reads the mapping backwards, and `draft` collects
the values that the event needs. `cases` does this for each case.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from destination.testing.suite.case import SuiteCase, run_case
    from destination.testing.suite.cases import suite_cases
    from destination.testing.suite.collector import mapping_suite

_HOMES = {"SuiteCase": "case", "mapping_suite": "collector", "run_case": "case", "suite_cases": "cases"}

__all__ = ["SuiteCase", "mapping_suite", "run_case", "suite_cases"]


def __getattr__(name: str) -> Any:
    # pytest loads this package in every run: a module is imported at the first access to one of its names.
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"destination.testing.suite.{home}"), name)
