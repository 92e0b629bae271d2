"""Reads single values of the configuration, such as secrets, paths and addresses. No message holds a secret."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo

from destination.secret_sources import look_up_secret

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_LAST_PORT: Final = 65_535
_LONGEST_KEY: Final = 200


class Address(NamedTuple):
    """An address to listen at.

    Attributes:
        host: A host name, or an IP address without brackets.
        port: The port; 0 is any free one.

    Example:
        >>> str(Address("::1", 8080)), str(Address("127.0.0.1", 0))
        ('[::1]:8080', '127.0.0.1:0')
    """

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class WriteKey(NamedTuple):
    """A key that clients send with their events.

    Attributes:
        value: The key.
        destinations: The names of the destinations that its events reach. None: all of them.
    """

    value: SecretStr
    destinations: tuple[str, ...] | None = None


def read_address(value: Any) -> Address:
    """Reads `host:port`; an IPv6 address is in brackets.

    Raises:
        ValueError: It has another form, or the port is out of range.

    Example:
        >>> read_address("[::1]:8080")
        Address(host='::1', port=8080)
        >>> read_address("8080")
        Traceback (most recent call last):
        ValueError: takes "HOST:PORT", such as "127.0.0.1:8080", not '8080'
    """
    wanted = f'takes "HOST:PORT", such as "127.0.0.1:8080", not {value!r}'
    if not isinstance(value, str):
        raise ValueError(wanted)  # noqa: TRY004  for pydantic
    host, colon, port = value.rpartition(":")
    is_bracketed = host.startswith("[") and host.endswith("]")
    if not colon or not host or not (port.isascii() and port.isdigit()) or (":" in host) != is_bracketed:
        raise ValueError(wanted)
    if int(port) > _LAST_PORT:
        raise ValueError(f"has the port {port}; the last one is {_LAST_PORT}")
    if is_bracketed:
        host = host[1:-1]
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError(wanted) from None
    elif host.replace(".", "").isdigit():
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            raise ValueError(wanted) from None
    return Address(host, int(port))


def read_secret(value: Any, folder: Path) -> SecretStr:
    """Reads a secret: plain text, `{ env = "NAME" }` or `{ file = "path" }`.

    Raises:
        ValueError: It cannot be looked up, is empty or is of another type.

    Example:
        >>> read_secret("s3cr3t", Path())
        SecretStr('**********')
    """
    if isinstance(value, Mapping):
        value = look_up_secret(value, folder)
    if not isinstance(value, str):
        raise ValueError('takes text, { env = "NAME" } or { file = "path" }')  # noqa: TRY004  for pydantic
    if not value:
        raise ValueError("is empty")
    return SecretStr(value)


def read_write_keys(value: Any, folder: Path) -> tuple[WriteKey, ...]:
    """Reads write keys: a list of secrets, or a table whose keys have lists of names of destinations.

    Raises:
        ValueError: It has another form, or a key is there twice.

    Example:
        >>> read_write_keys({"wk-1": ["absmartly"]}, Path())[0].destinations
        ('absmartly',)
    """
    if isinstance(value, Mapping):
        keys = []
        for number, (key, names) in enumerate(value.items(), 1):
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise ValueError(f"key {number} takes a list of names of destinations")
            if not names:
                raise ValueError(f"key {number} has an empty list: name the destinations that its events reach")
            keys.append(WriteKey(read_secret(key, folder), tuple(names)))
    elif isinstance(value, list):
        keys = []
        for number, item in enumerate(value, 1):
            try:
                keys.append(WriteKey(read_secret(item, folder)))
            except ValueError as error:
                raise ValueError(f"key {number} {error}") from None
    else:
        raise ValueError('takes a list of keys, or a table: "key" = ["name of a destination"]')  # noqa: TRY004
    values = [key.value.get_secret_value() for key in keys]
    for number, key in enumerate(values, 1):
        if ":" in key or not (key.isascii() and key.isprintable()) or len(key) > _LONGEST_KEY:
            raise ValueError(f"key {number} is not 1 to {_LONGEST_KEY} printable ASCII characters without a colon")
        if key in values[: number - 1]:
            raise ValueError(f"key {number} is there twice")
    return tuple(keys)


def read_network(value: Any) -> IPNetwork:
    """Reads an IP address or a network, such as `10.0.0.0/8`.

    Raises:
        ValueError: It is neither.

    Example:
        >>> read_network("10.1.2.3")
        IPv4Network('10.1.2.3/32')
    """
    try:
        if not isinstance(value, str):
            raise ValueError  # noqa: TRY004
        return ipaddress.ip_network(value)
    except ValueError as error:
        why = f": {error}" if "host bits" in str(error) else ""
        raise ValueError(f"takes an IP address or a network such as 10.0.0.0/8, not {value!r}{why}") from None


def _path(value: Any, info: ValidationInfo) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("takes the path of a file, as text")
    return _folder(info) / value


def _settings(value: Any, info: ValidationInfo) -> Path | dict[str, Any]:
    if isinstance(value, dict):
        return value
    if not isinstance(value, str):
        raise ValueError("takes a settings file or a table of settings")  # noqa: TRY004  for pydantic
    return _path(value, info)


def _folder(info: ValidationInfo) -> Path:
    folder = (info.context or {}).get("folder", ".")
    return Path(folder)


def _texts(value: Any) -> list[str]:
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not found or not all(isinstance(item, str) and item for item in found):
        raise ValueError("takes text or a list of texts")
    return found


def _networks(value: Any) -> tuple[IPNetwork, ...]:
    if not isinstance(value, list):
        raise ValueError('takes a list of networks, such as ["10.0.0.0/8"]')  # noqa: TRY004  for pydantic
    return tuple(read_network(item) for item in value)


Secret = Annotated[SecretStr, BeforeValidator(lambda value, info: read_secret(value, _folder(info)))]
Listen = Annotated[Address, BeforeValidator(read_address)]
FilePath = Annotated[Path, BeforeValidator(_path)]
SettingsSource = Annotated[Path | dict[str, Any], BeforeValidator(_settings)]
Texts = Annotated[list[str], BeforeValidator(_texts)]
Networks = Annotated[tuple[IPNetwork, ...], BeforeValidator(_networks)]
WriteKeys = Annotated[
    tuple[WriteKey, ...],
    BeforeValidator(lambda value, info: read_write_keys(value, _folder(info))),
    Field(repr=False),
]
