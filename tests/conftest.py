"""What every test shares."""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# A busy machine is no failure: neither an example nor the drawing of one has a limit in time.
settings.register_profile(
    "exploring", settings.get_profile("default"), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# The same examples in every run, so that no change fails by an example that another one would have met as well.
settings.register_profile("ci", settings.get_profile("exploring"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "exploring")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio."""
    return "asyncio"
