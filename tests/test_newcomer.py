"""A newcomer's path: from `destination new` to a change of a mapping that three tools show.

Everything runs as people run it, in processes of its own: the command line, pytest, git. Only `pip install` is
spared: what it writes beside the package is written here.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from destination.fql import compile_trigger
from tests.workbench.scaffold.installed import write_metadata

_NOT_INHERITED = ("GIT_", "PYTEST_", "PY_COLORS", "FORCE_COLOR")
COMMAND_LINE = "from destination.cli import command; command()"
SLUG = ("--destination", "actions-shop-crm")
MAPPINGS = ("--mappings", "mappings.json", *SLUG)
EXPLAINED = """\
track Order Completed (messageId m-1)

Orders (sendEvent): does not match
  false and
  ├─ true  type = "track"   it is "track"
  ├─ true  event = "Order Completed"   it is "Order Completed"
  └─ false properties.total >= 100   it is 27.5
  it would match with: properties.total = 100
"""
CASES = """\
destination: shop_crm.definition:shop_crm
mappings: ../mappings.json
base: test
cases:
  - name: A large order is sent
    event: {event: Order Completed, properties: {total: 120, revenue: 100}}
    expect:
      subscriptions:
        Orders:
          payload: # to be recorded
  - name: A small order is not
    event: {event: Order Completed, properties: {total: 27.5, revenue: 25}}
    expect:
      matched: # to be recorded
"""
RECORDED_PAYLOAD = """\
          payload: # to be recorded
            name: Order Completed
            properties:
              total: 120
"""
SNAPSHOT = """\
# Orders: matches
payload
{
  "name": "Order Completed",
  "properties": {
    "total": 120
  }
}

POST https://api.example.com/v1/events
authorization: <redacted>
content-type: application/json
user-agent: Segment (Actions)

{
  "name": "Order Completed",
  "properties": {
    "total": 120
  },
  "time": null,
  "user": null
}

# Page Calls: does not match
"""
DIFF = """\
HEAD:./mappings.json → mappings.json, events of events.ndjson

Orders: mapping changed; takes 2 events
      "name": {"@path": "$.event"},
      "properties": {
  -     "total": {"@path": "$.properties.total"}
  +     "total": {"@path": "$.properties.revenue"}
      }
    }
  1 × changed
    1 × /properties/total
      Order Completed, line 2, m-2
        - 120
        + 100
    shows in request/body/properties/total 1

3 events compared, 1 subscription is equal in both versions: 1 ends differently.
"""
SNAPSHOT_TEST = """\
import json
from pathlib import Path

from destination.testing import create_test_event

from shop_crm.definition import shop_crm

MAPPINGS = Path(__file__).parents[1] / "mappings.json"


def test_a_large_order(settings, snapshot_requests):
    instance = shop_crm.instance(settings, json.loads(MAPPINGS.read_text()))
    event = create_test_event(event="Order Completed", properties={"total": 120, "revenue": 100})
    assert instance.plan(event) == snapshot_requests(instance)
"""


def event(message_id: str, **properties: float) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": message_id,
        "userId": "u-1",
        "timestamp": "2026-03-01T12:00:00.000Z",
        "properties": properties,
    }


@dataclass(frozen=True)
class Terminal:
    """Runs commands in a folder, as in a terminal."""

    folder: Path

    def destination(self, *arguments: str, status: int = 0) -> str:
        """What the command prints; it ends with the status that is expected."""
        return self._run(sys.executable, "-P", "-c", COMMAND_LINE, *arguments, status=status)

    def pytest(self, *arguments: str, status: int = 0) -> str:
        return self._run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, status=status)

    def git(self, *arguments: str) -> None:
        self._run("git", "-c", "user.name=A", "-c", "user.email=a@example.test", *arguments, status=0)

    def _run(self, *command: str, status: int) -> str:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)}
        more = {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.folder), "PYTHONUTF8": "1"}
        done = subprocess.run(
            command, cwd=self.folder, env={**inherited, **more}, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == status, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def write_mappings(project: Path, *subscriptions: dict[str, Any]) -> None:
    (project / "mappings.json").write_text(json.dumps(subscriptions, indent=2))


@pytest.mark.thorough
def test_a_newcomer_makes_a_destination_and_sees_what_a_change_of_a_mapping_does(tmp_path: Path) -> None:
    # A destination of one's own; the command line finds it.
    Terminal(tmp_path).destination("new", "shop_crm")
    project = tmp_path / "shop_crm"
    write_metadata(project)
    terminal = Terminal(project)
    shown = json.loads(terminal.destination("show", "actions-shop-crm", "--json"))
    track_calls, page_calls = shown["presets"]
    assert (track_calls["name"], track_calls["subscribe"]) == ("Track Calls", 'type = "track"')

    # One mapping is edited: of the track calls only large orders, and of their properties only the total.
    orders = {
        **track_calls,
        "name": "Orders",
        "subscribe": 'type = "track" and event = "Order Completed" and properties.total >= 100',
        "mapping": {"name": {"@path": "$.event"}, "properties": {"total": {"@path": "$.properties.total"}}},
    }
    write_mappings(project, orders, page_calls)

    # An event is not sent: explain says why, and what would have to be otherwise.
    (project / "event.json").write_text(json.dumps(event("m-1", total=27.5)))
    explained = terminal.destination("explain", "event.json", *MAPPINGS, "--subscription", "Orders")
    assert explained == EXPLAINED
    takes = compile_trigger(orders["subscribe"])
    assert (takes(event("m-1", total=99.99)), takes(event("m-1", total=100))) == (False, True)

    # Cases in a data file and a snapshot, recorded from what comes out.
    (project / "tests/orders.cases.yaml").write_text(CASES)
    (project / "tests/test_orders.py").write_text(SNAPSHOT_TEST)
    tests = ("tests/orders.cases.yaml", "tests/test_orders.py")
    recorded = terminal.pytest(*tests, "--record", "--snapshot-update")
    assert "3 passed" in recorded
    cases = CASES.replace("          payload: # to be recorded\n", RECORDED_PAYLOAD)
    assert (project / "tests/orders.cases.yaml").read_text() == cases.replace("matched:", "matched: []")
    assert (project / "tests/__snapshots__/test_orders/test_a_large_order.txt").read_text() == SNAPSHOT
    terminal.git("init", "--quiet")
    terminal.git("add", ".")
    terminal.git("commit", "--quiet", "--message", "Orders")

    # The mapping is changed. On real events, diff shows what of them is otherwise.
    orders["mapping"] = {**orders["mapping"], "properties": {"total": {"@path": "$.properties.revenue"}}}
    write_mappings(project, orders, page_calls)
    of_a_day = [event("m-1", total=27.5), event("m-2", total=120, revenue=100), event("m-3", total=300, revenue=300)]
    (project / "events.ndjson").write_text("".join(json.dumps(one) + "\n" for one in of_a_day))
    compared = ("diff", "HEAD:./mappings.json", "mappings.json", "--events", "events.ndjson", *SLUG)
    assert terminal.destination(*compared, status=1) == DIFF

    # So do the case and the snapshot: each names the field, in the payload and in the request, and nothing else.
    failed = terminal.pytest(*tests, "-vvv", "-rN", status=1)
    assert "2 failed, 1 passed" in failed
    found = [line.strip() for line in failed.splitlines() if ": expected " in line]
    assert found == ["/subscriptions/Orders/payload/properties/total: expected 120, found 100"]
    assert re.findall(r"^E +([-+]) +(.*)$", failed, re.MULTILINE) == [("-", '"total": 120'), ("+", '"total": 100')] * 2

    # A subscription takes what another one takes: lint warns, and has an event that really goes to both.
    very_large = {**orders, "name": "Very large orders", "subscribe": 'type = "track" and properties.total > 1000'}
    write_mappings(project, orders, page_calls, very_large)
    linted = json.loads(terminal.destination("lint", *MAPPINGS, "--format", "json", "--select", "O", status=1))
    (warning,) = linted["findings"]
    assert (warning["code"], warning["severity"], warning["subscription"]) == ("O001", "warning", "Very large orders")
    sentence, _, witness = warning["message"].partition(": ")
    assert sentence == "this subscription and 'Orders', which has the same action, both match this event"
    all_three = (orders, page_calls, very_large)
    takers = [one["name"] for one in all_three if compile_trigger(one["subscribe"])(json.loads(witness))]
    assert takers == ["Orders", "Very large orders"]
