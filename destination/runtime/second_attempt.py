"""What follows a 401 of an OAuth destination: new tokens, and the event once more through the same subscription.

Segment runs every subscription of the event again, so that those that had succeeded deliver it twice. Here only what
failed runs again, and of that nothing is sent again that the partner took (divergence).
"""

from collections.abc import Sequence

from destination.definition import EventOptions
from destination.event import Event
from destination.request import PendingRequest
from destination.runtime.attempt import Item
from destination.runtime.auth import Auth
from destination.runtime.replay import Delivered
from destination.runtime.results import Outcome


async def after_401(
    item: Item,
    event: Event,
    options: EventOptions,
    used: Auth,
    failed: Outcome,
    made: Sequence[PendingRequest],
) -> Outcome:
    """The outcome of the second attempt, with the exchanges of both; the failed one where no token is to be had.

    Segment: what the refresh fails with is the event's error then (test_failed_refresh_is_the_error).

    Args:
        item: The subscription.
        event: The event.
        options: What the caller handed along.
        used: The tokens of the first attempt.
        failed: Its outcome.
        made: Its requests.
    """
    renewed = await renew(item, options, used, failed)
    if not renewed:
        return failed
    delivered = Delivered(made, used.get("accessToken"))
    second = await item.execute(event, options, delivered)
    requests, responses = delivered.really_sent(second.requests, second.responses)
    second.requests = (*failed.requests, *requests)
    second.responses = (*failed.responses, *responses)
    return second


async def renew(item: Item, options: EventOptions, used: Auth, failed: Outcome) -> bool:
    """Whether there are new tokens; why not is the outcome's error."""
    try:
        await item.tokens.renew(used, options)
    except Exception as error:  # noqa: BLE001  whatever a refresh raises belongs to the events that wait for it
        failed.error = error
        return False
    return True
