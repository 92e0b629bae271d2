"""What the publisher and the logger do when the analytics client, or the identity, fails."""

from typing import Any

import pytest
from sdk.context_event_logger import EventType
from sdk.json.exposure import Exposure
from sdk.json.goal_achievement import GoalAchievement
from sdk.json.publish_event import PublishEvent
from sdk.json.unit import Unit

from destination.catalog.absmartly import sdk as bridge
from destination.catalog.absmartly.sdk import ExposureLogger, ExposurePublisher, Identity, NotTrackedError


class FakeClient:
    """Keeps what is tracked; fails for the events that it is told."""

    def __init__(self, *, full_for: str = "", broken_for: str = "") -> None:
        self.tracked: list[tuple[str, dict[str, Any]]] = []
        self._full_for, self._broken_for = full_for, broken_for

    def track(self, user_id: Any = None, event: Any = None, properties: Any = None, **others: Any) -> tuple[bool, Any]:
        if event == self._broken_for:
            raise OSError("no route")
        if event == self._full_for:
            return False, {}
        self.tracked.append((event, properties))
        return True, {}


def _identity(context: Any = None) -> Identity:
    return {"user_id": "u-1"}


def _event(*goals: str, exposures: int = 0) -> PublishEvent:
    event = PublishEvent()
    event.hashed, event.publishedAt = True, 1_672_531_200_000
    unit = Unit()
    unit.type, unit.uid = "user_id", "hash"
    event.units = [unit]
    event.goals = []
    for name in goals:
        goal = GoalAchievement()
        goal.name, goal.achievedAt, goal.properties = name, 1_672_531_200_000, {"a": 1}
        event.goals.append(goal)
    event.exposures = [_exposure(number) for number in range(exposures)]
    return event


def _exposure(number: int, variant: int = 1) -> Exposure:
    exposure = Exposure()
    exposure.id, exposure.name, exposure.variant, exposure.assigned = number, f"e{number}", variant, True
    exposure.exposedAt = 1_672_531_200_000
    return exposure


def test_one_event_for_each_exposure_and_no_goals_in_it() -> None:
    client = FakeClient()
    assert ExposurePublisher(client, _identity).publish(None, _event("paid", exposures=2)).result() is None
    assert [name for name, _ in client.tracked] == ["Experiment Viewed", "Experiment Viewed", "paid"]
    for number, (_, properties) in enumerate(client.tracked[:2]):
        assert [item["id"] for item in properties["exposure"]["exposures"]] == [number]
        assert "goals" not in properties["exposure"]
        assert properties["exposure"]["units"] == [{"type": "user_id", "uid": "hash"}]


@pytest.mark.parametrize("trouble", ["full_for", "broken_for"])
def test_an_event_that_is_not_taken_fails_the_future_and_does_not_stop_the_others(trouble: str) -> None:
    client = FakeClient(**{trouble: "b"})
    error = ExposurePublisher(client, _identity).publish(None, _event("a", "b", "c")).exception()
    assert isinstance(error, NotTrackedError if trouble == "full_for" else OSError)
    assert [name for name, _ in client.tracked] == ["a", "c"]


def test_an_identity_without_ids_fails_the_future_and_names_the_event() -> None:
    error = ExposurePublisher(FakeClient(), lambda context: {}).publish(None, _event("paid")).exception()
    assert "the identity of 'paid' has neither user_id nor anonymous_id" in str(error)


def test_an_identity_that_raises_fails_the_future() -> None:
    def broken(context: Any) -> Identity:
        raise LookupError("no request")

    assert isinstance(ExposurePublisher(FakeClient(), broken).publish(None, _event("paid")).exception(), LookupError)


def test_the_logger_never_raises_and_tells_what_went_wrong() -> None:
    told: list[Exception] = []
    logger = ExposureLogger(FakeClient(broken_for="Experiment Viewed"), _identity, told.append)
    logger.handle_event(EventType.EXPOSURE, _exposure(1))
    assert [str(error) for error in told] == ["no route"]


def test_the_logger_takes_assigned_exposures_alone() -> None:
    client = FakeClient()
    logger = ExposureLogger(client, _identity)
    unassigned = _exposure(1)
    unassigned.assigned = False
    logger.handle_event(EventType.EXPOSURE, unassigned)
    for event_type in set(EventType) - {EventType.EXPOSURE}:
        logger.handle_event(event_type, None)
    assert client.tracked == []
    logger.handle_event(EventType.EXPOSURE, _exposure(1, variant=7))
    [(_, properties)] = client.tracked
    assert properties == {"experiment_id": 1, "experiment_name": "e1", "variation_id": 7}


def test_the_package_names_what_it_lacks() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = bridge.Nothing


def test_units_that_are_there_already_stay_and_the_event_is_not_changed() -> None:
    properties = {"absmartly": {"units": [{"type": "a", "uid": "1"}], "x": 1}}
    added = bridge.add_units(properties, [("b", 2), ("blank", " "), ("flag", True)])
    assert added == {"absmartly": {"units": [{"type": "a", "uid": "1"}, {"type": "b", "uid": "2"}], "x": 1}}
    assert properties == {"absmartly": {"units": [{"type": "a", "uid": "1"}], "x": 1}}
