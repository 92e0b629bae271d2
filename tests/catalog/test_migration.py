"""From ABsmartly Classic to ABsmartly (Actions): what is made, what is refused, and the comparison on events."""

import copy
from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from destination import DefinitionError, Subscription
from destination.catalog.absmartly import absmartly
from destination.catalog.absmartly.classic import ClassicSettings
from destination.catalog.absmartly.migration import (
    Difference,
    Naming,
    Verifier,
    cutover_filters,
    differences_for,
    migrate,
)
from destination.definition import to_portable
from tests.kit import MOMENT, SETTINGS
from tests.thorough import rarely

ACCOUNT: dict[str, Any] = {"collector_endpoint": "https://h.test/v1", "api_key": "s3cr3t-key", "environment": "live"}


def classic(**settings: Any) -> ClassicSettings:
    return ClassicSettings(**ACCOUNT, **{"unit_mapping": {"userId": "user_id"}, **settings})


# --- what is made ---------------------------------------------------------------------------------------------------


def test_subscriptions_of_everything(snapshot: SnapshotAssertion) -> None:
    settings = classic(
        unit_mapping={"anonymousId": "device", "userId": "user_id"},
        goal_mapping={"Order Completed": "order", "Cart.Opened": "cart", "it's": "its", "Experiment Viewed": "never"},
        application="web",
        enable_exposure_tracking=True,
        enable_page_view_tracking=True,
    )
    assert [item.to_json() for item in migrate(settings)] == snapshot


@pytest.mark.parametrize("naming", ["title", "pageview"])
def test_every_subscription_is_portable_and_compiles_without_findings(naming: Naming) -> None:
    subscriptions = migrate(classic(goal_mapping={"A": "a", "b.c": "bc"}, enable_page_view_tracking=True), naming)
    for item in subscriptions:
        to_portable(item)
    instance = absmartly.instance(
        SETTINGS, [Subscription.from_json({**s.to_json(), "enabled": True}) for s in subscriptions]
    )
    assert (instance.problems, instance.warnings) == ((), ())


def test_an_event_goes_to_one_subscription_only() -> None:
    verifier = Verifier(classic(goal_mapping={"A": "a", "b.c": "bc", "[x]": "x"}))
    for event in ("A", "b.c", "[x]", "other"):
        assert len(verifier._actions.plan({"type": "track", "event": event}).matched) == 1


@pytest.mark.parametrize(
    ("given_settings", "message"),
    [
        ({"unit_mapping": {"userId": "u", "anonymousId": "u"}}, "the unit 'u' has an identity already"),
        ({"unit_mapping": {"userId": "@u"}}, "would be read as a directive"),
        ({"unit_mapping": {"userId": 5}}, "'userId' is mapped to 5, not to the name of a unit"),
        ({"unit_mapping": {"a.b": "u"}}, "no path of Segment's can read an identity with this name"),
        ({"goal_mapping": {"A": None}}, "'A' is mapped to None, not to the name of a goal"),
        ({"goal_mapping": {'say "hi"': "hi"}}, "can hold the event name 'say \"hi\"'; rename the event"),
        ({"goal_mapping": {f"event.{n}": "x" for n in range(50)}}, "55 in all, and an instance has at most 50"),
    ],
)
def test_what_no_mapping_can_say_is_refused(given_settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        migrate(classic(**given_settings))
    assert message in str(caught.value)


def test_only_differences_that_the_settings_allow_are_listed() -> None:
    few = {entry.code for entry in differences_for(classic(), "title")}
    more = {
        entry.code
        for entry in differences_for(
            classic(unit_mapping={"userId": "7"}, enable_page_view_tracking=True, enable_exposure_tracking=True),
            "pageview",
        )
    }
    assert more - few == {"view-name", "exposures", "naming", "unit-order"}


def test_filters_leave_no_gap_and_no_overlap() -> None:
    ends, begins = cutover_filters("2026-01-31T12:00:00Z", source_id="s", classic_id="c", actions_id="a")
    assert (ends["destinationId"], ends["if"]) == ("c", "(received_at >= '2026-01-31T12:00:00.000Z')")
    assert (begins["destinationId"], begins["if"]) == ("a", "(received_at < '2026-01-31T12:00:00.000Z')")
    assert all(item["actions"] == [{"type": "DROP"}] and item["sourceId"] == "s" for item in (ends, begins))


@pytest.mark.parametrize("moment", ["soon", "2026-01-31T12:00:00", "2026-13-01T00:00:00Z"])
def test_a_moment_that_is_not_exact_is_refused(moment: str) -> None:
    with pytest.raises(DefinitionError, match="cut-over"):
        cutover_filters(moment)


# --- the comparison -------------------------------------------------------------------------------------------------

EXPOSURE = {
    "publishedAt": MOMENT,
    "units": [{"type": "u", "uid": "1"}],
    "exposures": [{"id": 1, "exposedAt": MOMENT, "custom": None}],
    "attributes": [{"name": "a", "setAt": MOMENT}],
}
ODD = st.sampled_from([None, True, 0, 5, 1.5, "", "x", " ", [], ["a"], {}, {"a": 1}])
NAMES = ["A", "Order Completed", "b.c", "it's", "[x]", "@at", "a b", "$p", "Experiment Viewed", "Experiment Viewed"]
PUBLISHED: st.SearchStrategy[Any] = st.sampled_from([
    {"units": [{"type": "p", "uid": "1"}]}, {"units": []}, {"units": "abc"}, {"units": None},
    {"exposures": [{"id": 1}]},
    EXPOSURE, EXPOSURE, {**EXPOSURE, "goals": [{"name": "g"}]}, {**EXPOSURE, "publishedAt": "2023-01-01"},
    None, "text", [], 5,
])  # fmt: skip
PROTOS = [{"__proto__": 1}, {"a": [{"__proto__": {"b": 1}, "c": 2}]}]
DETAILS = st.fixed_dictionaries({"q": st.just(1), "n": st.none(), "z": st.just("")}, optional={"absmartly": PUBLISHED})
HOLDERS = st.one_of(
    DETAILS,
    DETAILS,
    DETAILS,
    st.sampled_from([{}, {"m": {"a": "", "b": [{}]}}, None, "s", "", 0, False, [], [{}], *PROTOS]),
)
CONTEXTS: st.SearchStrategy[Any] = st.sampled_from(
    [{}, {"ip": "::1"}, None, "text", [], 5, {"personas": None}, {"personas": "x"}]
)
TIMES = st.sampled_from(
    ["2023-01-01T00:00:00.000Z", "2024-02-03", "2023-05-05T01:02:03+02:00", "garbage", None, MOMENT]
)
IDENTITIES = st.one_of(st.sampled_from(["u-1", "u-2"]), ODD)
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "track", "page", "screen", "group", "identify"]), "timestamp": TIMES},
    optional={
        "event": st.one_of(st.sampled_from(NAMES), st.sampled_from(NAMES), ODD),
        "name": st.one_of(st.sampled_from(["Home", "Über uns! x"]), ODD),
        "userId": IDENTITIES,
        "anonymousId": IDENTITIES,
        "groupId": IDENTITIES,
        "sentAt": TIMES,
        "originalTimestamp": TIMES,
        "properties": HOLDERS,
        "traits": HOLDERS,
        "context": CONTEXTS,
    },
)
SWITCH = st.sampled_from([True, True, False, None])
CLASSIC_SETTINGS = st.fixed_dictionaries(
    {
        "unit_mapping": st.sampled_from(
            [{"userId": "user_id"}, {"anonymousId": "device", "userId": "u"}, {"groupId": "12", "userId": "7"}, {}]
        ),
        "enable_exposure_tracking": SWITCH,
        "enable_page_view_tracking": SWITCH,
        "enable_app_screen_view_tracking": SWITCH,
    },
    optional={
        "goal_mapping": st.dictionaries(st.sampled_from([*NAMES, "5", "true"]), st.sampled_from(["g", "h i", "ü.1"])),
        "application": st.sampled_from(["web", " web ", "", " "]),
    },
)
NAMINGS: st.SearchStrategy[Naming] = st.sampled_from(["title", "pageview"])


@pytest.mark.parametrize("count", [50, rarely(400)])
def test_classic_and_migrated_requests_differ_only_where_the_list_says(count: int) -> None:
    reached: Counter[Difference] = Counter()
    compared = 0

    @settings(max_examples=count, deadline=None, derandomize=True)
    @given(CLASSIC_SETTINGS, NAMINGS, st.lists(EVENTS, min_size=5, max_size=25))
    def compare(given_settings: dict[str, Any], naming: Naming, events: list[dict[str, Any]]) -> None:
        nonlocal compared
        of_these = classic(**given_settings)
        possible = set(differences_for(of_these, naming))
        verifier = Verifier(of_these, naming)
        for event in events:
            before = copy.deepcopy(event)
            met = verifier.add(event, "here")
            assert met is not None, verifier.result.samples[None]
            assert met <= possible, "an entry that was said not to matter with these settings"
            assert event == before
            reached.update(met)
            compared += 1

    compare()
    assert compared > 6 * count
    assert set(reached) == set(Difference) or count < 400, "the generator reaches every entry of the list"


def verified(event: dict[str, Any], **settings: Any) -> tuple[set[str], Verifier]:
    verifier = Verifier(classic(**settings))
    met = verifier.add({"timestamp": "2023-01-01", "userId": "u", **event}, "line 1")
    assert met is not None, verifier.result.samples[None]
    return {entry.code for entry in met}, verifier


@pytest.mark.parametrize("traits", ["", 0, False])
def test_both_failing_is_no_difference_whatever_the_words(traits: object) -> None:
    met, verifier = verified({"type": "group", "traits": traits}, enable_exposure_tracking=True)
    assert verifier._actions.plan({"type": "group", "traits": traits}).errors
    assert (met, verifier.result.equal) == (set(), 1)


@pytest.mark.parametrize("context", [None, {"personas": None}])
def test_a_null_context_fails_in_actions_alone(context: object) -> None:
    event = {"type": "track", "event": "A", "properties": {}, "context": context}
    assert verified(event)[0] == {"null-context"}
    assert verified({**event, "userId": None})[0] == {"null-context"}
    # Neither takes a page where pages are not enabled, and both fail on one without a name where they are.
    assert verified({"type": "page", "context": context})[0] == set()
    assert verified({"type": "page", "context": context}, enable_page_view_tracking=True)[0] == set()


@pytest.mark.parametrize("context", ["web", "", [], 5, True, {"personas": "x"}])
def test_any_other_odd_context_is_read_by_neither(context: object) -> None:
    assert verified({"type": "track", "event": "A", "properties": {}, "context": context})[0] == {"times"}


@pytest.mark.parametrize("properties", [{"__proto__": 1}, {"a": [[{"__proto__": {"b": 1}}]], "c": 2}])
def test_keys_called_proto_are_on_the_list(properties: dict[str, Any]) -> None:
    assert verified({"type": "track", "event": "A", "properties": properties})[0] == {"times", "proto"}


def test_a_moment_that_javascript_writes_otherwise_is_the_same_moment() -> None:
    assert verified({"type": "track", "event": "A", "properties": {}, "timestamp": 2**60})[0] == {"times"}


MOMENT_TEXT = "2023-01-01T00:00:00Z"
_VALUES: list[Any] = [
    None, True, False, 0, -1, 5, 1.5, 1e300, 2**60, "", "x", " ", "2023-01-01", "\ud800", [], ["a"], [None], [["a"]],
    [{}], {}, {"a": 1}, {"__proto__": 1}, {"constructor": 1, "toString": 2}, {"length": 3}, {"1": 1, "b": 2, "0": 3},
    {"": 1},    {"absmartly": {}}, {"absmartly": None}, {"absmartly": {"units": [{"type": "p", "uid": "1"}]}},
    {"absmartly": {"units": {"length": 2}}}, {"absmartly": EXPOSURE}, {"@path": "$.x"}, {"a.b": 1}, {"personas": None},
]  # fmt: skip
_KEYS = (
    "type", "event", "name", "userId", "anonymousId", "groupId", "timestamp", "sentAt", "originalTimestamp",
    "receivedAt", "properties", "traits", "context", "messageId", "integrations", "__proto__", "constructor",
    "absmartly", "_metadata",
)  # fmt: skip


def odd_event(random: Random) -> dict[str, Any]:
    """An event of one of the types, in which up to three members are missing, or are anything."""
    kind = random.choice(["track", "track", "track", "page", "screen", "group", "identify", "alias"])
    event: dict[str, Any] = {
        "type": kind, "userId": "u", "anonymousId": "a", "messageId": "m", "context": {"library": {"name": "web"}},
        "timestamp": MOMENT_TEXT, "sentAt": MOMENT_TEXT, "originalTimestamp": MOMENT_TEXT,
        "traits" if kind in ("group", "identify") else "properties": {"a": 1, "absmartly": EXPOSURE},
    }  # fmt: skip
    if kind == "track":
        event["event"] = random.choice(NAMES)
    elif kind in ("page", "screen"):
        event["name"] = "Home"
    for key in random.choices(_KEYS, k=random.choice([1, 1, 2, 3])):
        held = event.get(key)
        if random.random() < 0.2:
            event.pop(key, None)
        elif isinstance(held, dict) and random.random() < 0.3:
            within = random.choice([*held, "__proto__", "absmartly", "library", "personas"])
            event[key] = {**held, within: random.choice(_VALUES)}
        else:
            event[key] = random.choice(_VALUES)
    return event


@pytest.mark.parametrize("naming", ["title", "pageview"])
@pytest.mark.parametrize("enabled", [True, None])
def test_no_odd_event_is_a_fault(naming: Naming, enabled: bool | None) -> None:
    of_these = classic(
        unit_mapping={"anonymousId": "device", "userId": "user_id"},
        goal_mapping={"b.c": "bc", "A": "a"},
        enable_exposure_tracking=enabled,
        enable_page_view_tracking=enabled,
        enable_app_screen_view_tracking=enabled,
    )
    possible = set(differences_for(of_these, naming))
    verifier, random = Verifier(of_these, naming), Random(15)
    for number in range(2_000):
        event = odd_event(random)
        met = verifier.add(event, f"event {number}")
        assert met is not None, (event, verifier.result.samples[None])
        assert met <= possible
    assert Difference.PROTO in verifier.result.counts
    assert Difference.NULL_CONTEXT in verifier.result.counts


def test_what_is_on_no_list_is_a_fault() -> None:
    made = migrate(classic())
    wrong = Subscription.from_json(
        {**made[0].to_json(), "mapping": {**made[0].mapping, "name": "another", "agent": "segment"}}
    )
    verifier = Verifier(classic(), subscriptions=[wrong, *made[1:]])
    event = {"type": "track", "event": "A", "userId": "u", "timestamp": "2023-01-01", "properties": {}}
    assert verifier.add(event, "line 1") is None
    found = verifier.result.to_json()["faults"]
    assert found["events"] == 1
    assert '"name":"another"' in found["samples"][0]["actions"]


def test_another_agent_is_a_fault() -> None:
    made = migrate(classic())
    wrong = Subscription.from_json({**made[0].to_json(), "mapping": {**made[0].mapping, "agent": "web"}})
    verifier = Verifier(classic(), subscriptions=[wrong, *made[1:]])
    assert (
        verifier.add({"type": "track", "event": "A", "userId": "u", "timestamp": "2023-01-01", "properties": {}}, "")
        is None
    )
