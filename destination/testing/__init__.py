"""What tests of destinations and mappings need; pytest finds its fixtures by itself.

A module is imported when the first of its names is asked for: pytest loads this package in every run.

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
    from destination.testing.text import review_text

_HOMES = {
    "Collector": "collector",
    "FrozenClock": "clock",
    "RequestSnapshotExtension": "snapshot",
    "TestIntegration": "integration",
    "create_test_event": "events",
    "create_test_integration": "integration",
    "review_text": "text",
}

__all__ = [
    "Collector",
    "FrozenClock",
    "RequestSnapshotExtension",
    "TestIntegration",
    "create_test_event",
    "create_test_integration",
    "review_text",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"destination.testing.{home}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
