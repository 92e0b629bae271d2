"""The decided divergences: recognised where they apply, and nowhere else."""

from typing import Any

import pytest

from tests.conformance import adapter
from tests.conformance.divergences import expected, explain, without_disabled
from tests.conformance.judge import Verdict, judge
from tests.conformance.vectors import Answer, Vector

SETTINGS = {"collectorEndpoint": "https://demo.absmartly.io/v1", "apiKey": "key-1", "environment": "production"}
GOAL = {
    "name": "Goals",
    "subscribe": 'type = "track"',
    "partnerAction": "trackGoal",
    "mapping": {"units": {"u": {"@path": "$.userId"}}, "name": "goal", "properties": {"@path": "$.properties"}},
}
NULL_SENT = Answer("ok", {"requests": [{"body": {"publishedAt": None}}], "results": []})
SENT = Answer("ok", {"requests": [{"body": {"publishedAt": 1672531200000}}], "results": []})
NAMED = Answer("error", messages=("the event's `timestamp` cannot be read",))
OTHER = Answer("error", messages=("Goal `name` is required to be a non-empty string",))


def on_event(event: dict[str, Any], answer: Answer, *subscriptions: Any) -> Vector:
    args = {"event": event, "settings": SETTINGS, "subscriptions": list(subscriptions) or [GOAL]}
    return Vector("1", "destination.on_event", args, answer)


@pytest.mark.parametrize("event", [{}, {"timestamp": None}, {"timestamp": "garbage"}, {"timestamp": {}}])
def test_unreadable_timestamp_is_an_error_that_names_the_field(event: dict[str, Any]) -> None:
    assert explain(on_event(event, NULL_SENT), NULL_SENT, NAMED) == "1 unreadable timestamp"
    assert explain(on_event(event, OTHER), OTHER, NAMED) == "1 unreadable timestamp"
    assert explain(on_event(event, NULL_SENT), NULL_SENT, OTHER) is None
    assert explain(on_event(event, NULL_SENT), NULL_SENT, SENT) is None


@pytest.mark.parametrize("event", [{"timestamp": "2023-01-01"}, {"timestamp": 5}, {"timestamp": ["2023-01-01"]}])
def test_readable_timestamp_explains_nothing(event: dict[str, Any]) -> None:
    assert explain(on_event(event, OTHER), OTHER, NAMED) is None


def test_unmatched_event_needs_no_timestamp() -> None:
    quiet = Answer("ok", {"requests": [], "results": [{"output": "not subscribed"}]})
    assert explain(on_event({}, quiet), quiet, NAMED) is None


def test_disabled_subscription_is_skipped() -> None:
    disabled = {**GOAL, "enabled": False}
    assert without_disabled({"subscriptions": [disabled, GOAL]}) == {"subscriptions": [GOAL]}
    kept = {"subscriptions": [{**GOAL, "enabled": None}, "x"]}
    assert without_disabled(kept) is kept


def test_recorded_answer_to_the_rewritten_arguments_counts() -> None:
    vector = on_event({"timestamp": "2023-01-01"}, SENT, {**GOAL, "enabled": False})
    own = expected(vector, lambda op, args: Answer("ok", [op, args["subscriptions"]]))
    assert own == Answer("ok", ["destination.on_event", []])
    quiet = Answer("ok", {"requests": [], "results": []})
    recorded = Vector(vector.id, vector.op, vector.args, vector.expected, quiet)
    assert expected(recorded, lambda _op, _args: SENT) is quiet
    assert judge(recorded).verdict is Verdict.DIVERGES


def test_big_integers_pass_untouched() -> None:
    event = {"type": "track", "timestamp": "2023-01-01", "userId": "u", "properties": {"id": 9007199254740993}}
    args = on_event(event, SENT).args
    [request] = adapter.OPS["destination.on_event"](args)["requests"]
    assert request["body"]["goals"][0]["properties"]["id"] == 9007199254740993
    transformed = adapter.OPS["mapping.transform"]({"mapping": {"id": {"@path": "$.id"}}, "event": {"id": 2**63 - 1}})
    assert transformed == {"id": 2**63 - 1}


def test_inherited_member_explains_a_path_to_one() -> None:
    found, nothing = Answer("ok", {"v": {}}), Answer("ok", {})
    to_one = Vector("1", "mapping.transform", {"mapping": {"v": {"@path": "$.properties.constructor"}}}, found)
    assert explain(to_one, found, nothing) == "25 inherited member"
    to_key = Vector("1", "mapping.transform", {"mapping": {"v": {"@path": "$.properties.price"}}}, found)
    assert explain(to_key, found, nothing) is None
