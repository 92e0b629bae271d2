"""What became of an event."""

from collections.abc import Iterator
from typing import Any

from destination.availability import is_retryable
from destination.definition import PendingOperation
from destination.request import Request, Response
from destination.values import MISSING, Missing


class Outcome:
    """What one subscription did with one event.

    Attributes:
        name: The subscription's name.
        matched: Whether its trigger matched.
        payload: The validated payload as a dict, `MISSING` where it did not come to one.
        requests: The requests in the order they were made.
        responses: The answers, in the same order; none in a plan.
        error: What went wrong, or None.
        warnings: What the partner remarked on a delivered event.
        incomplete: In a plan: the `async` perform awaits an answer, so more requests may follow.
        results: The reference's result records for this subscription.
    """

    __slots__ = (
        "_operation",
        "error",
        "incomplete",
        "matched",
        "name",
        "payload",
        "requests",
        "responses",
        "results",
        "warnings",
    )

    def __init__(  # noqa: PLR0913  a plain record, made for every event
        self,
        name: str,
        matched: bool,
        *,
        payload: Any = MISSING,
        requests: tuple[Request, ...] = (),
        responses: tuple[Response, ...] = (),
        error: Exception | None = None,
        warnings: tuple[str, ...] = (),
        incomplete: bool = False,
        results: tuple[dict[str, Any], ...] = (),
    ) -> None:
        self.name = name
        self.matched = matched
        self.payload: dict[str, Any] | Missing = payload
        self.requests = requests
        self.responses = responses
        self.error = error
        self.warnings = warnings
        self.incomplete = incomplete
        self.results = results

    @property
    def delivered(self) -> bool:
        """Whether the event matched and nothing went wrong."""
        return self.matched and self.error is None

    @property
    def retryable(self) -> bool:
        """Whether it failed in a way that sending it again may help."""
        return self.error is not None and is_retryable(self.error)

    @property
    def operation(self) -> PendingOperation | None:
        """What the partner will finish later, for `Instance.poll`; None where all is done."""
        return getattr(self, "_operation", None)  # not set for every event: it would cost each of them

    @operation.setter
    def operation(self, value: PendingOperation) -> None:
        self._operation = value

    def __repr__(self) -> str:
        state = "not matched" if not self.matched else f"failed: {self.error}" if self.error else "ok"
        return f"<Outcome {self.name!r} {state}, {len(self.requests)} request(s)>"


class EventResult:
    """What became of one event: an outcome for each enabled subscription, in order."""

    __slots__ = ("outcomes",)

    def __init__(self, outcomes: tuple[Outcome, ...]) -> None:
        self.outcomes = outcomes

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    @property
    def results(self) -> list[dict[str, Any]]:
        """The flat list that the reference's `onEvent` resolves to."""
        return [record for outcome in self.outcomes for record in outcome.results]

    @property
    def requests(self) -> list[Request]:
        """All requests, in subscription order."""
        return [request for outcome in self.outcomes for request in outcome.requests]

    @property
    def matched(self) -> list[Outcome]:
        """The outcomes whose trigger matched."""
        return [outcome for outcome in self.outcomes if outcome.matched]

    @property
    def errors(self) -> list[Exception]:
        """Every error, in subscription order."""
        return [outcome.error for outcome in self.outcomes if outcome.error is not None]

    def raise_for_errors(self) -> "EventResult":
        """Raises the first error in subscription order, as the reference does; else returns itself.

        Raises:
            Exception: The error of the first outcome that has one.
        """
        for outcome in self.outcomes:
            if outcome.error is not None:
                raise outcome.error
        return self


class Plan(EventResult):
    """What an event would do: matches, payloads and requests, with nothing sent."""

    __slots__ = ()
