import json
from typing import Any

import pytest

from destination.values import MISSING
from destination.workbench.diff import Comparison, DiffReport, Group, compare, make_pair
from destination.workbench.diff.groups import MAX_NAMES
from tests.workbench.diff.post import API_KEY, subscription, version

NAME = {"name": {"@path": "$.event"}}


def track(event: str = "Signed Up", **more: Any) -> dict[str, Any]:
    return {"type": "track", "event": event, "messageId": f"m-{event}", **more}


def groups(report: DiffReport, index: int = 0) -> list[tuple[str, str | None, int]]:
    return [(group.kind, group.detail, group.events) for group in report.subscriptions[index].groups]


def only(report: DiffReport) -> Group:
    (item,) = report.subscriptions
    (group,) = item.groups
    return group


def test_an_event_that_a_new_trigger_takes_is_newly_sent() -> None:
    old, new = subscription("A", NAME, 'type = "page"'), subscription("A", NAME)
    report = compare(version(old), version(new), [track(), {"type": "identify"}])
    group = only(report)
    assert (group.kind, group.detail, group.events) == ("newly-sent", "", 1)
    sample = group.samples[0]
    assert (sample.line, sample.message_id, sample.before) == ("event 1", "m-Signed Up", MISSING)
    assert [(request["method"], request["url"], request["body"]) for request in sample.after] == [
        ("POST", "https://post.test/in", {"name": "Signed Up"})
    ]
    assert report.subscriptions[0].taken == (0, 1)


def test_an_event_that_a_new_trigger_leaves_is_no_longer_sent() -> None:
    old, new = subscription("A", NAME), subscription("A", NAME, 'type = "track" and event != "Signed Up"')
    report = compare(version(old), version(new), [track(), track("Other")])
    assert groups(report) == [("no-longer-sent", "", 1)]
    assert report.subscriptions[0].taken == (2, 1)


def test_failures_are_grouped_by_error() -> None:
    old = subscription("A", NAME)
    new = subscription("A", {**NAME, "fail": {"@path": "$.fail"}})
    events = [track("1", fail="gone"), track("2", fail="gone"), track("3", fail="late"), track("4")]
    there = compare(version(old), version(new), events)
    assert groups(there) == [
        ("newly-failing", "refused: gone by <redacted>", 2),
        ("newly-failing", "refused: late by <redacted>", 1),
    ]
    back = compare(version(new), version(old), events)
    assert groups(back) == [
        ("no-longer-failing", "refused: gone by <redacted>", 2),
        ("no-longer-failing", "refused: late by <redacted>", 1),
    ]
    assert back.subscriptions[0].groups[0].samples[0].before == "refused: gone by <redacted>"


def test_another_error_is_failing_otherwise() -> None:
    old, new = (subscription("A", {"fail": word}) for word in ("gone", "late"))
    assert groups(compare(version(old), version(new), [track()])) == [
        ("failing-otherwise", "refused: gone by <redacted> → refused: late by <redacted>", 1)
    ]
    assert compare(version(old), version(old), [track()]).ok


def test_a_failure_that_ends_because_the_trigger_leaves_it_is_no_longer_failing() -> None:
    old, new = subscription("A", {"fail": "x"}), subscription("A", {"fail": "x"}, 'type = "page"')
    assert groups(compare(version(old), version(new), [track()]))[0][0] == "no-longer-failing"


def test_changes_are_grouped_by_place_of_payload_and_request() -> None:
    old = subscription("A", {**NAME, "items": {"@path": "$.items"}, "gone": 1})
    new = subscription("A", {"name": "x", "items": {"@path": "$.other"}})
    report = compare(
        version(old), version(new), [track(items=[{"sku": 1}, {"sku": 2}], other=[{"sku": 1}, {"sku": 3}])]
    )
    assert groups(report) == [
        ("changed", "/gone", 1),
        ("changed", "/items/*/sku", 1),
        ("changed", "/name", 1),
        ("changed", "request/body/gone", 1),
        ("changed", "request/body/items/*/sku", 1),
        ("changed", "request/body/name", 1),
    ]
    samples = [group.samples[0] for group in report.subscriptions[0].groups[:3]]
    assert [(sample.at, sample.before, sample.after) for sample in samples] == [
        ("/gone", 1, MISSING),
        ("/items/1/sku", 2, 3),
        ("/name", "Signed Up", "x"),
    ]


def test_the_order_of_keys_is_no_change_and_true_is_not_1() -> None:
    one, other = subscription("A", {"a": 1, "b": 2}), subscription("A", {"b": 2, "a": 1})
    report = compare(version(one), version(other), [track()])
    assert (report.ok, report.subscriptions[0].state) == (True, "changed")
    truth = subscription("A", {"a": True, "b": 2})
    assert groups(compare(version(one), version(truth), [track()]))[0] == ("changed", "/a", 1)


def test_subscriptions_that_are_equal_are_not_run() -> None:
    same, old, new = subscription("Same", NAME), subscription("B", NAME), subscription("B", {"name": "x"})
    report = compare(version(same, old), version(same, new), [track()])
    assert [(item.name, item.state, item.runs, item.taken) for item in report.subscriptions] == [
        ("Same", "same", False, (0, 0)),
        ("B", "changed", True, (1, 1)),
    ]


def test_a_rename_alone_is_told_and_no_event_is_run() -> None:
    report = compare(version(subscription("A", NAME)), version(subscription("B", NAME)), [track()])
    (item,) = report.subscriptions
    assert (item.name, item.old_name, item.state, item.runs, report.ok) == ("B", "A", "same", False, True)


def test_whole_subscriptions_are_added_and_removed() -> None:
    old, new = subscription("A", NAME, 'type = "page"'), subscription("B", NAME)
    report = compare(version(old), version(new), [track(), {"type": "page"}])
    assert [(item.name, item.state) for item in report.subscriptions] == [("B", "added"), ("A", "removed")]
    assert (groups(report, 0), groups(report, 1)) == ([("newly-sent", "", 1)], [("no-longer-sent", "", 1)])
    assert report.changed == 2


def test_a_trigger_that_cannot_be_parsed_takes_nothing() -> None:
    old, new = subscription("A", NAME), subscription("A", NAME, "type ~ 1")
    assert groups(compare(version(old), version(new), [track()])) == [("no-longer-sent", "", 1)]


def test_an_action_that_is_not_there_sends_nothing() -> None:
    old, new = subscription("A", NAME), subscription("A", NAME, action="nope")
    report = compare(version(old), version(new), [track()])
    assert groups(report) == [("no-longer-sent", "", 1)]
    assert report.subscriptions[0].differs == ("action",)


def test_an_async_perform_is_compared_up_to_its_first_answer_and_sends_nothing() -> None:
    old, new = (subscription("A", {"name": name}, action="twice") for name in ("a", "b"))
    report = compare(version(old), version(new), [track()])
    assert [place for _, place, _ in groups(report)] == ["/name", "request/body/name", "request/url"]


def test_several_requests_are_compared_one_by_one() -> None:
    old, new = (subscription("A", {"names": names}, action="both") for names in (["a", "b"], ["a", "c", "d"]))
    report = compare(version(old), version(new), [track()])
    found = {group.detail: group.samples[0] for group in report.subscriptions[0].groups}
    assert list(found) == ["/names/*", "request/body", "request/url", "requests"]
    assert (found["requests"].before, found["requests"].after) == (2, 3)
    assert (found["request/body"].before, found["request/body"].after) == ("name=b", "name=c")


def test_requests_that_differ_from_themselves_are_left_out() -> None:
    old = subscription("A", NAME, action="clock")
    alike = subscription("A", {**NAME, "unread": {"@path": "$.nowhere"}}, action="clock")
    report = compare(version(old), version(alike), [track(), track()])
    assert (report.ok, groups(report), report.subscriptions[0].unsteady) == (True, [], 2)
    changed = compare(version(old), version(subscription("A", {"name": "x"}, action="clock")), [track()])
    assert groups(changed) == [("changed", "/name", 1), ("changed", "request/body/name", 1)]


def test_secrets_are_masked_in_samples_and_places() -> None:
    old = subscription("A", {"name": API_KEY})
    new = subscription("A", {"name": {"key": f"it is {API_KEY}", API_KEY: 1}, "fail": {"@path": f"$.{API_KEY}"}})
    events = [track(), track(**{API_KEY: API_KEY})]
    for report in (
        compare(version(old), version(new), events),
        compare(version(), version(old), events),
        compare(version(new), version(old), events),
    ):
        text = json.dumps(report.to_json())
        assert not report.ok
        assert API_KEY not in text
        assert "<redacted>" in text


@pytest.mark.parametrize("samples", [0, 1, 5])
def test_samples_are_bounded_and_in_the_order_of_the_input(samples: int) -> None:
    old, new = subscription("A", {"name": "a"}), subscription("A", {"name": "b"})
    events = [track(str(number)) for number in range(200)]
    reports = [compare(version(old), version(new), events, samples=samples) for _ in range(2)]
    assert reports[0].to_json() == reports[1].to_json()
    kept = reports[0].subscriptions[0].groups[0].samples
    assert len(kept) == samples
    assert [sample.ordinal for sample in kept] == sorted(sample.ordinal for sample in kept)
    assert all(sample.line == f"event {sample.ordinal}" for sample in kept)
    assert samples < 5 or kept[-1].ordinal > 10, "not only the first events have a chance"


def test_groups_are_bounded_and_nothing_is_lost() -> None:
    old = subscription("A", {"at": "x"})
    new = subscription("A", {"at": "x", "more": {"@path": "$.more"}, "fail": {"@path": "$.fail"}})
    events = [track(more={f"key {number}": 1}) for number in range(100)]
    events += [track(fail=f"reason {number}") for number in range(100)]
    (item,) = compare(version(old), version(new), events, samples=1).subscriptions
    # `/more` is one place, since there is nothing on the other side
    assert [(group.kind, group.events) for group in item.groups if group.kind == "changed"] == [("changed", 100)] * 2
    failing = [group for group in item.groups if group.kind == "newly-failing"]
    assert len(item.groups) == 61
    assert sum(group.events for group in failing) == 100
    assert [group.detail for group in failing if group.detail is None] == [None]
    assert failing[-1].detail is None


def test_an_event_of_very_many_places_is_not_allowed_by_those_that_are_told() -> None:
    old, new = (subscription("A", {"map": {"@path": f"$.{name}"}}) for name in ("old", "new"))
    wide = [{f"k{number}": value for number in range(2_000)} for value in (1, 2)]
    event = track(old=wide[0], new=wide[1])
    report = compare(version(old), version(new), [event], allow=["/map/*"])
    assert not report.ok
    assert sum(group.events for group in report.subscriptions[0].groups) == 2 * 1_001
    assert compare(version(old), version(new), [event], allow=["/map/*", "(more)"]).ok


@pytest.mark.thorough
def test_values_of_any_depth_are_compared() -> None:
    def nested(core: Any) -> Any:
        for _ in range(5_000):
            core = [{"a": core}]
        return core

    old, new = (subscription("A", {"name": "x", "deep": {"@path": f"$.{name}"}}, action="clock") for name in ("a", "b"))
    assert compare(version(old), version(new), [{"type": "track", "a": nested(1), "b": nested(1)}]).ok
    report = compare(version(old), version(new), [{"type": "track", "a": nested(1), "b": nested(2)}])
    group = only(report)
    assert (group.detail or "").startswith("/deep/*/a/*/a")
    assert (group.samples[0].before, group.samples[0].after) == (1, 2)
    shallow = compare(version(old), version(new), [{"type": "track", "a": nested(1), "b": 5}])
    assert only(shallow).samples[0].before == "(nested too deeply to be shown)"


def test_bodies_that_are_no_json_are_shown_as_text() -> None:
    new = subscription("A", {"names": [f"a {API_KEY}"]}, action="both")
    (request,) = only(compare(version(), version(new), [track()])).samples[0].after
    assert request["body"] == "name=a <redacted>"
    assert request["url"] == "https://post.test/a%20<redacted>"


def test_values_and_details_are_cut() -> None:
    long = "x" * 10_000
    old, new = (subscription("A", {"name": value, long: value}) for value in ("a", long))
    for group in compare(version(old), version(new), [track()]).subscriptions[0].groups:
        assert len(group.detail or "") <= 301
        assert len(json.dumps(group.samples[0].after)) < 2_100


def test_changes_that_are_allowed_are_counted_and_fail_nothing() -> None:
    old, new = subscription("A", {**NAME, "b": 1}), subscription("A", {"name": "x", "b": 2})
    events = [track("x"), track("y")]
    partly = compare(version(old), version(new), events, allow=["A:/b"])
    assert (partly.changed, partly.not_allowed, partly.ok) == (2, 1, False)
    assert [(group.detail, group.events, group.not_allowed) for group in partly.subscriptions[0].groups] == [
        ("/b", 2, 0),
        ("/name", 1, 1),
        # what follows from payloads is allowed where all of the payload's changes are
        ("request/body/b", 2, 1),
        ("request/body/name", 1, 1),
    ]
    wholly = compare(version(old), version(new), events, allow=["A:/b", "/n*", "B:changed"])
    assert (wholly.not_allowed, wholly.ok, wholly.unused) == (0, True, ("B:changed",))
    assert compare(version(old), version(new), events, allow=["changed"]).ok
    assert not compare(version(old), version(new), events, allow=["request/*"]).ok


def test_added_and_removed_allow_all_that_a_subscription_brings_and_takes() -> None:
    old, new = subscription("A", NAME, 'type = "page"'), subscription("B", {"fail": {"@path": "$.fail"}})
    events = [track(), track(fail="x"), {"type": "page"}]
    assert compare(version(old), version(new), events, allow=["added", "A:removed"]).ok
    assert compare(version(old), version(new), events, allow=["added"]).not_allowed == 1
    assert compare(version(old), version(new), events, allow=["B:newly-*", "*:no-longer-sent"]).ok


def test_an_old_name_names_a_subscription_too() -> None:
    old, new = subscription("A", NAME, id="1"), subscription("B", {"name": "x"}, id="1")
    old, new = ({**item, "ID": item.pop("id")} for item in (old, new))
    report = compare(version(old), version(new), [track()], allow=["A:/name"])
    assert (report.changed, report.ok) == (1, True)


def test_instances_with_other_settings_are_compared_wholly() -> None:
    from tests.workbench.diff.post import post

    other = post.instance({"apiKey": "an0ther-key"}, [subscription("A", NAME)])
    report = compare(version(subscription("A", NAME)), other, [track()])
    group = only(report)
    assert group.detail == "request/header/x-token"
    assert (group.samples[0].before, group.samples[0].after) == ("<redacted>", "<redacted>")


def test_the_text_of_trigger_and_mapping_is_compared() -> None:
    old = subscription("A", {"name": {"@path": "$.event"}, "a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": API_KEY})
    new = subscription("A", {"name": "x", "a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": "g"}, 'type = "page"')
    (item,) = compare(version(old), version(new), []).subscriptions
    assert list(item.source) == [
        "  action: send",
        '- trigger: type = "track"',
        '+ trigger: type = "page"',
        "  mapping: {",
        '-   "name": {"@path": "$.event"},',
        '+   "name": "x",',
        '    "a": 1,',
        '    "b": 2,',
        "…",
        '    "d": 4,',
        '    "e": 5,',
        '-   "f": "<redacted>"',
        '+   "f": "g"',
        "  }",
    ]
    added, removed = compare(version(old), version({**new, "name": "B"}), []).subscriptions
    assert {line[0] for line in added.source} == {"+"}
    assert {line[0] for line in removed.source} == {"-"}
    assert compare(version(old), version(old), []).subscriptions[0].source == ()


def test_event_names_are_bounded_and_masked() -> None:
    old, new = subscription("A", {"name": "a"}), subscription("A", {"name": "b"})
    events = [track(f"Event {number}") for number in range(100)]
    events += [track(f"is {API_KEY}"), track("Event 1"), {"type": "track", "event": 5}]
    group = (
        compare(version(old), version(new), [events[-2], events[-3], events[-1], *events]).subscriptions[0].groups[0]
    )
    assert sum(group.by_name.values()) == group.events == 106
    assert group.names[0] == ("Event 1", 3)
    assert group.names[-1][0] is None
    assert (group.by_name["is <redacted>"], group.by_name["track"]) == (2, 2)
    assert len(group.names) == MAX_NAMES + 1


def test_an_event_is_newly_sent_where_the_action_did_not_exist_before() -> None:
    new = subscription("A", NAME)
    old = {**new, "partnerAction": "gone"}
    assert groups(compare(version(old), version(new), [track()])) == [("newly-sent", "", 1)]
    assert groups(compare(version(new), version(old), [track()])) == [("no-longer-sent", "", 1)]


def test_a_caller_that_knows_says_which_subscriptions_belong_together() -> None:
    old, new = version(subscription("A", NAME)), version(subscription("B", NAME, 'type = "page"'))
    assert [item.state for item in compare(old, new, []).subscriptions] == ["added", "removed"]
    comparison = Comparison(old, new, pairs=[make_pair(old.subscriptions[0], new.subscriptions[0])])
    comparison.add(track(), "line 1")
    (item,) = comparison.report().subscriptions
    assert (item.state, item.old_name, item.differs) == ("changed", "A", ("name", "trigger"))
    assert [(group.kind, group.events) for group in item.groups] == [("no-longer-sent", 1)]


def test_each_event_has_its_readings_and_its_change() -> None:
    old = version(subscription("A", NAME))
    new = version(subscription("A", {"name": {"@path": "$.event"}, "fail": {"@path": "$.fail"}, "more": 1}))
    comparison = Comparison(old, new)
    (pair,) = comparison.pairs

    comparison.add(track(), "line 1")
    assert pair.change is not None
    assert pair.change.kind == "changed"
    assert [group.detail for group in pair.change.groups] == [group.detail for group in pair.groups.sorted()]
    assert pair.readings is not None
    assert (pair.readings.before is None, pair.readings.after is None) == (False, False)

    comparison.add(track(fail="gone"), "line 2")
    assert (pair.change.kind, pair.change.groups[0].events) == ("newly-failing", 1)

    comparison.add({"type": "page"}, "line 3")
    assert [pair.change, *pair.readings] == [None, None, None]


def test_events_that_were_not_run_are_counted() -> None:
    both = version(subscription("A", NAME))
    comparison = Comparison(both, both)
    comparison.add(track(), "line 1")
    comparison.count(5, opted_out=2, unreadable=1)
    report = comparison.report()
    assert (report.events, report.opted_out, report.unreadable, report.changed) == (6, 2, 1, 0)
