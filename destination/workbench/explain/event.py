"""Explains what each subscription of an instance does with an event."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from destination.definition import raised_at
from destination.errors import DestinationError, HTTPError, MappingError
from destination.event import Event, opted_out_by
from destination.request import Request
from destination.runtime import Instance, Outcome
from destination.runtime.attempt import compile_prepare
from destination.runtime.compiled import CompiledSubscription
from destination.runtime.problems import label
from destination.values import MISSING
from destination.workbench.explain.fields import FieldsTrace, trace_fields
from destination.workbench.explain.model import Explanation, Failure, SubscriptionExplanation
from destination.workbench.explain.samples import trace_samples
from destination.workbench.explain.traced_values import trace_values
from destination.workbench.explain.trigger import explain_trigger

_Trace: TypeAlias = Callable[[CompiledSubscription, Event, Outcome, FieldsTrace], Any]


def explain_event(
    instance: Instance[Any], event: Event, only: str | None = None, *, ignore_integrations: bool = False
) -> Explanation:
    """Explains why each subscription sends an event or not, and where each value of its requests comes from.

    Nothing is sent. To find the values in the requests, perform is called up to 600 times for each subscription, with
    other values. A perform with side effects has them in every call.

    Args:
        instance: The instance.
        event: The event.
        only: The name of the subscriptions to explain; all subscriptions if None.
        ignore_integrations: Whether to explain everything for an event whose `integrations` exclude the destination.
            Otherwise only the triggers are explained for such an event.

    Example:
        >>> from destination.definition import find
        >>> settings = {"collectorEndpoint": "https://c.test/v1", "apiKey": "s3cr3t", "environment": "test"}
        >>> event = {"type": "page", "name": "Home", "userId": "u1", "properties": {},
        ...          "timestamp": "2026-01-01T00:00:00.000Z"}
        >>> explanation = explain_event(find("actions-absmartly").instance(settings), event)
        >>> [(item.name, item.state) for item in explanation.subscriptions][:2]
        [('Track Calls', 'does not match'), ('Page Calls', 'matches')]
        >>> name = next(field for field in explanation.subscriptions[1].fields if field.name == "name")
        >>> name.verdict, name.value, [read.path for read in name.reads], str(name.traced[0].locations[0])
        ('given', 'Page: Home', ['$.name'], 'body.goals[0].name')
    """
    name = instance.definition.name
    opted_out = None if ignore_integrations or not isinstance(event, dict) else opted_out_by(event, name)
    explain = explain_subscription if opted_out is None else _explain_opted_out
    explained = [
        explain(item, event) if item is not None else SubscriptionExplanation(given, action, "disabled")
        for given, action, item in _all(instance)
        if only is None or given == only
    ]
    return Explanation(event, tuple(explained), instance.redactor, name, opted_out)


def _all(instance: Instance[Any]) -> Iterator[tuple[str, str, CompiledSubscription | None]]:
    """Yields every subscription with its name and action, and its compiled form if it is enabled."""
    enabled = iter(instance.subscriptions)
    for index, given in enumerate(instance.given):
        yield label(given, index), str(given.partner_action), next(enabled) if given.enabled else None


def explain_subscription(
    item: CompiledSubscription,
    event: Event,
    *,
    regardless: bool = False,
    in_detail: bool = True,
    with_samples: bool = False,
) -> SubscriptionExplanation:
    """Explains what one subscription does with an event; see `explain_event`.

    Args:
        item: The compiled subscription. It may be a disabled one (`Instance.compile`); its state is then that of an
            enabled one.
        event: The event. Its `integrations` are ignored.
        regardless: Whether to explain the fields, payload, failures and requests of an event that the trigger does not
            match, too: as they would be if it did. The state and the explanation of the trigger stay the true ones.
        in_detail: Whether to look for the values in the requests, for the smallest change of the event that makes a
            false trigger true, and for notes on the trigger. All that takes most of the time.
        with_samples: Whether to look for large objects and lists in the requests by a sample of each. That is faster,
            and differs only for a perform that treats some of their members in another way than those of the sample.

    Example:
        >>> from destination.definition import find
        >>> settings = {"collectorEndpoint": "https://c.test/v1", "apiKey": "s3cr3t", "environment": "test"}
        >>> pages = find("actions-absmartly").instance(settings).subscriptions[1]
        >>> event = {"type": "screen", "name": "Home", "userId": "u1", "properties": {}}
        >>> explained = explain_subscription(pages, event, regardless=True)
        >>> explained.state, explained.payload["name"]
        ('does not match', 'Page: Home')
    """
    outcome = item.match(event)
    matched = outcome.matched
    subscription = item.subscription
    trigger = explain_trigger(subscription.subscribe, item.trigger, event, in_detail=in_detail)
    explained = SubscriptionExplanation(item.name, str(subscription.partner_action), "does not match", trigger)
    if outcome.error is not None:
        explained = replace(explained, state="fails", failures=(_failure("trigger", outcome.error),))
    if matched or regardless:
        trace = partial(_traced, with_samples=with_samples) if in_detail else _untraced
        explained = _with_fields(explained, item, event, trace, matched=matched)
    return explained


def _explain_opted_out(item: CompiledSubscription, event: Event) -> SubscriptionExplanation:
    subscription = item.subscription
    trigger = explain_trigger(subscription.subscribe, item.trigger, event)
    return SubscriptionExplanation(item.name, str(subscription.partner_action), "opted out", trigger)


def _with_fields(
    explained: SubscriptionExplanation, item: CompiledSubscription, event: Event, traced: _Trace, *, matched: bool
) -> SubscriptionExplanation:
    """Adds what follows the trigger: fields, payload, failures and requests."""
    outcome = item.plan(event)
    if matched:
        explained = replace(explained, state="fails" if outcome.error else "matches")
    if item.action is None:
        return replace(explained, failures=(*explained.failures, *_problems(item, "partnerAction")))
    try:
        trace = trace_fields(item, event)
    except DestinationError as error:
        return replace(explained, failures=(*explained.failures, *_mapping_failures(item, error)))
    mapped = {field.position[0] for field in trace.fields if field.position}
    rooted = any(not field.position for field in trace.fields)
    return replace(
        explained,
        fields=traced(item, event, outcome, trace),
        unmapped=() if rooted else tuple(key for key in item.action.input_fields if key not in mapped),
        payload=trace.payload,
        failures=(*explained.failures, *_failures(outcome, trace)),
        requests=outcome.requests,
        incomplete=outcome.incomplete,
    )


def _untraced(_item: CompiledSubscription, _event: Event, _outcome: Outcome, trace: FieldsTrace) -> Any:
    return trace.fields


def _traced(
    item: CompiledSubscription, event: Event, outcome: Outcome, trace: FieldsTrace, *, with_samples: bool
) -> Any:
    """Returns the fields with their locations in the requests, if there are requests that can be compared."""
    if outcome.error is not None or not outcome.requests:
        return trace.fields

    reads_only = item.action is not None and item.action.reads_only
    given: list[Any] = []
    prepare = compile_prepare(item, lambda _event: given.pop(), partial(item.client_of, sending=False))

    def run(payload: Any) -> tuple[Request, ...] | None:
        given.append(payload)
        made = prepare(event if reads_only else deepcopy(event)).plan()
        return None if made.error is not None else made.requests

    def validate(payload: Any) -> Any:
        try:
            return payload if item.fields is None else item.fields.clean_and_validate(payload)
        except DestinationError:
            return MISSING

    wanted = [position for position in trace.positions if position is not None]
    find = trace_samples if with_samples else trace_values
    traced = find(trace.payload, outcome.requests, wanted, run, validate, reads_only=reads_only)
    return tuple(
        field if position is None else replace(field, traced=traced[position])
        for field, position in zip(trace.fields, trace.positions, strict=True)
    )


def _failures(outcome: Outcome, trace: FieldsTrace) -> Iterator[Failure]:
    if trace.findings:
        for finding in trace.findings:
            yield Failure("fields", "SchemaValidationError", finding.message, finding.path)
    elif outcome.error is not None:
        yield _failure("perform", outcome.error)


def _mapping_failures(item: CompiledSubscription, error: DestinationError) -> Iterator[Failure]:
    found = list(_problems(item, "mapping/"))
    if found and item.mapping.problems:
        yield from found
        return
    at_fields = item.fields is not None and item.fields.error is not None
    yield _failure("fields" if at_fields and not isinstance(error, MappingError) else "mapping", error)


def _problems(item: CompiledSubscription, pointer: str) -> Iterator[Failure]:
    for problem in item.problems:
        if problem.pointer.startswith(pointer):
            kind = "DefinitionError" if pointer == "partnerAction" else "MappingValidationError"
            yield Failure("mapping", kind, problem.message, problem.pointer, problem.remedy)


def _failure(stage: Any, error: Exception) -> Failure:
    kind, message = type(error).__name__, str(error)
    path = getattr(error, "path", ())
    where = "/".join(("mapping", *path)) if isinstance(error, MappingError) and path else ""
    if isinstance(error, HTTPError):
        message = f"{error.response.status} {message}"
    elif not isinstance(error, DestinationError):  # a perform's own error
        message, where = f"{kind}: {message}", raised_at(error)
    return Failure(stage, kind, message or kind, where, " ".join(getattr(error, "__notes__", ())))
