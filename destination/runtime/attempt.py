"""One event with one subscription, performed and ready to be sent."""

from typing import Any, Protocol

from destination.definition import EventOptions, SubscriptionContext
from destination.event import Event
from destination.mapping import CompiledMapping
from destination.request import PendingRequest, Request, RequestClient
from destination.runtime.auth import Auth, Tokens
from destination.runtime.replay import Delivered
from destination.runtime.results import Outcome
from destination.values import MISSING


class Item(Protocol):
    """What an attempt, its short way and its second attempt ask of their subscription, a `CompiledSubscription`."""

    name: str
    mapping: CompiledMapping
    tokens: Tokens
    context: SubscriptionContext

    async def execute(self, event: Event, options: EventOptions, delivered: Delivered | None) -> Outcome:
        """Resolves, performs and sends."""
        ...

    async def finish(self, attempt: "Attempt") -> Outcome:
        """Sends what an attempt made."""
        ...


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

    def __init__(self, item: Item, event: Event, options: EventOptions, auth: Auth) -> None:
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
        if client is None:
            return []
        made = client.made
        return [made[0].request] if len(made) == 1 else [pending.request for pending in made]

    @property
    def sending_client(self) -> RequestClient:
        """The client that a perform was called with."""
        assert self.client is not None  # noqa: S101  there is one since before it was called
        return self.client

    def __repr__(self) -> str:
        state = f"failed: {self.error}" if self.error else f"{len(self.made)} request(s)"
        return f"<Attempt {self.item.name!r} {state}>"
