"""Finds out where a request comes from, and under which address the client knows the intake."""

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Scope

from destination.forwarding.http.options import IntakeOptions

_HOST: Final = re.compile(rb"(?:\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z._-]{1,255})(?::[0-9]{1,5})?")
_FORWARDED_FOR: Final = re.compile(r'for\s*=\s*"?([^",;\s]+)', re.IGNORECASE)
_IN_PORT_FORM: Final = re.compile(r"\[([^\]]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+")


def header_of(scope: Scope, name: bytes) -> bytes:
    """Returns the value of a header; empty if it is absent, joined by commas if it is there several times.

    Example:
        >>> header_of({"headers": [(b"via", b"a"), (b"host", b"h"), (b"via", b"b")]}, b"via")
        b'a,b'
    """
    return b",".join([value for key, value in scope["headers"] if key == name])


class Origins:
    """Finds the address of a client, also behind proxies that are trusted.

    Args:
        options: The networks of the proxies, their header, and the public URL of the intake.

    Example:
        >>> origins = Origins(IntakeOptions(trusted_proxies=(ipaddress.ip_network("10.0.0.0/8"),)))
        >>> headers = [(b"x-forwarded-for", b"192.0.2.1, 203.0.113.7, 10.0.0.2"), (b"host", b"events.example.com")]
        >>> scope = {"client": ("10.0.0.1", 50000), "headers": headers, "scheme": "http"}
        >>> origins.client_address(scope), origins.public_address(scope)
        ('203.0.113.7', ('http', 'events.example.com'))
    """

    def __init__(self, options: IntakeOptions) -> None:
        self._proxies = options.trusted_proxies
        self._header = options.forwarded_header.lower().encode()
        self._public: tuple[str, str] | None = None
        if options.public_url is not None:
            url = urlsplit(options.public_url)
            self._public = (url.scheme or "https", (url.netloc + url.path).rstrip("/"))

    def client_address(self, scope: Scope) -> str | None:
        """Returns the IP address of the client; None if the server does not know it.

        The addresses that proxies add are read from the last to the first: the first that is not a trusted proxy's is
        the client's, because everything before it may be made up.
        """
        client = scope.get("client")
        address = _address(client[0]) if client else None
        if not self._proxies or address is None or not _is_in(address, self._proxies):
            return address
        text = header_of(scope, self._header).decode("latin-1")
        found = _FORWARDED_FOR.findall(text) if self._header == b"forwarded" else text.split(",")
        for one in reversed(found):
            hop = _address(one)
            if hop is None:
                break
            address = hop
            if not _is_in(hop, self._proxies):
                break
        return address

    def public_address(self, scope: Scope) -> tuple[str, str]:
        """Returns the scheme, and the host with its port and path, under which the client reaches the intake."""
        if self._public is not None:
            return self._public
        scheme = scope.get("scheme", "http")
        client = scope.get("client")
        address = _address(client[0]) if client else None
        if self._proxies and address is not None and _is_in(address, self._proxies):
            forwarded = header_of(scope, b"x-forwarded-proto")
            if forwarded in (b"http", b"https"):
                scheme = forwarded.decode()
        host = header_of(scope, b"host")
        if _HOST.fullmatch(host):
            return scheme, host.decode()
        server = scope.get("server") or ("localhost", None)
        return scheme, server[0] if server[1] is None else f"{server[0]}:{server[1]}"


@lru_cache(maxsize=4096)
def _address(text: str) -> str | None:
    """Returns an IP address in its usual form, without a port; None for anything else."""
    text = text.strip()
    form = _IN_PORT_FORM.fullmatch(text)
    try:
        address = ipaddress.ip_address((form[1] or form[2]) if form else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


@lru_cache(maxsize=4096)
def _is_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    ip = ipaddress.ip_address(address)
    return any(ip in network for network in networks)
