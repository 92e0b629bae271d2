"""One event with one subscription, performed and ready to be sent."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from destination.definition import EventOptions, ExecuteInput, SubscriptionContext
from destination.definition.audience_membership import resolve_audience_membership
from destination.event import Event
from destination.request import PendingRequest, Request, RequestClient
from destination.runtime.auth import Auth
from destination.values import MISSING

if TYPE_CHECKING:
    from destination.runtime.compiled import CompiledSubscription


class Attempt:
    """What one subscription made of one event that it takes. Nothing is sent yet: `finish` does that.

    Attributes:
        item: The subscription.
        event: The event.
        options: What the caller handed along.
        auth: The tokens that were used.
        matched: Whether the trigger matched; false where asking it failed.
        payload: The validated payload, `MISSING` where it did not come to one. It may share values with the event.
        client: What made the requests, or None where it did not come to that.
        output: What the perform returned: pending requests, or for an `async def` a coroutine that has not begun.
        error: What went wrong so far, or None.
    """

    __slots__ = ("auth", "client", "error", "event", "item", "matched", "options", "output", "payload")

    def __init__(self, item: "CompiledSubscription", event: Event, options: EventOptions, auth: Auth) -> None:
        self.item = item
        self.event = event
        self.options = options
        self.auth = auth
        self.matched = True
        self.payload: Any = MISSING
        self.client: RequestClient | None = None
        self.output: Any = None
        self.error: Exception | None = None

    @property
    def is_plain(self) -> bool:
        """Whether a single request is all that comes of it; false for an `async def`, which may make more."""
        client = self.client
        return client is not None and len(client.made) == 1 and client.made[0] is self.output

    @property
    def made(self) -> list[PendingRequest]:
        """The requests so far, in the order they were made."""
        return [] if self.client is None else self.client.made

    @property
    def requests(self) -> list[Request]:
        """The same, as a transport gets them.

        Raises:
            EngineTypeError: A body holds something that is no JSON value.
        """
        client = self.client
        return [] if client is None else [pending.request for pending in client.made]

    @property
    def sending_client(self) -> RequestClient:
        """The client that a perform was called with."""
        assert self.client is not None  # noqa: S101  there is one since before it was called
        return self.client

    def __repr__(self) -> str:
        state = f"failed: {self.error}" if self.error else f"{len(self.made)} request(s)"
        return f"<Attempt {self.item.name!r} {state}>"


def sharing_perform(
    perform: Callable[[Any, ExecuteInput[Any, Any]], Any],
    resolve: Callable[[Event], Any],
    fit: Callable[[Any], Any],
    payload_of: Callable[[Any], Any],
    settings: Any,
    context: SubscriptionContext,
    make_client: Callable[[ExecuteInput[Any, Any]], RequestClient],
) -> Callable[[Attempt], bool]:
    """The usual way of an event through an action that only reads: one function without anything in between.

    What it gives tells whether a payload that shares values with its event led to what a copy would have led to. It
    did where one request is all that came of it, with a JSON body in which no key `__proto__` is. Where it did not,
    and where something is raised, the attempt is spent and the careful way has to be gone.
    """
    sync_mode = context.sync_mode

    def run(attempt: Attempt) -> bool:
        event = attempt.event
        attempt.payload = payload = fit(resolve(event))
        found = event.get("context")
        if sync_mode is None and found.__class__ is dict and "personas" not in found:
            membership = None
        else:
            membership = resolve_audience_membership(event, sync_mode)
        data = ExecuteInput(settings, payload_of(payload), event, context, attempt.options, attempt.auth, membership)
        attempt.client = client = make_client(data)
        attempt.output = output = perform(client, data)
        if output.__class__ is not PendingRequest:
            return False
        made = client.made
        if len(made) != 1 or made[0] is not output:
            return False
        if output.write_plain():
            return True
        body: bytes | None = None if output.json is MISSING else output.body
        return body is not None and b'"__proto__"' not in body

    return run
