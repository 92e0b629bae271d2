"""Serves the page and its static files, with headers that let the page load nothing else."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from destination.pages.page import render

HOME: Final = Path(__file__).parent
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = [
    (b"content-security-policy", _POLICY.encode()),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
]


class PageHeaders:
    """Adds to every answer what a browser may do with it: the content security policy and its neighbours.

    Args:
        app: The app that answers.

    Example:
        >>> import asyncio, httpx
        >>> from starlette.applications import Starlette
        >>> async def ask() -> str:
        ...     async with httpx.AsyncClient(transport=httpx.ASGITransport(PageHeaders(Starlette()))) as client:
        ...         return (await client.get("http://localhost/")).headers["x-content-type-options"]
        >>> asyncio.run(ask())
        'nosniff'
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request to the app, and adds the headers when the answer begins."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name for name, _ in given}
                if b"cache-control" not in names:
                    given.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*given, *_HEADERS]}
            await send(message)

        await self._app(scope, receive, add)


def render_page(title: str, token: str) -> str:
    """Returns the page.

    Args:
        title: Its title.
        token: What its calls must bring.

    Example:
        >>> "<title>Studio · a&lt;b</title>" in render_page("Studio · a<b", "t")
        True
    """
    return render("destination.studio", "page.html", title=title, token=token)


def static_file(path: str, known: str | None = None) -> Response:
    """Answers with a file of `static/`, or with 304 where the browser has it.

    Args:
        path: The path under `/static/`.
        known: The `If-None-Match` header.

    Raises:
        HTTPException: There is no such file (404).

    Example:
        >>> static_file("js/main.js").headers["content-type"]
        'text/javascript; charset=utf-8'
        >>> static_file("../page.html")
        Traceback (most recent call last):
        starlette.exceptions.HTTPException: 404: Not Found
    """
    parts = path.split("/")
    file = HOME / "static" / Path(*parts)
    # Only plain names: neither `..` nor an empty part, a drive or a backslash leads out of the folder.
    if not all(part.strip(".") and part.isascii() and "\\" not in part and ":" not in part for part in parts):
        raise HTTPException(404)
    media_type = _TYPES.get(file.suffix)
    if media_type is None or not file.is_file():
        raise HTTPException(404)
    content = file.read_bytes()
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    # `no-cache`: the browser asks each time, so that a new version of the package shows at once.
    headers = {"etag": tag, "cache-control": "no-cache", "content-type": media_type}
    if known is not None and tag in known:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers)
