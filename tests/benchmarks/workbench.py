"""`python -m tests.benchmarks.workbench`: the rows of the tools that look at mappings and events.

The times are processor time without start-up, the minimum of several rounds in turns. A row of growth has two inputs,
one of them twice the other: twice the time is in step with the input, four times is its square.
"""

import copy
import sys
from collections.abc import Callable, Iterator
from typing import Any

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription
from destination.runtime import Instance
from destination.values import read_json, write_json
from destination.workbench.coverage import Coverage
from destination.workbench.diff import Comparison
from destination.workbench.explain import explain_event
from destination.workbench.lint import lint
from destination.workbench.mutate.corpus import Corpus
from destination.workbench.mutate.mutants import find_mutants
from tests.benchmarks.engine import SETTINGS
from tests.benchmarks.events import make_events
from tests.benchmarks.measure import minimums, on_one_core, timed
from tests.benchmarks.rows import Row, text_table

GROUP = "Tools for mappings and events"
EVENTS = 2_000
ROUNDS = 5
GROWTH = 2.6
"""The maximum of what twice the input may cost; a machine with other work adds up to a quarter to twice the time."""


def workbench_rows() -> Iterator[Row]:
    """Measures all rows of the group."""
    yield from _of_events()
    yield from _of_subscriptions()
    yield from _of_growth()


# --- the work --------------------------------------------------------------------------------------------


def _events(count: int) -> list[dict[str, Any]]:
    return [read_json(write_json(event)) for event in make_events(count)]


def cover(events: list[dict[str, Any]], subscriptions: list[Subscription] | None = None) -> Coverage:
    """Counts what events reach in the presets, or in other subscriptions."""
    coverage = Coverage(absmartly.preset_subscriptions() if subscriptions is None else subscriptions, absmartly.name)
    for event in events:
        coverage.take(event)
    return coverage


def versions() -> tuple[Instance[Any], Instance[Any]]:
    """Makes an instance with the presets, and one in which the most used of them makes another `name`."""
    changed = [copy.deepcopy(item.to_json()) for item in absmartly.preset_subscriptions()]
    changed[0]["mapping"]["name"] = {"@template": "Goal: {{event}}"}
    return absmartly.instance(SETTINGS), absmartly.instance(SETTINGS, subscriptions=changed)


def compare(events: list[dict[str, Any]]) -> Comparison:
    """Compares the two versions by events."""
    comparison = Comparison(*versions())
    for number, event in enumerate(events, 1):
        comparison.add(event, f"line {number}")
    return comparison


def explain(events: list[dict[str, Any]]) -> None:
    """Explains each event."""
    instance = absmartly.instance(SETTINGS)
    for event in events:
        explain_event(instance, event).to_json()


def subscriptions(count: int, names: int, keys: int = 3) -> list[Subscription]:
    """Makes subscriptions, each for so many event names, whose mapping has so many keys of its own."""
    return [
        Subscription(
            name=f"Goals {number}",
            subscribe='type = "track" and (' + " or ".join(f'event = "Goal {number} {k}"' for k in range(names)) + ")",
            partner_action="trackGoal",
            mapping={
                "units": {"userId": {"@path": "$.userId"}},
                "name": {"@path": "$.event"},
                "properties": {f"key{k}": {"@path": f"$.properties.key{k}"} for k in range(keys)},
            },
        )
        for number in range(count)
    ]


def mutate(given: list[Subscription], events: list[dict[str, Any]]) -> Corpus:
    """Tries all changes of subscriptions on events."""
    mutants = find_mutants(given, absmartly.actions).tried
    corpus = Corpus(absmartly.instance(SETTINGS, subscriptions=given), mutants, range(len(given)))
    for event in events:
        corpus.take(event)
    return corpus


def events_for(given: list[Subscription], count: int) -> list[dict[str, Any]]:
    """Makes goals that the subscriptions match, in turns."""
    return [
        {**event, "type": "track", "event": f"Goal {number % len(given)} {number // len(given) % 3}"}
        for number, event in enumerate(_events(count))
    ]


# --- the rows --------------------------------------------------------------------------------------------


def _of_events() -> Iterator[Row]:
    events = _events(EVENTS)
    few = events[: EVENTS // 10]
    coverage, diff, explained = minimums(
        [timed(lambda: cover(events)), timed(lambda: compare(events)), timed(lambda: explain(few))],
        count=ROUNDS,
        warm_up=1,
    )
    note = f"{EVENTS:,} events, 4 presets, without reading them"
    yield Row(GROUP, "`coverage`, an event", coverage / EVENTS * 1e6, "at most", 80, note, "µs")
    yield Row(
        GROUP, "`diff` of a changed name, an event", diff / EVENTS * 1e6, "at most", 90, f"{note}; 80 % change", "µs"
    )
    yield Row(
        GROUP, "`explain` of many events, an event", explained / len(few) * 1e6, "at most", 4_000, "4 presets", "µs"
    )


def _of_subscriptions() -> Iterator[Row]:
    fifty, twenty = subscriptions(50, 20), subscriptions(20, 5)
    events = events_for(twenty, 1_000)
    linted, mutated = minimums(
        [timed(lambda: lint(absmartly, fifty)), timed(lambda: mutate(twenty, events))], count=2, warm_up=0
    )
    details = "20 event names each; 1,225 pairs, none with an event name in common"
    yield Row(GROUP, "`lint` of 50 subscriptions with long triggers", linted, "at most", 2, details, "s")
    tried = len(find_mutants(twenty, absmartly.actions).tried)
    yield Row(
        GROUP,
        "`mutate` of 20 subscriptions over 1,000 events",
        mutated,
        "at most",
        6.2,
        f"{tried:,} changes, 5 event names each",
        "s",
    )


def _of_growth() -> Iterator[Row]:
    events = _events(EVENTS)
    half = events[: EVENTS // 2]
    one, two = (subscriptions(5, 5), subscriptions(10, 5))
    few, more = events_for(one, 200), events_for(one, 400)
    pairs: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
        ("`coverage`, events", lambda: cover(half), lambda: cover(events)),
        ("`coverage`, subscriptions", lambda: cover(half, one), lambda: cover(half, two)),
        (
            "`coverage`, length of triggers",
            lambda: cover(half, subscriptions(5, 50)),
            lambda: cover(half, subscriptions(5, 100)),
        ),
        (
            "`coverage`, size of mappings",
            lambda: cover(few, subscriptions(5, 5, 50)),
            lambda: cover(few, subscriptions(5, 5, 100)),
        ),
        ("`diff`, events", lambda: compare(half), lambda: compare(events)),
        ("`explain`, events", lambda: explain(events[:50]), lambda: explain(events[:100])),
        (
            "`lint`, length of triggers",
            lambda: lint(absmartly, subscriptions(10, 50)),
            lambda: lint(absmartly, subscriptions(10, 100)),
        ),
        (
            "`lint`, size of mappings",
            lambda: lint(absmartly, subscriptions(5, 5, 50)),
            lambda: lint(absmartly, subscriptions(5, 5, 100)),
        ),
        (
            "`lint`, subscriptions with other event names",
            lambda: lint(absmartly, subscriptions(25, 20)),
            lambda: lint(absmartly, subscriptions(50, 20)),
        ),
        (
            "`mutate`, finding changes of larger mappings",
            lambda: find_mutants(subscriptions(1, 3, 100), absmartly.actions),
            lambda: find_mutants(subscriptions(1, 3, 200), absmartly.actions),
        ),
        (
            # Each change has the text of a whole trigger: twice the conditions make four times the text.
            "`mutate`, finding changes of longer triggers",
            lambda: find_mutants(subscriptions(1, 25), absmartly.actions),
            lambda: find_mutants(subscriptions(1, 50), absmartly.actions),
        ),
        (
            "`mutate`, finding changes of more subscriptions",
            lambda: find_mutants(subscriptions(5, 5), absmartly.actions),
            lambda: find_mutants(subscriptions(10, 5), absmartly.actions),
        ),
        ("`mutate`, subscriptions", lambda: mutate(one, few), lambda: mutate(two, few)),
        ("`mutate`, events", lambda: mutate(one, few), lambda: mutate(one, more)),
    ]
    for name, small, large in pairs:
        less, twice = minimums([timed(small), timed(large)], count=3, warm_up=1)
        yield Row(
            GROUP,
            f"{name}: twice as many ÷ once",
            twice / less,
            "at most",
            GROWTH,
            f"{twice * 1000:.0f} ÷ {less * 1000:.0f} ms",
        )


def main() -> int:
    """Measures and prints the rows; status 0 when every one holds."""
    on_one_core()
    rows = list(workbench_rows())
    print(text_table(rows))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
