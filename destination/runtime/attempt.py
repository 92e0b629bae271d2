"""The way of one event through one subscription: match, resolve, validate, perform, send.

Its variants (sent or only planned, with or without copies, measured, retried after a 401) are arguments of
`compile_prepare` and of the function that it returns. A perform is called once for an attempt.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Protocol, TypeAlias

from destination.definition import (
    Action,
    DestinationDefinition,
    EventOptions,
    ExecuteInput,
    PendingOperation,
    Subscription,
    SubscriptionContext,
)
from destination.definition.inputs import NO_OPTIONS
from destination.definition.membership import resolve_audience_membership
from destination.errors import DestinationError, EngineTypeError, SchemaValidationError
from destination.event import Event
from destination.fql import Trigger
from destination.request import (
    PendingRequest,
    Request,
    RequestClient,
    RequestOptions,
    Response,
    Transport,
    check_dropped,
    run_to_first_request,
    settle,
)
from destination.request.settle import result_data
from destination.runtime.acknowledged import Acknowledged
from destination.runtime.auth import Auth, Tokens, is_unauthorised
from destination.runtime.payloads import Resolve
from destination.runtime.reauthorise import reauthorise, renew
from destination.runtime.results import Outcome
from destination.values import MISSING

_new = object.__new__

ClientFactory: TypeAlias = Callable[[ExecuteInput[Any, Any]], RequestClient]
"""Makes the client that a perform is called with."""


class Prepare(Protocol):
    """Prepares an attempt for an event that the trigger matched. It sends nothing, and keeps any failure."""

    def __call__(
        self, event: Event, options: EventOptions = NO_OPTIONS, acknowledged: Acknowledged | None = None
    ) -> "Attempt":
        """Resolves, validates and performs.

        Args:
            event: The event.
            options: What the caller passes along.
            acknowledged: In a retry, the requests that earlier attempts had acknowledged.
        """
        ...


class SubscriptionRunner(Protocol):
    """The parts of a `CompiledSubscription` that attempts use; it describes them."""

    name: str
    destination: str
    subscription: Subscription
    action: Action[Any, Any] | None
    context: SubscriptionContext
    settings: Any
    tokens: Tokens
    unmatched: Outcome
    steps: tuple[dict[str, Any], ...]
    payload_of: Callable[[Any], Any]
    prepare: Prepare

    @property
    def trigger(self) -> Trigger | None: ...


# --- match -----------------------------------------------------------------------------------------------


def compile_match(item: SubscriptionRunner) -> Callable[[Event], Outcome]:
    """Makes the function that matches events; its outcome is final unless `matched` is true."""
    matches = None if item.trigger is None else item.trigger.predicate
    matched, unmatched = Outcome(item.name, matched=True), item.unmatched

    def match(event: Event) -> Outcome:
        if matches is None:
            return unmatched
        try:
            return matched if matches(event) else unmatched
        except EngineTypeError as error:  # Segment: an undefined condition throws when it is evaluated
            return Outcome(item.name, matched=False, error=error)

    return match


# --- resolve, validate, perform --------------------------------------------------------------------------


def compile_prepare(
    item: SubscriptionRunner, resolve: Resolve, make_client: ClientFactory, *, is_shared: bool = False
) -> Prepare:
    """Makes the function that prepares an attempt: everything between the trigger and sending.

    Args:
        item: The subscription.
        resolve: Makes the validated payload of an event.
        make_client: Makes the client of an event; one that sends, or one for plans.
        is_shared: Whether payloads share the event's values. Then requests are written at once, because the caller
            may change the event while they are sent.
    """
    action, context, settings, tokens = item.action, item.context, item.settings, item.tokens
    perform = None if action is None else action.perform
    payload_of, sync_mode = item.payload_of, context.sync_mode

    def prepare(event: Event, options: EventOptions = NO_OPTIONS, acknowledged: Acknowledged | None = None) -> Attempt:
        attempt: Attempt = _new(Attempt)  # set here, one by one: `__init__` would double the time
        attempt.item = item
        attempt.event = event
        attempt.options = options
        attempt.acknowledged = acknowledged
        attempt.auth = auth = tokens.auth
        attempt.payload = MISSING
        attempt.made = ()
        attempt.error = attempt.client = attempt.output = None
        if perform is None:
            return attempt  # Segment: an unknown action yields no result at all
        try:
            attempt.payload = payload = resolve(event)
            found = event.get("context", MISSING) if event.__class__ is dict else None
            if sync_mode is None and found is not None and (found.__class__ is not dict or "personas" not in found):
                membership = None  # `may_carry_audience`, inlined: a call for each event would be slower
            else:
                membership = resolve_audience_membership(event, sync_mode)
            data = ExecuteInput(settings, payload_of(payload), event, context, options, auth, membership)
            attempt.client = client = make_client(data)
            attempt.made = made = client.made
            if acknowledged is not None:
                acknowledged.answer_for(client)
            attempt.output = output = perform(client, data)
            if output.__class__ is PendingRequest and len(made) == 1 and made[0] is output:
                if is_shared:
                    _ = output.request
                return attempt  # most performs end here
            if not inspect.iscoroutine(output):
                check_dropped(client, output)
            if is_shared:
                for pending in made:
                    _ = pending.request
        except Exception as error:  # noqa: BLE001  an error of a perform is this event's failure only
            attempt.error = error
        return attempt

    return prepare


def may_carry_audience(event: Event) -> bool:
    """Returns whether an event without a sync mode can change an audience, or fail because of a null there."""
    if event.__class__ is not dict:
        return True
    context = event.get("context", MISSING)
    return context is None or (context.__class__ is dict and "personas" in context)


def client_factory(
    definition: DestinationDefinition[Any], defaults: RequestOptions, transport: Transport | None
) -> ClientFactory:
    """Makes the function that makes the client of an event.

    Segment: settings that cannot be in a header fail each event.

    Args:
        definition: The destination.
        defaults: The default options of every request.
        transport: The transport that sends; None for plans.
    """
    try:
        base = RequestClient(defaults, transport)
    except EngineTypeError as error:
        return partial(_reject, str(error))
    extend = definition.extend_request
    if extend is None:
        return lambda data: base.fresh() if data.options is NO_OPTIONS else _with_signal(base.fresh(), data)
    return lambda data: _with_signal(base.fresh().extend(extend(data)), data)


def _reject(message: str, data: ExecuteInput[Any, Any]) -> RequestClient:
    raise EngineTypeError(message)


def _with_signal(client: RequestClient, data: ExecuteInput[Any, Any]) -> RequestClient:
    signal = data.options.signal
    return client if signal is None else client.extend(RequestOptions(signal=signal))


class Attempt:
    """A prepared event of one subscription. Nothing is sent yet: call `send` once.

    Attributes:
        item: The subscription.
        event: The event, which matches.
        options: What the caller passed along.
        acknowledged: In a retry, the requests that earlier attempts had acknowledged.
        auth: The tokens that were used.
        payload: The validated payload; `MISSING` if there is none. It may share values with the event.
        client: The client that made the requests, or None if the perform was not called.
        made: The requests so far, in the order in which they were made.
        output: The perform's result: pending requests, or for an `async def` a coroutine that has not started.
        error: The failure so far, or None.
    """

    __slots__ = (
        "acknowledged",
        "auth",
        "client",
        "error",
        "event",
        "item",
        "made",
        "options",
        "output",
        "payload",
    )

    item: SubscriptionRunner
    event: Event
    options: EventOptions
    acknowledged: Acknowledged | None
    auth: Auth
    payload: Any
    client: RequestClient | None
    made: Sequence[PendingRequest]
    output: Any
    error: Exception | None

    @property
    def is_plain(self) -> bool:
        """Whether there is exactly one request; false for an `async def`, which may make more."""
        return len(self.made) == 1 and self.made[0] is self.output

    @property
    def requests(self) -> list[Request]:
        """Returns the requests so far, as a transport sends them.

        Raises:
            EngineTypeError: A body holds something that is not a JSON value.
        """
        made = self.made
        return [made[0].request] if len(made) == 1 else [pending.request for pending in made]

    def __repr__(self) -> str:
        state = f"failed: {self.error}" if self.error else f"{len(self.made)} request(s)"
        return f"<Attempt {self.item.name!r} {state}>"

    async def send(self) -> Outcome:
        """Sends the requests; every failure is in the outcome."""
        item, client, output = self.item, self.client, self.output
        if self.error is None:
            if client is None:
                return Outcome(item.name, matched=True)
            try:
                if output.__class__ is PendingRequest:
                    output = await output
                else:
                    if inspect.iscoroutine(output):
                        output = await output
                        check_dropped(client, output)
                    output = await settle(output)
            except Exception as raised:  # noqa: BLE001  as in `prepare`
                self.error = raised
        if self.error is not None:
            return await self._failed(self.error)
        operation = None
        if output.__class__ is PendingOperation:
            operation, output = output, output.to_json()
        data = output.value if output.__class__ is Response else result_data(output)
        done = {"data": data, "output": "Action Executed"}
        outcome = self._outcome(results=(*item.steps, done))
        if operation is not None:
            outcome.operation = operation
        return outcome

    def plan(self) -> Outcome:
        """Returns what sending would do, without sending; the client is one for plans."""
        client, output, error = self.client, self.output, self.error
        if error is None:
            if client is None:
                return Outcome(self.item.name, matched=True)
            incomplete = False
            try:
                if output.__class__ is not PendingRequest and inspect.iscoroutine(output):
                    stopped = run_to_first_request(output)
                    incomplete = not stopped.complete
                    if not incomplete:
                        check_dropped(client, stopped.result)
                # A request that cannot be written fails here, as it does when sent.
                requests = tuple(self.requests)
                return Outcome(
                    self.item.name, matched=True, payload=self.payload, requests=requests, incomplete=incomplete
                )
            except Exception as raised:  # noqa: BLE001  as in `prepare`
                error = raised
        return self._outcome(error)

    async def _failed(self, error: Exception) -> Outcome:
        item, options = self.item, self.options
        outcome = self._outcome(error)
        stats = options.stats_context
        if stats is not None and self.payload is MISSING and isinstance(error, SchemaValidationError):
            stats.stats_client.incr("ajv.discard", 1, list(stats.tags))
        if item.tokens.renewable and is_unauthorised(error):
            if self.acknowledged is None:
                return await reauthorise(item.tokens, self.auth, options, outcome, self.made, self._resend)
            # Segment: a second 401 refreshes the tokens too, for later events
            # (test_second_401_refreshes_again_but_is_the_result)
            await renew(item.tokens, self.auth, options, outcome)
        return outcome

    async def _resend(self, acknowledged: Acknowledged) -> Outcome:
        return await self.item.prepare(self.event, self.options, acknowledged).send()

    def _outcome(self, error: Exception | None = None, results: tuple[dict[str, Any], ...] = ()) -> Outcome:
        made = self.made
        requests: tuple[Request, ...]
        responses: tuple[Response, ...]
        if error is None and len(made) == 1 and (only := made[0].response) is not None:  # most performs
            requests, responses = (made[0].request,), (only,)
        else:
            requests = tuple([pending.request for pending in made]) if error is None else writable_requests(made)
            responses = tuple([pending.response for pending in made if pending.response is not None])
        warnings: tuple[str, ...] = ()
        for response in responses:
            if response.warnings:
                warnings += tuple(response.warnings)
        return Outcome(
            self.item.name,
            matched=True,
            payload=self.payload,
            requests=requests,
            responses=responses,
            error=error,
            warnings=warnings,
            results=results,
        )


def writable_requests(made: Iterable[PendingRequest]) -> tuple[Request, ...]:
    """Returns the requests of a failed event, without those that cannot be written (JSON nested too deeply)."""
    requests = []
    for pending in made:
        with suppress(DestinationError):
            requests.append(pending.request)
    return tuple(requests)
