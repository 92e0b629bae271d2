"""The POST routes of Segment's local dev server, and how their bodies are read."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from destination.definition import Action, EventOptions
from destination.local_server import BadRequestError, read_posted
from destination.request import Transport
from destination.runtime import Destination, Instance, execute_action, execute_batch_action
from destination.server.answers import answer, caught, failed_fields, failure_entry, refusal, refused
from destination.server.calls import Call, HomeTransport, Recorder, run_apart
from destination.values import get_property, real_type_of, spread, truthy

MAX_BODY_BYTES: Final = 10 * 1024 * 1024
"""The maximum size of a body, in bytes: enough for a batch of a thousand events of 10 KB."""

MAX_EVENTS: Final = 10_000
"""Maximum number of events in one batch."""


class Routes:
    """Calls a destination with what is posted, and answers with the result.

    Args:
        destination: The destination that is tested.
        transport: The transport that sends to the partner.
    """

    def __init__(self, destination: Destination[Any], transport: Transport) -> None:
        self._destination = destination
        self._transport = transport

    # --- sending: actions and deletion -------------------------------------------------------------------

    async def action(self, request: Request) -> Response:
        """`POST /<action>`: one event, or a list of them as a batch. Triggers are not evaluated."""
        slug = request.path_params["action"]
        action = self._destination.actions.get(slug)
        if action is None:
            return self._unknown_action(slug)
        body = await read_posted(request, MAX_BODY_BYTES, if_empty={})
        call = self._call(body)
        options = EventOptions(features=_object_in(body, "features"))
        metadata = _object_in(body, "subscriptionMetadata")
        given = body.get("payload")
        if isinstance(given, list) and len(given) > MAX_EVENTS:
            raise BadRequestError(f"`payload` has {len(given):,} events; the tester takes {MAX_EVENTS:,} at most", 413)
        payload: Any = given if truthy(given) else {}
        mapping = mapping_for(action, body.get("mapping"), payload)
        recorder = Recorder(HomeTransport(self._transport))
        try:
            # Segment: settings are taken as they are (test_settings_are_not_validated_for_an_action)
            instance = call.instance(recorder, check_settings=False)
            execute: Any = execute_batch_action if isinstance(payload, list) else execute_action
            outcome = await run_apart(execute(instance, slug, payload, mapping, options, metadata))
        except Exception as error:  # noqa: BLE001  the author's own functions may fail because of the settings
            return answer([failure_entry(error, call.redactor)])
        if outcome.error is not None:
            return answer([failure_entry(outcome.error, call.redactor)])
        return answer(recorder.to_json(call.redactor))

    async def delete(self, request: Request) -> Response:
        """`POST /delete`: deletes a user at the partner."""
        body = await read_posted(request, MAX_BODY_BYTES, if_empty={})
        call, recorder = Call(self._destination, _object_in(body, "settings")), Recorder(self._transport)
        try:
            instance = call.instance(recorder)
            await instance.on_delete(_object_in(body, "payload"))
        except Exception as error:  # noqa: BLE001  an error of the author's function is the answer
            return answer([failure_entry(error, call.redactor)])
        return answer(recorder.to_json(call.redactor))

    # --- setting up a destination or a mapping -------------------------------------------------------------

    async def authenticate(self, request: Request) -> Response:
        """`POST /authenticate`: tests the posted settings."""
        call = Call(self._destination, await read_posted(request, MAX_BODY_BYTES, if_empty={}))
        try:
            await call.instance(self._transport).test_authentication()
        except Exception as error:  # noqa: BLE001  an error of the author's function is the answer
            return answer(call.redactor({"ok": False, "error": str(error), "fields": failed_fields(error)}))
        return answer({"ok": True})

    # Segment: none of the following validates settings (test_settings_are_not_validated_for_an_action)

    async def refresh_access_token(self, request: Request) -> Response:
        """`POST /refreshAccessToken`: gets new tokens with the posted ones."""
        body = await read_posted(request, MAX_BODY_BYTES, if_empty={})
        call = Call(self._destination, _object_in(body, "settings"), body)
        try:
            data = await call.instance(self._transport, check_settings=False).refresh_access_token()
        except Exception as error:  # noqa: BLE001  an error of the author's function is the answer
            return answer(refusal(error, call.redactor), 400)
        return answer({"ok": True, "data": data})

    async def create_audience(self, request: Request) -> Response:
        """`POST /createAudience`: makes an audience at the partner."""
        return await self._ask_audience(request, "create_audience")

    async def get_audience(self, request: Request) -> Response:
        """`POST /getAudience`: looks up an audience at the partner."""
        return await self._ask_audience(request, "get_audience")

    async def _ask_audience(self, request: Request, what: str) -> Response:
        body = await read_posted(request, MAX_BODY_BYTES, if_empty={})
        call = self._call(body)
        try:
            data = await getattr(call.instance(self._transport, check_settings=False), what)(body)
        except Exception as error:  # noqa: BLE001  as above
            return answer(refusal(error, call.redactor), 400)
        return answer(data)

    async def dynamic_field(self, request: Request) -> Response:
        """`POST /<action>/<field>`: returns the choices of a field."""
        field = request.path_params["field"]
        return await self._ask_app(
            request, lambda instance, slug, data: instance.execute_dynamic_field(slug, field, data)
        )

    async def hook(self, request: Request) -> Response:
        """`POST /<action>/hooks/<hook>`: runs what happens when a mapping is saved."""
        name = request.path_params["hook"]
        return await self._ask_app(request, lambda instance, slug, data: instance.execute_hook(slug, name, data))

    async def hook_dynamic_field(self, request: Request) -> Response:
        """`POST /<action>/hooks/<hook>/dynamic/<field>`: returns the choices of a hook's input field."""
        hook, field = request.path_params["hook"], request.path_params["field"]
        return await self._ask_app(
            request,
            lambda instance, slug, data: instance.execute_dynamic_field(slug, field, data, hook=hook),
        )

    async def _ask_app(
        self, request: Request, ask: Callable[[Instance[Any], str, dict[str, Any]], Awaitable[Any]]
    ) -> Response:
        slug = request.path_params["action"]
        if slug not in self._destination.actions:
            return self._unknown_action(slug)
        body = await read_posted(request, MAX_BODY_BYTES, if_empty={})
        call = self._call(body)
        page = body.get("page")
        data = {**body, "page": page if truthy(page) else 1}
        try:
            result = await ask(call.instance(self._transport, check_settings=False), slug, data)
        except Exception as error:  # noqa: BLE001  as above
            return answer([caught(error, call.redactor)], 500)
        found = get_property(result, "error")
        return answer([call.redactor(found)], 500) if truthy(found) else answer(result)

    def _call(self, body: dict[str, Any]) -> Call:
        return Call(self._destination, _object_in(body, "settings"), _object_in(body, "auth"))

    def _unknown_action(self, slug: str) -> Response:
        known = ", ".join(self._destination.actions) or "none"
        return refused(f"{self._destination.name} has no action {slug!r}: use one of {known}", 404)


def mapping_for(action: Action[Any, Any], given: Any, payload: Any) -> Any:
    """Returns the mapping that an action runs with.

    It is the given mapping with the defaults of the action's fields, except defaults of null. If it is empty, the
    payload itself is the mapping, or the first payload of a list.

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


# --- what is posted --------------------------------------------------------------------------------------


def _object_in(body: dict[str, Any], key: str) -> dict[str, Any]:
    """Returns the object under a key; a value that is falsy in JavaScript counts as an empty object.

    Raises:
        BadRequestError: The value is not an object.

    Example:
        >>> _object_in({"settings": {"a": 1}, "auth": None}, "settings"), _object_in({"auth": None}, "auth")
        ({'a': 1}, {})
    """
    value = body.get(key)
    if not truthy(value):
        return {}
    if not isinstance(value, dict):
        raise BadRequestError(f"`{key}` must be a JSON object, but it is: {real_type_of(value)}")
    return value
