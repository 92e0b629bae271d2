import json
import subprocess

import pytest

from destination import MISSING
from destination.testing import create_test_event
from tests.conformance.node import OracleUnavailableError, node_modules

MADE_ANEW = ("messageId", "timestamp", "sentAt", "receivedAt")


def test_every_field_can_be_replaced() -> None:
    event = create_test_event()
    for key in event:
        assert create_test_event(**{key: "other"}) == {**event, key: "other"}


def test_an_object_is_replaced_as_a_whole() -> None:
    assert create_test_event(context={"ip": "1.1.1.1"})["context"] == {"ip": "1.1.1.1"}


def test_missing_takes_a_field_away() -> None:
    assert "userId" not in create_test_event(userId=MISSING)


def test_null_is_a_value() -> None:
    assert create_test_event(userId=None)["userId"] is None


def test_the_type_may_come_first_or_by_name() -> None:
    assert create_test_event("page") == create_test_event(type="page") == {**create_test_event(), "type": "page"}


def test_each_event_is_a_copy_of_its_own() -> None:
    create_test_event()["context"]["page"]["url"] = "changed"
    assert create_test_event()["context"]["page"]["url"] == "https://segment.com/academy/"


def test_two_events_are_the_same() -> None:
    assert create_test_event() == create_test_event()


@pytest.mark.live
def test_the_defaults_are_those_of_the_reference() -> None:
    try:
        core = node_modules() / "@segment" / "actions-core"
    except OracleUnavailableError as error:
        pytest.skip(f"Segment's runtime cannot run here: {error}")
    script = f"console.log(JSON.stringify(require({json.dumps(str(core))}).createTestEvent()))"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    theirs, ours = json.loads(done.stdout), create_test_event()
    assert list(ours) == list(theirs)
    for event in (theirs, ours):
        assert [len(event.pop(key)) for key in MADE_ANEW] == [36, 24, 24, 24]
    assert ours == theirs
