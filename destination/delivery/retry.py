"""What a failure means for what comes next, and how long to wait before another attempt."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, Protocol, TypeAlias

from destination.errors import HTTPError, InvalidAuthenticationError, is_retryable

FailureClass: TypeAlias = Literal["retry", "never", "credentials"]

_CREDENTIALS = (401, 403)


class Clock(Protocol):
    """The time, so that tests need not wait for it."""

    def time(self) -> float:
        """Seconds that only go forward."""
        ...

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class LoopClock:
    """The clock of the running event loop."""

    def time(self) -> float:
        """Seconds that only go forward."""
        return asyncio.get_running_loop().time()

    def now(self) -> float:
        """Seconds since 1970."""
        return datetime.now(UTC).timestamp()

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await asyncio.sleep(seconds)


def classify(error: BaseException) -> FailureClass:
    """What follows a failure.

    `retry` where `is_retryable` says so; `credentials` for 401 and 403, which the next event would meet as well;
    `never` for all else.

    Example:
        >>> from destination.errors import APIError
        >>> classify(APIError("slow down", 429)), classify(APIError("who?", 401)), classify(APIError("what?", 400))
        ('retry', 'credentials', 'never')
    """
    if is_retryable(error):
        return "retry"
    if isinstance(error, InvalidAuthenticationError) or getattr(error, "status", None) in _CREDENTIALS:
        return "credentials"
    return "never"


def retry_after(error: BaseException, now: float) -> float | None:
    """The seconds that the partner asked to wait (`Retry-After`, as seconds or as a date); None where it did not.

    Source: RFC 9110, section 10.2.3.

    Args:
        error: The failure.
        now: Seconds since 1970.

    Example:
        >>> from destination.request import Request, Response
        >>> def asked(value):
        ...     response = Response(503, headers={"Retry-After": value})
        ...     return retry_after(HTTPError(response, Request("GET", "https://h/")), now=0)
        >>> asked("7"), asked("Thu, 01 Jan 1970 00:01:00 GMT"), asked("soon")
        (7.0, 60.0, None)
    """
    headers = getattr(error.response, "headers", None) if isinstance(error, HTTPError) else None
    text = headers.get("retry-after", "").strip() if headers is not None else ""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(moment.timestamp() - now, 0.0)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a failure is tried again: exponential backoff with full jitter.

    Source of the jitter: "Exponential Backoff And Jitter" (AWS Architecture Blog): any moment of the growing interval.

    Attributes:
        attempts: Attempts in all, the first included.
        retry_for_s: No attempt begins later than so many seconds after the first.
        base_s: The interval before the second attempt; it doubles with each.
        longest_s: The interval grows no further.
        random: Gives numbers from 0 to below 1.

    Example:
        >>> policy = RetryPolicy(attempts=3, random=lambda: 0.5)
        >>> from destination.errors import RetryableError
        >>> [policy.wait(RetryableError(), attempt, 0.0, 0.0) for attempt in (1, 2, 3)]
        [0.25, 0.5, None]
    """

    attempts: int = 5
    retry_for_s: float = 300.0
    base_s: float = 0.5
    longest_s: float = 30.0
    random: Callable[[], float] = random.random

    def wait(self, error: BaseException, attempt: int, elapsed_s: float, now: float) -> float | None:
        """The seconds to wait before the next attempt; None where there is none.

        Args:
            error: What the attempt failed with.
            attempt: Its number, from 1.
            elapsed_s: The seconds since the first began.
            now: Seconds since 1970.
        """
        if attempt >= self.attempts or classify(error) != "retry":
            return None
        wait = self.random() * min(self.longest_s, self.base_s * 2 ** min(attempt - 1, 60))
        wait = max(wait, retry_after(error, now) or 0.0)
        return None if elapsed_s + wait > self.retry_for_s else wait


ONCE = RetryPolicy(attempts=1)
"""Everything is tried once."""
