"""ABsmartly Classic, case by case, each with the sentence of the documents it comes from."""

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from destination import CollectorRejectedError, EngineTypeError, MockTransport, Outcome
from destination.catalog.absmartly.classic import absmartly_classic
from tests.kit import MOMENT, SETTINGS, TIMESTAMP

ACCOUNT = {**SETTINGS, "environment": "production"}
UNITS = {"anonymousId": "anonymous_uuid", "userId": "user_id"}
SENT = MOMENT + 1000
TIMES = {"originalTimestamp": TIMESTAMP, "sentAt": "2023-01-01T00:00:01.000Z"}
EXPOSURES = {"publishedAt": 5, "units": [{"type": "user_id", "uid": "h"}], "exposures": [{"id": 1, "exposedAt": "odd"}]}
ALL_ON = {
    "enableExposureTracking": True,
    "enablePageViewTracking": True,
    "enableAppScreenViewTracking": True,
}
USER = [{"type": "user_id", "uid": "u-1"}]


def goal(name: Any = "Login", units: Any = USER, **others: Any) -> dict[str, Any]:
    """A publish request of one goal, as the classic function writes it."""
    return {"publishedAt": SENT, "units": units, "goals": [{"name": name, "achievedAt": MOMENT, **others}]}


@dataclass(frozen=True)
class Case:
    """An event, the settings beside the account, and the body that is sent; None where nothing is.

    Attributes:
        sentence: What the documents say.
    """

    sentence: str
    event: dict[str, Any]
    body: Any
    settings: dict[str, Any] = field(default_factory=dict)


def track(event: Any = "Login", **others: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "userId": "u-1", **TIMES, **others}


def view(kind: str, **others: Any) -> dict[str, Any]:
    return {"type": kind, "userId": "u-1", **TIMES, **others}


NO_UNITS = "No units: nothing is sent"
OWN_UNITS = "The destination function will extract [`properties.absmartly.units`] and use that instead"
VERBATIM = "`properties.absmartly` verbatim as the body"
CASES = [
    Case("otherwise the original event name will be used as the goal", track(), goal()),
    Case("If a mapping exists, it will be used", track(), goal("login"), {"goalMapping": {"Login": "login"}}),
    Case("only its own entries count", track("constructor"), goal("constructor"), {"goalMapping": {"a": "b"}}),
    Case("an event without a name sends a goal without one", {"type": "track", "userId": "u-1", **TIMES}, {
        "publishedAt": SENT, "units": USER, "goals": [{"achievedAt": MOMENT}],
    }),
    Case("`properties` as they are", track(properties={"a": [1, {"b": None}], "c": ""}),
         goal(properties={"a": [1, {"b": None}], "c": ""})),
    Case("`achievedAt` from `originalTimestamp`, `publishedAt` from `sentAt`; unreadable ones are null",
         track(originalTimestamp="soon", sentAt=None),
         {"publishedAt": None, "units": USER, "goals": [{"name": "Login", "achievedAt": None}]}),
    Case("Mapping of Segment identity to ABsmartly Unit", track(anonymousId="a-1"),
         goal(units=[{"type": "anonymous_uuid", "uid": "a-1"}, *USER])),
    Case("every `unitMapping` entry whose identity on the event is a string or a number",
         track(anonymousId=7, userId=True), goal(units=[{"type": "anonymous_uuid", "uid": "7"}])),
    Case("blank-string units: kept by classic", track(anonymousId=" "),
         goal(units=[{"type": "anonymous_uuid", "uid": " "}, *USER])),
    Case("This mapping is required, even if the names are exactly the same", track(), None, {"unitMapping": {}}),
    Case(NO_UNITS, track(userId=None), None),
    Case(OWN_UNITS, track(properties={"a": 1, "absmartly": {"units": [{"type": "product", "uid": 5}]}}),
         goal(units=[{"type": "product", "uid": 5}], properties={"a": 1})),
    Case(NO_UNITS, track(properties={"absmartly": {"units": []}}), None),
    Case("`absmartly` without units stays in the properties", track(properties={"absmartly": {"a": 1}}),
         goal(properties={"absmartly": {"a": 1}})),
    Case("The goal generated will have the name `Page: <Page Name>`", view("page", name="Home"), goal("Page: Home"),
         ALL_ON),
    Case("The goal generated will have the name `Screen: <Screen Name>`", view("screen", name="Login"),
         goal("Screen: Login"), ALL_ON),
    Case("goal names of pages are not mapped", view("page", name="Home"), goal("Page: Home"),
         {**ALL_ON, "goalMapping": {"Home": "x", "Page: Home": "y"}}),
    Case("page, when enabled", view("page", name="Home"), None),
    Case("page, when enabled: no error either", view("page"), None),
    Case("screen, when enabled", view("screen", name="Login"), None),
    Case(NO_UNITS, {"type": "page", "name": "Home", **TIMES}, None, ALL_ON),
    Case(VERBATIM, track("Experiment Viewed", properties={"absmartly": EXPOSURES}), EXPOSURES, ALL_ON),
    Case("Experiment Viewed without `properties.absmartly` sends nothing", track("Experiment Viewed"), None, ALL_ON),
    Case("Enable sending ABsmartly exposures", track("Experiment Viewed", properties={"absmartly": EXPOSURES}), None),
    Case("group (an older way), likewise from `traits.absmartly`",
         {"type": "group", "traits": {"absmartly": EXPOSURES}}, EXPOSURES, ALL_ON),
    Case("group, when exposures are enabled", {"type": "group", "traits": {"absmartly": EXPOSURES}}, None),
    Case("group without `traits.absmartly` sends nothing", {"type": "group", "traits": {}}, None, ALL_ON),
    Case("other types send nothing", {"type": "identify", "userId": "u-1", **TIMES}, None, ALL_ON),
]  # fmt: skip


def outcome_of(event: dict[str, Any], settings: dict[str, Any]) -> Outcome | None:
    instance = absmartly_classic.instance({**ACCOUNT, "unitMapping": UNITS, **settings})
    [*matched] = instance.plan(event).matched
    return matched[0] if matched else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.sentence)
def test_sends_what_the_documents_say(case: Case) -> None:
    event = copy.deepcopy(case.event)
    outcome = outcome_of(event, case.settings)
    assert outcome is None or outcome.error is None
    bodies = [] if outcome is None else [request.json() for request in outcome.requests]
    assert bodies == ([] if case.body is None else [case.body])
    assert event == case.event, "the event was changed"


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (view("page"), "Page event requires page name."),
        (view("page", name=5), "Page event requires page name."),
        (view("screen", name=None), "Screen event requires screen name."),
    ],
)
def test_views_without_a_name_in_text_fail(event: dict[str, Any], message: str) -> None:
    outcome = outcome_of(event, ALL_ON)
    assert outcome is not None
    assert str(outcome.error) == message
    assert outcome.requests == ()


@pytest.mark.parametrize(
    "event",
    [
        track(properties=None),
        track(properties="text"),
        track(properties={"absmartly": None}),
        track(properties={"absmartly": "text"}),
        track("Experiment Viewed", properties=None),
        {"type": "group", "traits": 5},
    ],
)
def test_where_the_function_dies_of_what_is_no_object_the_event_fails(event: dict[str, Any]) -> None:
    outcome = outcome_of(event, ALL_ON)
    assert outcome is not None
    assert isinstance(outcome.error, EngineTypeError)


@pytest.mark.parametrize("application", [None, "web"])
def test_whole_requests(application: str | None, snapshot: SnapshotAssertion) -> None:
    instance = absmartly_classic.instance(
        {**ACCOUNT, "unitMapping": UNITS, **ALL_ON, **({"application": application} if application else {})}
    )
    events = [
        track(properties={"a": 1}),
        view("page", name="Home"),
        view("screen", name="Login"),
        track("Experiment Viewed", properties={"absmartly": EXPOSURES}),
        {"type": "group", "traits": {"absmartly": EXPOSURES}},
    ]
    requests = [request for event in events for request in instance.plan(event).requests]
    assert [instance.redactor.request(request) for request in requests] == snapshot


async def test_an_event_that_the_collector_refuses_fails() -> None:
    # The function took any answer for a success; a refused goal that nobody hears of would be lost.
    transport = MockTransport(lambda request: {"ok": False, "warnings": [], "errors": []})
    instance = absmartly_classic.instance({**ACCOUNT, "unitMapping": UNITS}, transport=transport)
    result = await instance.on_event(track())
    assert [type(error) for error in result.errors] == [CollectorRejectedError]
