"""Retries an event or a batch once after a 401 of an OAuth destination, with refreshed tokens.

Segment runs every subscription of the event or batch again, so those that had succeeded deliver it twice. Here only
what failed is run again, and nothing that the partner took is sent again (divergence 18).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from destination.definition import EventOptions
from destination.event import Event
from destination.request import PendingRequest
from destination.runtime.acknowledged import Acknowledged
from destination.runtime.auth import Auth, Tokens, is_unauthorised
from destination.runtime.results import BatchOutcome, Outcome

_UNAUTHORISED: Final = 401


async def reauthorise(
    tokens: Tokens,
    used: Auth,
    options: EventOptions,
    failed: Outcome,
    made: Sequence[PendingRequest],
    resend: Callable[[Acknowledged], Awaitable[Outcome]],
) -> Outcome:
    """Retries an event; returns the outcome with the exchanges of both attempts, or `failed` without new tokens.

    Args:
        tokens: The destination's tokens.
        used: The tokens of the first attempt.
        options: What the caller passed along.
        failed: The outcome of the first attempt.
        made: The requests of the first attempt.
        resend: Runs the event once more.
    """
    if not await renew(tokens, used, options, failed):
        return failed
    acknowledged = Acknowledged.before_401(made, used.get("accessToken"), tokens.auth.get("accessToken"))
    retried = await resend(acknowledged)
    _join(failed, retried, acknowledged)
    return retried


async def renew(tokens: Tokens, used: Auth, options: EventOptions, failed: Outcome) -> bool:
    """Refreshes the tokens; returns whether that succeeded, and otherwise sets the outcome's error.

    Segment: the event's error is then that of the refresh (test_failed_refresh_is_the_error).
    """
    try:
        await tokens.renew(used, options)
    except Exception as error:  # noqa: BLE001  an error of the refresh is the failure of the events that wait for it
        failed.error = error
        return False
    return True


def _join(first: Outcome | BatchOutcome, retried: Outcome | BatchOutcome, acknowledged: Acknowledged) -> None:
    requests, responses = acknowledged.really_sent(retried.requests, retried.responses)
    retried.requests = (*first.requests, *requests)
    retried.responses = (*first.responses, *responses)


# --- batches ---------------------------------------------------------------------------------------------


class ResendBatch(Protocol):
    """Sends events once more."""

    def __call__(self, *, events: list[Event], acknowledged: Acknowledged) -> Awaitable[BatchOutcome]:
        """Returns the outcome of the retry."""
        ...


def _unauthorised(outcome: BatchOutcome) -> list[int]:
    """Returns the indexes of the events with a 401: all sent ones if it rejected the whole batch."""
    if outcome.error is not None:
        return list(outcome.payloads) if is_unauthorised(outcome.error) else []
    return [index for index in outcome.payloads if (outcome.nodes[index] or {}).get("status") == _UNAUTHORISED]


async def reauthorise_batch(
    tokens: Tokens,
    used: Auth,
    options: EventOptions,
    events: Sequence[Event],
    first: BatchOutcome,
    made: Sequence[PendingRequest],
    resend: ResendBatch | None,
) -> BatchOutcome:
    """Retries the events of a batch with a 401; returns the joint outcome, or `first` without a 401 or new tokens.

    Args:
        tokens: The destination's tokens.
        used: The tokens of the first attempt.
        options: What the caller passed along.
        events: The batch.
        first: The outcome of the first attempt.
        made: The requests of the first attempt.
        resend: Sends events once more; None after a retry, whose 401 is the result.
    """
    indexes = _unauthorised(first)
    if not indexes:
        return first
    try:
        await tokens.renew(used, options)
    except Exception as error:  # noqa: BLE001  an error of the refresh is the failure of the events that wait for it
        if first.error is not None:
            first.error = error
        else:
            first.fail(indexes, error)  # the nodes of delivered events stay
        return first
    if resend is None:
        return first
    acknowledged = Acknowledged.before_401(made, used.get("accessToken"), tokens.auth.get("accessToken"))
    is_rejected = first.error is not None
    again = list(events) if is_rejected else [events[index] for index in indexes]
    retried = await resend(events=again, acknowledged=acknowledged)
    _join(first, retried, acknowledged)
    if is_rejected:
        return retried
    first.take_over(indexes, retried)
    return first
