"""Makes the tester: the routes of Segment's local dev server for a destination."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from destination.local_server import AccessLog, BadRequestError, Guard
from destination.pages import render
from destination.request import Transport, delivery_transport
from destination.runtime import Destination
from destination.server.answers import answer, refused
from destination.server.manifest import to_manifest
from destination.server.routes import Routes

_CLIENT_GONE = 499
_CONNECTIONS = 100

SEGMENT_ORIGINS: Final = (
    "https://app.segment.com",
    "https://eu1.app.segment.com",
    "https://app.segment.build",
    "https://eu1.app.segment.build",
    "http://localhost:8000",
)
"""The origins of Segment's app, which may call the server from a browser."""
_PAGE_HEADERS: Final = {"content-security-policy": "frame-ancestors 'none'", "x-content-type-options": "nosniff"}

Endpoint = Callable[[Request], Awaitable[Response]]


def create_tester(
    destination: Destination[Any],
    *,
    transport: Transport | None = None,
    host: str = "127.0.0.1",
    log: Callable[[str], None] | None = None,
) -> Starlette:
    """Makes the tester as an ASGI application: the routes that Segment's hosted Actions Tester calls.

    Args:
        destination: The destination that is tested.
        transport: The transport that sends to the partner; that of deliveries if None. It is closed when the server
            shuts the application down.
        host: The address of the server, which decides which `Host` headers are accepted.
        log: Called with a line for each request.

    Example:
        >>> import asyncio, httpx
        >>> from destination.catalog.absmartly import absmartly
        >>> async def ask() -> str:
        ...     tester = httpx.ASGITransport(create_tester(absmartly))
        ...     async with httpx.AsyncClient(transport=tester, base_url="http://localhost:3000") as client:
        ...         return (await client.get("/manifest")).json()["directoryName"]
        >>> asyncio.run(ask())
        'absmartly'
    """
    sender = delivery_transport(_CONNECTIONS) if transport is None else transport
    middleware = [
        Middleware(
            Guard,
            host=host,
            origins=SEGMENT_ORIGINS,
            refusal="the page that sent this request is not Segment's app",
        ),
        Middleware(
            CORSMiddleware,
            allow_origins=SEGMENT_ORIGINS,
            allow_methods=("GET", "POST"),
            allow_headers=("*",),
            allow_private_network=True,  # Segment's tester is a public page that calls this machine
        ),
    ]
    if log is not None:
        middleware.insert(0, Middleware(AccessLog, write=log))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await sender.aclose()

    return Starlette(
        routes=_routes(destination, sender),
        middleware=middleware,
        exception_handlers={BadRequestError: _bad_request, HTTPException: _no_route, ClientDisconnect: _gone},
        lifespan=lifespan,
    )


def routes_of(destination: Destination[Any]) -> list[str]:
    """Lists the routes of a destination in their order, for people.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> routes_of(absmartly)
        ['GET /manifest', 'POST /authenticate', 'POST /refreshAccessToken', 'POST /trackGoal', 'POST /trackExposure']
    """
    paths = _own_paths(destination)
    for slug, action in destination.actions.items():
        paths.append(f"/{slug}")
        paths += [f"/{slug}/{field}" for field in action.dynamic_fields]
        for name, hook in action.hooks.items():
            paths.append(f"/{slug}/hooks/{name}")
            paths += [f"/{slug}/hooks/{name}/dynamic/{field}" for field in hook.dynamic_functions]
    return ["GET /manifest", *(f"POST {path}" for path in paths)]


def _own_paths(destination: Destination[Any]) -> list[str]:
    """Returns the routes that belong to no action; they precede an action of the same name."""
    paths = ["/authenticate"]
    if destination.on_delete is not None:
        paths.append("/delete")
    audience = destination.audience_config
    if audience is not None and audience.has_functions:
        paths += ["/createAudience", "/getAudience"]
    return [*paths, "/refreshAccessToken"]


def _routes(destination: Destination[Any], transport: Transport) -> list[Route]:
    routes = Routes(destination, transport)
    manifest = to_manifest(destination)
    page = render(
        __package__,
        "page.html",
        name=destination.name,
        command=f"destination studio events.ndjson --destination {destination.slug}",
        routes=routes_of(destination),
    )

    async def show(_request: Request) -> Response:
        return Response(page, media_type="text/html", headers=_PAGE_HEADERS)

    async def describe(_request: Request) -> Response:
        return answer(manifest)

    own: dict[str, Endpoint] = {
        "/authenticate": routes.authenticate,
        "/delete": routes.delete,
        "/createAudience": routes.create_audience,
        "/getAudience": routes.get_audience,
        "/refreshAccessToken": routes.refresh_access_token,
    }
    of_actions: dict[str, Endpoint] = {
        "/{action}": routes.action,
        "/{action}/{field}": routes.dynamic_field,
        "/{action}/hooks/{hook}": routes.hook,
        "/{action}/hooks/{hook}/dynamic/{field}": routes.hook_dynamic_field,
    }
    posted = {path: own[path] for path in _own_paths(destination)} | of_actions
    return [
        Route("/", show, methods=["GET"]),
        Route("/manifest", describe, methods=["GET"]),
        *(Route(path, endpoint, methods=["POST"]) for path, endpoint in posted.items()),
    ]


async def _bad_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequestError)  # noqa: S101  registered for it; for the type checker
    return refused(str(error), error.status)


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=_CLIENT_GONE)  # for the log only; the client is gone


async def _no_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it; for the type checker
    return refused(f"there is no {request.method} {request.url.path} here: {error.detail}", error.status_code)
