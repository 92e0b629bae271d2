"""The short way of an event through an action that only reads: nothing is copied, and nothing asked twice.

It is made once for a subscription. What an event comes to on it is what it comes to on the careful way
(`CompiledSubscription`), or it gives up and that way has to be gone; a property test holds the two equal
(test_delivery_path_gives_what_a_plan_gives).
"""

from collections.abc import Callable
from typing import Any

from destination.definition import Action, EventOptions, ExecuteInput
from destination.definition.membership import resolve_audience_membership
from destination.event import Event
from destination.fields import CompiledFields
from destination.mapping import CompiledMapping
from destination.request import PendingRequest, RequestClient
from destination.runtime.attempt import Attempt, Item
from destination.values import MISSING

ClientFactory = Callable[[ExecuteInput[Any, Any]], RequestClient]
"""Makes the client that a perform is called with."""

ShortWay = Callable[[Event, EventOptions, ClientFactory], Attempt | None]
"""Takes an event that is a dict; gives None where the careful way has to be gone, and so it is where it raises."""

_new = object.__new__


def compile_short_way(
    item: Item,
    action: Action[Any, Any],
    fields: CompiledFields,
    payload_of: Callable[[Any], Any],
    settings: Any,
) -> ShortWay:
    """The short way of a subscription's events.

    A payload that shares values with its event leads to what a copy would have led to, where one request is all that
    came of it, with a JSON body that does not say `__proto__`.
    """
    perform, context = action.perform, item.context
    sync_mode = context.sync_mode
    fitting, resolve = _payloads(item.mapping, fields)

    def begin(event: Event, options: EventOptions, make_client: ClientFactory) -> Attempt | None:
        attempt: Attempt = _new(Attempt)  # its attributes are set here, one by one: a call costs as much again
        attempt.item = item
        attempt.event = event
        attempt.options = options
        attempt.auth = auth = item.tokens.auth
        attempt.matched = True
        attempt.error = None
        payload = fitting(event)
        if payload is None:
            payload = resolve(event)
        attempt.payload = payload
        found = event.get("context")
        if sync_mode is None and found.__class__ is dict and "personas" not in found:
            membership = None
        else:
            membership = resolve_audience_membership(event, sync_mode)
        data = ExecuteInput(settings, payload_of(payload), event, context, options, auth, membership)
        attempt.client = client = make_client(data)
        attempt.output = output = perform(client, data)
        if output.__class__ is not PendingRequest:
            return None
        made = client.made
        if len(made) != 1 or made[0] is not output:
            return None
        if output.write_plain():
            return attempt
        body: bytes | None = None if output.json is MISSING else output.body
        return attempt if body is not None and b"__proto__" not in body else None

    return begin


def _payloads(
    mapping: CompiledMapping, fields: CompiledFields
) -> tuple[Callable[[Event], Any], Callable[[Event], Any]]:
    """From an event to a payload that fits: a first way, which may give None, and a second one."""
    share, fit = mapping.sharing(), fields.clean_and_validate

    def resolve(event: Event) -> Any:
        return fit(share(event))

    return mapping.fitting(fields.kinds, fields.required) or resolve, resolve
