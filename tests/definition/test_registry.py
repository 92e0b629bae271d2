import sys
import tomllib
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from destination import DefinitionError, find
from destination.catalog.absmartly import absmartly
from destination.definition import registry, slugs

WRONG_PRESET = """\
from destination import Destination, Preset
preset = Preset(name="P", subscribe="", partner_action="no")
demo = Destination(name="D", slug="d", actions={}, presets=(preset,))"""


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    points: dict[str, str] = {}

    def entry_points(**_: Any) -> list[EntryPoint]:
        return [EntryPoint(name, value, registry.GROUP) for name, value in points.items()]

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    return points


def test_shipped_destination_is_found_by_its_entry_point() -> None:
    assert find("actions-absmartly") is absmartly
    assert "actions-absmartly" in slugs()


def test_an_entry_point_of_another_package_replaces_no_shipped_destination(installed: dict[str, str]) -> None:
    installed.update({"actions-absmartly": "another.package:theirs", "actions-theirs": "another.package:theirs"})
    assert find("actions-absmartly") is absmartly
    with pytest.raises(DefinitionError, match=r"cannot be loaded from another\.package:theirs"):
        find("actions-theirs")


def test_unknown_slug_proposes_what_is_close(installed: dict[str, str]) -> None:
    installed["actions-demo"] = "nowhere:demo"
    with pytest.raises(DefinitionError, match=r"no destination 'action-demo'; did you mean 'actions-demo'\?"):
        find("action-demo")


def test_unknown_slug_lists_what_is_installed(installed: dict[str, str]) -> None:
    with pytest.raises(DefinitionError, match="Installed: none"):
        find("zzz")
    installed["b"] = installed["a"] = "nowhere:demo"
    with pytest.raises(DefinitionError, match="Installed: a, b"):
        find("zzz")


@pytest.mark.parametrize("value", ["no_such_module:x", "destination.errors:no_such_name"])
def test_entry_point_that_cannot_be_loaded_is_named(installed: dict[str, str], value: str) -> None:
    installed["broken"] = value
    with pytest.raises(DefinitionError, match=f"'broken' cannot be loaded from {value}"):
        find("broken")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import no_such_thing", "No module named 'no_such_thing' at {file}:2"),
        ("x = broken", "NameError: name 'broken' is not defined at {file}:2"),
        ("def broken(:", "SyntaxError: invalid syntax at {file}:2"),
        ("raise RuntimeError('boom')", "RuntimeError: boom at {file}:2"),
        (WRONG_PRESET, "DefinitionError: preset 'P' of d names the action 'no', which is none of:  at {file}:4"),
    ],
)
def test_what_a_package_raises_is_told_with_its_place(
    installed: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    (tmp_path / "being_written.py").write_text(f"\n{text}\n")
    monkeypatch.syspath_prepend(tmp_path)
    installed["demo"] = "being_written:demo"
    with pytest.raises(DefinitionError) as raised:
        find("demo")
    assert str(raised.value) == (
        f"destination 'demo' cannot be loaded from being_written:demo: "
        f"{told.format(file=tmp_path / 'being_written.py')}; to see all of it: python -c 'import being_written'"
    )


def test_what_a_shipped_package_raises_is_told_with_its_place(
    installed: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped actions are installed inside the framework's folder; their lines are an author's all the same."""
    wire = import_module("destination.actions.absmartly.wire")
    monkeypatch.delattr(wire, "send_event")
    monkeypatch.delitem(sys.modules, "destination.actions.absmartly.track_goal")
    installed["demo"] = "destination.actions.absmartly.track_goal:track_goal"
    with pytest.raises(DefinitionError, match=r"cannot import name 'send_event' .* at .*/track_goal\.py:\d+; to see"):
        find("demo")


def test_entry_point_to_something_else_is_refused(installed: dict[str, str]) -> None:
    installed["odd"] = "destination.errors:DestinationError"
    with pytest.raises(DefinitionError, match="is no destination, but type"):
        find("odd")


def test_the_shipped_destinations_are_the_entry_points_of_the_distribution() -> None:
    project = tomllib.loads(Path(__file__).parents[2].joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"][registry.GROUP] == registry._SHIPPED
