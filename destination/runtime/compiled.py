"""One subscription, compiled: trigger, mapping, fields and perform, ready to be called."""

import inspect
from collections.abc import Callable
from functools import cached_property
from typing import Any

from destination.definition import (
    Action,
    BatchInput,
    DestinationDefinition,
    EventOptions,
    ExecuteInput,
    PendingOperation,
    Subscription,
)
from destination.definition.inputs import NO_OPTIONS
from destination.definition.membership import resolve_audience_membership
from destination.errors import EngineTypeError, SchemaValidationError
from destination.event import Event
from destination.fields import CompiledFields, compile_fields
from destination.fql import Trigger, compile_trigger
from destination.mapping import compile_mapping, remove_undefined
from destination.mapping.measured import MeasuredMapping
from destination.request import (
    PendingRequest,
    RequestClient,
    check_dropped,
    run_to_first_request,
    settle,
)
from destination.runtime.attempt import Attempt
from destination.runtime.auth import Auth, Tokens, is_unauthorised
from destination.runtime.batch_payloads import BatchPayloads
from destination.runtime.calling import requests_of, requests_that_can_be, result_data
from destination.runtime.problems import Problem, find_problems, find_warnings, label
from destination.runtime.replay import Delivered
from destination.runtime.results import Outcome
from destination.runtime.second_attempt import after_401, renew
from destination.runtime.short_way import ClientFactory, ShortWay, compile_short_way
from destination.runtime.subscription_context import subscription_context
from destination.values import MISSING

_NOT_SUBSCRIBED = ({"output": "not subscribed"},)
_RESOLVED = {"output": "Mappings resolved"}
_VALIDATED = {"output": "Payload validated"}

Resolve = Callable[[Event], Any]


class CompiledSubscription:
    """A subscription of an instance; made once, called for each event.

    Attributes:
        subscription: What it was made of.
        name: How it is called in outcomes and messages.
        destination: The destination's name.
        tokens: The tokens of an OAuth destination.
        context: What of it performs see.
        problems: What makes it fail or match nothing.
        warnings: What works, but perhaps not as meant.
        has_own_batches: Whether its action takes batches here alone (`Action.own_batches`).
    """

    def __init__(
        self,
        subscription: Subscription,
        index: int,
        definition: DestinationDefinition[Any],
        settings: Any,
        make_client: ClientFactory,
        make_plan_client: ClientFactory,
        tokens: Tokens,
        trigger: Trigger | None = None,
    ) -> None:
        self.subscription = subscription
        self.name = label(subscription, index)
        self.destination = definition.name
        actions = definition.actions
        self.action = actions.get(subscription.partner_action) if isinstance(subscription.partner_action, str) else None
        is_text = isinstance(subscription.subscribe, str) and bool(subscription.subscribe)
        if trigger is None and is_text:
            trigger = compile_trigger(subscription.subscribe)
        self._trigger = trigger
        self._matches = None if trigger is None else trigger.predicate
        self.mapping = compile_mapping(subscription.mapping)
        self.has_own_batches = self.action is not None and self.action.own_batches
        self.fields: CompiledFields | None = None
        if self.action is not None and self.action.input_fields:
            self.fields = compile_fields(self.action.input_fields)
        self._fit = None if self.fields is None else self.fields.clean_and_validate
        self._payload_of = _payload_maker(self.action)
        self._settings = settings
        self._make_client = make_client
        self._make_plan_client = make_plan_client
        self.tokens = tokens
        self.context = subscription_context(subscription, self.action)
        self._sync_mode = self.context.sync_mode
        self._short_way: ShortWay | None = None
        if self.action is not None and self.action.reads_only and self.fields is not None:
            self._short_way = compile_short_way(self, self.action, self.fields, self._payload_of, settings)
        self._steps = (_RESOLVED, _VALIDATED) if self.fields else (_RESOLVED,)
        # What an event that does not match comes to is the same for all of them.
        self.unmatched = Outcome(self.name, matched=False, results=self._unmatched_results())
        self.problems: tuple[Problem, ...] = tuple(
            find_problems(self.name, subscription, self.trigger, self.mapping, self.action, actions)
        )
        self.warnings: tuple[Problem, ...] = tuple(find_warnings(self.name, subscription.mapping, self.action))

    @property
    def trigger(self) -> Trigger | None:
        """What decides which events it takes; fixed when it is made, for all that is compiled depends on it."""
        return self._trigger

    def _unmatched_results(self) -> tuple[dict[str, Any], ...]:
        if self.trigger is None:
            return ({"output": "Failed to validate subscription"},)
        if self.trigger.error is not None:
            return ({"output": f"Invalid subscription : {self.trigger.error}"},)
        return _NOT_SUBSCRIBED

    def refuse(self, event: Event) -> Outcome | None:
        """The outcome of an event that this subscription does not take; None when it does take it."""
        if self.trigger is None:
            return self.unmatched
        try:
            return None if self.trigger.predicate(event) else self.unmatched
        except EngineTypeError as error:  # Segment: an undefined condition throws when it is asked
            return Outcome(self.name, matched=False, error=error)

    def resolve(self, event: Event) -> Any:
        """The validated payload: mapping, removal of empty values, coercion and validation.

        Raises:
            MappingError: A directive cannot work on the event.
            MappingValidationError: The mapping holds invalid directives.
            SchemaValidationError: The payload does not fit the fields.
        """
        payload = self.mapping(event)
        return payload if self.fields is None else self.fields.clean_and_validate(payload)

    def _input(self, event: Event, payload: Any, options: EventOptions, auth: Auth) -> ExecuteInput[Any, Any]:
        membership = self.membership(event) if self.may_tell_membership(event) else None
        return ExecuteInput(self._settings, self._payload_of(payload), event, self.context, options, auth, membership)

    def may_tell_membership(self, event: Event) -> bool:
        """Whether `membership` is worth asking about an event: else it gives None."""
        return self._sync_mode is not None or _may_tell(event)

    def membership(self, event: Event) -> bool | None:
        """Whether an event puts its user into an audience (true) or takes them out (false).

        Raises:
            EngineTypeError: The event's `context` or `context.personas` is null.
        """
        return resolve_audience_membership(event, self._sync_mode)

    def batch_input(
        self,
        payloads: list[Any],
        events: list[Event],
        matched: list[Event],
        memberships: list[bool | None],
        options: EventOptions,
    ) -> BatchInput[Any, Any]:
        """What `perform_batch` sees of validated payloads, their events, and all events that the trigger matched."""
        made = [self._payload_of(payload) for payload in payloads]
        auth = self.tokens.auth
        return BatchInput(self._settings, made, matched, self.context, options, auth, memberships, events=events)

    def client_of(self, data: ExecuteInput[Any, Any], *, sending: bool) -> RequestClient:
        """A request client for one event or batch; one that sends nothing for a plan.

        Raises:
            EngineTypeError: The settings hold what no header can.
        """
        return self._make_client(data) if sending else self._make_plan_client(data)

    def take(self, event: Event, options: EventOptions = NO_OPTIONS) -> Attempt | None:
        """`begin` for an event whose trigger matches, else None; one whose trigger cannot be asked is a failure."""
        matches = self._matches
        if matches is None:
            return None
        try:
            if not matches(event):
                return None
        except EngineTypeError as error:  # Segment: an undefined condition throws when it is asked
            attempt = Attempt(self, event, options, self.tokens.auth)
            attempt.matched, attempt.error = False, error
            return attempt
        return self.begin(event, options)

    def begin(self, event: Event, options: EventOptions = NO_OPTIONS) -> Attempt:
        """Resolves and performs; nothing is sent, and every failure is on the attempt. `finish` does the rest.

        Args:
            event: The event, which the trigger matched.
            options: What the caller hands along.
        """
        attempt = self._shortly(event, options, self._make_client)
        if attempt is not None:
            return attempt
        return self._carefully(Attempt(self, event, options, self.tokens.auth), self._make_client)

    def _shortly(self, event: Event, options: EventOptions, make_client: ClientFactory) -> Attempt | None:
        if self._short_way is not None and event.__class__ is dict:
            try:
                return self._short_way(event, options, make_client)
            except Exception:  # noqa: BLE001, S110  the careful way, next, tells what is wrong
                pass
        return None

    def _carefully(self, attempt: Attempt, make_client: ClientFactory, resolve: Resolve | None = None) -> Attempt:
        try:
            self._perform(attempt, resolve or self.mapping, make_client)
        except Exception as error:  # noqa: BLE001  whatever a perform raises belongs to this event alone
            attempt.error = error
        return attempt

    def _perform(
        self,
        attempt: Attempt,
        resolve: Resolve,
        make_client: ClientFactory,
        delivered: Delivered | None = None,
    ) -> None:
        action = self.action
        if action is None:
            return  # Segment: an unknown action gives no result at all
        event = attempt.event
        payload = resolve(event)
        if self._fit is not None:
            payload = self._fit(payload)
        attempt.payload = payload
        data = self._input(event, payload, attempt.options, attempt.auth)
        client = attempt.client = make_client(data)
        if delivered is not None:
            delivered.replay_through(client, attempt.auth.get("accessToken"))
        output = attempt.output = action.perform(client, data)
        if output.__class__ is PendingRequest and len(client.made) == 1 and client.made[0] is output:
            return  # the usual perform
        if not inspect.iscoroutine(output):
            check_dropped(client, output)

    @cached_property
    def batch_payloads(self) -> BatchPayloads | None:
        """What makes the payloads of its batches; None where its action takes no batches."""
        if self.action is None or self.action.perform_batch is None:
            return None
        return BatchPayloads(self.action, self.mapping, self.fields)

    @cached_property
    def measured(self) -> MeasuredMapping:
        """The mapping in the variant that tells how long its templates take."""
        return MeasuredMapping(self.subscription.mapping)

    async def execute(
        self,
        event: Event,
        options: EventOptions = NO_OPTIONS,
        delivered: Delivered | None = None,
        resolve: Resolve | None = None,
    ) -> Outcome:
        """Resolves, performs and sends; every failure is in the outcome.

        Args:
            event: The event, which the trigger matched.
            options: What the caller hands along.
            delivered: In a second attempt, what the first one delivered.
            resolve: In the place of the mapping, a variant of it.
        """
        if delivered is None and resolve is None:
            return await self.finish(self.begin(event, options))
        attempt = Attempt(self, event, options, self.tokens.auth)
        try:
            self._perform(attempt, resolve or self.mapping, self._make_client, delivered)
        except Exception as error:  # noqa: BLE001  as in `begin`
            attempt.error = error
        return await self.finish(attempt, delivered)

    async def finish(self, attempt: Attempt, delivered: Delivered | None = None) -> Outcome:
        """Sends what an attempt made; every failure is in the outcome.

        Args:
            attempt: What `begin` gave, once.
            delivered: In a second attempt, what the first one delivered.
        """
        if not attempt.matched:
            return Outcome(self.name, matched=False, error=attempt.error)
        if self.action is None:
            return Outcome(self.name, matched=True)
        payload, client, error = attempt.payload, attempt.client, attempt.error
        output = attempt.output
        if error is None:
            try:
                if output.__class__ is PendingRequest:
                    output = await output
                else:
                    if inspect.iscoroutine(output):
                        output = await output
                        check_dropped(attempt.sending_client, output)
                    output = await settle(output)
            except Exception as raised:  # noqa: BLE001  as in `begin`
                error = raised
        if error is not None:
            return await self._failed(attempt.event, attempt.options, attempt.auth, payload, client, error, delivered)
        operation = None
        if output.__class__ is PendingOperation:
            operation, output = output, output.to_json()
        done = {"data": result_data(output), "output": "Action Executed"}
        outcome = self._outcome(payload, client, results=(*self._steps, done))
        if operation is not None:
            outcome.operation = operation
        return outcome

    async def _failed(
        self,
        event: Event,
        options: EventOptions,
        auth: Auth,
        payload: Any,
        client: RequestClient | None,
        error: Exception,
        delivered: Delivered | None,
    ) -> Outcome:
        outcome = self._outcome(payload, client, error=error)
        stats = options.stats_context
        if stats is not None and payload is MISSING and isinstance(error, SchemaValidationError):
            stats.stats_client.incr("ajv.discard", 1, list(stats.tags))
        if self.tokens.renewable and is_unauthorised(error):
            if delivered is None:
                return await after_401(self, event, options, auth, outcome, () if client is None else client.made)
            # Segment: a second 401 asks for new tokens too, for whoever comes next
            # (test_second_401_refreshes_again_but_is_the_result)
            await renew(self, options, auth, outcome)
        return outcome

    def _outcome(
        self,
        payload: Any,
        client: RequestClient | None,
        error: Exception | None = None,
        results: tuple[dict[str, Any], ...] = (),
    ) -> Outcome:
        made = client.made if client is not None else ()
        requests = requests_of(made) if error is None else requests_that_can_be(made)
        responses = tuple([response for pending in made if (response := pending.response) is not None])
        return Outcome(
            self.name,
            matched=True,
            payload=payload,
            requests=requests,
            responses=responses,
            error=error,
            warnings=tuple([warning for response in responses for warning in response.warnings]),
            results=results,
        )

    def plan(self, event: Event, options: EventOptions = NO_OPTIONS, resolve: Resolve | None = None) -> Outcome:
        """What `execute` would send, with nothing sent; `resolve` as there."""
        if self.action is None:
            return Outcome(self.name, matched=True)
        short = self._shortly(event, options, self._make_plan_client) if resolve is None else None
        if short is not None:
            # Who looks at a plan may change the event afterwards, so that its payload must be a copy.
            payload = remove_undefined(short.payload)
            return Outcome(self.name, matched=True, payload=payload, requests=tuple(short.requests))
        attempt = self._carefully(Attempt(self, event, options, self.tokens.auth), self._make_plan_client, resolve)
        error, incomplete = attempt.error, False
        if error is None:
            try:
                if attempt.output.__class__ is not PendingRequest and inspect.iscoroutine(attempt.output):
                    stopped = run_to_first_request(attempt.output)
                    incomplete = not stopped.complete
                    if not incomplete:
                        check_dropped(attempt.sending_client, stopped.result)
                # One that cannot be written fails here, as it would when sent.
                requests = tuple(attempt.requests)
                return Outcome(
                    self.name, matched=True, payload=attempt.payload, requests=requests, incomplete=incomplete
                )
            except Exception as raised:  # noqa: BLE001  as in `begin`
                error = raised
        return self._outcome(attempt.payload, attempt.client, error)


def _may_tell(event: Event) -> bool:
    """Whether an event can tell of an audience, or die of a null where one could be told, without a sync mode."""
    if event.__class__ is not dict:
        return True
    context = event.get("context", MISSING)
    return context is None or (context.__class__ is dict and "personas" in context)


def _payload_maker(action: Action[Any, Any] | None) -> Callable[[Any], Any]:
    if action is None:
        return lambda payload: payload
    if action.payload is not None:
        maker: Callable[[Any], Any] = action.payload.maker()
        return maker
    from types import MappingProxyType

    return lambda payload: MappingProxyType(payload) if isinstance(payload, dict) else payload
