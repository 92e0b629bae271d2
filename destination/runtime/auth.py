"""The tokens of an OAuth destination: read from its settings, refreshed when the partner answers 401."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from destination.definition import Authentication, EventOptions, ExecuteInput
from destination.definition.inputs import NO_OPTIONS
from destination.error_codes import ErrorCodes
from destination.errors import IntegrationError, InvalidAuthenticationError
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
"""`accessToken`, `refreshToken` and `refreshTokenUrl`, as far as they are known."""


def is_unauthorised(error: BaseException) -> bool:
    """Whether an error says that the credentials were not taken: its status, or its response's, is 401.

    Example:
        >>> is_unauthorised(InvalidAuthenticationError("expired")), is_unauthorised(ValueError())
        (True, False)
    """
    status = getattr(error, "status", None)
    if status is None:
        status = getattr(getattr(error, "response", None), "status", None)
    return bool(status == _UNAUTHORISED)


def with_tokens(settings: Mapping[str, Any], auth: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with tokens where the runtime looks for them: under `oauth`, in snake_case.

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


class Tokens:
    """The tokens of one instance; every event reads them here, so that a refresh is there for all.

    A refresh that is under way is shared by everything that waits for new tokens, and is not cut short when what
    asked for it is cancelled: a partner that hands out a new refresh token takes the old one no more.

    Args:
        authentication: How the destination is let in.
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
        """The secret of the OAuth client, which outlives all tokens; never to be shown."""
        found = self._credentials.get("clientSecret")
        return None if found is None else str(found)

    async def renew(self, used: Auth, options: EventOptions = NO_OPTIONS) -> None:
        """Sees to it that the tokens are others than those that a 401 came for.

        Nothing is asked when they are already; a refresh that is under way is waited for.

        Args:
            used: The `auth` that was sent.
            options: `on_token_refresh` and `synchronize_refresh_access_token` of the first that asks are used.

        Raises:
            InvalidAuthenticationError: There is no way to refresh, or it gave no token (code OAUTH_REFRESH_FAILED).
            Exception: What `refresh_access_token` or a callback raised.
        """
        if self.auth is not used:
            return
        running = self._running
        if running is None or running.done() or running.get_loop() is not asyncio.get_running_loop():
            running = self._running = asyncio.create_task(self._renew(options))
        await asyncio.shield(running)

    async def _renew(self, options: EventOptions) -> None:
        tokens = await self.refresh(options)
        # Segment: nothing at all is what a destination without `refresh_access_token` gives
        if not isinstance(tokens, Mapping) or not tokens.get("accessToken"):
            raise InvalidAuthenticationError("Failed to refresh access token", ErrorCodes.OAUTH_REFRESH_FAILED)
        # First of all keep them: whatever the callback does, the old ones are no longer valid. They are kept also
        # where the settings had none: the reference forgets them there, and fails again (divergence).
        fresh = {"accessToken": tokens["accessToken"]}
        if tokens.get("refreshToken"):
            fresh["refreshToken"] = tokens["refreshToken"]
        self._keep({**self._credentials, **fresh})
        if self.on_refresh is not None:
            self.on_refresh(fresh)
        if options.on_token_refresh is not None:
            await _awaited(options.on_token_refresh(dict(tokens)))

    async def refresh(self, options: EventOptions = NO_OPTIONS) -> Any:
        """Asks the partner for new tokens and gives its answer; neither kept nor shared.

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
        # Segment: `extend_request` sees no tokens here, as the settings come without them
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
        except KeyError as error:
            absent = error.args[0] if error.args else None
            if absent not in _REFRESH_KEYS or absent in self._credentials:
                raise
            message = f"The access token cannot be refreshed: there is no {absent}"
            raise InvalidAuthenticationError(message, ErrorCodes.OAUTH_REFRESH_FAILED) from None

    async def run(self, work: Callable[[Auth], Awaitable[T]], options: EventOptions = NO_OPTIONS) -> T:
        """Runs something, and once more with new tokens when it ends with a 401.

        Segment: tokens are refreshed after the second 401 too, for whoever comes next
        (test_second_401_refreshes_again_but_is_the_result).

        Raises:
            Exception: What it raised, or what the refresh did.
        """
        used = self.auth
        try:
            return await work(used)
        except Exception as error:  # noqa: BLE001  raised again unless new tokens may help
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
