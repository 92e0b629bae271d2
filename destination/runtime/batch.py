"""Sends a batch through one subscription: maps its events, performs once, and makes a node for each event.

Source: `onSubscription` of Segment's Destination and `executeBatch` of its Action.
"""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from destination.definition import (
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    BatchInput,
    EventOptions,
    MultiStatusErrorReporter,
    MultiStatusResponse,
)
from destination.error_codes import ErrorCodes
from destination.errors import DestinationError, EngineTypeError, HTTPError, IntegrationError, SchemaValidationError
from destination.event import Event
from destination.request import (
    RequestClient,
    Response,
    check_dropped,
    run_to_first_request,
    settle,
)
from destination.runtime.acknowledged import Acknowledged
from destination.runtime.attempt import writable_requests
from destination.runtime.compiled import CompiledSubscription
from destination.runtime.payloads import SizeLimit, validated
from destination.runtime.reauthorise import reauthorise_batch
from destination.runtime.results import BatchOutcome
from destination.values import MISSING, truthy

_UNMATCHED = "Payload is either invalid or does not match the subscription"
_GAP = "MultiStatusResponse is missing a response at the specified index"
_DISCARDED_HERE = "action.multistatus_discard"
_DISCARDED_THERE = "destination.multistatus_discard"


async def execute_batch(
    item: CompiledSubscription,
    events: list[Event],
    options: EventOptions,
    acknowledged: Acknowledged | None = None,
    payloads: list[Any] | None = None,
    max_bytes: int | None = None,
) -> BatchOutcome:
    """Resolves, performs and sends; every failure is in the outcome.

    Args:
        item: The subscription.
        events: The batch.
        options: What the caller passes along.
        acknowledged: In a retry, the requests that earlier attempts had acknowledged.
        payloads: The payloads of the events if `batch_payloads` made them before; then nothing is matched or resolved.
        max_bytes: The maximum size of a request's body, in bytes. If the first request of several events is larger,
            nothing is sent, and the outcome's error is a `BatchTooLargeError`.
    """
    batch = _Batch(item, events, options, payloads)
    if not batch.prepare():
        return batch.outcome()
    client: RequestClient | None = None
    auth = item.tokens.auth
    try:
        data = batch.input()
        client = item.client_of(data, sending=True)
        if max_bytes is not None and len(events) > 1 and client.transport is not None:
            client.transport = SizeLimit(client.transport, max_bytes)
        if acknowledged is not None:
            acknowledged.answer_for(client)
        output = batch.perform(client, data)
        if inspect.iscoroutine(output):
            output = await output
        check_dropped(client, output)
        batch.fill(await settle(output), client)
    except Exception as error:  # noqa: BLE001  an error of perform_batch is this subscription's failure only
        batch.error = error
    outcome = batch.outcome(client)
    if not item.tokens.renewable or client is None:
        return outcome
    resend = partial(execute_batch, item, options=options) if acknowledged is None else None
    return await reauthorise_batch(item.tokens, auth, options, events, outcome, client.made, resend)


def plan_batch(item: CompiledSubscription, events: list[Event], options: EventOptions) -> BatchOutcome:
    """Returns what `execute_batch` would send, without sending."""
    batch = _Batch(item, events, options)
    if not batch.prepare():
        return batch.outcome()
    client: RequestClient | None = None
    incomplete = False
    try:
        data = batch.input()
        client = item.client_of(data, sending=False)
        output = batch.perform(client, data)
        if inspect.iscoroutine(output):
            stopped = run_to_first_request(output)
            output, incomplete = stopped.result, not stopped.complete
        if not incomplete:
            check_dropped(client, output)
            if isinstance(output, MultiStatusResponse):
                batch.fill(output, client)
        for pending in client.made:
            _ = pending.request  # one that cannot be written fails here, as it does when sent
    except Exception as error:  # noqa: BLE001  as in execute_batch
        batch.error = error
    outcome = batch.outcome(client, planned=True)
    outcome.incomplete = incomplete
    return outcome


class _Batch:
    """A batch while it is processed.

    Attributes:
        nodes: A node for each event; None if it is not known yet.
        valid: The indexes of the events that are performed; `payloads` has their payloads.
        resolved: The payloads of all events, if they were made before.
        causes: The errors of single events, by index.
        remarks: The partner's warnings on single events, by index.
        memberships: The audience memberships of single events, by index; most events have none.
        error: The error that rejected the batch.
        results: The result records of a batch without a multistatus.
    """

    def __init__(
        self,
        item: CompiledSubscription,
        events: list[Event],
        options: EventOptions,
        payloads: list[Any] | None = None,
    ) -> None:
        self.item = item
        self.events = events
        self.options = options
        self.nodes: list[dict[str, Any] | None] = []
        self.matched: list[int] = []
        self.valid: list[int] = []
        self.payloads: list[Any] = []
        self.resolved = payloads
        self.causes: dict[int, Exception] = {}
        self.remarks: dict[int, tuple[str, ...]] = {}
        self.memberships: dict[int, bool | None] = {}
        self.error: Exception | None = None
        self.results: tuple[dict[str, Any], ...] | None = None

    def prepare(self) -> bool:
        """Matches, maps and validates all events; returns whether any payload is left to perform."""
        if self.resolved is not None:
            self.matched = self.valid = list(range(len(self.events)))
            self.nodes = [None] * len(self.events)
            self.payloads = self.resolved
            if self.item.has_own_batches:
                self._leave_out_unclear_memberships()
            return bool(self.valid)
        trigger = self.item.trigger
        if trigger is None:
            return self._reject("Failed to validate subscription")
        if trigger.error is not None:
            return self._reject(f"Invalid subscription : {trigger.error}")
        if self.item.has_own_batches:
            return self._prepare_each(trigger)
        try:
            self.matched = [index for index, event in enumerate(self.events) if trigger(event)]
            if not self._split():
                return False
            raw = self.item.mapping.batch(self._matched_events())
        except DestinationError as error:  # Segment: one event's failing trigger or directive rejects them all
            self.error = error
            return False
        self._validate(raw)
        # Segment: with no valid payload there is nothing to perform
        return bool(self.valid)

    # An action whose batches are this project's own (divergence 7): no event's failure is another's.

    def _prepare_each(self, trigger: Callable[[Event], bool]) -> bool:
        """Matches, maps and validates each event by itself, as in a single send."""
        raised: dict[int, Exception] = {}

        def matches(index: int, event: Event) -> bool:
            try:
                return trigger(event)
            except EngineTypeError as error:
                raised[index] = error
                return False

        self.matched = [index for index, event in enumerate(self.events) if matches(index, event)]
        going_on = self._split()
        for index, error in raised.items():
            self._fail(index, error)
            self.results = None
        if not going_on:
            return False
        resolve = validated(self.item.mapping, self.item.fields)
        for index in self.matched:
            try:
                payload = resolve(self.events[index])
            except Exception as error:  # noqa: BLE001  any error of an event is its own failure
                self._fail(index, error)
            else:
                self.valid.append(index)
                self.payloads.append(payload)
        self._leave_out_unclear_memberships()
        return bool(self.valid)

    def _leave_out_unclear_memberships(self) -> None:
        """Fails the events whose audience membership cannot be determined."""
        item, events = self.item, self.events
        failed: set[int] = set()
        for index in self.valid:
            event = events[index]
            if item.may_carry_membership(event):
                try:
                    self.memberships[index] = item.membership(event)
                except DestinationError as error:
                    failed.add(index)
                    self._fail(index, error)
        if failed:
            pairs = zip(self.valid, self.payloads, strict=True)
            kept = [(index, payload) for index, payload in pairs if index not in failed]
            self.valid, self.payloads = [index for index, _ in kept], [payload for _, payload in kept]

    def _fail(self, index: int, error: Exception) -> None:
        self.causes[index] = error
        node = ActionDestinationErrorResponse.from_error(error).value()
        self.nodes[index] = {**node, "errorreporter": MultiStatusErrorReporter.INTEGRATIONS}
        if isinstance(error, SchemaValidationError):
            self._count("ajv.discard")
        self._count(_DISCARDED_HERE)

    def _reject(self, message: str) -> bool:
        self.nodes = [_refusal(message)] * len(self.events)
        self._count(_DISCARDED_HERE, len(self.events))
        return False

    def _split(self) -> bool:
        """Makes the nodes of events that do not match; returns whether any event matches.

        Raises:
            EngineTypeError: There is no such action.
            IntegrationError: The action has no batches.
        """
        matched = self.matched
        # All events that do not match share one node, since most events match few subscriptions.
        self.nodes = [_refusal(_UNMATCHED)] * len(self.events)
        for index in matched:
            self.nodes[index] = None
        if self.options.stats_context is not None:
            for _ in range(len(self.events) - len(matched)):
                self._count(_DISCARDED_HERE)
        if not matched:
            self.results = ({"output": "not subscribed"},)
            return False
        action = self.item.action
        if action is None:
            # Segment: its nodes are undefined, and looking for a 401 among them throws
            # (test_unknown_action_rejects_the_batch)
            raise EngineTypeError(f"there is no action {self.item.subscription.partner_action!r}")
        if action.perform_batch is None:
            raise IntegrationError("This action does not support batched requests.", "NotImplemented", 501)
        return True

    def _matched_events(self) -> list[Event]:
        events = self.events
        return events if len(self.matched) == len(events) else [events[index] for index in self.matched]

    def _validate(self, raw: list[Any]) -> None:
        fields = self.item.fields
        if fields is None:
            self.valid, self.payloads = self.matched, raw
            return
        coerce_and_validate = fields.clean_and_validate
        for index, payload in zip(self.matched, raw, strict=True):
            try:
                # Segment: blank strings stay in a batch, in text fields at the root
                # (test_blank_text_stays_in_a_batch_and_goes_from_a_single_event)
                valid = coerce_and_validate(payload, is_root=False)
            except DestinationError as error:
                self.causes[index] = error
                self.nodes[index] = _refusal(str(error))
                self._count("ajv.discard")
                self._count(_DISCARDED_HERE)
            else:
                self.valid.append(index)
                self.payloads.append(valid)

    def input(self) -> BatchInput[Any, Any]:
        """Makes the input of `perform_batch`.

        Raises:
            EngineTypeError: The `context` or `context.personas` of an event that matched is null.
        """
        item, events = self.item, self.events
        if not item.has_own_batches:
            # Segment: it checks all events that matched, including those that are not valid
            asked = ((index, events[index]) for index in self.matched)
            self.memberships = {i: item.membership(event) for i, event in asked if item.may_carry_membership(event)}
        memberships: list[bool | None] = [None] * len(self.valid)
        if self.memberships:
            memberships = [self.memberships.get(index) for index in self.valid]
        valid = events if len(self.valid) == len(events) else [events[index] for index in self.valid]
        return item.batch_input(self.payloads, valid, self._matched_events(), memberships, self.options)

    def perform(self, client: RequestClient, data: BatchInput[Any, Any]) -> Any:
        """Calls the action's `perform_batch` and returns its result."""
        action = self.item.action
        assert action is not None and action.perform_batch is not None  # noqa: S101, PT018  `_split` saw to both
        return action.perform_batch(client, data)

    def fill(self, output: Any, client: RequestClient) -> None:
        """Makes the nodes of the performed events from the result of `perform_batch`.

        Raises:
            EngineTypeError: A MultiStatusResponse holds something that is not a node.
        """
        if isinstance(output, MultiStatusResponse):
            self._spread(output)
        elif isinstance(output, HTTPError):
            self._repeat(output.response.status, str(output), output)
        elif isinstance(output, Response):
            self._repeat(output.status, output.value, _failure(output, client))
        else:
            # Segment: whatever else a perform_batch returns, null and lists of answers too, counts as success
            self._repeat(200, {}, None)

    def _repeat(self, status: int, body: Any, cause: Exception | None) -> None:
        for index, payload in zip(self.valid, self.payloads, strict=True):
            self.nodes[index] = {"status": status, "body": body, "sent": payload}
            if cause is not None:
                self.causes[index] = cause

    def _spread(self, answer: MultiStatusResponse) -> None:
        for position, index in enumerate(self.valid):
            node = answer.get_response_at_index(position)
            if isinstance(node, ActionDestinationSuccessResponse):
                self.nodes[index] = node.value()
                if node.warnings:
                    self.remarks[index] = node.warnings
            elif node is None:
                self.nodes[index] = _refusal(_GAP, 500)
                self._count(_DISCARDED_HERE)
            elif isinstance(node, ActionDestinationErrorResponse):
                value = node.value()
                was_sent = truthy(value.get("sent", MISSING)) or truthy(value.get("body", MISSING))
                reporter = MultiStatusErrorReporter.DESTINATION if was_sent else MultiStatusErrorReporter.INTEGRATIONS
                self.nodes[index] = {**value, "errorreporter": reporter}
                if node.error is not None:
                    self.causes[index] = node.error
                self._count(_DISCARDED_THERE)
            else:
                raise EngineTypeError(f"the MultiStatusResponse holds no node for payload {position}: {node!r:.60}")

    def outcome(self, client: RequestClient | None = None, *, planned: bool = False) -> BatchOutcome:
        """Makes the outcome."""
        made = client.made if client is not None else ()
        responses = tuple(pending.response for pending in made if pending.response is not None)
        results: tuple[dict[str, Any], ...] = ()
        if self.error is None and not planned:
            results = self.results if self.results is not None else ({"multistatus": self.nodes},)
        return BatchOutcome(
            self.item.name,
            len(self.events),
            matched=self.matched,
            payloads=dict(zip(self.valid, self.payloads, strict=True)),
            nodes=self.nodes if self.error is None else (),
            requests=writable_requests(made),
            responses=responses,
            error=self.error,
            warnings=tuple(warning for response in responses for warning in response.warnings),
            results=results,
            causes=self.causes,
            remarks=self.remarks,
        )

    def _count(self, name: str, count: int = 1) -> None:
        stats = self.options.stats_context
        if stats is not None:
            tags = [*stats.tags, f"partnerAction:{self.item.subscription.partner_action}"]
            stats.stats_client.incr(name, count, tags)


def _refusal(message: str, status: int = 400) -> dict[str, Any]:
    return {
        "status": status,
        "errortype": ErrorCodes.PAYLOAD_VALIDATION_FAILED,
        "errormessage": message,
        "errorreporter": MultiStatusErrorReporter.INTEGRATIONS,
    }


def _failure(response: Response, client: RequestClient) -> HTTPError | None:
    """Returns the error for an answer whose status the action did not check."""
    if response.status < 400:
        return None
    return next((HTTPError(response, made.request) for made in client.made if made.response is response), None)
