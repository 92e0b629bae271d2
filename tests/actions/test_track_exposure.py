from collections.abc import Callable
from typing import Any

import pytest

from destination import EngineTypeError, Outcome, PayloadValidationError
from tests.kit import MOMENT, TIMESTAMP

Plan = Callable[..., Outcome]
Exposure = dict[str, Any]
MALFORMED = (
    "Field `exposure` is malformed or contains goals. "
    "Ensure you are sending a valid ABsmartly exposure payload without goals."
)


def event_with(exposure: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Experiment Viewed",
        "timestamp": TIMESTAMP,
        "properties": {"exposure": exposure},
    }


def body_of(outcome: Outcome) -> Any:
    assert outcome.error is None, outcome.error
    [request] = outcome.requests
    return request.json()


def test_moments_are_shifted_to_the_time_of_the_event(plan: Plan, exposure: Exposure) -> None:
    body = body_of(plan("trackExposure", event_with(exposure)))
    assert body["publishedAt"] == MOMENT
    assert body["historic"] is True
    assert body["exposures"][0]["exposedAt"] == MOMENT - 1000
    assert body["attributes"] == [{"name": "country", "value": "NL", "setAt": MOMENT - 2000}]


def test_all_other_members_pass_through(plan: Plan, exposure: Exposure) -> None:
    body = body_of(plan("trackExposure", event_with({**exposure, "extra": {"a": [1]}, "historic": "no", "goals": []})))
    assert (body["extra"], body["hashed"], body["goals"], body["historic"]) == ({"a": [1]}, True, [], True)
    assert body["exposures"][0]["name"] == "checkout"


def test_published_at_may_be_text(plan: Plan, exposure: Exposure) -> None:
    body = body_of(plan("trackExposure", event_with({**exposure, "publishedAt": "2022-12-31T23:59:59.000Z"})))
    assert body["exposures"][0]["exposedAt"] == MOMENT - 1000


def test_null_attributes_drop_the_key(plan: Plan, exposure: Exposure) -> None:
    assert "attributes" not in body_of(plan("trackExposure", event_with({**exposure, "attributes": None})))


@pytest.mark.parametrize(
    ("set_at", "sent"),
    [
        ({"setAt": "5"}, "51000"),
        ({"setAt": None}, 1000),
        ({}, None),
        ({"setAt": True}, 1001),
        ({"setAt": [2]}, "21000"),
    ],
)
def test_moment_of_an_attribute_is_added_as_javascript_adds(
    plan: Plan, exposure: Exposure, set_at: Exposure, sent: Any
) -> None:
    body = body_of(plan("trackExposure", event_with({**exposure, "attributes": [{"name": "a", **set_at}]})))
    assert body["attributes"] == [{"name": "a", "setAt": sent}]


def test_attribute_that_is_no_object_is_spread(plan: Plan, exposure: Exposure) -> None:
    body = body_of(plan("trackExposure", event_with({**exposure, "attributes": ["ab", 5]})))
    assert body["attributes"] == [{"0": "a", "1": "b", "setAt": None}, {"setAt": None}]


@pytest.mark.parametrize("key", ["exposures", "attributes"])
def test_null_among_the_items_is_an_engine_error(plan: Plan, exposure: Exposure, key: str) -> None:
    assert isinstance(plan("trackExposure", event_with({**exposure, key: [None]})).error, EngineTypeError)


@pytest.mark.parametrize(
    "change",
    [
        {"publishedAt": None},
        {"publishedAt": 1_262_303_999_999},
        {"publishedAt": 2_524_608_000_001},
        {"publishedAt": "garbage"},
        {"publishedAt": True},
        {"units": []},
        {"units": None},
        {"units": {"userId": "a"}},
        {"exposures": []},
        {"exposures": {}},
        {"exposures": [{"exposedAt": "2023-01-01"}]},
        {"exposures": [{"exposedAt": 5}]},
        {"exposures": [{}]},
        {"exposures": ["text"]},
        {"goals": [{"name": "g"}]},
        {"goals": {}},
        {"attributes": {}},
        {"attributes": "a"},
    ],
    ids=str,
)
def test_malformed_exposure_is_refused(plan: Plan, exposure: Exposure, change: Exposure) -> None:
    outcome = plan("trackExposure", event_with({**exposure, **change}))
    assert isinstance(outcome.error, PayloadValidationError)
    assert str(outcome.error) == MALFORMED


@pytest.mark.parametrize("moment", [1_262_304_000_000, 2_524_608_000_000])
def test_bounds_of_moments_are_inclusive(plan: Plan, exposure: Exposure, moment: int) -> None:
    exposure["publishedAt"] = exposure["exposures"][0]["exposedAt"] = moment
    assert body_of(plan("trackExposure", event_with(exposure)))["exposures"][0]["exposedAt"] == MOMENT


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "The root value is missing the required field 'exposure'."),
        ("", "The root value is missing the required field 'exposure'."),
        (5, "ABsmartly Exposure Payload must be an object but it was a number."),
        ([{}, {}], "ABsmartly Exposure Payload must be an object but it was an array."),
    ],
)
def test_exposure_must_be_an_object(plan: Plan, value: Any, message: str) -> None:
    assert str(plan("trackExposure", event_with(value)).error) == message


def test_exposure_without_readable_timestamp_fails(plan: Plan, exposure: Exposure) -> None:
    outcome = plan("trackExposure", {**event_with(exposure), "timestamp": "soon"})
    assert "`timestamp`" in str(outcome.error)


def test_event_is_not_changed(plan: Plan, exposure: Exposure) -> None:
    event = event_with(exposure)
    before = repr(event)
    plan("trackExposure", event)
    assert repr(event) == before
