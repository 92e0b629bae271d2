"""Calls the admin port of a forwarder, and says in words why an answer is not there."""

import ssl
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import httpx

from destination.listening import is_loopback
from destination.runtime import Redactor
from destination.studio.session import Forwarder, StudioProblem
from destination.usage_problem import UsageProblem
from destination.values import read_json

_TIMEOUT_S: Final = 10.0
_REPLAY_TIMEOUT_S: Final = 600.0
_BAD_GATEWAY: Final = 502
_MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024
_HOW_TO_GIVE: Final = "Give it with --forward-token-env NAME or --forward-token-file FILE."


def check_address(url: str) -> None:
    """Refuses an address to which the token would go in the clear, or which has credentials in it.

    Args:
        url: The address of the admin port.

    Raises:
        UsageProblem: It is neither https nor an address of this machine, or it cannot be one.

    Example:
        >>> check_address("http://127.0.0.1:8081")
        >>> check_address("http://forwarder.example:8081")
        Traceback (most recent call last):
        destination.usage_problem.UsageProblem: --forward http://forwarder.example:8081: the token and the events would
        be sent in the clear; use https, or an address of this machine
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise UsageProblem(f"--forward: this is not an address: {error}") from None
    if parsed.userinfo:
        raise UsageProblem(f"--forward: leave the credentials out of the address. {_HOW_TO_GIVE}")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageProblem(f"--forward takes an address such as http://127.0.0.1:8081, not {url!r}")
    if parsed.scheme == "http" and not is_loopback(parsed.host):
        raise UsageProblem(
            f"--forward {url}: the token and the events would be sent in the clear; "
            "use https, or an address of this machine"
        )


class ForwarderRefusal(StudioProblem):
    """The forwarder answered that it does not do what it was called for.

    Args:
        message: What is wrong, and what to do.
        answered: The status of its answer.

    Example:
        >>> ForwarderRefusal("The forwarder at http://127.0.0.1:8081 needs a token.", 401).answered
        401
    """

    def __init__(self, message: str, answered: int) -> None:
        super().__init__(message, _BAD_GATEWAY)
        self.answered = answered


class AdminClient:
    """Calls the admin port of a forwarder.

    Args:
        forwarder: Its address and its token.

    Raises:
        UsageProblem: The address must not be used; see `check_address`.

    Example:
        >>> import asyncio
        >>> asyncio.run(AdminClient(Forwarder("http://127.0.0.1:9")).get("/readyz"))
        Traceback (most recent call last):
        destination.studio.session.StudioProblem: The forwarder at http://127.0.0.1:9 cannot be reached. Is it running?
    """

    def __init__(self, forwarder: Forwarder) -> None:
        check_address(forwarder.url)
        self._url = forwarder.url.rstrip("/")
        self._token = forwarder.token
        self._mask = Redactor({"token": forwarder.token or ""}, ["token"])

    async def get(self, path: str, **query: str | int) -> dict[str, Any]:
        """Reads a route that answers with a JSON object; a forwarder that is not ready also answers with one.

        Raises:
            StudioProblem: There is no such answer; the message says why and what to do.
        """
        return self._object(await self._call("GET", path, query))

    async def text(self, path: str) -> str:
        """Reads a route that answers with text.

        Raises:
            StudioProblem: There is no such answer; the message says why and what to do.
        """
        answer = await self._call("GET", path)
        if not answer.is_success:
            self._object(answer)
        return answer.content.decode("utf-8", "replace")

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Posts a JSON object to a route that answers with one.

        Raises:
            StudioProblem: There is no such answer; the message says why and what to do.
        """
        return self._object(await self._call("POST", path, body=body))

    async def _call(
        self, method: str, path: str, query: Mapping[str, str | int] | None = None, body: Any = None
    ) -> "_Answer":
        is_local = self._url.startswith("http://")
        timeout = httpx.Timeout(_REPLAY_TIMEOUT_S if method == "POST" else _TIMEOUT_S, connect=_TIMEOUT_S)
        verify = False if is_local else _tls()
        headers = {} if self._token is None else {"authorization": f"Bearer {self._token}"}
        try:
            async with (
                httpx.AsyncClient(trust_env=not is_local, verify=verify, timeout=timeout) as client,
                client.stream(method, self._url + path, params=query, json=body, headers=headers) as response,
            ):
                chunks, size = [], 0
                async for chunk in response.aiter_bytes():
                    size += len(chunk)
                    if size > _MAX_ANSWER_BYTES:
                        raise self._problem(f"sent more than {_MAX_ANSWER_BYTES:,} bytes.")
                    chunks.append(chunk)
                return _Answer(response.status_code, b"".join(chunks))
        except httpx.TimeoutException:
            raise self._problem("did not answer in time. Try again.") from None
        except httpx.ConnectError as error:
            is_tls = any(isinstance(one, ssl.SSLError) for one in _causes(error))
            reason = f": its certificate is not accepted: {error}" if is_tls else ". Is it running?"
            raise self._problem(f"cannot be reached{reason}") from None
        except (httpx.HTTPError, UnicodeError) as error:
            raise self._problem(f"cannot be reached: {str(error) or type(error).__name__}") from None

    def _object(self, answer: "_Answer") -> dict[str, Any]:
        try:
            found = read_json(answer.content)
        except ValueError:
            found = None
        masked: dict[str, Any] = self._mask(found) if isinstance(found, dict) else {}
        if isinstance(found, dict) and (answer.is_success or "ready" in masked):
            return masked
        if not isinstance(masked.get("error"), str):
            raise self._problem(f"is not the admin port of a forwarder: it answered {answer.status}.")
        raise self._refusal(answer.status, masked["error"])

    def _refusal(self, status: int, reason: str) -> ForwarderRefusal:
        if status == httpx.codes.UNAUTHORIZED:
            what = f"{'needs a token' if self._token is None else 'does not accept the token'}. {_HOW_TO_GIVE}"
        elif status == httpx.codes.NOT_FOUND and "events = true" in reason:
            what = "does not serve events: its configuration needs `events = true` and a `token` in the table [admin]."
        else:
            what = f"refused: {reason}"
        return ForwarderRefusal(str(self._problem(what)), status)

    def _problem(self, what: str) -> StudioProblem:
        return StudioProblem(self._mask.text(f"The forwarder at {self._url} {what}"), _BAD_GATEWAY)


class _Answer(NamedTuple):
    status: int
    content: bytes

    @property
    def is_success(self) -> bool:
        return httpx.codes.is_success(self.status)


def _causes(error: BaseException | None) -> list[BaseException]:
    found = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """The certificates that are trusted; to read them takes 20 ms."""
    return httpx.create_ssl_context()
