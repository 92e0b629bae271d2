"""Rules O and E001: events that several subscriptions match, or none."""

from collections.abc import Iterator

from destination.definition import LintFinding, LintRule
from destination.event import EVENT_TYPES
from destination.fql import Condition, ErrorCondition, Impossible, Undecided, Witness, satisfy
from destination.values import stringify
from destination.workbench.lint.subject import Subject


def _overlaps(subject: Subject) -> Iterator[LintFinding]:
    for one, other, found in subject.pairs:
        if isinstance(found, Witness):
            yield LintFinding(
                other.index,
                "subscribe",
                f"this subscription and {one.name!r}, which has the same action, both match this event: "
                f"{stringify(found.event)}",
                "exclude from one trigger what the other matches, unless such events should be sent twice",
                others=(one.index,),
            )


def _undecided(subject: Subject) -> Iterator[LintFinding]:
    for one, other, found in subject.pairs:
        if isinstance(found, Undecided):
            yield LintFinding(
                other.index,
                "subscribe",
                f"this subscription and {one.name!r}, which has the same action, may match an event in common: "
                f"{found.reason}",
                "try it with events: destination plan EVENT.json",
                others=(one.index,),
            )


def _untaken(subject: Subject) -> Iterator[LintFinding]:
    live = [item for item in subject.checked if not isinstance(item.condition, ErrorCondition)]
    left = [
        kind
        for kind in EVENT_TYPES
        if all(isinstance(satisfy(item.prepared, Condition("event-type", "=", kind)), Impossible) for item in live)
    ]
    if left:
        yield LintFinding(
            None,
            "subscriptions",
            f"no enabled subscription matches events of the type {', '.join(left)}",
            "add a subscription where such events matter",
        )


RULES: tuple[LintRule[Subject], ...] = (
    LintRule(
        "O001", "warning", "Two subscriptions of one action that match the same event, with such an event.", _overlaps
    ),
    LintRule("O002", "info", "Two subscriptions of one action that may match the same event.", _undecided),
    LintRule("E001", "info", "Types of events that no subscription matches.", _untaken),
)
