"""Observes events for the caller: sends metrics and durations, and calls `on_complete` after each subscription."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

from destination.definition import EventOptions, StatsContext, SubscriptionStats
from destination.event import Event
from destination.late import asyncio
from destination.runtime.compiled import CompiledSubscription
from destination.runtime.results import BatchOutcome, Outcome


def is_observed(options: EventOptions) -> bool:
    """Returns whether the caller wants metrics, or a call of `on_complete`."""
    return options.on_complete is not None or options.stats_context is not None


async def run_observed(
    items: Sequence[CompiledSubscription],
    run: Callable[[Any, EventOptions], Any],
    options: EventOptions,
) -> tuple[Any, ...]:
    """Runs subscriptions in parallel, calls `on_complete` as each is done, and returns their outcomes.

    Args:
        items: The subscriptions.
        run: Called with each subscription, and with the options as its performs see them.
        options: What the caller passed along.

    Raises:
        Exception: A callback of the caller raised it. It is raised after all are done.
    """

    async def execute(item: CompiledSubscription) -> tuple[Any, Exception | None]:
        started = perf_counter()
        outcome = await run(item, options)
        return outcome, _complete(item, options, outcome, started)

    done = await asyncio.gather(*map(execute, items))
    for _, problem in done:
        if problem is not None:
            raise problem
    return tuple(outcome for outcome, _ in done)


async def send_observed(event: Event, item: CompiledSubscription, options: EventOptions) -> Outcome:
    """Matches, prepares and sends an event, with the metrics of the reference."""
    options = _for_subscription(options, item)
    stats = options.stats_context
    outcome: Outcome = item.match(event)
    if outcome.matched:
        prepare = item.prepare if stats is None else item.measuring(stats)
        return await prepare(event, options).send()
    if stats is not None and item.trigger is not None and item.trigger.error is None:
        # Segment: counted under this name for single events too
        stats.stats_client.incr("action.multistatus_discard", 1, list(stats.tags))
    return outcome


def _for_subscription(options: EventOptions, item: CompiledSubscription) -> EventOptions:
    """Returns the options as one subscription's performs see them: the tags name its action.

    The caller's own list of tags is not changed: the reference adds to it for every subscription and every event.
    """
    stats = options.stats_context
    if stats is None:
        return options
    tags = (*stats.tags, f"partnerAction:{item.subscription.partner_action}")
    return replace(options, stats_context=StatsContext(stats.stats_client, tags))


def _complete(
    item: CompiledSubscription, options: EventOptions, outcome: Outcome | BatchOutcome, started: float
) -> Exception | None:
    """Calls `on_complete`; returns the exception that it raised, or None."""
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
    except Exception as problem:  # noqa: BLE001  the caller's own error; raised after every subscription is done
        return problem
    return None
