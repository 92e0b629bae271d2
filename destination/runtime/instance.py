"""A destination instance: settings and subscriptions, compiled, and events through them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Generic, TypeVar

from destination.definition import DestinationDefinition, EventOptions, ExecuteInput, Subscription
from destination.definition.inputs import NO_OPTIONS
from destination.errors import DefinitionError, EngineTypeError, InvalidAuthenticationError
from destination.event import Event
from destination.fields import Settings, compile_fields
from destination.fql import Trigger
from destination.request import HttpxTransport, RequestClient, RequestOptions, Transport, merge_options
from destination.runtime.app_calls import AppCalls
from destination.runtime.attempt import Attempt
from destination.runtime.auth import Tokens
from destination.runtime.batch import execute_batch, plan_batch
from destination.runtime.batch_results import BatchResult
from destination.runtime.calling import call
from destination.runtime.compiled import CompiledSubscription
from destination.runtime.dispatch import Dispatch
from destination.runtime.observed import execute_batch_observed, execute_observed, is_observed
from destination.runtime.problems import Problem
from destination.runtime.redaction import ConcealedMapping, Redactor
from destination.runtime.results import EventResult, Plan
from destination.runtime.short_way import ClientFactory
from destination.values import real_type_of

S = TypeVar("S")

# Segment: `subcription` is its own slip of the pen; `subscription` stays (test_settings_keep_what_segment_keeps)
_NO_SETTINGS = ("oauth", "subscriptions", "subcription")

MAX_SUBSCRIPTIONS = 50
"""As on Segment: an instance has at most 50 mappings."""


class Instance(AppCalls[S], Generic[S]):
    """A destination with settings and subscriptions.

    Use it as an asynchronous context manager, or call `aclose`, so that connections are closed.

    Args:
        definition: The destination.
        settings: The settings, as a model or in Segment's camelCase keys. A member `oauth` (`access_token`,
            `refresh_token`, `clientId`, `clientSecret`, `refresh_token_url`) is no setting: performs see its tokens
            as `data.auth`.
        subscriptions: At most 50; the presets when None.
        transport: What sends; httpx when None.
        timeout_ms: The time limit of requests for which neither the destination nor the action sets one, in
            milliseconds; Segment's 10,000 when None.
        check_settings: Whether settings must be valid. Without it they are taken as they are, and a perform may
            find some absent, as where Segment's `executeAction` is called by itself.

    Attributes:
        definition: The destination.
        settings: The validated settings, as the settings model or a read-only mapping.
        given: The subscriptions that it was made of, disabled ones included, in order.
        subscriptions: The enabled subscriptions, compiled, in order.
        problems: What is wrong with them; empty when all is well.
        redactor: Keeps this instance's secrets out of what is shown.
        tokens: The tokens of an OAuth destination, refreshed as events need it.
    """

    def __init__(
        self,
        definition: DestinationDefinition[S],
        settings: S | Mapping[str, Any],
        subscriptions: Iterable[Subscription | Mapping[str, Any]] | None = None,
        *,
        transport: Transport | None = None,
        timeout_ms: float | None = None,
        check_settings: bool = True,
    ) -> None:
        self.definition = definition
        given_settings = _values(settings)
        values = {key: value for key, value in given_settings.items() if key not in _NO_SETTINGS}
        if check_settings:
            values = _validated_settings(definition, values)
        self.settings = _settings_view(definition, values)
        self.redactor = Redactor(values, definition.secret_keys)
        self._transport: Transport = transport if transport is not None else HttpxTransport()
        given = definition.preset_subscriptions() if subscriptions is None else _read_all(subscriptions)
        if len(given) > MAX_SUBSCRIPTIONS:
            raise DefinitionError(
                f"{len(given)} subscriptions are more than the {MAX_SUBSCRIPTIONS} that an instance may have"
            )
        self.given = tuple(given)
        defaults = definition.request_defaults(self.settings) if definition.request_defaults else RequestOptions()
        if timeout_ms is not None:
            defaults = merge_options(RequestOptions(timeout_ms=timeout_ms), defaults)
        self._make_client = self._factory(defaults, self._transport)
        self._make_plan_client = self._factory(defaults, None)
        self.tokens = Tokens(
            definition.authentication,
            self.settings,
            given_settings.get("oauth"),
            self._make_client,
            self.redactor.remember,
        )
        self.subscriptions = tuple(
            self.compile(item, index)
            for index, item in enumerate(given)
            if item.enabled  # divergence 3
        )
        self._dispatch = Dispatch(self.subscriptions)

    def compile(
        self,
        subscription: Subscription,
        index: int = 0,
        *,
        trigger: Trigger | None = None,
        tokens: Tokens | None = None,
    ) -> CompiledSubscription:
        """Makes a subscription ready with this instance's settings; it does not become one of the instance's own.

        Args:
            subscription: What to compile.
            index: Its number, the name of one that has none.
            trigger: In the place of the subscription's own.
            tokens: In the place of the instance's own.
        """
        return CompiledSubscription(
            subscription,
            index,
            self.definition,
            self.settings,
            self._make_client,
            self._make_plan_client,
            tokens or self.tokens,
            trigger,
        )

    def _factory(self, defaults: RequestOptions, transport: Transport | None) -> ClientFactory:
        """What makes the client of one event; settings that no header can hold fail each event, as in Segment."""
        try:
            base = RequestClient(defaults, transport)
        except EngineTypeError as error:
            return partial(_refuse, str(error))
        extend = self.definition.extend_request
        if extend is None:
            return lambda data: base.fresh() if data.options is NO_OPTIONS else _with_signal(base.fresh(), data)
        return lambda data: _with_signal(base.fresh().extend(extend(data)), data)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What makes subscriptions fail or match nothing, in subscription order."""
        return tuple(problem for item in self.subscriptions for problem in item.problems)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What mappings give that their action lacks, and the required fields that they leave out."""
        return tuple(problem for item in self.subscriptions for problem in item.warnings)

    def plan(self, event: Event, options: EventOptions = NO_OPTIONS) -> Plan:
        """What an event would do. Nothing is sent."""
        outcomes = list(self._dispatch.outcomes)
        for index, item in self._dispatch.candidates(event):
            outcomes[index] = item.refuse(event) or item.plan(event, options)
        return Plan(tuple(outcomes))

    def candidates(self, event: Event) -> tuple[tuple[int, CompiledSubscription], ...]:
        """The subscriptions whose triggers are worth asking about an event, with their index; no other takes it."""
        return self._dispatch.candidates(event)

    def begin(self, event: Event, options: EventOptions = NO_OPTIONS) -> list[Attempt]:
        """What an event is to send, for whoever sends it: an attempt for each subscription that takes the event.

        This is the way of events in bulk. Requests are made and nothing is sent; a failure is on its attempt.
        `on_event` is this, and then `attempt.item.finish(attempt)` for each.

        Example:
            >>> from destination.definition import Action
            >>> from destination.runtime.destination import Destination
            >>> ping = Action(title="Ping", description="", perform=lambda request, data: request("https://h.test/"))
            >>> trigger = {"subscribe": 'type = "track"', "partnerAction": "ping", "mapping": {}}
            >>> instance = Destination(name="Demo", slug="demo", actions={"ping": ping}).instance({}, [trigger])
            >>> instance.begin({"type": "track"}), instance.begin({"type": "page"})
            ([<Attempt 'subscription 0' 1 request(s)>], [])
            >>> [request.url for attempt in instance.begin({"type": "track"}) for request in attempt.requests]
            ['https://h.test/']
        """
        attempts = []
        for _, item in self._dispatch.candidates(event):
            attempt = item.take(event, options)
            if attempt is not None:
                attempts.append(attempt)
        return attempts

    async def on_event(self, event: Event, options: EventOptions = NO_OPTIONS) -> EventResult:
        """Sends an event through every subscription that matches it, side by side.

        It never raises for what is in an event: each failure is on its outcome, and hides no other
        (divergence 5); `raise_for_errors()` on the result gives the reference's behaviour.

        Raises:
            Exception: What a callback of the options raised, when every subscription is done.
        """
        if options is not NO_OPTIONS and is_observed(options):
            return EventResult(await execute_observed(self.subscriptions, event, options))
        outcomes = list(self._dispatch.outcomes)
        running = []
        for index, item in self._dispatch.candidates(event):
            attempt = item.take(event, options)
            if attempt is not None:
                running.append((index, attempt))
        if len(running) == 1:
            index, attempt = running[0]
            outcomes[index] = await attempt.item.finish(attempt)
        elif running:
            done = await asyncio.gather(*(attempt.item.finish(attempt) for _, attempt in running))
            for (index, _), outcome in zip(running, done, strict=True):
                outcomes[index] = outcome
        return EventResult(tuple(outcomes))

    def plan_batch(self, events: Sequence[Event], options: EventOptions = NO_OPTIONS) -> BatchResult:
        """What a batch would do. Nothing is sent."""
        given = list(events)
        return BatchResult(tuple(plan_batch(item, given, options) for item in self.subscriptions), len(given))

    async def on_batch(self, events: Sequence[Event], options: EventOptions = NO_OPTIONS) -> BatchResult:
        """Sends many events through every subscription, each as one batch of those events that match it.

        It never raises for what is in an event. A failure of one event is in its node; what the reference raises for
        the whole is on its subscription's outcome, hides no other (divergence 5), and is raised by
        `raise_for_errors()` on the result.
        """
        given = list(events)
        if options.on_complete is not None:
            return BatchResult(await execute_batch_observed(self.subscriptions, given, options), len(given))
        outcomes = await asyncio.gather(*(execute_batch(item, given, options) for item in self.subscriptions))
        return BatchResult(tuple(outcomes), len(given))

    async def test_authentication(self) -> None:
        """Asks the partner whether the settings let in; returns when they do.

        Raises:
            InvalidAuthenticationError: They do not, or no answer came; the cause is on `__cause__`.
        """
        authentication = self.definition.authentication
        if authentication is None or authentication.test_authentication is None:
            return
        data: ExecuteInput[Any, Any] = ExecuteInput(self.settings, None, {}, auth=self.tokens.auth)
        try:
            await call(authentication.test_authentication, self._make_client(data), data)
        except Exception as error:
            status = getattr(getattr(error, "response", None), "status", "")
            raise InvalidAuthenticationError(f"Credentials are invalid: {status} {error}") from error

    async def aclose(self) -> None:
        """Closes the transport's connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> "Instance[S]":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _refuse(message: str, data: ExecuteInput[Any, Any]) -> RequestClient:
    raise EngineTypeError(message)


def _read_all(items: Any) -> list[Subscription]:
    if isinstance(items, (str, Mapping)) or not isinstance(items, Iterable):
        raise DefinitionError(f"subscriptions are a list, but this is: {real_type_of(items)}")
    return [item if isinstance(item, Subscription) else Subscription.from_json(item) for item in items]


def _with_signal(client: RequestClient, data: ExecuteInput[Any, Any]) -> RequestClient:
    signal = data.options.signal
    return client if signal is None else client.extend(RequestOptions(signal=signal))


def _values(settings: Any) -> dict[str, Any]:
    if isinstance(settings, Settings):
        return settings.to_json()
    if isinstance(settings, Mapping):
        return dict(settings)
    raise DefinitionError(f"settings are a JSON object, but these are: {real_type_of(settings)}")


def _validated_settings(definition: DestinationDefinition[Any], values: dict[str, Any]) -> dict[str, Any]:
    if definition.authentication is None:
        return values
    # Segment: settings are coerced and validated, but empty values are not removed from them; an authentication
    # without fields takes none (test_authentication_without_fields_takes_no_settings)
    validated: dict[str, Any] = compile_fields(definition.settings_fields).validate(values)
    return validated


def _settings_view(definition: DestinationDefinition[Any], values: dict[str, Any]) -> Any:
    model = definition.authentication.settings if definition.authentication is not None else None
    return model.from_validated(values) if model is not None else ConcealedMapping(values)
