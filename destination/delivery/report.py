"""Counts the outcomes of a delivery; the size of the counts does not grow with the input."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

from destination.delivery.dead_letters import Failure, describe
from destination.delivery.intake_rules import NotSent
from destination.delivery.record import Record
from destination.records import dataclass
from destination.runtime import Outcome

MAX_REASONS = 1_000
"""The maximum number of reasons that are counted separately; all others are counted together."""

OTHER = "(other reasons)"
_LONGEST_REASON = 300
_SUMS = (
    "events",
    "unmatched",
    "unreadable",
    "failed",
    "skipped",
    "retried",
    "deferred",
    "in_flight",
    "opted_out",
    "duplicates",
)
_COLUMN = re.compile(r" at column \d+")  # a fault in another column has the same reason


StopReason: TypeAlias = Literal["signal", "input", "recording", "credentials", "outage", "alike", "error"]
"""Why a run stopped: a signal; the input ended too early; an outcome could not be recorded; the partner refused the
credentials; it was unavailable for too long; too many events in a row failed alike; the caller's `observe` raised."""

Verdict: TypeAlias = Literal["acknowledged", "dead", "deferred"]
"""What became of an event: every matching subscription was sent, or none matched; it failed for good; it was not
finished when the run stopped, and stays with its source."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of the run during an outage of the partner.

    Attributes:
        since: When the outage began, in seconds since 1970.
        until: The time of the next attempt, in seconds since 1970.
        limit: The time of the last attempt, in seconds since 1970.
        reason: The last failure.

    Example:
        >>> pause = Pause(since=0.0, until=60.0, limit=14_400.0, reason="503 Service Unavailable")
        >>> pause.until - pause.since
        60.0
    """

    since: float
    until: float
    limit: float
    reason: str

    def __str__(self) -> str:
        return (
            f"the partner is unavailable since {clock_time(self.since)} ({self.reason}); next attempt at "
            f"{clock_time(self.until)}, the last one at {clock_time(self.limit)}"
        )


def clock_time(moment: float) -> str:
    """Formats a moment, in seconds since 1970, as local time, with the day if it is not today."""
    local = datetime.fromtimestamp(moment).astimezone()
    return local.strftime("%H:%M:%S") if local.date() == datetime.now().astimezone().date() else f"{local:%d %b %H:%M}"


class SubscriptionCount:
    """The counts of one subscription.

    Attributes:
        name: The subscription's name.
        matched: The number of events that its trigger matched.
        sent: The number of events that the partner took.
        failed: The number of events that were not sent, or that the partner did not take.
        deferred: The number of events that were not finished when the run stopped.

    Example:
        >>> count = SubscriptionCount("Goals")
        >>> count.matched = count.sent = 3
        >>> count.to_json()
        {'name': 'Goals', 'matched': 3, 'sent': 3, 'failed': 0, 'deferred': 0}
    """

    __slots__ = ("deferred", "failed", "matched", "name", "sent")

    def __init__(self, name: str) -> None:
        self.name = name
        self.matched = self.sent = self.failed = self.deferred = 0

    def to_json(self) -> dict[str, Any]:
        """Returns the counts by name."""
        return {
            "name": self.name,
            "matched": self.matched,
            "sent": self.sent,
            "failed": self.failed,
            "deferred": self.deferred,
        }


class Report:
    """The counts of a delivery.

    Args:
        names: The subscriptions' names.
        mask: Removes the secrets from a text. Reasons are masked before they are cut, because a secret that is cut in
            two is not recognised later.

    Attributes:
        events: The number of events read.
        unmatched: The number of events that no subscription matched.
        unreadable: The number of lines or items that were not events.
        subscriptions: Counts by subscription, in the instance's order.
        failed: The number of events and lines that failed for good, at least in part, and are not deferred.
        reasons: The number of failures by `(subscription or None, reason)`.
        warnings: The number of the partner's warnings on delivered events, by `(subscription or None, warning)`.
        stop: Why the run ended before the input did, or None.
        stop_message: The reason for `stop` in words.
        last_record: The last line or item that was started.
        unrecorded: The events whose outcome could not be recorded, such as `line 7`.
        skipped: The number of events that an earlier run had settled.
        retried: The number of times that an event was tried again.
        deferred: The number of events that were not finished when the run stopped; `--resume` sends them.
        in_flight: The number of events in flight.
        pause: The current pause in an outage, or None.
        opted_out: The number of `events` that were not sent because their `integrations` exclude the destination.
        duplicates: The number of `events` that were not sent because an earlier one had the same `messageId`.

    Example:
        >>> report = Report(["Goals"])
        >>> report.add([(0, Outcome("Goals", True))], [])
        >>> report.events, report.sent, report.ok
        (1, 1, True)
    """

    def __init__(self, names: list[str], mask: Callable[[str], str] | None = None) -> None:
        self._mask = mask
        self.events = 0
        self.unmatched = 0
        self.unreadable = 0
        self.failed = 0
        self.skipped = 0
        self.retried = 0
        self.deferred = 0
        self.in_flight = 0
        self.opted_out = 0
        self.duplicates = 0
        self.subscriptions = [SubscriptionCount(name) for name in names]
        self.reasons: Counter[tuple[str | None, str]] = Counter()
        self.warnings: Counter[tuple[str | None, str]] = Counter()
        self.stop: StopReason | None = None
        self.stop_message = ""
        self.last_record: str | None = None
        self.pause: Pause | None = None
        self.unrecorded: list[str] = []  # reading stops after the first one, so it stays short

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_mask": None}  # the mask knows the secrets, which are not sent to another process

    @property
    def sent(self) -> int:
        """The number of events that the partner took, over all subscriptions."""
        return sum(count.sent for count in self.subscriptions)

    @property
    def ok(self) -> bool:
        """Whether the whole input was read and all of it was delivered."""
        return not self.failed and not self.deferred and self.stop is None

    @classmethod
    def merged(cls, reports: Sequence["Report"]) -> "Report":
        """Adds up the reports of several processes; if one of them stopped, the sum has its reason.

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
                count.deferred += part.deferred
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
        _count(self.reasons, None, short_reason(record.error, unreadable=True) if record.error else "")

    def add_not_sent(self, reason: NotSent) -> None:
        """Counts an event that is settled without being sent."""
        self.events += 1
        if reason == "opted_out":
            self.opted_out += 1
        else:
            self.duplicates += 1

    def add(
        self,
        outcomes: list[tuple[int, Outcome]],
        failures: list[Failure],
        *,
        deferred: Sequence[Failure] = (),
        skipped: int = 0,
    ) -> None:
        """Counts an event.

        Args:
            outcomes: Its outcomes, each with the subscription's index.
            failures: What failed for good.
            deferred: What was not finished.
            skipped: The number of subscriptions that an earlier run had settled. If there are no others, the event
                counts as skipped only.
        """
        matched = bool(skipped)
        if skipped and not failures and not deferred and not any(outcome.matched for _, outcome in outcomes):
            self.skipped += 1
            return
        self.events += 1
        left = {failure.index for failure in deferred} if deferred else ()
        for index in left:
            if index is not None:
                self.subscriptions[index].deferred += 1
        for index, outcome in outcomes:
            count = self.subscriptions[index]
            if outcome.matched:
                matched = True
                count.matched += 1
                if outcome.error is None:
                    count.sent += 1
            if outcome.error is not None and index not in left:
                count.failed += 1
            for warning in outcome.warnings:
                _count(self.warnings, outcome.name, _cut(warning, self._mask))
        for failure in (*failures, *deferred) if deferred else failures:
            _count(self.reasons, failure.subscription, short_reason(failure.error, self._mask))
        if deferred:
            self.deferred += 1
        elif failures:
            self.failed += 1
        elif not matched:
            self.unmatched += 1


def short_reason(error: Exception, mask: Callable[[str], str] | None = None, *, unreadable: bool = False) -> str:
    """Describes a failure as it is counted, without secrets if it has to be cut.

    Args:
        error: The failure.
        mask: Removes the secrets from a text.
        unreadable: Whether it is about a record that holds no event; then its column is left out.
    """
    reason = describe(error)
    return _cut(_COLUMN.sub("", reason) if unreadable else reason, mask)


def _cut(text: str, mask: Callable[[str], str] | None) -> str:
    if len(text) > _LONGEST_REASON and mask is not None:
        text = mask(text)
    return text[:_LONGEST_REASON]


def _count(counter: Counter[tuple[str | None, str]], subscription: str | None, reason: str) -> None:
    key = (subscription, reason)
    counter[key if key in counter or len(counter) < MAX_REASONS else (None, OTHER)] += 1
