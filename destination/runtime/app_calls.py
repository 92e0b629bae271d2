"""The calls of an instance other than events: hooks, dynamic fields, audiences, deletion, polling, new tokens."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from destination.definition import (
    Action,
    ActionHook,
    AppInput,
    AudienceInput,
    DestinationDefinition,
    DynamicFunction,
    EventOptions,
    ExecuteInput,
    OperationStatus,
    PendingOperation,
    PollInput,
    find_dynamic_field,
)
from destination.definition.app import no_dynamic_field
from destination.definition.inputs import NO_OPTIONS
from destination.errors import DefinitionError, IntegrationError
from destination.event import Event, as_event
from destination.fields import compile_fields
from destination.request import RequestClient, Response
from destination.request.settle import call, result_data
from destination.runtime.auth import Auth, Tokens
from destination.values import MISSING

S = TypeVar("S")

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class AppCalls(Generic[S]):
    """The part of an instance that does not send events; see `Instance`."""

    definition: DestinationDefinition[S]
    settings: Any
    tokens: Tokens
    _make_client: Callable[[ExecuteInput[Any, Any]], RequestClient]

    async def execute_hook(
        self, action: str, hook: str, data: Mapping[str, Any] = _NOTHING, options: EventOptions = NO_OPTIONS
    ) -> Any:
        """Runs the function of an action for when a mapping is saved; Segment's `executeHook`.

        Args:
            action: The action's slug.
            hook: `onMappingSave` or `retlOnMappingSave`.
            data: The data in Segment's form: `hookInputs` and, if known, `payload`, `page`, `hookOutputs` and
                `audienceSettings`.
            options: What the caller passes along.

        Raises:
            IntegrationError: The action has no hooks, or not this one (status 501).
            SchemaValidationError: The inputs are not valid for the hook's fields.
            DefinitionError: There is no such action.
            Exception: The hook raised it.

        Example:
            >>> import asyncio
            >>> from destination.definition import ActionHook
            >>> from destination.runtime import Destination
            >>> save = ActionHook(label="Make a list", description="",
            ...     input_fields={"name": {"label": "Name", "type": "string"}},
            ...     perform_hook=lambda request, data: {"savedData": {"id": data.hook_inputs["name"]}})
            >>> send = Action(title="Send", description="", perform=print, hooks={"onMappingSave": save})
            >>> instance = Destination(name="Demo", slug="demo", actions={"send": send}).instance({}, [])
            >>> asyncio.run(instance.execute_hook("send", "onMappingSave", {"hookInputs": {"name": 5}}))
            {'savedData': {'id': '5'}}
        """
        hooks: Mapping[Any, ActionHook] = self._action(action).hooks
        if not hooks:
            raise IntegrationError("This action does not support any hooks.", "NotImplemented", 501)
        declared = hooks.get(hook)
        if declared is None or declared.perform_hook is None:
            raise IntegrationError(f"Missing implementation for hook: {hook}.", "NotImplemented", 501)
        given = AppInput(self.settings, data, options, _auth_of(data, self.tokens))
        if declared.compiled is not None:
            given.hook_inputs = declared.compiled.validate(data.get("hookInputs", MISSING))
        return result_data(await call(declared.perform_hook, self._make_client(given), given))

    async def execute_dynamic_field(
        self,
        action: str,
        path: str,
        data: Mapping[str, Any] = _NOTHING,
        options: EventOptions = NO_OPTIONS,
        *,
        hook: str | None = None,
    ) -> Any:
        """Returns the choices of a field, for the editor of a mapping; Segment's `executeDynamicField`.

        Args:
            action: The action's slug. Segment: for an unknown action the answer is an empty list.
            path: The field: `list`, `user.email`, `items.[2].sku`, `user.__keys__`.
            data: The data in Segment's form: `payload`, `page`, `hookInputs`, `audienceSettings`.
            options: What the caller passes along.
            hook: The hook, if the field is one of its input fields.

        Returns:
            `{"choices", "nextPage"?, "error"?}`; for a field without choices an error with the code `404`.

        Raises:
            Exception: The action's function raised it.

        Example:
            >>> import asyncio
            >>> from destination.runtime import Destination
            >>> lists = lambda request, data: {"choices": [{"label": "VIPs", "value": "l1"}]}
            >>> send = Action(title="Send", description="", perform=print, dynamic_fields={"list": lists})
            >>> instance = Destination(name="Demo", slug="demo", actions={"send": send}).instance({}, [])
            >>> asyncio.run(instance.execute_dynamic_field("send", "list"))
            {'choices': [{'label': 'VIPs', 'value': 'l1'}]}
        """
        declared = self.definition.actions.get(action)
        if declared is None:
            return []
        given = AppInput(self.settings, data, options, _auth_of(data, self.tokens))
        function = _hook_function(declared, hook, path)
        if function is None:
            function, given.dynamic_field_context = find_dynamic_field(declared.dynamic_fields, path)
        if function is None:
            return no_dynamic_field(path)
        return result_data(await call(function, self._make_client(given), given))

    async def create_audience(self, data: Mapping[str, Any], options: EventOptions = NO_OPTIONS) -> Any:
        """Makes an audience at the partner; returns `{"externalId"}` as a rule.

        Args:
            data: The data in Segment's form: `audienceName`, `audienceSettings`, `personas`.
            options: What the caller passes along.

        Raises:
            DefinitionError: The destination has no function for it.
            SchemaValidationError: The audience's settings are not valid.
            Exception: The destination's function raised it.
        """
        config = self.definition.audience_config
        if config is None or config.create_audience is None or config.get_audience is None:
            raise DefinitionError("Unexpected call to createAudience")
        if data.get("audienceSettings"):
            fields = compile_fields(self.definition.audience_settings_fields)
            data = {**data, "audienceSettings": fields.validate(data["audienceSettings"])}
        return await self._ask_audience(config.create_audience, data, options)

    async def get_audience(self, data: Mapping[str, Any], options: EventOptions = NO_OPTIONS) -> Any:
        """Looks up an audience at the partner; returns `{"externalId"}` as a rule.

        Args:
            data: The data in Segment's form: `externalId`, `audienceSettings`.
            options: What the caller passes along.

        Raises:
            DefinitionError: The destination has no function for it.
            Exception: The destination's function raised it.
        """
        config = self.definition.audience_config
        if config is None or config.create_audience is None or config.get_audience is None:
            raise DefinitionError("Unexpected call to getAudience")
        return await self._ask_audience(config.get_audience, data, options)

    async def _ask_audience(self, function: Callable[[Any, Any], Any], given: Any, options: EventOptions) -> Any:
        async def ask(auth: Auth) -> Any:
            data = AudienceInput(self.settings, given, options, auth)
            return _plain(await call(function, self._make_client(data), data))

        return await self.tokens.run(ask, options)

    async def on_delete(self, event: Event, options: EventOptions = NO_OPTIONS) -> Any:
        """Deletes a user at the partner; Segment's `onDelete`.

        Args:
            event: An event with `userId`, `anonymousId` or both.
            options: What the caller passes along.

        Returns:
            The result of the destination's function; `{"output": "no onDelete defined"}` if it has none.

        Raises:
            NotAnEventError: The event is not an object.
            Exception: The destination's function raised it.

        Example:
            >>> import asyncio
            >>> from destination.runtime import Destination
            >>> asyncio.run(Destination(name="Demo", slug="demo", actions={}).instance({}).on_delete({"userId": "u"}))
            {'output': 'no onDelete defined'}
        """
        user = as_event(event)
        payload = MappingProxyType({key: user[key] for key in ("userId", "anonymousId") if key in user})
        function = self.definition.on_delete
        if function is None:
            return _not_deleted()

        async def delete(auth: Auth) -> Any:
            data: ExecuteInput[Any, Any] = ExecuteInput(self.settings, payload, event, options=options, auth=auth)
            return await call(function, self._make_client(data), data)

        result = _plain(await self.tokens.run(delete, options))
        return _not_deleted() if result is None else result

    async def poll(
        self, action: str, operation: PendingOperation | Mapping[str, Any], options: EventOptions = NO_OPTIONS
    ) -> OperationStatus:
        """Finds out what became of an operation that the partner finishes later. Segment's runtime has no such call.

        Args:
            action: The slug of the action that returned the operation.
            operation: `outcome.operation`, or its stored JSON.
            options: What the caller passes along.

        Raises:
            DefinitionError: There is no such action, it has no `perform_poll`, or that did not return an
                `OperationStatus`.
            Exception: `perform_poll` raised it.
        """
        function = self._action(action).perform_poll
        if function is None:
            raise DefinitionError(f"the action {action!r} has no perform_poll, so its operations cannot be polled")
        asked = operation if isinstance(operation, PendingOperation) else PendingOperation.from_json(operation)

        async def ask(auth: Auth) -> Any:
            data = PollInput(self.settings, asked, options, auth)
            return await call(function, self._make_client(data), data)

        status = await self.tokens.run(ask, options)
        if not isinstance(status, OperationStatus):
            raise DefinitionError(f"perform_poll of {action!r} must return an OperationStatus, not {status!r:.60}")
        return status

    async def refresh_access_token(self, options: EventOptions = NO_OPTIONS) -> Any:
        """Returns new tokens without storing them in the instance; events refresh tokens by themselves.

        Returns:
            `{"accessToken", "refreshToken"?}`, or None if the destination cannot refresh.

        Raises:
            IntegrationError: The authentication is not OAuth (status 501).
            Exception: `refresh_access_token` raised it.
        """
        return await self.tokens.refresh(options)

    def _action(self, slug: str) -> Action[Any, Any]:
        actions = self.definition.actions
        if slug not in actions:
            raise DefinitionError(
                f"{self.definition.name} has no action {slug!r}: use one of {', '.join(actions) or 'none'}"
            )
        return actions[slug]


def _auth_of(data: Mapping[str, Any], tokens: Tokens) -> Auth:
    given = data.get("auth")
    return given if isinstance(given, Mapping) else tokens.auth


def _hook_function(action: Action[Any, Any], hook: str | None, path: str) -> DynamicFunction | None:
    hooks: Mapping[Any, ActionHook] = action.hooks
    return hooks[hook].dynamic_functions.get(path) if hook in hooks else None


def _plain(output: Any) -> Any:
    return output.value if isinstance(output, Response) else output


def _not_deleted() -> dict[str, str]:
    return {"output": "no onDelete defined"}
