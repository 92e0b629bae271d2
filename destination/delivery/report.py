"""What a delivery came to, counted as it goes; its size does not grow with the input."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from destination.delivery.dead_letters import Failure, describe
from destination.delivery.intake_rules import NotSent
from destination.delivery.record import Record
from destination.runtime import Outcome

MAX_REASONS = 1_000
"""So many different reasons are counted by their words; the rest only in all."""

OTHER = "(other reasons)"
_LONGEST_REASON = 300
_SUMS = (
    "events",
    "unmatched",
    "unreadable",
    "failed",
    "skipped",
    "retried",
    "left",
    "in_flight",
    "opted_out",
    "duplicates",
)
_COLUMN = re.compile(r" at column \d+")  # the same mistake in another place is the same reason


StopReason: TypeAlias = Literal["signal", "input", "recording", "credentials", "error"]
"""Asked to stop; the input broke off; an outcome could not be written down; the partner refused the credentials; the
caller's `observe` raised."""


class SubscriptionCount:
    """Events of one subscription.

    Attributes:
        name: The subscription's name.
        matched: Its trigger took them.
        sent: The partner took them.
        failed: They were not sent, or the partner did not take them.
    """

    __slots__ = ("failed", "matched", "name", "sent")

    def __init__(self, name: str) -> None:
        self.name = name
        self.matched = self.sent = self.failed = 0

    def to_json(self) -> dict[str, Any]:
        """The counts by name."""
        return {"name": self.name, "matched": self.matched, "sent": self.sent, "failed": self.failed}


class Report:
    """Counts of a delivery.

    Attributes:
        events: The events read.
        unmatched: Those of them that no subscription took.
        unreadable: The lines or items that were no event.
        subscriptions: Counts by subscription, in the instance's order.
        failed: The events and lines of which anything failed.
        reasons: How often what failed: `(subscription or None, reason)`.
        warnings: How often the partner remarked what on a delivered event.
        stop: Why it ended before the input did, or None.
        stop_message: The same in words.
        last_place: The last line or item that was taken up.
        unrecorded: Where the events stand whose outcome could not be written down.
        skipped: The events that an earlier run had settled.
        retried: How often an event was tried again.
        left: The events of `failed` that are left to `--resume`: their last attempt was not made.
        in_flight: The events under way.
        opted_out: Those of `events` that were not sent because their `integrations` exclude the destination.
        duplicates: Those of `events` that were not sent because an earlier one had the same `messageId`.
    """

    def __init__(self, names: list[str]) -> None:
        self.events = 0
        self.unmatched = 0
        self.unreadable = 0
        self.failed = 0
        self.skipped = 0
        self.retried = 0
        self.left = 0
        self.in_flight = 0
        self.opted_out = 0
        self.duplicates = 0
        self.subscriptions = [SubscriptionCount(name) for name in names]
        self.reasons: Counter[tuple[str | None, str]] = Counter()
        self.warnings: Counter[tuple[str | None, str]] = Counter()
        self.stop: StopReason | None = None
        self.stop_message = ""
        self.last_place: str | None = None
        self.unrecorded: list[str] = []  # writing stops the intake, so it is as long as the concurrency at most

    @property
    def sent(self) -> int:
        """What the partner took, over all subscriptions."""
        return sum(count.sent for count in self.subscriptions)

    @property
    def ok(self) -> bool:
        """Whether the whole input was read, and everything in it delivered."""
        return not self.failed and self.stop is None

    @classmethod
    def merged(cls, reports: Sequence["Report"]) -> "Report":
        """The sums of the reports of several processes; why one of them stopped by itself stands for all.

        Example:
            >>> one, two = Report(["A"]), Report(["A"])
            >>> one.events, two.events, two.stop = 3, 4, "signal"
            >>> whole = Report.merged([one, two])
            >>> whole.events, whole.stop
            (7, 'signal')
        """
        whole = cls([count.name for count in reports[0].subscriptions])
        for report in reports:
            for name in _SUMS:
                setattr(whole, name, getattr(whole, name) + getattr(report, name))
            for count, part in zip(whole.subscriptions, report.subscriptions, strict=True):
                count.matched += part.matched
                count.sent += part.sent
                count.failed += part.failed
            whole.reasons += report.reasons
            whole.warnings += report.warnings
            whole.unrecorded += report.unrecorded
            if report.stop is not None and whole.stop in (None, "signal"):
                whole.stop, whole.stop_message = report.stop, report.stop_message
        return whole

    def add_unreadable(self, record: Record) -> None:
        """Counts a record that holds no event."""
        self.unreadable += 1
        self.failed += 1
        _count(self.reasons, None, _COLUMN.sub("", describe(record.error)) if record.error else "")

    def add_not_sent(self, reason: NotSent) -> None:
        """Counts an event that is settled without being sent."""
        self.events += 1
        if reason == "opted_out":
            self.opted_out += 1
        else:
            self.duplicates += 1

    def add(self, outcomes: list[tuple[int, Outcome]], failures: list[Failure], *, skipped: int = 0) -> None:
        """Counts an event: what became of it in the subscriptions (by their index), and what failed.

        Args:
            outcomes: By the index of their subscription.
            failures: What failed.
            skipped: So many subscriptions an earlier run had settled; an event of which nothing else was left
                counts among the skipped only.
        """
        matched = bool(skipped)
        if skipped and not failures and not any(outcome.matched for _, outcome in outcomes):
            self.skipped += 1
            return
        self.events += 1
        for index, outcome in outcomes:
            count = self.subscriptions[index]
            if outcome.matched:
                matched = True
                count.matched += 1
                if outcome.error is None:
                    count.sent += 1
            if outcome.error is not None:
                count.failed += 1
            for warning in outcome.warnings:
                _count(self.warnings, outcome.name, warning)
        if failures:
            self.failed += 1
            for failure in failures:
                _count(self.reasons, failure.subscription, describe(failure.error))
        elif not matched:
            self.unmatched += 1


def _count(counter: Counter[tuple[str | None, str]], subscription: str | None, reason: str) -> None:
    key = (subscription, reason[:_LONGEST_REASON])
    counter[key if key in counter or len(counter) < MAX_REASONS else (None, OTHER)] += 1
