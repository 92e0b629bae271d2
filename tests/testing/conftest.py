"""Runs of pytest in projects of their own."""

from collections.abc import Callable, Mapping

import pytest

from tests.testing.example import Example


@pytest.fixture
def example(pytester: pytest.Pytester) -> Callable[[Mapping[str, str]], Example]:
    """Makes a project of files."""
    return lambda files: Example(files, pytester)
