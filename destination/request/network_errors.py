"""What Node calls the failures of a network."""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from destination.request.url import Url
from destination.request.wire import TLS_CODES, port_of

_ERRNO = re.compile(r"\[Errno (\d+)\]")


class HangUpError(Exception):
    """A connection ended, or brought something that is no HTTP, before an answer was complete."""


def code_and_reason(error: BaseException, url: Url, *, connecting: bool) -> tuple[str, str]:
    """Node's code and words for a failure, from what is behind it.

    Args:
        error: What was raised.
        url: Where the request went.
        connecting: Whether there was no connection yet.

    Example:
        >>> from destination.request.url import parse_url
        >>> code_and_reason(ConnectionRefusedError(111, "refused"), parse_url("https://h/"), connecting=True)
        ('ECONNREFUSED', 'connect ECONNREFUSED h:443')
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return TLS_CODES.get(getattr(cause, "verify_code", 0), "EPROTO"), getattr(
                cause, "reason", None
            ) or "TLS failed"
        if isinstance(cause, socket.gaierror):
            code = "EAI_AGAIN" if cause.errno == socket.EAI_AGAIN else "ENOTFOUND"
            return code, f"getaddrinfo {code} {url.host}"
        number = _number(cause)
        if number in errno.errorcode:
            code = errno.errorcode[number]
            return code, f"connect {code} {url.host}:{port_of(url)}" if connecting else f"read {code}"
    if connecting:
        return "ECONNREFUSED", f"connect ECONNREFUSED {url.host}:{port_of(url)}"
    return "ECONNRESET", "socket hang up"


def _number(cause: BaseException) -> int:
    if not isinstance(cause, OSError):
        return 0
    # asyncio, where several addresses failed, has their numbers in its text only.
    found = _ERRNO.search(str(cause)) if cause.errno is None else None
    return int(found[1]) if found is not None else cause.errno or 0


def _causes(error: BaseException) -> Iterator[Any]:
    """The error and everything behind it, groups included."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            waiting.extend(cause.exceptions)
        waiting.extend((cause.__cause__, cause.__context__))
