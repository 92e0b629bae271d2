"""Opens listening sockets, and knows the names and addresses of this machine: for every server of the project."""

import ipaddress
import re
import socket

_HOST = re.compile(r"(?:\[(?P<address>[0-9A-Fa-f:.]+)\]|(?P<name>[0-9A-Za-z._-]+))(?::(?P<port>[0-9]{1,5}))?")
_LAST_PORT = 65_535


def open_socket(host: str, port: int) -> socket.socket:
    """Opens a listening socket; port 0 is any free one.

    Raises:
        OSError: The port is in use, or the address is not one of this machine's.

    Example:
        >>> with open_socket("127.0.0.1", 0) as listening:
        ...     listening.getsockname()[0]
        '127.0.0.1'
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host.strip("[]"), port), family=family)


def is_loopback(host: str) -> bool:
    """Returns whether a host name or address is this machine's own.

    Example:
        >>> [is_loopback(host) for host in ("localhost", "127.0.0.2", "::1", "10.0.0.1", "localhost.example.com")]
        [True, True, True, False, False]
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(header: str) -> str | None:
    """Returns the host in a `Host` header, in lower case, without port and brackets; None if the header is invalid.

    Example:
        >>> host_of("LocalHost:3000"), host_of("[::1]:3000"), host_of("127.0.0.1")
        ('localhost', '::1', '127.0.0.1')
        >>> host_of("localhost:evil.com"), host_of("[::1]evil.com"), host_of("localhost:99999")
        (None, None, None)
    """
    found = _HOST.fullmatch(header.strip(" \t"))
    if found is None or int(found["port"] or 0) > _LAST_PORT:
        return None
    return (found["name"] or found["address"]).lower()
