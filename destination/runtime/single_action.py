"""Calls one action without a trigger or a subscription."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, Final

from destination.definition import EventOptions, Subscription
from destination.definition.inputs import NO_OPTIONS
from destination.errors import DefinitionError
from destination.event import Event
from destination.fql import GroupCondition, Trigger
from destination.runtime.batch import execute_batch
from destination.runtime.compiled import CompiledSubscription
from destination.runtime.instance import Instance
from destination.runtime.results import BatchOutcome, Outcome

_EVERY_EVENT: Final = Trigger("", GroupCondition("and", ()))  # all of its conditions hold, because it has none


def compile_action(
    instance: Instance[Any], slug: str, mapping: Any, metadata: Mapping[str, Any] | None = None
) -> CompiledSubscription:
    """Compiles an action with a mapping, to be called with any event.

    Args:
        instance: The instance whose settings and transport are used.
        slug: The action's slug.
        mapping: The mapping as JSON; the action's defaults are not added to it.
        metadata: Segment's identifiers, as performs see them: `actionConfigId`, `destinationConfigId`, `actionId`,
            `sourceId`.

    Raises:
        DefinitionError: There is no such action.

    Example:
        >>> from destination.definition import Action
        >>> from destination.runtime import Destination
        >>> ping = Action(title="Ping", description="", perform=lambda request, data: request(data.payload["url"]),
        ...               fields={"url": {"label": "URL", "type": "string", "required": True}})
        >>> instance = Destination(name="Demo", slug="demo", actions={"ping": ping}).instance({})
        >>> compile_action(instance, "ping", {"url": {"@path": "$.at"}}).plan({"at": "https://h/"}).requests
        (<Request GET https://h/ (no body)>,)
    """
    actions = instance.definition.actions
    if slug not in actions:
        raise DefinitionError(
            f"{instance.definition.name} has no action {slug!r}: use one of {', '.join(actions) or 'none'}"
        )
    ids = metadata or {}
    # Segment: only whole events refresh tokens (test_an_action_by_itself_refreshes_no_tokens)
    tokens = copy(instance.tokens)
    tokens.renewable = False
    return instance.compile(
        Subscription(
            name=slug,
            subscribe="",
            partner_action=slug,
            mapping=mapping,
            id=ids.get("actionConfigId"),
            config_id=ids.get("destinationConfigId"),
            action_id=ids.get("actionId"),
            project_id=ids.get("sourceId"),
        ),
        trigger=_EVERY_EVENT,
        tokens=tokens,
    )


async def execute_action(
    instance: Instance[Any],
    slug: str,
    event: Event,
    mapping: Any,
    options: EventOptions = NO_OPTIONS,
    metadata: Mapping[str, Any] | None = None,
) -> Outcome:
    """Sends one event through one action; Segment's `executeAction`.

    Every failure is in the outcome; see `compile_action` for the arguments.

    Raises:
        DefinitionError: There is no such action.

    Example:
        >>> import asyncio
        >>> from destination.definition import Action
        >>> from destination.request import MockTransport
        >>> from destination.runtime import Destination
        >>> ping = Action(title="Ping", description="", perform=lambda request, data: request(data.payload["url"]),
        ...               fields={"url": {"label": "URL", "type": "string", "required": True}})
        >>> demo = Destination(name="Demo", slug="demo", actions={"ping": ping})
        >>> instance = demo.instance({}, transport=MockTransport())
        >>> outcome = asyncio.run(execute_action(instance, "ping", {"at": "https://h/"}, {"url": {"@path": "$.at"}}))
        >>> outcome.requests, outcome.error
        ((<Request GET https://h/ (no body)>,), None)
    """
    return await compile_action(instance, slug, mapping, metadata).prepare(event, options).send()


async def execute_batch_action(
    instance: Instance[Any],
    slug: str,
    events: Sequence[Event],
    mapping: Any,
    options: EventOptions = NO_OPTIONS,
    metadata: Mapping[str, Any] | None = None,
) -> BatchOutcome:
    """Sends events as one batch through one action; Segment's `executeBatch`.

    Every failure is in the outcome; see `compile_action` for the arguments.

    Raises:
        DefinitionError: There is no such action.

    Example:
        >>> import asyncio
        >>> from destination.definition import Action
        >>> from destination.runtime import Destination
        >>> count = Action(title="Count", description="", fields={}, perform=lambda request, data: None,
        ...                perform_batch=lambda request, data: len(data.payload))
        >>> instance = Destination(name="Demo", slug="demo", actions={"count": count}).instance({})
        >>> events = [{"n": 1}, {"n": 2}]
        >>> outcome = asyncio.run(execute_batch_action(instance, "count", events, {"n": {"@path": "$.n"}}))
        >>> [node["status"] for node in outcome.nodes]
        [200, 200]
    """
    return await execute_batch(compile_action(instance, slug, mapping, metadata), list(events), options)
