"""The routes that send: one for each action, and deletion."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from destination.definition import Action, EventOptions
from destination.request import Transport
from destination.runtime import Destination, execute_action, execute_batch_action
from destination.server.answers import answer, refused
from destination.server.body import MAX_EVENTS, object_in, read_body
from destination.server.exchanges import Recorder
from destination.server.failures import BadRequestError, failure_entry
from destination.server.instances import make_instance, redactor_for, unknown_action
from destination.server.worker import HomeTransport, run_apart
from destination.values import spread, truthy


def mapping_for(action: Action[Any, Any], given: Any, payload: Any) -> Any:
    """The mapping that an action runs with.

    The defaults of the action's fields are added to what is given; a default of null is not. Where that leaves
    nothing, the payload itself is the mapping, and of a list its first.

    Example:
        >>> text = {"label": "Text", "type": "string"}
        >>> ping = Action(title="Ping", description="", perform=print,
        ...               fields={"a": {**text, "default": 1}, "b": {**text, "default": None}})
        >>> mapping_for(ping, {"c": 2}, {"d": 3})
        {'a': 1, 'c': 2}
        >>> bare = Action(title="Bare", description="", perform=print)
        >>> mapping_for(bare, None, {"d": 3}), mapping_for(bare, {}, [{"d": 3}, {}]), mapping_for(bare, {}, [])
        ({'d': 3}, {'d': 3}, {})
    """
    mapping = {key: value for key, value in action.default_values().items() if value is not None}
    mapping.update(spread(given))
    if mapping:
        return mapping
    own = payload[0] if isinstance(payload, list) and payload else payload
    return own if truthy(own) and not isinstance(own, list) else {}


class EventRoutes:
    """Sends through a destination, and answers with the exchanges.

    Args:
        destination: What is tested.
        transport: What sends to the partner.
    """

    def __init__(self, destination: Destination[Any], transport: Transport) -> None:
        self._destination = destination
        self._transport = transport

    async def action(self, request: Request) -> Response:
        """`POST /<action>`: one event, or a list of them as a batch. Triggers are not evaluated."""
        slug = request.path_params["action"]
        action = self._destination.actions.get(slug)
        if action is None:
            return refused(unknown_action(self._destination, slug), 404)
        body = await read_body(request)
        settings, auth = object_in(body, "settings"), object_in(body, "auth")
        options = EventOptions(features=object_in(body, "features"))
        metadata = object_in(body, "subscriptionMetadata")
        given = body.get("payload")
        if isinstance(given, list) and len(given) > MAX_EVENTS:
            raise BadRequestError(f"`payload` has {len(given):,} events; the tester takes {MAX_EVENTS:,} at most", 413)
        payload: Any = given if truthy(given) else {}
        mapping = mapping_for(action, body.get("mapping"), payload)
        recorder, redactor = Recorder(HomeTransport(self._transport)), redactor_for(self._destination, settings, auth)
        try:
            # Segment: settings are taken as they are (test_settings_are_not_validated_for_an_action)
            instance = make_instance(self._destination, settings, recorder, auth, check_settings=False)
            redactor = instance.redactor
            execute: Any = execute_batch_action if isinstance(payload, list) else execute_action
            outcome = await run_apart(execute(instance, slug, payload, mapping, options, metadata))
        except Exception as error:  # noqa: BLE001  also what settings do to the author's own functions
            return answer([failure_entry(error, redactor)])
        if outcome.error is not None:
            return answer([failure_entry(outcome.error, redactor)])
        return answer(recorder.to_json(redactor))

    async def delete(self, request: Request) -> Response:
        """`POST /delete`: has the partner forget a user."""
        body = await read_body(request)
        settings = object_in(body, "settings")
        recorder, redactor = Recorder(self._transport), redactor_for(self._destination, settings)
        try:
            instance = make_instance(self._destination, settings, recorder)
            redactor = instance.redactor
            await instance.on_delete(object_in(body, "payload"))
        except Exception as error:  # noqa: BLE001  whatever the author's function raises is the answer
            return answer([failure_entry(error, redactor)])
        return answer(recorder.to_json(redactor))
