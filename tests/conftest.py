"""What every test shares: which of them run, how many examples they take, and the event loop."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# A busy machine is no failure: neither an example nor the drawing of one has a limit in time.
settings.register_profile(
    "exploring",
    settings.get_profile("default"),
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
# The same examples in every run, so that no change fails by an example that another one would have met as well.
settings.register_profile("ci", settings.get_profile("exploring"), derandomize=True, print_blob=True)
for _name in ("exploring", "ci"):
    settings.register_profile(f"thorough {_name}", settings.get_profile(_name), max_examples=100)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--thorough`."""
    parser.addoption(
        "--thorough",
        action="store_true",
        help="Run the tests that take long, too, and property tests with many examples.",
    )


def _is_thorough(config: pytest.Config) -> bool:
    wanted = re.search(r"(?<!\bnot )\bthorough\b", config.option.markexpr)
    return bool(config.getoption("--thorough")) or wanted is not None


def pytest_configure(config: pytest.Config) -> None:
    """Chooses how many examples a property test takes, and whether they are always the same."""
    name = "ci" if os.environ.get("CI") else "exploring"
    settings.load_profile(f"thorough {name}" if _is_thorough(config) else name)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """As many processes as there are processors, for `-n auto`; each collects for itself, so that more gain little."""
    return min(os.cpu_count() or 1, 8)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves thorough tests out, unless they are wanted: by `--thorough`, by `-m`, or by their names.

    In a thorough run a property test counts as thorough: it takes more examples than by default.
    """
    if _is_thorough(config):
        for item in items:
            if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                item.add_marker("thorough")
    elif not any("::" in argument for argument in config.args):
        left_out = [item for item in items if item.get_closest_marker("thorough")]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not item.get_closest_marker("thorough")]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Names a parameter that is packed by its argument: gzip writes the time, and all processes need the same name."""
    return argname if isinstance(val, bytes) and val.startswith(b"\x1f\x8b") else None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Looks for examples only where there are some: what helps tests would be imported for nothing."""
    if collection_path.suffix != ".py" or collection_path.name.startswith(("test_", "__init__")):
        return None
    return True if ">>> " not in collection_path.read_text(encoding="utf-8") else None


@pytest.fixture(scope="session", autouse=True)
def _no_worker_is_inherited() -> Iterator[None]:
    """Lets a pytest that a test starts run by itself: it is no worker of pytest-xdist, as this process may be."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("PYTEST_XDIST_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio."""
    return "asyncio"
