"""The pytest plugin; pytest finds it by its entry point, `pytest -p no:destination` leaves it out.

pytest loads this module in every run of every project that has this package installed: nothing is imported here that
costs time, and each fixture imports what it needs.
"""

import pytest  # noqa: F401

pytest_plugins = ("destination.testing.suite.plugin",)
