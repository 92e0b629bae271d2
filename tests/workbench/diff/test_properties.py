from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from destination.values import MISSING, read_json, write_json
from destination.workbench.diff import DiffReport, compare
from destination.workbench.diff.differences import value_differences, written_differences
from tests.mapping.strategies import EVENTS, KEYS, MAPPINGS, PARTS, SCALARS, TEMPLATES
from tests.workbench.diff.naive import Counts, naive_counts
from tests.workbench.diff.post import subscription, version

_TRACK = 'type = "track"'
_TRIGGERS = st.sampled_from([*[_TRACK] * 6, f'{_TRACK} or type = "page"', f"{_TRACK} and a != null", "type ~ 1"])
_NAMES = st.sampled_from(["One", "Two", "Three", "Four", "Five"])
_SOUND_PARTS = st.recursive(
    st.sampled_from(["a", "p", "p.x", "s", "list", "list[0].sku", "x"]).map(lambda path: {"@path": f"$.{path}"})
    | SCALARS
    | TEMPLATES.map(lambda template: {"@template": template}),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(KEYS, inner, max_size=2)
        | st.builds(lambda one, other: {"@if": {"exists": one, "then": one, "else": other}}, inner, inner)
    ),
    max_leaves=4,
)
_KEYS = st.sampled_from(["a", "a", "b", "b", "x", "fail"])
_SOUND = st.dictionaries(_KEYS, _SOUND_PARTS, min_size=1)
_MAPPINGS = st.one_of(*[_SOUND] * 6, MAPPINGS.filter(lambda mapping: mapping is not None))
_EVENTS = st.lists(
    st.builds(lambda kind, event: {"type": kind, **event}, st.sampled_from(["track", "track", "page"]), EVENTS),
    min_size=1,
    max_size=4,
)
_SUBSCRIPTIONS = st.lists(
    st.builds(subscription, _NAMES, _MAPPINGS, _TRIGGERS), min_size=1, max_size=3, unique_by=lambda item: item["name"]
)


@st.composite
def _mutated(draw: st.DrawFn, given_ones: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The subscriptions with a few of them changed, renamed, left out, or new ones among them."""
    made = []
    for item in given_ones:
        change = draw(st.sampled_from(["none", "key", "key", "key", "drop-key", "trigger", "name", "drop"]))
        mapping = item["mapping"]
        if change == "key" and isinstance(mapping, dict):
            item = {**item, "mapping": {**mapping, draw(_KEYS): draw(st.one_of(*[_SOUND_PARTS] * 5, PARTS))}}
        elif change == "drop-key" and isinstance(mapping, dict) and mapping:
            gone = draw(st.sampled_from(sorted(mapping)))
            item = {**item, "mapping": {key: value for key, value in mapping.items() if key != gone}}
        elif change == "trigger":
            item = {**item, "subscribe": draw(_TRIGGERS)}
        elif change == "name":
            item = {**item, "name": f"{item['name']} anew"}
        if change != "drop":
            made.append(item)
    return draw(st.permutations(made + draw(_SUBSCRIPTIONS.map(lambda items: items[:1]))))


def _counts(report: DiffReport) -> Counts:
    counts: Counts = Counter()
    for index, item in enumerate(report.subscriptions):
        for group in item.groups:
            counts[index, group.kind, (group.detail or "") if group.kind == "changed" else ""] += group.events
    return counts


@given(_SUBSCRIPTIONS.flatmap(lambda old: st.tuples(st.just(old), _mutated(old))), _EVENTS)
def test_counts_are_those_of_two_plans(
    versions: tuple[list[dict[str, Any]], list[dict[str, Any]]], events: list[dict[str, Any]]
) -> None:
    old, new = (version(*subscriptions) for subscriptions in versions)
    report = compare(old, new, events)
    wanted = naive_counts(old, new, events)
    assert _counts(report) == wanted
    for index, item in enumerate(report.subscriptions):
        for kind, (count, not_allowed) in item.counts.items():
            assert count == not_allowed
            if kind != "changed":
                assert count == wanted[index, kind, ""]
    assert report.not_allowed == report.changed
    assert report.ok == (not wanted)
    write_json(report.to_json())


@given(_SUBSCRIPTIONS, _EVENTS)
def test_a_mapping_compared_with_itself_has_no_changes(
    subscriptions: list[dict[str, Any]], events: list[dict[str, Any]]
) -> None:
    report = compare(version(*subscriptions), version(*subscriptions), events)
    assert report.ok
    assert report.changed == 0
    assert [(item.state, item.runs, list(item.groups)) for item in report.subscriptions] == [
        ("same", False, []) for _ in subscriptions
    ]


WRITTEN = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 1.5, -0.0, 1e21, 2**53, 2**60, "a", "b", "ß", "\ud83d\ude00", "😀"])
    | st.just(MISSING),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "1", "x/y", "0"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(WRITTEN, WRITTEN, WRITTEN)
def test_bodies_differ_where_what_is_written_differs(shared: Any, one: Any, other: Any) -> None:
    for before, after in ((one, other), ({"a": one, "b": shared}, {"a": other, "b": shared}), ([one], [other])):
        found = written_differences(before, after)
        if found is not None:
            read = [read_json(write_json(value)) for value in (before, after)]
            assert list(found.items()) == list(value_differences(*read).items())
