"""`show` of a destination that uses directives which Segment does not know."""

from typing import Any

import pytest

from destination.cli.show import show
from destination.definition import Action
from destination.mapping import jinja_template
from destination.runtime import Destination
from destination.usage_problem import UsageProblem

FIELDS = {"name": {"label": "Name", "description": "Who", "type": "string", "default": jinja_template("{{ event }}")}}


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    demo: Destination[Any] = Destination(
        name="Demo",
        slug="demo",
        actions={"send": Action(title="Send", description="", fields=FIELDS, perform=lambda request, data: None)},
    )
    monkeypatch.setattr("destination.runtime.given.find_destination", lambda slug: demo)


def test_tables_show_extensions(capsys: pytest.CaptureFixture[str]) -> None:
    assert show("demo", as_json=False) == 0
    assert "@jinja" in capsys.readouterr().out


def test_segments_json_refuses_extensions() -> None:
    with pytest.raises(UsageProblem, match="@jinja at /actions/send/fields/name/default"):
        show("demo", as_json=True)
