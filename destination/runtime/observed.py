"""Events whose caller wants to be told about them: counts, durations, and each subscription's end.

All of it stands apart from the usual way of an event, which has nothing of it to look at.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from destination.definition import EventOptions, StatsContext, SubscriptionStats
from destination.event import Event
from destination.runtime.batch import execute_batch
from destination.runtime.batch_results import BatchOutcome
from destination.runtime.compiled import CompiledSubscription
from destination.runtime.results import Outcome


def is_observed(options: EventOptions) -> bool:
    """Whether the caller wants to be told anything."""
    return options.on_complete is not None or options.stats_context is not None


async def execute_observed(
    items: Sequence[CompiledSubscription], event: Event, options: EventOptions
) -> tuple[Outcome, ...]:
    """The outcomes of an event, with the counts of the reference.

    `on_complete` is called as each subscription is done; what it raises is raised when all are.

    Raises:
        Exception: What a callback of the caller raised.
    """
    done = await asyncio.gather(*(_execute(item, event, options) for item in items))
    _raise_first(problem for _, problem in done)
    return tuple(outcome for outcome, _ in done)


async def _execute(item: CompiledSubscription, event: Event, options: EventOptions) -> tuple[Outcome, Exception | None]:
    started = perf_counter()
    own = _for_subscription(options, item)
    outcome = item.refuse(event)
    if outcome is None:
        outcome = await item.execute(event, own, resolve=_measuring(item, own.stats_context))
    elif own.stats_context is not None and item.trigger is not None and item.trigger.error is None:
        # Segment: counted under this name for single events too
        own.stats_context.stats_client.incr("action.multistatus_discard", 1, list(own.stats_context.tags))
    return outcome, _complete(item, own, outcome, started)


async def execute_batch_observed(
    items: Sequence[CompiledSubscription], events: list[Event], options: EventOptions
) -> tuple[BatchOutcome, ...]:
    """The outcomes of a batch; `on_complete` is called as for an event.

    Raises:
        Exception: What a callback of the caller raised.
    """

    async def execute(item: CompiledSubscription) -> tuple[BatchOutcome, Exception | None]:
        started = perf_counter()
        outcome = await execute_batch(item, events, options)
        return outcome, _complete(item, options, outcome, started)

    done = await asyncio.gather(*map(execute, items))
    _raise_first(problem for _, problem in done)
    return tuple(outcome for outcome, _ in done)


def _raise_first(problems: Iterable[Exception | None]) -> None:
    for problem in problems:
        if problem is not None:
            raise problem


def _measuring(item: CompiledSubscription, stats: StatsContext | None) -> Callable[[Event], Any] | None:
    """The mapping in a variant that tells how long its templates take, where anybody wants to know."""
    if stats is None:
        return None

    def report(tags: list[str], duration_ms: float) -> None:
        stats.stats_client.histogram("liquid.template.evaluation_ms", duration_ms, [*stats.tags, *tags])

    return lambda event: item.measured(event, report)


def _for_subscription(options: EventOptions, item: CompiledSubscription) -> EventOptions:
    """The options as one subscription's performs see them: the tags name its action.

    The caller's own tags stay as they are: the reference adds to them with every subscription and every event.
    """
    stats = options.stats_context
    if stats is None:
        return options
    tags = (*stats.tags, f"partnerAction:{item.subscription.partner_action}")
    return replace(options, stats_context=StatsContext(stats.stats_client, tags))


def _complete(
    item: CompiledSubscription, options: EventOptions, outcome: Outcome | BatchOutcome, started: float
) -> Exception | None:
    """Tells `on_complete`; gives what that raised."""
    if options.on_complete is None:
        return None
    error = outcome.error
    results = outcome.results if error is None else ({"error": {"message": str(error)}},)
    try:
        options.on_complete(
            SubscriptionStats(
                duration_ms=(perf_counter() - started) * 1000,
                destination=item.destination,
                action=item.subscription.partner_action,
                subscribe=item.subscription.subscribe,
                results=results,
                error=error,
            )
        )
    except Exception as problem:  # noqa: BLE001  the caller's own; raised once every subscription is done
        return problem
    return None
