"""The test kit for destinations and mappings; pytest finds its fixtures by itself.

A module is imported at the first access to one of its names, because pytest loads this package in every run.

Example:
    >>> from destination.testing import create_test_event
    >>> create_test_event("page", name="Home")["name"]
    'Home'
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from destination.testing.clock import FrozenClock
    from destination.testing.collector import Collector
    from destination.testing.events import create_test_event
    from destination.testing.integration import TestIntegration, create_test_integration
    from destination.testing.snapshot import RequestSnapshotExtension
    from destination.testing.strategies import events_matching, events_not_matching, segment_events
    from destination.testing.suite.case import SuiteCase, run_case
    from destination.testing.suite.cases import suite_cases
    from destination.testing.suite.collector import mapping_suite
    from destination.testing.text import review_text

_HOMES = {
    "Collector": "collector",
    "FrozenClock": "clock",
    "RequestSnapshotExtension": "snapshot",
    "SuiteCase": "suite.case",
    "TestIntegration": "integration",
    "create_test_event": "events",
    "create_test_integration": "integration",
    "events_matching": "strategies",
    "events_not_matching": "strategies",
    "mapping_suite": "suite.collector",
    "review_text": "text",
    "run_case": "suite.case",
    "segment_events": "strategies",
    "suite_cases": "suite.cases",
}

__all__ = [
    "Collector",
    "FrozenClock",
    "RequestSnapshotExtension",
    "SuiteCase",
    "TestIntegration",
    "create_test_event",
    "create_test_integration",
    "events_matching",
    "events_not_matching",
    "mapping_suite",
    "review_text",
    "run_case",
    "segment_events",
    "suite_cases",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"destination.testing.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
