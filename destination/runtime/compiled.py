"""Compiles a subscription: its trigger, mapping, fields and perform become functions, which `attempt` combines."""

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from destination.definition import (
    Action,
    BatchInput,
    DestinationDefinition,
    EventOptions,
    ExecuteInput,
    StatsContext,
    Subscription,
    SubscriptionContext,
)
from destination.definition.inputs import NO_OPTIONS
from destination.definition.membership import matching_key_of, resolve_audience_membership, sync_mode_of
from destination.errors import DefinitionError
from destination.event import Event
from destination.fields import CompiledFields, Settings, compile_fields
from destination.fql import Trigger, compile_trigger
from destination.mapping import compile_mapping
from destination.mapping.measured import MeasuredMapping
from destination.request import RequestClient
from destination.runtime.attempt import (
    ClientFactory,
    Prepare,
    compile_match,
    compile_prepare,
    may_carry_audience,
)
from destination.runtime.auth import Tokens
from destination.runtime.payloads import BatchPayloads, Resolve, payload_maker, validated, validated_for_reading
from destination.runtime.problems import Problem, find_key_remarks, find_problems, find_warnings, label
from destination.runtime.redaction import ConcealedMapping
from destination.runtime.results import Outcome
from destination.values import get_property, real_type_of, truthy

_NOT_SUBSCRIBED = ({"output": "not subscribed"},)
_RESOLVED = {"output": "Mappings resolved"}
_VALIDATED = {"output": "Payload validated"}


class CompiledSubscription:
    """A subscription of an instance; made once, called for each event.

    Args:
        subscription: What to compile.
        index: The subscription's index, which names it if it has no name.
        definition: The destination.
        settings: The destination's settings.
        make_client: Makes the clients of events that are sent.
        make_plan_client: Makes the clients of events that are planned.
        tokens: The tokens of an OAuth destination.
        trigger: A trigger that replaces the subscription's own.

    Attributes:
        subscription: The subscription that was compiled.
        name: The subscription's name in outcomes and messages.
        destination: The destination's name.
        action: The action, or None if there is none of that name.
        mapping: The mapping.
        fields: The action's fields, or None if it has none.
        settings: The destination's settings.
        tokens: The tokens of an OAuth destination.
        context: The parts of the subscription that performs see.
        problems: What makes the subscription fail or match nothing.
        warnings: What works, but perhaps not as intended.
        unmatched: The outcome of every event that does not match.
        steps: The reference's result records of an event up to its perform.
        has_own_batches: Whether the action has batches that Segment's action has not (`Action.own_batches`).
        match: Matches an event; the outcome is final unless `matched` is true.
        prepare: Makes an attempt for an event that matches: resolves, validates, performs.
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
        self.mapping = compile_mapping(subscription.mapping)
        self.has_own_batches = self.action is not None and self.action.own_batches
        self.fields: CompiledFields | None = None if self.action is None else self.action.compiled_fields
        self.payload_of = payload_maker(self.action)
        self.settings = settings
        self._make_client = make_client
        self._make_plan_client = make_plan_client
        self.tokens = tokens
        self.context = _context_of(subscription, self.action)
        self.steps: tuple[dict[str, Any], ...] = (_RESOLVED, _VALIDATED) if self.fields else (_RESOLVED,)
        # All events that do not match share one outcome.
        self.unmatched = Outcome(self.name, matched=False, results=self._unmatched_results())
        keys = tuple(find_key_remarks(self.name, subscription))
        self.problems: tuple[Problem, ...] = (
            *(remark for remark in keys if remark.severity == "error"),
            *find_problems(self.name, subscription, self.trigger, self.mapping, self.action, actions),
        )
        self.warnings: tuple[Problem, ...] = (
            *(remark for remark in keys if remark.severity == "warning"),
            *find_warnings(self.name, subscription.mapping, self.action),
        )
        self.match: Callable[[Event], Outcome] = compile_match(self)
        self.prepare: Prepare = self._compile_prepare()

    @property
    def trigger(self) -> Trigger | None:
        """The compiled trigger. It cannot be changed, since everything compiled depends on it."""
        return self._trigger

    def _unmatched_results(self) -> tuple[dict[str, Any], ...]:
        if self.trigger is None:
            return ({"output": "Failed to validate subscription"},)
        if self.trigger.error is not None:
            return ({"output": f"Invalid subscription : {self.trigger.error}"},)
        return _NOT_SUBSCRIBED

    # --- variants of `prepare` -----

    @property
    def _only_reads(self) -> bool:
        return self.action is not None and self.action.reads_only and self.fields is not None

    def _compile_prepare(self) -> Prepare:
        # An `async` perform may read its payload later, after the caller has changed the event.
        if self._only_reads and self.action is not None and not inspect.iscoroutinefunction(self.action.perform):
            resolve = validated_for_reading(self.mapping, self.fields, without_copies=True)
            return compile_prepare(self, resolve, self._make_client, is_shared=True)
        return compile_prepare(self, validated(self.mapping, self.fields), self._make_client)

    @cached_property
    def prepare_plan(self) -> Prepare:
        """Makes an attempt whose client does not send; see `prepare`."""
        # The caller may change the event afterwards, so the payload of a plan must be a copy.
        if self._only_reads:
            resolve = validated_for_reading(self.mapping, self.fields, without_copies=False)
        else:
            resolve = validated(self.mapping, self.fields)
        return compile_prepare(self, resolve, self._make_plan_client)

    @cached_property
    def prepare_shown(self) -> Prepare:
        """Makes an attempt as `prepare_plan` does, for a plan that is read before the event changes.

        Its payload may share the event's values.
        """
        if not self._only_reads:
            return self.prepare_plan
        resolve = validated_for_reading(self.mapping, self.fields, without_copies=True)
        return compile_prepare(self, resolve, self._make_plan_client)

    def plan(self, event: Event, options: EventOptions = NO_OPTIONS, resolve: Resolve | None = None) -> Outcome:
        """Returns what sending an event would do, without sending.

        Args:
            event: The event, which the trigger matched.
            options: What the caller passes along.
            resolve: A variant of the mapping that replaces it.
        """
        if resolve is None:
            return self.prepare_plan(event, options).plan()
        prepare = compile_prepare(self, validated(resolve, self.fields), self._make_plan_client)
        return prepare(event, options).plan()

    def measuring(self, stats: StatsContext) -> Prepare:
        """Makes the variant of `prepare` that reports how long templates take."""
        mapping = self._measured

        def report(tags: list[str], duration_ms: float) -> None:
            stats.stats_client.histogram("liquid.template.evaluation_ms", duration_ms, [*stats.tags, *tags])

        resolve = validated(lambda event: mapping(event, report), self.fields)
        return compile_prepare(self, resolve, self._make_client)

    @cached_property
    def _measured(self) -> MeasuredMapping:
        return MeasuredMapping(self.subscription.mapping)

    # --- batches ---

    @cached_property
    def batch_payloads(self) -> BatchPayloads | None:
        """The maker of the payloads of batches; None if the action has no batches."""
        if self.action is None or self.action.perform_batch is None:
            return None
        return BatchPayloads(self.action, self.mapping, self.fields)

    def may_carry_membership(self, event: Event) -> bool:
        """Returns whether `membership` may be other than None for an event."""
        return self.context.sync_mode is not None or may_carry_audience(event)

    def membership(self, event: Event) -> bool | None:
        """Returns True if an event adds its user to an audience, False if it removes them, else None.

        Raises:
            EngineTypeError: The event's `context` or `context.personas` is null.
        """
        return resolve_audience_membership(event, self.context.sync_mode)

    def batch_input(
        self,
        payloads: list[Any],
        events: list[Event],
        matched: list[Event],
        memberships: list[bool | None],
        options: EventOptions,
    ) -> BatchInput[Any, Any]:
        """Makes the input of `perform_batch`: validated payloads, their events, and all events that matched."""
        made = [self.payload_of(payload) for payload in payloads]
        auth = self.tokens.auth
        return BatchInput(self.settings, made, matched, self.context, options, auth, memberships, events=events)

    def client_of(self, data: ExecuteInput[Any, Any], *, sending: bool) -> RequestClient:
        """Makes the request client of one batch; for a plan, one that does not send.

        Raises:
            EngineTypeError: The settings hold a value that cannot be in a header.
        """
        return self._make_client(data) if sending else self._make_plan_client(data)


def _context_of(subscription: Subscription, action: Action[Any, Any] | None) -> SubscriptionContext:
    """Makes the identifiers, sync mode, matching key and hook outputs as performs see them.

    A sync mode counts only if the action has sync modes, and a hook's outputs only if it has that hook.
    """
    mapping = subscription.mapping
    hooks: dict[str, Any] = {}
    for name in action.hooks if action is not None else ():
        stored = get_property(mapping, name)
        if truthy(stored):
            hooks[name] = stored
    return SubscriptionContext(
        raw_mapping=mapping,
        metadata={
            "actionConfigId": subscription.id,
            "destinationConfigId": subscription.config_id,
            "actionId": subscription.action_id,
            "sourceId": subscription.project_id,
        },
        sync_mode=sync_mode_of(mapping) if action is not None and action.sync_mode is not None else None,
        matching_key=matching_key_of(mapping),
        hook_outputs=hooks,
    )


# --- settings, which all subscriptions of an instance share ----------------------------------------------


def settings_values(settings: Any) -> dict[str, Any]:
    """Returns settings as a dict.

    Raises:
        DefinitionError: They are not a JSON object.
    """
    if isinstance(settings, Settings):
        return settings.to_json()
    if isinstance(settings, Mapping):
        return dict(settings)
    raise DefinitionError(f"settings are a JSON object, but these are: {real_type_of(settings)}")


def validated_settings(definition: DestinationDefinition[Any], values: dict[str, Any]) -> dict[str, Any]:
    """Returns settings coerced and validated.

    Raises:
        SchemaValidationError: They are not valid.
    """
    if definition.authentication is None:
        return values
    # Segment: settings are coerced and validated, but empty values are not removed; an authentication without
    # fields has no settings (test_authentication_without_fields_takes_no_settings)
    validated: dict[str, Any] = compile_fields(definition.settings_fields).validate(values)
    return validated


def settings_view(definition: DestinationDefinition[Any], values: dict[str, Any]) -> Any:
    """Returns settings as performs see them."""
    model = definition.authentication.settings if definition.authentication is not None else None
    return model.from_validated(values) if model is not None else ConcealedMapping(values)
