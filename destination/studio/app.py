"""Makes the studio as an ASGI application: its page, its static files, and the routes that the page calls."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from inspect import isawaitable
from secrets import compare_digest, token_urlsafe
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from destination.errors import DestinationError
from destination.local_server import AccessLog, BadRequestError, Guard, read_posted
from destination.studio import (
    comparing,
    completion,
    exporting,
    inspection,
    live,
    new_events,
    remedies,
    saving,
    searching,
    sending,
)
from destination.studio.session import Studio, StudioProblem, draft_in
from destination.studio.static_files import PageHeaders, render_page, static_file
from destination.usage_problem import UsageProblem
from destination.values import write_json
from destination.values.printable import printable

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
"""The maximum size of what the page posts, in bytes."""
_CLIENT_GONE: Final = 499
TOKEN_HEADER: Final = "X-Studio-Token"  # noqa: S105  the name of a header

_LOG = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]


def create_studio(
    studio: Studio, *, host: str = "127.0.0.1", log: Callable[[str], None] | None = None, token: str | None = None
) -> Starlette:
    """Makes the studio as an ASGI application.

    Args:
        studio: What it works on. Its corpus is loaded while the application runs.
        host: The address of the server, which decides which `Host` headers are accepted.
        log: Called with a line for each request.
        token: What the page must send with each call; a random one if None.

    Example:
        >>> import httpx
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> app = create_studio(Studio(absmartly, placeholders(absmartly), None, None))
        >>> async def ask() -> str:
        ...     async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        ...         return (await client.get("http://localhost/api/session")).json()["error"]
        >>> asyncio.run(ask())
        'The call has no valid token. Reload the page.'
    """
    routes = _Routes(studio, token_urlsafe(32) if token is None else token)
    middleware = [
        Middleware(PageHeaders),
        Middleware(Guard, host=host, refusal="Only the page of this server may send this request."),
    ]
    if log is not None:
        middleware.insert(0, Middleware(AccessLog, write=log))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        loading = asyncio.create_task(studio.corpus.load())
        yield
        loading.cancel()
        with suppress(asyncio.CancelledError):
            await loading

    return Starlette(
        routes=routes.all(),
        middleware=middleware,
        exception_handlers={
            DestinationError: _refused,
            UsageProblem: _refused,
            HTTPException: _no_route,
            ClientDisconnect: _gone,
        },
        lifespan=lifespan,
    )


class _Routes:
    """The routes of the page and those that it calls.

    Args:
        studio: What they work on.
        token: What each call of the page must bring.
    """

    def __init__(self, studio: Studio, token: str) -> None:
        self._studio = studio
        self._token = token

    def all(self) -> list[Route]:
        """Lists the routes."""
        of_page = [Route("/", self.page), Route("/static/{path:path}", self.static)]
        read: dict[str, Callable[[Request], Any]] = {
            "/session": lambda _: self._studio.to_json(),
            "/corpus": lambda _: self._studio.corpus.status(),
            "/events/{index:int}": self._event,
            "/live/status": lambda _: self._live("status"),
            "/live/events": lambda request: self._live("events", request.query_params.get("after")),
            "/live/dead-letters": self._dead_letters,
        }
        posted: dict[str, Callable[[dict[str, Any]], Any]] = {
            "/events": lambda body: searching.search(self._studio, body),
            "/compare": lambda body: comparing.compare(self._studio, draft_in(body)),
            "/samples": lambda body: comparing.samples(self._studio, body),
            "/explain": lambda body: inspection.explain(self._studio, *_about_event(body)),
            "/remedies": lambda body: remedies.remedies(self._studio, *_about_event(body)),
            "/complete": lambda body: completion.complete(self._studio, *_about_event(body)),
            "/new-events": lambda body: new_events.new_events(
                self._studio, draft_in(body), body.get("selected"), _text(body, "kind")
            ),
            "/save": lambda body: saving.save(self._studio, body),
            "/export": lambda body: exporting.export(self._studio, draft_in(body), _text(body, "form")),
            "/test-case": lambda body: exporting.test_case(
                self._studio, draft_in(body), _event_in(body), _text(body, "form")
            ),
            "/send": self._send,
            "/live/check": lambda body: self._live("check", draft_in(body), body.get("events")),
            "/live/replay": self._replay,
        }
        return [
            *of_page,
            *(Route(f"/api{path}", self._reads(answer), methods=["GET"]) for path, answer in read.items()),
            *(Route(f"/api{path}", self._takes(answer), methods=["POST"]) for path, answer in posted.items()),
        ]

    # --- the page ----------------------------------------------------------------------------------------

    async def page(self, _request: Request) -> Response:
        """`GET /`: the page, with the token of its calls."""
        title = f"Studio · {getattr(self._studio.document, 'name', self._studio.definition.name)}"
        return Response(render_page(title, self._token), media_type="text/html")

    async def static(self, request: Request) -> Response:
        """`GET /static/…`: a script, style sheet or picture of the page."""
        return static_file(request.path_params["path"], request.headers.get("if-none-match"))

    # --- what the routes call ----------------------------------------------------------------------------

    def _event(self, request: Request) -> Any:
        index = request.path_params["index"]
        try:
            return self._studio.corpus.event(index)
        except LookupError:
            raise StudioProblem(f"the corpus has no event with the index {index}", 404) from None

    def _send(self, body: dict[str, Any]) -> Any:
        if not self._studio.allow_send:
            raise StudioProblem("Sending is locked. Start the studio with --allow-send to send.", 403)
        return sending.send(self._studio, *_about_event(body))

    def _replay(self, body: dict[str, Any]) -> Any:
        if not self._studio.allow_send:
            raise StudioProblem("Replaying is locked. Start the studio with --allow-send to replay.", 403)
        return self._live("replay", body.get("destination"), body.get("ids"))

    def _dead_letters(self, request: Request) -> Any:
        query = request.query_params
        return self._live(
            "dead_letters", query.get("destination"), _number(query, "skip", 0), _number(query, "limit", 50)
        )

    def _live(self, name: str, *arguments: Any) -> Any:
        if self._studio.forwarder is None:
            raise StudioProblem("There is no forwarder. Start the studio with --forward URL to see live events.", 404)
        return getattr(live, name)(self._studio, *arguments)

    # --- answers -----------------------------------------------------------------------------------------

    def _reads(self, answer: Callable[[Request], Any]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            self._check_token(request)
            return await self._answer(lambda: answer(request))

        return endpoint

    def _takes(self, answer: Callable[[dict[str, Any]], Any]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            self._check_token(request)
            body = await read_posted(request, MAX_BODY_BYTES)
            return await self._answer(lambda: answer(body))

        return endpoint

    async def _answer(self, make: Callable[[], Any]) -> Response:
        """Makes an answer of what a function returns: a value, something to await, or a stream of values."""
        try:
            value = make()
            if hasattr(value, "__aiter__"):
                return StreamingResponse(self._lines(value), media_type="application/x-ndjson")
            return _json(await value if isawaitable(value) else value)
        except (DestinationError, UsageProblem, HTTPException, ClientDisconnect):
            raise
        except Exception as error:  # noqa: BLE001  the page says it where it happened, and goes on
            return _json(self._fault(error), 500)

    async def _lines(self, values: AsyncIterator[Any]) -> AsyncIterator[bytes]:
        try:
            async for value in values:
                yield write_json(value) + b"\n"
        # The answer has begun: its last line says why it ends.
        except (DestinationError, UsageProblem) as error:
            yield write_json(_error_of(error)) + b"\n"
        except Exception as error:  # noqa: BLE001  as above
            yield write_json(self._fault(error)) + b"\n"

    def _fault(self, error: Exception) -> dict[str, Any]:
        """Logs a fault of the studio, and writes it for the page."""
        message = self._studio.redactor.text(f"{type(error).__name__}: {error}")
        _LOG.error("destination: a fault of the studio: %s", printable(message))
        return {"error": f"A fault of the studio: {message}", "lines": [message]}

    def _check_token(self, request: Request) -> None:
        given = request.headers.get(TOKEN_HEADER, "")
        if not compare_digest(given.encode(), self._token.encode()):
            raise StudioProblem("The call has no valid token. Reload the page.", 403)


def _json(value: Any, status: int = 200) -> Response:
    return Response(write_json(value), status, media_type="application/json")


# --- what is posted --------------------------------------------------------------------------------------


def _event_in(body: dict[str, Any]) -> dict[str, Any]:
    event = body.get("event")
    if not isinstance(event, dict):
        raise StudioProblem('`event` must be {"index": 14} or {"text": "{…}"}')
    return event


def _text(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise StudioProblem(f"`{key}` must be a text")
    return value


def _about_event(body: dict[str, Any]) -> tuple[Any, Any, Any]:
    return draft_in(body), body.get("selected"), _event_in(body)


def _number(query: Any, name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise StudioProblem(f"`{name}` must be a whole number, not {text!r}")
    return int(text)


# --- errors ----------------------------------------------------------------------------------------------


async def _refused(_request: Request, error: Exception) -> Response:
    return _json(_error_of(error), error.status if isinstance(error, BadRequestError) else 400)


def _error_of(error: Exception) -> dict[str, Any]:
    lines = list(error.lines) if isinstance(error, UsageProblem) else [str(error)]
    return {"error": " ".join(lines), "lines": lines, **(error.more if isinstance(error, StudioProblem) else {})}


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=_CLIENT_GONE)  # for the log only; the page is gone


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it; for the type checker
    message = f"there is no {request.method} {request.url.path} here: {error.detail}"
    return _json({"error": message, "lines": [message]}, error.status_code)
