"""What follows a 401 in a batch of an OAuth destination: new tokens, and once more those events that were not taken."""

from collections.abc import Awaitable, Sequence
from typing import Protocol

from destination.definition import EventOptions
from destination.event import Event
from destination.request import PendingRequest
from destination.runtime.auth import Auth, Tokens, is_unauthorised
from destination.runtime.batch_results import BatchOutcome
from destination.runtime.replay import Delivered

_UNAUTHORISED = 401


class Again(Protocol):
    """Sends events once more."""

    def __call__(self, *, events: list[Event], delivered: Delivered) -> Awaitable[BatchOutcome]:
        """The outcome of the second attempt."""
        ...


def expired(outcome: BatchOutcome) -> list[int]:
    """The indexes of the events that a 401 came for: of all that were sent where it rejected the whole batch."""
    if outcome.error is not None:
        return list(outcome.payloads) if is_unauthorised(outcome.error) else []
    return [index for index in outcome.payloads if (outcome.nodes[index] or {}).get("status") == _UNAUTHORISED]


async def after_401(
    tokens: Tokens,
    events: Sequence[Event],
    options: EventOptions,
    used: Auth,
    first: BatchOutcome,
    made: Sequence[PendingRequest],
    again: Again | None,
) -> BatchOutcome:
    """The outcome of both attempts together; the first one's where there was no 401, or no token is to be had.

    Segment sends the whole batch again, through every subscription; here only the events whose node is a 401 are
    sent again, and nothing that the partner took (divergence).

    Args:
        tokens: The destination's tokens.
        events: The batch.
        options: What the caller handed along.
        used: The tokens of the first attempt.
        first: Its outcome.
        made: Its requests.
        again: What sends once more; None after the second attempt, whose 401 is the result.
    """
    indexes = expired(first)
    if not indexes:
        return first
    try:
        await tokens.renew(used, options)
    except Exception as error:  # noqa: BLE001  whatever a refresh raises belongs to the events that wait for it
        return _failed(first, indexes, error)
    if again is None:
        return first
    delivered = Delivered(made, used.get("accessToken"))
    rejected = first.error is not None
    second = await again(events=list(events) if rejected else [events[index] for index in indexes], delivered=delivered)
    requests, responses = delivered.really_sent(second.requests, second.responses)
    second.requests = (*first.requests, *requests)
    second.responses = (*first.responses, *responses)
    if not rejected:
        first.take_over(indexes, second)
    return second if rejected else first


def _failed(outcome: BatchOutcome, indexes: list[int], error: Exception) -> BatchOutcome:
    """The reason instead of the 401; the nodes stay, and with them what was delivered."""
    if outcome.error is not None:
        outcome.error = error
    else:
        outcome.fail(indexes, error)
    return outcome
