"""Rules O and E001: events that several subscriptions match, or none."""

from collections.abc import Iterator

from destination.definition import LintFinding, LintRule
from destination.fql import Condition, ErrorCondition, Impossible, Undecided, Witness, satisfy
from destination.values import stringify
from destination.workbench.lint.subject import Subject
from destination.workbench.tracking_plan.plan import TYPES


def _overlaps(subject: Subject) -> Iterator[LintFinding]:
    for one, other, found in subject.pairs:
        if isinstance(found, Witness):
            yield LintFinding(
                other.index,
                "subscribe",
                f"an event that {one.name!r} takes is taken by this subscription of the same action, too: "
                f"{stringify(found.event)}",
                "exclude in one trigger what the other takes, unless such events are to be sent twice",
                others=(one.index,),
            )


def _undecided(subject: Subject) -> Iterator[LintFinding]:
    for one, other, found in subject.pairs:
        if isinstance(found, Undecided):
            yield LintFinding(
                other.index,
                "subscribe",
                f"whether {one.name!r} and this subscription of the same action take the same event is not known: "
                f"{found.reason}",
                "try it with events: destination plan EVENT.json",
                others=(one.index,),
            )


def _untaken(subject: Subject) -> Iterator[LintFinding]:
    live = [item for item in subject.checked if not isinstance(item.condition, ErrorCondition)]
    left = [
        kind
        for kind in TYPES
        if all(isinstance(satisfy(item.condition, Condition("event-type", "=", kind)), Impossible) for item in live)
    ]
    if left:
        yield LintFinding(
            None,
            "subscriptions",
            f"no enabled subscription takes events of the type {', '.join(left)}",
            "add a subscription where such events matter",
        )


RULES: tuple[LintRule[Subject], ...] = (
    LintRule("O001", "warning", "Two subscriptions of one action that take the same event, with one.", _overlaps),
    LintRule("O002", "info", "Two subscriptions of one action of which that is not known.", _undecided),
    LintRule("E001", "info", "Types of events that no subscription takes.", _untaken),
)
