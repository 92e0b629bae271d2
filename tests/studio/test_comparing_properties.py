"""What the studio says of a draft is what `destination diff` and `plan` say of it, for any draft."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from destination.event import Event, opted_out_by
from destination.runtime import Instance
from destination.studio.comparing import runs_of
from destination.studio.runs import Run
from destination.studio.searching import search
from destination.studio.session import Draft, Studio
from destination.workbench.diff import Comparison, DiffReport
from tests.mapping.strategies import EVENTS
from tests.studio.corpora import compared, loaded, studio_of
from tests.workbench.diff.post import post, subscription
from tests.workbench.diff.test_properties import _KEYS, _MAPPINGS, _SOUND_PARTS, _TRIGGERS

UNREADABLE = b"oops"

_ACTIONS = st.sampled_from(["send"] * 8 + ["twice", "gone"])
_LINES = st.lists(
    st.builds(
        lambda kind, event, more: {"type": kind, **event, **more},
        st.sampled_from(["track", "track", "page"]),
        EVENTS,
        st.sampled_from([{}] * 5 + [{"integrations": {"All": False}}, {"integrations": {"Post": {}}}]),
    )
    | st.just(UNREADABLE),
    min_size=1,
    max_size=6,
)


def _triggers(own: str) -> st.SearchStrategy[str]:
    """Triggers with a condition that no other subscription has.

    `diff`, which is given two files, takes an added subscription for a removed one of the same trigger and action.
    """
    return _TRIGGERS.map(lambda trigger: f'{trigger} or type = "{own}"')


@st.composite
def _saved(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [
        subscription(
            f"Subscription {index}",
            draw(_MAPPINGS),
            draw(_triggers(f"own {index}")),
            draw(_ACTIONS),
            # The identifiers let `diff`, which is given two files, find the pairs that the page knows.
            id=f"id-{index}",
            enabled=draw(st.sampled_from([True, True, True, False])),
        )
        for index in range(draw(st.integers(0, 3)))
    ]


@st.composite
def _draft(draw: st.DrawFn, saved: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Edits some subscriptions of the saved version, disables, renames, removes and reorders them, and adds some."""
    made: list[dict[str, Any]] = []
    for index, item in enumerate(saved):
        item = {**item, "key": f"s{index}", "saved": index}
        change = draw(st.sampled_from(["none", "key", "key", "trigger", "action", "name", "switch", "remove"]))
        if change == "key" and isinstance(item["mapping"], dict):
            item["mapping"] = {**item["mapping"], draw(_KEYS): draw(_SOUND_PARTS)}
        elif change == "trigger":
            item["subscribe"] = draw(_triggers(f"own {index}"))
        elif change == "action":
            item["partnerAction"] = draw(_ACTIONS)
        elif change == "name":
            item["name"] += " anew"
        elif change == "switch":
            item["enabled"] = not item["enabled"]
        if change != "remove":
            made.append(item)
    for number in range(draw(st.integers(0, 2))):
        added = subscription(f"New {number}", draw(_MAPPINGS), draw(_triggers(f"new {number}")), id=f"new-{number}")
        made.append({**added, "key": f"n{number}", "saved": None})
    return draw(st.permutations(made))


_VERSIONS = _saved().flatmap(lambda saved: st.tuples(st.just(saved), st.lists(_draft(saved), min_size=1, max_size=3)))


def _report(old: Instance[Any], new: Instance[Any], events: list[Event | None]) -> DiffReport:
    comparison = Comparison(old, new)
    for number, event in enumerate(events, 1):
        if event is None:
            comparison.add_unreadable()
        else:
            comparison.add(event, f"line {number}")
    return comparison.report()


def _of_diff(report: DiffReport) -> Counter[Any]:
    return Counter(
        (
            item.name,
            item.state,
            item.taken if item.runs else None,
            tuple((kind, events) for kind, (events, _) in item.counts.items()),
            tuple((group.detail, group.events) for group in item.groups if group.kind == "changed"),
        )
        for item in report.subscriptions
    )


def _of_page(summary: dict[str, Any], run: Run) -> Counter[Any]:
    return Counter(
        (
            item["name"],
            item["state"],
            tuple(count or 0 for count in item["taken"]) if item["ran"] else None,
            tuple(item["counts"].items()),
            tuple((field["location"], field["events"]) for field in summary["fields"] if field["key"] == item["key"]),
        )
        for item, row in zip(summary["subscriptions"], run.rows, strict=True)
        if row.pair is not None  # disabled in both versions: diff does not see it
    )


def _verdict(instance: Instance[Any], event: Event | None) -> str:
    if event is None:
        return "unreadable"
    if opted_out_by(event, post.name) is not None:
        return "opted out"
    outcomes = instance.plan(event).outcomes
    if any(outcome.error is not None for outcome in outcomes):
        return "failing"
    sent = [
        outcome.matched and item.action is not None  # an action that does not exist sends nothing
        for outcome, item in zip(outcomes, instance.subscriptions, strict=True)
    ]
    return "sent" if any(sent) else "not taken"


def _members(run: Run) -> Iterator[tuple[Any, int, int]]:
    """Yields the number of events that each group counts, and the number that are listed for it."""
    for row in run.rows:
        if row.comparison is not None:
            for kind, (count, _) in row.comparison.counts.items():
                yield (row.key, kind), count, len(row.events_of(kind))
            for group in row.comparison.groups.sorted():
                if group.detail is not None:
                    yield (
                        (row.key, group.kind, group.detail),
                        group.events,
                        len(row.events_of(group.kind, group.detail)),
                    )


async def _check(studio: Studio, draft: Draft, events: list[Event | None]) -> None:
    line = await compared(studio, draft)
    summary, run = line["summary"], runs_of(studio).find(line["run"])
    assert run is not None
    assert (line["complete"], line["done"], line["of"]) == (True, len(events), len(events))

    old, new = studio.instance_of(studio.saved), studio.instance_of(draft)
    report = _report(old, new, events)
    assert (summary["events"], summary["changed"]) == (report.events, report.changed)
    assert (summary["unreadable"], summary["optedOut"]) == (report.unreadable, report.opted_out)
    assert _of_page(summary, run) == _of_diff(report)
    for _, counted, listed in _members(run):
        assert counted == listed

    found = await search(studio, {"run": line["run"]})
    verdicts = [row["verdict"] for row in found["rows"]]
    assert verdicts == [_verdict(new, event) for event in events]
    states = {"not taken": 0, "opted out": 0, "sent": 1, "failing": 2, "unreadable": 3}
    cells = summary["strip"]["cells"]
    assert [cell[0] for cell in cells] == [states[_verdict(old, event)] for event in events]
    assert [cell[1] for cell in cells] == [states[verdict] for verdict in verdicts]
    assert [cell[2] for cell in cells] == [row["change"] for row in found["rows"]]
    assert sum(cell[3] for cell in cells) == report.changed == found["counts"]["changed"]


@given(_VERSIONS, _LINES)
def test_a_draft_is_compared_as_diff_and_plan_do(
    versions: tuple[list[dict[str, Any]], list[Draft]], lines: list[Any]
) -> None:
    saved, drafts = versions
    corpus = loaded(lines)
    studio = studio_of(saved, corpus)
    events = [corpus.parse(index) for index in range(len(corpus))]

    async def scene() -> None:
        for draft in drafts:  # the later ones find columns that the earlier ones filled
            await _check(studio, draft, events)

    asyncio.run(scene())
