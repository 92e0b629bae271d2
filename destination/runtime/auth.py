"""Keeps the tokens of an OAuth destination: reads them from its settings, refreshes them after a 401."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from destination.definition import Authentication, EventOptions, ExecuteInput
from destination.definition.inputs import NO_OPTIONS
from destination.error_codes import ErrorCodes
from destination.errors import HTTPError, IntegrationError, InvalidAuthenticationError
from destination.late import asyncio
from destination.request import RequestClient
from destination.request.settle import call
from destination.runtime.redaction import ConcealedMapping

T = TypeVar("T")

_SCHEMES = ("oauth2", "oauth-managed")
_EVENT_KEYS = {"accessToken": "access_token", "refreshToken": "refresh_token", "refreshTokenUrl": "refresh_token_url"}
_REFRESH_KEYS = {**_EVENT_KEYS, "clientId": "clientId", "clientSecret": "clientSecret"}
_SECRET_KEYS = ("accessToken", "refreshToken", "clientSecret")
_UNAUTHORISED: Final = 401

Auth = Mapping[str, Any]
"""The known ones of `accessToken`, `refreshToken` and `refreshTokenUrl`."""


def is_unauthorised(error: BaseException) -> bool:
    """Returns whether an error means that the credentials were refused: its status, or its response's, is 401.

    Example:
        >>> is_unauthorised(InvalidAuthenticationError("expired")), is_unauthorised(ValueError())
        (True, False)
    """
    status = getattr(error, "status", None)
    if status is None:
        status = getattr(getattr(error, "response", None), "status", None)
    return bool(status == _UNAUTHORISED)


def with_tokens(settings: Mapping[str, Any], auth: Mapping[str, Any]) -> dict[str, Any]:
    """Adds tokens to settings in the form that the runtime reads: under `oauth`, in snake_case.

    Example:
        >>> with_tokens({"region": "eu"}, {"accessToken": "t"})
        {'region': 'eu', 'oauth': {'access_token': 't'}}
        >>> with_tokens({"region": "eu"}, {})
        {'region': 'eu'}
    """
    tokens = {key: auth[name] for name, key in _REFRESH_KEYS.items() if auth.get(name) is not None}
    if not tokens:
        return dict(settings)
    stored = settings.get("oauth")
    return {**settings, "oauth": {**(stored if isinstance(stored, dict) else {}), **tokens}}


def _tokens_in(answer: Any) -> list[str]:
    """Finds the texts of an answer whose key ends in `token`: `access_token`, `refreshToken`, `id_token`."""
    found, todo = [], [answer]
    while todo:
        value = todo.pop()
        if isinstance(value, Mapping):
            found += [text for key, text in value.items() if isinstance(text, str) and key.lower().endswith("token")]
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    return found


class Tokens:
    """The tokens of one instance; all events share them, so that one refresh is enough.

    A running refresh serves everything that waits for new tokens. It goes on even if the event that began it is
    cancelled, because the partner may have issued a new refresh token and no longer accept the old one.

    Args:
        authentication: The destination's authentication.
        settings: The destination's settings, for `refresh_access_token`.
        oauth: The settings' `oauth` member: `access_token`, `refresh_token`, `clientId`, `clientSecret`,
            `refresh_token_url`.
        make_client: What makes the client of a refresh.
        on_secrets: Called with every token, so that none is ever shown.

    Attributes:
        auth: The tokens that performs see as `data.auth`; another mapping after each refresh.
        on_refresh: Called with the tokens of each refresh, as soon as they are kept; None: nothing is called.
        renewable: Whether the scheme knows refreshing; else a 401 is an error like any other.
    """

    __slots__ = ("_authentication", "_credentials", "_make_client", "_on_secrets", "_running", "_settings", "auth",
                 "on_refresh", "renewable")  # fmt: skip

    def __init__(
        self,
        authentication: Authentication[Any] | None,
        settings: Any,
        oauth: Any,
        make_client: Callable[[ExecuteInput[Any, Any]], RequestClient],
        on_secrets: Callable[[list[str]], None],
    ) -> None:
        self._authentication = authentication
        self._settings = settings
        self._make_client = make_client
        self._on_secrets = on_secrets
        self._running: asyncio.Task[None] | None = None
        self._credentials: dict[str, Any] = {}
        self.on_refresh: Callable[[Mapping[str, Any]], None] | None = None
        self.auth: Auth = ConcealedMapping({})
        self.renewable = authentication is not None and authentication.scheme in _SCHEMES
        stored = oauth if isinstance(oauth, Mapping) else {}
        self._keep({name: stored[key] for name, key in _REFRESH_KEYS.items() if stored.get(key) is not None})

    def _keep(self, credentials: dict[str, Any]) -> None:
        self._credentials = credentials
        self.auth = ConcealedMapping({key: credentials[key] for key in _EVENT_KEYS if key in credentials})
        self._on_secrets([str(credentials[key]) for key in _SECRET_KEYS if key in credentials])

    @property
    def client_secret(self) -> str | None:
        """The secret of the OAuth client, which outlives all tokens; it must never be shown."""
        found = self._credentials.get("clientSecret")
        return None if found is None else str(found)

    async def renew(self, used: Auth, options: EventOptions = NO_OPTIONS) -> None:
        """Refreshes the tokens after a 401, unless they were refreshed already.

        If a refresh is running, this waits for it.

        Args:
            used: The `auth` that got the 401.
            options: The `on_token_refresh` and `synchronize_refresh_access_token` of the first caller are used.

        Raises:
            InvalidAuthenticationError: The destination cannot refresh, or got no token (code OAUTH_REFRESH_FAILED).
            Exception: `refresh_access_token` or a callback raised it.
        """
        if self.auth is not used:
            return
        running = self._running
        if running is None or running.done() or running.get_loop() is not asyncio.get_running_loop():
            running = self._running = asyncio.create_task(self._renew(options))
        await asyncio.shield(running)

    async def _renew(self, options: EventOptions) -> None:
        tokens = await self.refresh(options)
        # Segment: a destination without `refresh_access_token` returns no tokens
        if not isinstance(tokens, Mapping) or not tokens.get("accessToken"):
            raise InvalidAuthenticationError("Failed to refresh access token", ErrorCodes.OAUTH_REFRESH_FAILED)
        # Keep them before the callback is called: even if that fails, the old ones are no longer valid. They are kept
        # also if the settings had none: the reference forgets them then, and fails again (divergence 20).
        fresh = {"accessToken": tokens["accessToken"]}
        if tokens.get("refreshToken"):
            fresh["refreshToken"] = tokens["refreshToken"]
        self._keep({**self._credentials, **fresh})
        if self.on_refresh is not None:
            self.on_refresh(fresh)
        if options.on_token_refresh is not None:
            await _awaited(options.on_token_refresh(dict(tokens)))

    async def refresh(self, options: EventOptions = NO_OPTIONS) -> Any:
        """Requests new tokens and returns the answer, without keeping them or sharing the refresh.

        Raises:
            IntegrationError: The scheme is not OAuth (status 501).
            InvalidAuthenticationError: It reads a credential that was not given (code OAUTH_REFRESH_FAILED).
            Exception: What `refresh_access_token` raised.
        """
        authentication = self._authentication
        if authentication is None or not self.renewable:
            raise IntegrationError(
                "refreshAccessToken is only valid with oauth2 authentication scheme", "NotImplemented", 501
            )
        # Segment: `extend_request` sees no tokens here
        plain: ExecuteInput[Any, None] = ExecuteInput(self._settings, None, {})
        client = self._make_client(plain)
        if authentication.refresh_access_token is None:
            return None
        if options.synchronize_refresh_access_token is not None:
            await _awaited(options.synchronize_refresh_access_token())
        credentials = ConcealedMapping(self._credentials)
        data: ExecuteInput[Any, None] = ExecuteInput(self._settings, None, {}, options=options, auth=credentials)
        try:
            return await call(authentication.refresh_access_token, client, data)
        except HTTPError as error:
            self._on_secrets(_tokens_in(error.response.data))  # nobody knows them yet, and the answer may be shown
            raise
        except KeyError as error:
            absent = error.args[0] if error.args else None
            if absent not in _REFRESH_KEYS or absent in self._credentials:
                raise
            message = f"The access token cannot be refreshed: there is no {absent}"
            raise InvalidAuthenticationError(message, ErrorCodes.OAUTH_REFRESH_FAILED) from None

    async def run(self, work: Callable[[Auth], Awaitable[T]], options: EventOptions = NO_OPTIONS) -> T:
        """Runs a function, and once more with new tokens if it ends with a 401.

        Segment: tokens are refreshed after the second 401 too, for later calls
        (test_second_401_refreshes_again_but_is_the_result).

        Raises:
            Exception: The function or the refresh raised it.
        """
        used = self.auth
        try:
            return await work(used)
        except Exception as error:  # noqa: BLE001  raised again, unless new tokens may help
            await self._renew_after(error, used, options)
        used = self.auth
        try:
            return await work(used)
        except Exception as error:
            await self._renew_after(error, used, options)
            raise

    async def _renew_after(self, error: Exception, used: Auth, options: EventOptions) -> None:
        if not self.renewable or not is_unauthorised(error):
            raise error
        await self.renew(used, options)


async def _awaited(result: Any) -> None:
    if inspect.isawaitable(result):
        await result
