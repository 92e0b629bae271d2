"""What a batch that failed as one call says about its events."""

from typing import Any, NamedTuple

from destination.definition import Action
from destination.delivery.in_flight import Job
from destination.delivery.retry import classify
from destination.errors import MultiStatusError
from destination.runtime import BatchOutcome
from destination.runtime.payloads import BatchTooLargeError

_TOO_LARGE = 413
_MALFORMED = (400, 422)


class Call(NamedTuple):
    """A call that was made.

    Attributes:
        jobs: The events that were sent.
        later: Those that were kept back, to be sent after it.
        outcome: What it came to.
        error: What it failed for as a whole, or None.
        seconds: How long it took.
        epoch: The epoch of the outage in which it was made.
        successes: How many attempts had succeeded when it began.
    """

    jobs: list[Job]
    later: list[Job]
    outcome: BatchOutcome
    error: Exception | None
    seconds: float
    epoch: int
    successes: int


def call_failure(batch: BatchOutcome, count: int) -> Exception | None:
    """What all events of a call failed for together; None where there are others, or each has its own reason."""
    if batch.error is not None:
        return batch.error
    if len(batch.notable_indexes()) < count:
        return None
    first = batch.event(0).error
    for place in range(1, count):
        error = batch.event(place).error
        if error is not first and not _is_same_node(error, first, batch):
            return None
    return first


def _is_same_node(error: Exception | None, first: Exception | None, batch: BatchOutcome) -> bool:
    """Whether two nodes that a `perform_batch` made by itself say what the call's answer said."""
    if not isinstance(error, MultiStatusError) or not isinstance(first, MultiStatusError):
        return False
    answered = bool(batch.responses) and batch.responses[-1].status == error.status
    return answered and (error.status, str(error)) == (first.status, str(first))


def took_none(batch: BatchOutcome, error: Exception, action: Action[Any, Any] | None) -> bool:
    """Whether a call that failed left every event where it was, and the failure may be about one of them."""
    if isinstance(error, BatchTooLargeError):
        return True
    if batch.error is not None and not batch.requests and classify(error) == "never":
        return True  # one event that a perform cannot work on rejects its batch; here the others go out
    if any(response.ok for response in batch.responses):
        return False
    status = batch.responses[-1].status if batch.responses else None
    if status == _TOO_LARGE or classify(error) == "refused":
        return True
    return status in _MALFORMED and action is not None and action.batch_is_atomic
