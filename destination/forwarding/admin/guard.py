"""Decides which requests the admin port answers: from this machine, not from a web page, with the token."""

import hmac
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from destination.listening import host_of, is_loopback

_SCHEME: Final = "bearer "


class Guard:
    """Answers 403 to requests that a web page may have sent.

    A page can reach a server on a loopback address, and can get around the browser's same-origin rule if its own name
    resolves to 127.0.0.1 (DNS rebinding). The `Host` header shows that. No page has to post here: `Origin` shows it.

    Args:
        app: The app that it protects.
        host: The address of the server. For a loopback address, only loopback `Host` headers are accepted. For any
            other address every one is: probes and Prometheus use addresses that the server does not know.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._is_local = is_loopback(host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request to the app, or refuses it."""
        reason = self._why_not(scope) if scope["type"] == "http" else None
        if reason is None:
            await self._app(scope, receive, send)
        else:
            await JSONResponse({"ok": False, "error": reason}, 403)(scope, receive, send)

    def _why_not(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        named = host_of(hosts[0]) if len(hosts) == 1 else None
        if named is None or (self._is_local and not is_loopback(named)):
            return "the admin port can only be called by the name of this machine: use http://localhost"
        if scope["method"] not in ("GET", "HEAD") and headers.get("origin") is not None:
            return "web pages cannot use the admin port"
        return None


def has_token(request: Request, token: str | None) -> bool:
    """Returns whether a request has the token, in constant time; true if there is none to have.

    Example:
        >>> headers = [(b"authorization", b"Bearer s3cr3t")]
        >>> request = Request({"type": "http", "headers": headers})
        >>> has_token(request, "s3cr3t"), has_token(request, "other"), has_token(request, None)
        (True, False, True)
    """
    if token is None:
        return True
    header = request.headers.get("authorization", "")
    if header[: len(_SCHEME)].lower() != _SCHEME:
        return False
    return hmac.compare_digest(header[len(_SCHEME) :].strip().encode("latin-1"), token.encode())
