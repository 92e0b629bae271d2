"""What the plugin costs and gives, in runs of pytest."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from runpy import run_path

import pytest

import destination.testing
from tests.testing.example import Example

Project = Callable[[Mapping[str, str]], Example]

BARE = """\
import sys
before = set(sys.modules)
import destination.testing.plugin
print(*sorted(set(sys.modules) - before))
"""


def test_loading_the_plugin_imports_nothing_else() -> None:
    code = f"import __future__, pathlib, collections.abc, typing, pytest\n{BARE}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["destination", "destination.testing", "destination.testing.plugin"]


PLAIN = """\
import sys
HEAVY = ("pydantic", "jinja2", "httpx", "yaml", "orjson", "asyncio", "syrupy")

def test_plain():
    ours = [name for name, module in sys.modules.items() if name.startswith("destination.")
            and not name.endswith((".plugin", ".pytest_coverage")) and not hasattr(module, "__path__")]
    print("loaded:", *ours, *(name for name in HEAVY if name in sys.modules), end=".\\n")
"""


def test_a_run_without_any_of_it_loads_the_plugin_alone(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(PLAIN)
    off = [part for name in ("syrupy", "hypothesispytest", "anyio", "pyreqwest") for part in ("-p", f"no:{name}")]
    command = [sys.executable, "-m", "pytest", "-sq", *off, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "loaded:.\n" in done.stdout


def test_its_options_and_fixtures_are_there_without_any_configuration(example: Project) -> None:
    done = example({"test_a.py": "def test_a(collector, frozen_clock): assert collector.received == []"}).run_pytest(
        "--strict-config", "--strict-markers"
    )
    assert done.outcomes == {"passed": 1}
    assert "--record-all" in example({}).run_pytest("--help").output


def test_it_can_be_left_out(example: Project) -> None:
    files = {"test_a.py": "def test_a(collector): pass", "a.cases.json": "{"}
    assert example(files).run_pytest("-p", "no:destination").outcomes == {"errors": 1}


def test_the_collector_is_the_transport_of_an_instance(example: Project) -> None:
    test = """\
import asyncio
from tests.testing.test_snapshot import ORDERS, SETTINGS, shop

def test_order(collector):
    collector.on("POST", "https://shop.test/*").answer(503).answer(201, json={"id": 1})
    instance = shop.instance(SETTINGS, [ORDERS], transport=collector)
    for status in (503, 201, 201):
        [outcome] = asyncio.run(instance.on_event({"type": "track", "e": "A"})).outcomes
        assert outcome.responses[0].status == status
    collector.assert_received("POST", json={"name": "B"})
"""
    done = example({"test_a.py": test}).run_pytest()
    assert done.outcomes == {"failed": 1}
    assert "none of the 3 requests received matches; number 1 is closest:" in done.output
    assert '/json/name: expected "B", found "A"' in done.output
    assert "collector.py" not in done.output


def test_the_frozen_clock_is_what_templates_read(example: Project) -> None:
    test = """\
import time
from destination import liquid_template
from destination.mapping import transform
from destination.mapping.liquid.context import SURROUNDINGS

NOW = {"at": liquid_template("{{ 'now' | date: '%Y-%m-%d %H:%M' }}")}

def test_frozen(frozen_clock):
    assert transform(NOW, {}) == {"at": "2026-01-01 00:00"}
    frozen_clock.move(90)
    assert transform(NOW, {}) == {"at": "2026-01-01 00:01"}
    frozen_clock.move_to("2030-05-06T07:08:09Z")
    assert transform(NOW, {}) == {"at": "2030-05-06 07:08"}

def test_not_frozen():
    assert SURROUNDINGS.now_s.clock is time.time
"""
    assert example({"test_a.py": test}).run_pytest().outcomes == {"passed": 2}


def test_every_public_name_can_be_had() -> None:
    assert sorted(destination.testing.__all__) == sorted(destination.testing._HOMES)
    for name in destination.testing.__all__:
        assert getattr(destination.testing, name).__name__ == name
        assert name in dir(destination.testing)


PLUGINS = "destination.testing.plugin", "destination.testing.suite.plugin", "destination.workbench.pytest_coverage"


@pytest.mark.parametrize("name", PLUGINS)
def test_an_old_pytest_can_load_the_plugins(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest loads them in every project; one that fails to be loaded ends the run, whatever its tests are about."""
    monkeypatch.delattr(pytest, "TerminalReporter")  # pytest 8.0 has none
    assert "pytest_addoption" in run_path(str(import_module(name).__file__))
