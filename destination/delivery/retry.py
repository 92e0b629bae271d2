"""Decides what follows a failure, and how long to wait before another attempt."""

import random
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, Protocol, TypeAlias

from destination.availability import is_retryable
from destination.definition import Action
from destination.errors import HTTPError, InvalidAuthenticationError, MultiStatusError, RedirectRefusedError
from destination.late import asyncio
from destination.records import dataclass
from destination.request import Request, Response
from destination.runtime import Outcome
from destination.runtime.payloads import BatchTooLargeError

FailureClass: TypeAlias = Literal["retry", "never", "refused"]

_REFUSALS = (401, 403)
_TOO_LARGE = 413
_MALFORMED = (400, 422)
_LONGEST_DIGITS = 9  # thirty years


class Clock(Protocol):
    """A clock, which tests can replace by one that does not wait."""

    def time(self) -> float:
        """Returns seconds of a clock that never goes back."""
        ...

    def now(self) -> float:
        """Returns seconds since 1970."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class LoopClock:
    """The clock of the running event loop.

    Example:
        >>> async def main() -> bool:
        ...     clock = LoopClock()
        ...     before = clock.time()
        ...     await clock.sleep(0)
        ...     return clock.time() >= before
        >>> asyncio.run(main())
        True
    """

    def time(self) -> float:
        """Returns seconds of a clock that never goes back."""
        return asyncio.get_running_loop().time()

    def now(self) -> float:
        """Returns seconds since 1970."""
        return datetime.now(UTC).timestamp()

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await asyncio.sleep(seconds)


def classify(error: BaseException) -> FailureClass:
    """Returns what follows a failure.

    `retry` if `is_retryable` is true. `refused` for 401, 403 and a redirect that would take the body to another host:
    the cause may be the settings or the event. `never` for everything else.

    Example:
        >>> from destination.errors import APIError
        >>> classify(APIError("slow down", 429)), classify(APIError("who?", 401)), classify(APIError("what?", 400))
        ('retry', 'refused', 'never')
    """
    if is_retryable(error):
        return "retry"
    if (
        isinstance(error, (InvalidAuthenticationError, RedirectRefusedError))
        or getattr(error, "status", None) in _REFUSALS
    ):
        return "refused"
    return "never"


def retry_after(error: BaseException, now: float) -> float | None:
    """Returns the seconds of a `Retry-After`; None if there is none or it cannot be read.

    A date is compared with the answer's own `Date` if there is one, so that neither clock has to be right.

    Source: RFC 9110, section 10.2.3.

    Args:
        error: The failure.
        now: Seconds since 1970.

    Example:
        >>> from destination.request import Request, Response
        >>> def asked(value, **more):
        ...     response = Response(503, headers={"Retry-After": value, **more})
        ...     return retry_after(HTTPError(response, Request("GET", "https://h/")), now=0)
        >>> asked("7"), asked("Thu, 01 Jan 1970 00:01:00 GMT"), asked("soon")
        (7.0, 60.0, None)
        >>> asked("Thu, 01 Jan 1970 01:00:03 GMT", Date="Thu, 01 Jan 1970 01:00:00 GMT")
        3.0
    """
    headers = getattr(error.response, "headers", None) if isinstance(error, HTTPError) else None
    text = headers.get("retry-after", "").strip() if headers is not None else ""
    if not text or headers is None:
        return None
    if text.isascii() and text.isdigit():
        return float(text.lstrip("0")[:_LONGEST_DIGITS] or 0)
    moment = _read_date(text)
    if moment is None:
        return None
    sent = _read_date(headers.get("date", ""))
    return max(moment - (now if sent is None else sent), 0.0)


def _read_date(text: str) -> float | None:
    """Parses a date of an HTTP header to seconds since 1970; None if it cannot be parsed."""
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return moment.timestamp()
    except (TypeError, ValueError, OverflowError, IndexError):  # the library raises each of these for some texts
        return None


class Answer(Protocol):
    """The result of a call: a `BatchOutcome`, or its equivalent for an event that was sent by itself."""

    @property
    def error(self) -> Exception | None:
        """The error that rejected all events together, or None."""
        ...

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests that were made."""
        ...

    @property
    def responses(self) -> tuple[Response, ...]:
        """The answers to them."""
        ...

    def notable_indexes(self) -> Collection[int]:
        """Returns the indexes of the events that were not simply taken."""
        ...

    def event(self, index: int) -> Outcome:
        """Returns what became of one event."""
        ...


def call_failure(batch: Answer, count: int) -> Exception | None:
    """Returns the error that all events of a call failed with; None if some did not fail, or failed differently."""
    if batch.error is not None:
        return batch.error
    if len(batch.notable_indexes()) < count:
        return None
    first = batch.event(0).error
    for index in range(1, count):
        error = batch.event(index).error
        if error is not first and not _is_same_node(error, first, batch):
            return None
    return first


def _is_same_node(error: Exception | None, first: Exception | None, batch: Answer) -> bool:
    """Returns whether two nodes that a `perform_batch` made by itself both repeat the call's answer."""
    if not isinstance(error, MultiStatusError) or not isinstance(first, MultiStatusError):
        return False
    answered = bool(batch.responses) and batch.responses[-1].status == error.status
    return answered and (error.status, str(error)) == (first.status, str(first))


def took_none(batch: Answer, error: Exception, action: Action[Any, Any] | None) -> bool:
    """Returns whether a failed call took none of its events, and one of them may have caused the failure."""
    if isinstance(error, BatchTooLargeError):
        return True
    if batch.error is not None and not batch.requests and classify(error) == "never":
        return True  # one event that a perform cannot process rejects its batch; here the others are sent
    if any(response.ok for response in batch.responses):
        return False
    status = batch.responses[-1].status if batch.responses else None
    if status == _TOO_LARGE or classify(error) == "refused":
        return True
    return status in _MALFORMED and action is not None and action.batch_is_atomic


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a failure is tried again, and how long the run waits for the end of an outage.

    Waits grow exponentially with full jitter: each is a random part of a growing interval. Source: "Exponential
    Backoff And Jitter" (AWS Architecture Blog).

    Attributes:
        attempts: The maximum number of attempts of an event, the first included.
        retry_for_s: The longest outage that the run waits for, in seconds. None: an outage is a failure of each
            event, and there are no pauses.
        unanswered_s: The longest outage before the first answer, in seconds; it is short since the address may be
            wrong.
        base_s: The interval after the first attempt, in seconds; it doubles with each further one.
        longest_s: The longest interval between two attempts of an event, in seconds.
        longest_pause_s: The longest interval between two attempts in an outage, in seconds.
        random: Returns a number from 0 to below 1.

    Example:
        >>> policy = RetryPolicy(attempts=3, random=lambda: 0.5)
        >>> from destination.errors import RetryableError
        >>> [policy.wait(RetryableError(), attempt, 0.0) for attempt in (1, 2, 3)]
        [0.25, 0.5, None]
    """

    attempts: int = 5
    retry_for_s: float | None = 4 * 3600.0
    unanswered_s: float = 300.0
    base_s: float = 0.5
    longest_s: float = 30.0
    longest_pause_s: float = 60.0
    random: Callable[[], float] = random.random

    def wait(self, error: BaseException, attempt: int, now: float) -> float | None:
        """Returns the seconds to wait before the next attempt of an event; None if there is none.

        Args:
            error: The failure of the attempt.
            attempt: The attempt's number, from 1.
            now: Seconds since 1970.
        """
        if attempt >= self.attempts or classify(error) != "retry":
            return None
        asked = retry_after(error, now) or 0.0
        if self.retry_for_s is None and asked > self.unanswered_s:
            return None  # without waiting for outages, there is no waiting this long for one event
        if self.retry_for_s is not None and asked > self.retry_for_s:
            asked = 0.0  # other events succeed, so only the number of attempts counts
        return max(self._interval(attempt, self.longest_s), asked)

    def pause(self, number: int) -> float:
        """Returns the seconds between two attempts in an outage.

        Args:
            number: The number of the pause, from 1.
        """
        return self._interval(number, self.longest_pause_s)

    def _interval(self, number: int, longest: float) -> float:
        return self.random() * min(longest, self.base_s * 2.0 ** min(number - 1, 60))


ONCE = RetryPolicy(attempts=1, retry_for_s=None)
"""The policy that tries everything once."""
