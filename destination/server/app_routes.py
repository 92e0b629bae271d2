"""The routes that Segment's app asks while somebody sets up a destination or a mapping."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from destination.request import Transport
from destination.runtime import Destination, Instance
from destination.server.answers import answer, refused
from destination.server.body import object_in, read_body
from destination.server.failures import caught, failed_fields, refusal
from destination.server.instances import make_instance, redactor_for, unknown_action
from destination.values import get_property, truthy


class AppRoutes:
    """Settings, tokens, audiences, choices and hooks.

    Args:
        destination: What is tested.
        transport: What sends to the partner.
    """

    def __init__(self, destination: Destination[Any], transport: Transport) -> None:
        self._destination = destination
        self._transport = transport

    async def authenticate(self, request: Request) -> Response:
        """`POST /authenticate`: whether the settings that are posted let in."""
        settings = await read_body(request)
        redactor = redactor_for(self._destination, settings)
        try:
            instance = make_instance(self._destination, settings, self._transport)
            redactor = instance.redactor
            await instance.test_authentication()
        except Exception as error:  # noqa: BLE001  whatever the author's function raises is the answer
            return answer(redactor({"ok": False, "error": str(error), "fields": failed_fields(error)}))
        return answer({"ok": True})

    async def refresh_access_token(self, request: Request) -> Response:
        """`POST /refreshAccessToken`: new tokens for those that are posted beside the settings."""
        body = await read_body(request)
        settings = object_in(body, "settings")
        redactor = redactor_for(self._destination, settings, body)
        try:
            instance = self._instance(settings, body)
            redactor = instance.redactor
            data = await instance.refresh_access_token()
        except Exception as error:  # noqa: BLE001  whatever the author's function raises is the answer
            return answer(refusal(error, redactor), 400)
        return answer({"ok": True, "data": data})

    async def create_audience(self, request: Request) -> Response:
        """`POST /createAudience`: makes an audience at the partner."""
        return await self._ask_audience(request, "create_audience")

    async def get_audience(self, request: Request) -> Response:
        """`POST /getAudience`: looks one up."""
        return await self._ask_audience(request, "get_audience")

    async def _ask_audience(self, request: Request, what: str) -> Response:
        body = await read_body(request)
        settings, auth = object_in(body, "settings"), object_in(body, "auth")
        redactor = redactor_for(self._destination, settings, auth)
        try:
            instance = self._instance(settings, auth)
            redactor = instance.redactor
            data = await getattr(instance, what)(body)
        except Exception as error:  # noqa: BLE001  as above
            return answer(refusal(error, redactor), 400)
        return answer(data)

    async def dynamic_field(self, request: Request) -> Response:
        """`POST /<action>/<field>`: the choices of a field."""
        field = request.path_params["field"]
        return await self._ask_app(
            request, lambda instance, slug, data: instance.execute_dynamic_field(slug, field, data)
        )

    async def hook(self, request: Request) -> Response:
        """`POST /<action>/hooks/<hook>`: what happens when a mapping is saved."""
        name = request.path_params["hook"]
        return await self._ask_app(request, lambda instance, slug, data: instance.execute_hook(slug, name, data))

    async def hook_dynamic_field(self, request: Request) -> Response:
        """`POST /<action>/hooks/<hook>/dynamic/<field>`: the choices of a hook's input field."""
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
            return refused(unknown_action(self._destination, slug), 404)
        body = await read_body(request)
        settings, auth = object_in(body, "settings"), object_in(body, "auth")
        page = body.get("page")
        data = {**body, "page": page if truthy(page) else 1}
        redactor = redactor_for(self._destination, settings, auth)
        try:
            instance = self._instance(settings, auth)
            redactor = instance.redactor
            result = await ask(instance, slug, data)
        except Exception as error:  # noqa: BLE001  as above
            return answer([caught(error, redactor)], 500)
        found = get_property(result, "error")
        return answer([redactor(found)], 500) if truthy(found) else answer(result)

    def _instance(self, settings: dict[str, Any], auth: dict[str, Any]) -> Instance[Any]:
        # Segment: none of these validates settings (test_settings_are_not_validated_for_an_action)
        return make_instance(self._destination, settings, self._transport, auth, check_settings=False)
