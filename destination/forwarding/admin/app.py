"""Serves the admin port: health, readiness, metrics, reloading, the last events and the dead letters."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, Final, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from destination.delivery import RecordingError
from destination.forwarding.admin.guard import Guard, has_token
from destination.forwarding.admin.metrics import Metrics, States
from destination.forwarding.admin.tail import EventTail
from destination.forwarding.config import ConfigError
from destination.forwarding.dead_letter_file import DeadLetter
from destination.forwarding.masks import Masks
from destination.forwarding.replaying import Replayed
from destination.local_server import BadRequestError, read_posted

_MAX_BODY_BYTES: Final = 1 << 20
_MAX_SHOWN: Final = 1_000
_WITH_EVENTS: Final = ("/-/events", "/-/dead-letters", "/-/dead-letters/replay")


class Panel(Protocol):
    """What the admin port shows and does; the service is one."""

    @property
    def states(self) -> States:
        """Returns the state of each destination, by name."""
        ...

    @property
    def masks(self) -> Masks:
        """Masks all secrets in what is shown."""
        ...

    def not_ready(self) -> str | None:
        """Returns why no event can be accepted now, or None."""
        ...

    async def reload(self) -> list[str]:
        """Loads the configuration again; returns what changed.

        Raises:
            ConfigError: It cannot be used. Everything goes on as before.
        """
        ...

    def dead_letters(self, destination: str) -> Iterable[DeadLetter]:
        """Returns the dead letters of a destination.

        Raises:
            LookupError: There is no destination of that name, or it keeps none.
            RecordingError: Its file cannot be read.
        """
        ...

    async def replay(self, destination: str, names: Collection[str]) -> Replayed:
        """Sends dead letters again, and removes those that were acknowledged.

        Raises:
            LookupError: There is no destination of that name, or it keeps none.
            RecordingError: Its file cannot be read or written.
        """
        ...


def create_admin(
    panel: Panel, metrics: Metrics, *, host: str = "127.0.0.1", token: str | None = None, tail: EventTail | None = None
) -> Starlette:
    """Makes the admin port as an ASGI application.

    Without a token, reloading is open to whoever reaches the port. The last events and the dead letters are served
    only with a token.

    Args:
        panel: What is shown and done.
        metrics: The metrics.
        host: The address of the server, which decides which `Host` headers are accepted.
        token: What reload, replay and events want as `Authorization: Bearer …`.
        tail: The last events. None: neither they nor the dead letters are served.

    Example:
        >>> import httpx
        >>> from types import SimpleNamespace
        >>> panel = SimpleNamespace(not_ready=lambda: "stopping", states=dict, masks=Masks())
        >>> async def ask() -> str:
        ...     admin = httpx.ASGITransport(create_admin(panel, Metrics(dict)))
        ...     async with httpx.AsyncClient(transport=admin, base_url="http://localhost:8081") as client:
        ...         return (await client.get("/readyz")).text
        >>> asyncio.run(ask())
        '{"ready":false,"reason":"stopping","paused":{},"behind":[],"destinations":{}}'
    """
    routes = _Routes(panel, metrics, tail)

    def guarded(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def with_token(request: Request) -> Response:
            if not has_token(request, token):
                return _answer(panel, _refusal("this needs the token: Authorization: Bearer …"), 401)
            return await endpoint(request)

        return with_token

    served = [
        Route("/healthz", routes.health),
        Route("/readyz", routes.ready),
        Route("/metrics", routes.metrics),
        Route("/-/reload", guarded(routes.reload), methods=["POST"]),
    ]
    serves_events = tail is not None and token is not None
    if serves_events:
        served += [
            Route("/-/events", guarded(routes.events)),
            Route("/-/dead-letters", guarded(routes.dead_letters)),
            Route("/-/dead-letters/replay", guarded(routes.replay), methods=["POST"]),
        ]

    async def no_route(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        path = request.url.path
        hint = "" if serves_events or path not in _WITH_EVENTS else ": it needs [admin] events = true and a token"
        return _answer(panel, _refusal(f"there is no {request.method} {path} here{hint}"), status)

    async def bad_request(_request: Request, error: Exception) -> Response:
        status = error.status if isinstance(error, BadRequestError) else 400
        return _answer(panel, _refusal(str(error)), status)

    async def unreadable(_request: Request, error: Exception) -> Response:
        return _answer(panel, _refusal(str(error)), 500)

    async def gone(_request: Request, _error: Exception) -> Response:
        return Response(status_code=400)  # nobody reads it: the client is gone

    return Starlette(
        routes=served,
        middleware=[Middleware(Guard, host=host)],
        exception_handlers={
            HTTPException: no_route,
            BadRequestError: bad_request,
            RecordingError: unreadable,
            ClientDisconnect: gone,
        },
    )


class _Routes:
    def __init__(self, panel: Panel, metrics: Metrics, tail: EventTail | None) -> None:
        self._panel = panel
        self._metrics = metrics
        self._tail = tail

    async def health(self, _request: Request) -> Response:
        """`GET /healthz`: the process runs."""
        return _answer(self._panel, {"ok": True})

    async def ready(self, _request: Request) -> Response:
        """`GET /readyz`: 200 as long as events are accepted; names the destinations that are paused or behind."""
        reason = self._panel.not_ready()
        shown: dict[str, Any] = {"ready": reason is None}
        if reason is not None:
            shown["reason"] = reason
        states = self._panel.states()
        shown["paused"] = {name: state.reason or "" for name, state in states.items() if state.is_paused}
        shown["behind"] = [name for name, state in states.items() if state.is_behind]
        shown["destinations"] = {
            name: {
                "waiting": state.depth.rows,
                "bytes": state.depth.bytes,
                "oldestSeconds": round(state.depth.age_s, 3),
            }
            for name, state in states.items()
        }
        return _answer(self._panel, shown, 200 if reason is None else 503)

    async def metrics(self, _request: Request) -> Response:
        """`GET /metrics`: the metrics for Prometheus."""
        return Response(self._metrics.text(), headers={"content-type": self._metrics.content_type})

    async def reload(self, _request: Request) -> Response:
        """`POST /-/reload`: loads the configuration again, or refuses it whole."""
        try:
            changed = await self._panel.reload()
        except ConfigError as error:
            return _answer(self._panel, {"ok": False, "errors": list(error.lines)}, 422)
        return _answer(self._panel, {"ok": True, "changed": changed})

    async def events(self, request: Request) -> Response:
        """`GET /-/events?after=VERSION&limit=N`: the last events with their outcomes."""
        assert self._tail is not None  # noqa: S101  the route is there only with it
        found = self._tail.after(_number(request, "after", 0), min(_number(request, "limit", 100), _MAX_SHOWN))
        return _answer(self._panel, {"run": self._tail.run, "events": found})

    async def dead_letters(self, request: Request) -> Response:
        """`GET /-/dead-letters?destination=NAME&skip=N&limit=N`: the dead letters of a destination, oldest first."""
        name = request.query_params.get("destination", "")
        if not name:
            names = ", ".join(self._panel.states())
            raise BadRequestError(f"name a destination: ?destination=NAME; there are: {names}")
        skip, limit = _number(request, "skip", 0), min(_number(request, "limit", 100), _MAX_SHOWN)
        found = _known(lambda: self._panel.dead_letters(name))
        total, shown = await asyncio.to_thread(_page, found, skip, limit)
        return _answer(self._panel, {"total": total, "deadLetters": shown})

    async def replay(self, request: Request) -> Response:
        """`POST /-/dead-letters/replay` with `{"destination": NAME, "ids": […]}`: sends those that are named again."""
        body = await read_posted(request, _MAX_BODY_BYTES)
        name, ids = body.get("destination"), body.get("ids")
        if not isinstance(name, str) or not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise BadRequestError('post {"destination": "NAME", "ids": ["…"]}')
        _known(lambda: self._panel.dead_letters(name))
        found = await self._panel.replay(name, ids)
        return _answer(self._panel, {"ok": True, **found.to_json()})


def _known(look_up: Callable[[], Iterable[DeadLetter]]) -> Iterable[DeadLetter]:
    try:
        return look_up()
    except LookupError as error:
        raise BadRequestError(str(error.args[0]), 404) from None


def _page(found: Iterable[DeadLetter], skip: int, limit: int) -> tuple[int, list[dict[str, Any]]]:
    """Returns how many dead letters there are, and a part of them as JSON."""
    total = 0
    shown = []
    for one in found:
        if skip <= total < skip + limit:
            shown.append(one.to_json(with_event=True))
        total += 1
    return total, shown


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequestError(f"{name} is a whole number, 0 or more")
    return int(text)


def _refusal(message: str) -> dict[str, Any]:
    return {"ok": False, "error": message}


def _answer(panel: Panel, value: Any, status: int = 200) -> Response:
    """Makes a JSON answer without secrets."""
    return Response(panel.masks.json(value), status, media_type="application/json")
