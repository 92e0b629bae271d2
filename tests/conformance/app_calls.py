"""The twins of the ops in oracle/app_calls.js: what a destination is asked beside events, and what performs see."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from destination.definition import (
    Action,
    ActionHook,
    Authentication,
    EventOptions,
    SyncModeDefinition,
    resolve_audience_membership,
)
from destination.errors import DestinationError, HTTPError, IntegrationError, InvalidAuthenticationError
from destination.request import MockTransport, RequestOptions, Response
from destination.runtime import Destination
from destination.values import MISSING

SYNC_MODE = SyncModeDefinition(default="add", choices=())


def _destination(action: Action[Any, Any] | None = None, **parts: Any) -> Destination[Any]:
    return Destination(name="app calls", slug="app-calls", actions={"a": action} if action else {}, **parts)


def _action(perform: Any = lambda request, data: None, **parts: Any) -> Action[Any, Any]:
    return Action(title="A", description="", perform=perform, **parts)


def audience_membership(args: dict[str, Any]) -> Any:
    """`{event, syncMode}` to whether the user is in the audience."""
    membership = resolve_audience_membership(args["event"], args.get("syncMode"))
    return MISSING if membership is None else membership


def settings_validate(args: dict[str, Any]) -> Any:
    """`{fields, settings}` to the settings that performs see."""
    demo = _destination(authentication=Authentication(fields=args["fields"]))
    return dict(demo.instance(args["settings"], []).settings)


def dynamic_field_resolve(args: dict[str, Any]) -> Any:
    """`{handlers, paths}` to which handler each path finds, and what it is told of the place."""
    instance = _destination(_action(dynamic_fields=_handlers(args["handlers"]))).instance({}, [])

    async def ask() -> list[Any]:
        return [await instance.execute_dynamic_field("a", path) for path in args["paths"]]

    return asyncio.run(ask())


def _handlers(specification: Any, at: tuple[str, ...] = ()) -> Any:
    if specification is True:
        return lambda request, data: {"handler": list(at), "context": data.dynamic_field_context}
    return {key: _handlers(value, (*at, key)) for key, value in specification.items()}


def hook_execute(args: dict[str, Any]) -> Any:
    """`{hooks, hook, data}` to the inputs that the hook sees."""
    hooks = {
        name: ActionHook(
            label=name,
            description="",
            input_fields=given.get("inputFields") or {},
            perform_hook=_echo if given.get("performs") else None,
        )
        for name, given in (args["hooks"] or {}).items()
    }
    for hook in hooks.values():
        _ = hook.compiled  # Segment compiles every hook's fields when the action is made
    instance = _destination(_action(hooks=hooks)).instance({}, [])
    return asyncio.run(instance.execute_hook("a", args["hook"], args["data"]))


def _echo(request: Any, data: Any) -> Any:
    return {"inputs": data.hook_inputs}


def perform_input(args: dict[str, Any]) -> Any:
    """`{mapping, event, syncModes, hooks, ids}` to what perform sees beside payload and settings."""
    seen: list[Any] = []
    hooks = {name: ActionHook(label=name, description="") for name in args["hooks"]}
    action = _action(
        lambda request, data: seen.append(data), hooks=hooks, sync_mode=SYNC_MODE if args["syncModes"] else None
    )
    subscription = {"subscribe": 'type != "never"', "partnerAction": "a", "mapping": args["mapping"], **args["ids"]}
    instance = _destination(action).instance({}, [subscription])
    asyncio.run(instance.on_event(args["event"])).raise_for_errors()
    [data] = seen
    return {
        "syncMode": data.sync_mode,
        "matchingKey": data.matching_key,
        "hookOutputs": data.hook_outputs,
        "audienceMembership": data.audience_membership,
        "personasContext": data.personas_context,
        "subscriptionMetadata": {key: value for key, value in data.subscription_metadata.items() if value is not None},
        "audienceSettings": {} if data.audience_settings is None else data.audience_settings,
    }


def oauth_refresh(args: dict[str, Any]) -> Any:
    """`{scheme, statuses, refreshes, oauth, raises}` to what was sent, what a refresh saw, and the result."""
    told: list[Any] = []
    sent: list[Any] = []
    statuses, refreshes = iter(args["statuses"]), iter(args["refreshes"] or ())

    def answer(request: Any) -> Response:
        sent.append([request.url, request.headers["authorization"]])
        return Response(next(statuses, 200), json={})

    def refresh(request: Any, data: Any) -> Any:
        told.append(dict(data.auth))
        return next(refreshes, None)

    async def perform(request: Any, data: Any) -> Any:
        if args["raises"]:
            try:
                await request("https://h.test/first")
            except HTTPError as error:
                raise _failure(args["raises"], error) from error
        return request("https://h.test/send")

    def extend(data: Any) -> RequestOptions:
        return RequestOptions(headers={"authorization": str(data.auth.get("accessToken") or "null")})

    authentication: Authentication[Any] = Authentication(
        scheme=args["scheme"], refresh_access_token=refresh if args["refreshes"] is not None else None
    )
    demo = _destination(_action(perform), authentication=authentication, extend_request=extend)
    subscription = {"subscribe": 'type = "track"', "partnerAction": "a", "mapping": {}}
    instance = demo.instance({"oauth": args["oauth"]}, [subscription], transport=MockTransport(answer))
    options = EventOptions(on_token_refresh=told.append)
    [outcome] = asyncio.run(instance.on_event({"type": "track"}, options)).outcomes
    if outcome.error is None:
        return {"results": list(outcome.results), "told": told, "sent": sent}
    error = outcome.error
    assert isinstance(error, DestinationError)
    code = None if isinstance(error, HTTPError) else error.code
    return {"failed": str(error), "status": error.status, "code": code, "told": told, "sent": sent}


def _failure(raises: str, error: HTTPError) -> DestinationError:
    if raises == "authentication":
        return InvalidAuthenticationError("expired")
    return IntegrationError("expired", "EXPIRED", 401) if raises == "integration" else error


OPS: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "audience.membership": audience_membership,
    "settings.validate": settings_validate,
    "dynamic_field.resolve": dynamic_field_resolve,
    "hook.execute": hook_execute,
    "perform.input": perform_input,
    "oauth.refresh": oauth_refresh,
}
