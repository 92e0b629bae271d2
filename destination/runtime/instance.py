"""Instances: a destination with settings and subscriptions, compiled, through which events are sent."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Any, Final, Generic, TypeAlias, TypeVar

from destination.definition import DestinationDefinition, EventOptions, ExecuteInput, Subscription
from destination.definition.inputs import NO_OPTIONS
from destination.errors import DefinitionError, InvalidAuthenticationError
from destination.event import Event
from destination.fql import Trigger
from destination.late import asyncio
from destination.records import dataclass
from destination.request import DefaultTransport, RequestOptions, Transport, merge_options
from destination.request.settle import call
from destination.runtime.app_calls import AppCalls
from destination.runtime.attempt import client_factory
from destination.runtime.auth import Tokens
from destination.runtime.batch import execute_batch, plan_batch
from destination.runtime.compiled import (
    CompiledSubscription,
    settings_values,
    settings_view,
    validated_settings,
)
from destination.runtime.observed import is_observed, run_observed, send_observed
from destination.runtime.problems import Problem
from destination.runtime.redaction import Redactor
from destination.runtime.results import BatchResult, EventResult, Plan
from destination.values import real_type_of

S = TypeVar("S")

# Segment: it removes the misspelt `subcription`; `subscription` stays (test_settings_keep_what_segment_keeps)
_NO_SETTINGS = ("oauth", "subscriptions", "subcription")

MAX_SUBSCRIPTIONS = 50
"""The maximum number of subscriptions of an instance, as on Segment."""


Candidate = tuple[int, CompiledSubscription]
"""The index of a subscription that may match an event, and the subscription."""

_OTHER: Final = object()
"""A type or a name that no trigger mentions."""


class TriggerIndex:
    """The subscriptions of an instance, indexed by the event types and names that their triggers may match.

    If a trigger can neither match nor raise for a type or a name, it is not evaluated for such events.

    Attributes:
        outcomes: The outcomes of all subscriptions for an event that none matches.
    """

    __slots__ = ("_all", "_by_type", "_other", "outcomes")

    def __init__(self, items: Sequence[CompiledSubscription]) -> None:
        self.outcomes = tuple(item.unmatched for item in items)
        self._all: tuple[Candidate, ...] = tuple(enumerate(items))
        bounds = [item.trigger for item in items if item.trigger is not None]
        types: set[Any] = {_OTHER}.union(*(trigger.event_types or () for trigger in bounds))
        names: set[Any] = {_OTHER}.union(*(trigger.event_names or () for trigger in bounds))
        self._by_type: dict[Any, tuple[dict[Any, tuple[Candidate, ...]], tuple[Candidate, ...]]] = {}
        for event_type in types:
            by_name = {name: self._candidates(event_type, name) for name in names}
            self._by_type[event_type] = by_name, by_name[_OTHER]
        self._other = self._by_type[_OTHER]

    def candidates(self, event: Event) -> tuple[Candidate, ...]:
        """Returns the subscriptions that may match an event, in order."""
        if event.__class__ is not dict:
            return self._all
        try:
            by_name, others = self._by_type.get(event.get("type"), self._other)
            return by_name.get(event.get("event"), others)
        except TypeError:  # an unhashable value is not a string, so it equals none
            texts = {key: event[key] for key in ("type", "event") if isinstance(event.get(key), str)}
            return self.candidates(texts)

    def _candidates(self, event_type: Any, name: Any) -> tuple[Candidate, ...]:
        return tuple(one for one in self._all if _may_match(one[1], event_type, name))


def _may_match(item: CompiledSubscription, event_type: Any, name: Any) -> bool:
    trigger = item.trigger
    if trigger is None:
        return False
    types, names = trigger.event_types, trigger.event_names
    return (types is None or event_type in types) and (names is None or name in names)


class Instance(AppCalls[S], Generic[S]):
    """A destination with settings and subscriptions, ready for events.

    Use it as an asynchronous context manager, or call `aclose`, to close its connections.

    Args:
        definition: The destination.
        settings: The settings, as a model or in Segment's camelCase keys. A member `oauth` (`access_token`,
            `refresh_token`, `clientId`, `clientSecret`, `refresh_token_url`) is not one of the declared settings:
            performs see its tokens as `data.auth`.
        subscriptions: At most 50; the presets if None.
        transport: The transport that sends; `HttpxTransport` if None.
        timeout_ms: The time limit of requests for which neither the destination nor the action sets one, in
            milliseconds; Segment's 10,000 if None.
        check_settings: Whether settings must be valid. Otherwise they are used unchanged, and a perform may find some
            missing, as when Segment's `executeAction` is called by itself.

    Attributes:
        definition: The destination.
        settings: The validated settings, as the settings model or a read-only mapping.
        given: All subscriptions that were passed, including disabled ones, in order.
        subscriptions: The enabled subscriptions, compiled, in order.
        problems: What is wrong with the subscriptions; empty if nothing is.
        redactor: Masks this instance's secrets in text and JSON.
        tokens: The tokens of an OAuth destination, which are refreshed when an event needs it.

    Example:
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "send", "mapping": {}}
        >>> demo = DestinationDefinition(name="Demo", slug="demo", actions={})
        >>> Instance(demo, {}, [pages]).plan({"type": "track"}).outcomes
        (<Outcome 'Pages' not matched, 0 request(s)>,)
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
        given_settings = settings_values(settings)
        values = {key: value for key, value in given_settings.items() if key not in _NO_SETTINGS}
        if check_settings:
            values = validated_settings(definition, values)
        self.settings = settings_view(definition, values)
        self.redactor = Redactor(values, definition.secret_keys)
        self._transport: Transport = transport if transport is not None else DefaultTransport()
        given = definition.preset_subscriptions() if subscriptions is None else _read_all(subscriptions)
        if len(given) > MAX_SUBSCRIPTIONS:
            raise DefinitionError(
                f"{len(given)} subscriptions are more than the {MAX_SUBSCRIPTIONS} that an instance may have"
            )
        self.given = tuple(given)
        defaults = definition.request_defaults(self.settings) if definition.request_defaults else RequestOptions()
        if timeout_ms is not None:
            defaults = merge_options(RequestOptions(timeout_ms=timeout_ms), defaults)
        self._make_client = client_factory(definition, defaults, self._transport)
        self._make_plan_client = client_factory(definition, defaults, None)
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
        self._index = TriggerIndex(self.subscriptions)

    def compile(
        self,
        subscription: Subscription,
        index: int = 0,
        *,
        trigger: Trigger | None = None,
        tokens: Tokens | None = None,
    ) -> CompiledSubscription:
        """Compiles a subscription with this instance's settings, without adding it to the instance.

        Args:
            subscription: The subscription.
            index: Its index, which names it if it has no name.
            trigger: A trigger that replaces the subscription's own.
            tokens: Tokens that replace the instance's own.
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

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems that make subscriptions fail or match nothing, in subscription order."""
        return tuple(problem for item in self.subscriptions for problem in item.problems)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The keys of mappings that their action has no field for, and the required fields without a mapping."""
        return tuple(problem for item in self.subscriptions for problem in item.warnings)

    def plan(self, event: Event, options: EventOptions = NO_OPTIONS) -> Plan:
        """Returns what sending an event would do, without sending."""
        outcomes = list(self._index.outcomes)
        for index, item in self._index.candidates(event):
            outcome = item.match(event)
            outcomes[index] = item.prepare_plan(event, options).plan() if outcome.matched else outcome
        return Plan(tuple(outcomes))

    def candidates(self, event: Event) -> tuple[Candidate, ...]:
        """Returns all subscriptions that may match an event, each with its index."""
        return self._index.candidates(event)

    async def on_event(self, event: Event, options: EventOptions = NO_OPTIONS) -> EventResult:
        """Sends an event through all subscriptions that match it, in parallel.

        It never raises because of an event: each failure is on its outcome, and the other outcomes are still there
        (divergence 5). Call `raise_for_errors()` on the result for the reference's behaviour.

        Raises:
            Exception: A callback of the options raised it. It is raised after every subscription is done.
        """
        if options is not NO_OPTIONS and is_observed(options):
            run = partial(send_observed, event)
            return EventResult(await run_observed(self.subscriptions, run, options))
        outcomes = list(self._index.outcomes)
        attempts = []
        for index, item in self._index.candidates(event):
            outcome = item.match(event)
            if outcome.matched:
                attempts.append((index, item.prepare(event, options)))
            else:
                outcomes[index] = outcome
        if len(attempts) == 1:
            index, attempt = attempts[0]
            outcomes[index] = await attempt.send()
        elif attempts:
            done = await asyncio.gather(*(attempt.send() for _, attempt in attempts))
            for (index, _), outcome in zip(attempts, done, strict=True):
                outcomes[index] = outcome
        return EventResult(tuple(outcomes))

    def plan_batch(self, events: Sequence[Event], options: EventOptions = NO_OPTIONS) -> BatchResult:
        """Returns what sending a batch would do, without sending."""
        given = list(events)
        return BatchResult(tuple(plan_batch(item, given, options) for item in self.subscriptions), len(given))

    async def on_batch(self, events: Sequence[Event], options: EventOptions = NO_OPTIONS) -> BatchResult:
        """Sends many events; each subscription sends those that match it as one batch.

        It never raises because of an event. The failure of one event is in its node. An error that rejects a whole
        batch, which the reference raises, is on the outcome of its subscription; the other outcomes are still there
        (divergence 5). `raise_for_errors()` on the result raises it.
        """
        given = list(events)
        if options.on_complete is not None:
            outcomes = await run_observed(
                self.subscriptions, lambda item, own: execute_batch(item, given, own), options
            )
            return BatchResult(outcomes, len(given))
        done = await asyncio.gather(*(execute_batch(item, given, options) for item in self.subscriptions))
        return BatchResult(tuple(done), len(given))

    async def test_authentication(self) -> None:
        """Finds out whether the partner accepts the settings; returns if it does.

        Raises:
            InvalidAuthenticationError: It does not accept them, or did not answer; `__cause__` is the cause.
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


def _read_all(items: Any) -> list[Subscription]:
    if isinstance(items, (str, Mapping)) or not isinstance(items, Iterable):
        raise DefinitionError(f"subscriptions are a list, but this is: {real_type_of(items)}")
    return [item if isinstance(item, Subscription) else Subscription.from_json(item) for item in items]


# --- watching --------------------------------------------------------------------------------------------

Notify: TypeAlias = Callable[[Event], None]
"""Called with each event, before the instance works on it. It must neither change the event nor raise."""
WatchInstance: TypeAlias = Callable[["Instance[Any]"], Notify]
"""Called with each new instance; returns the function to call with its events."""

_watches: list[WatchInstance] = []


@contextmanager
def watching(watch: WatchInstance) -> Iterator[None]:
    """Watches every instance that a destination makes within the `with` block, also after its end.

    Example:
        >>> with watching(lambda instance: print):
        ...     plan = Destination(name="Demo", slug="demo", actions={}).instance({}).plan({"type": "track"})
        {'type': 'track'}
    """
    _watches.append(watch)
    try:
        yield
    finally:
        _watches.remove(watch)


class WatchedInstance(Instance[S]):
    """An instance that calls its watchers with each event of every method."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._observers = [watch(self) for watch in _watches]

    def _notify(self, events: Sequence[Event]) -> None:
        for notify in self._observers:
            for event in events:
                notify(event)

    def plan(self, event: Event, options: EventOptions = NO_OPTIONS) -> Plan:
        self._notify((event,))
        return super().plan(event, options)

    def candidates(self, event: Event) -> tuple[tuple[int, CompiledSubscription], ...]:
        self._notify((event,))
        return super().candidates(event)

    async def on_event(self, event: Event, options: EventOptions = NO_OPTIONS) -> EventResult:
        self._notify((event,))
        return await super().on_event(event, options)

    def plan_batch(self, events: Sequence[Event], options: EventOptions = NO_OPTIONS) -> BatchResult:
        self._notify(events)
        return super().plan_batch(events, options)

    async def on_batch(self, events: Sequence[Event], options: EventOptions = NO_OPTIONS) -> BatchResult:
        self._notify(events)
        return await super().on_batch(events, options)


# --- making ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Destination(DestinationDefinition[S], Generic[S]):
    """A destination as its author declares it; `instance` makes instances of it.

    Example:
        >>> Destination(name="Demo", slug="demo", actions={}).instance({}).plan({"type": "track"}).outcomes
        ()
    """

    def instance(
        self,
        settings: S | Mapping[str, Any],
        subscriptions: Iterable[Subscription | Mapping[str, Any]] | None = None,
        *,
        transport: Transport | None = None,
        timeout_ms: float | None = None,
    ) -> Instance[S]:
        """Makes an instance: this destination with settings and subscriptions, ready for events.

        Args:
            settings: The settings, as a model or in Segment's camelCase keys.
            subscriptions: At most 50; the presets if None.
            transport: The transport that sends; `HttpxTransport` if None.
            timeout_ms: The time limit of requests for which neither the destination nor the action sets one, in
                milliseconds; Segment's 10,000 if None.

        Raises:
            SchemaValidationError: The settings are not valid.
            DefinitionError: There are more than 50 subscriptions, or one is not a subscription.
        """
        made = WatchedInstance if _watches else Instance
        return made(self, settings, subscriptions, transport=transport, timeout_ms=timeout_ms)
