"""Reads a configuration file, and says of each mistake in which line it is and what to write instead."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from destination.errors import DestinationError
from destination.forwarding.config.models import (
    AdminTable,
    DestinationTable,
    ForwardConfig,
    HttpTable,
    LogTable,
    MaxBehindTable,
    QueueTable,
)
from destination.listening import is_loopback

_MAX_BYTES: Final = 1 << 20
_MAX_LINES: Final = 5_000
_AT_LINE: Final = re.compile(r"(.*) \(at line (\d+), (column \d+)\)", re.DOTALL)
_TABLES: Final[dict[tuple[str, ...], type[BaseModel]]] = {
    (): ForwardConfig,
    ("http",): HttpTable,
    ("queue",): QueueTable,
    ("admin",): AdminTable,
    ("log",): LogTable,
    ("destinations",): DestinationTable,
    ("destinations", "max_behind"): MaxBehindTable,
}

Location = tuple[str | int, ...]


class ConfigError(DestinationError):
    """A configuration cannot be used.

    Args:
        lines: Each says what is wrong, in which file and line, and what to do. None holds a secret.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def load_config(path: Path) -> ForwardConfig:
    r"""Reads a configuration file.

    Raises:
        ConfigError: It cannot be read, is not valid TOML, or something in it is wrong; all mistakes are listed.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp(), "forward.toml")
        >>> _ = file.write_text('[http]\nlisten = "127.0.0.1:0"\nwrite_key = ["wk-1"]')
        >>> load_config(file)
        Traceback (most recent call last):
        destination.forwarding.config.loading.ConfigError: ...: http has no key 'write_key'; did you mean write_keys?...
    """
    text = _read(path)
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT_LINE.fullmatch(str(error))
        line, reason = (f":{found[2]}", f"{found[1]} ({found[3]})") if found else ("", error)
        raise ConfigError(f"{path}{line}: is not valid TOML: {reason}") from None
    context = {"folder": path.parent, "path": path, "text": text}
    try:
        config = ForwardConfig.model_validate(tables, context=context)
    except ValidationError as error:
        raise _error(path, text, [_problem(details, tables) for details in error.errors(include_url=False)]) from None
    if problems := list(_contradictions(config)):
        raise _error(path, text, problems)
    return config


def _error(path: Path, text: str, problems: Sequence[tuple[Location, str]]) -> ConfigError:
    """Makes the error of mistakes, in the order of their lines."""
    found = sorted(((line_of(text, location) or 0, message) for location, message in problems), key=itemgetter(0))
    return ConfigError(*(f"{_where(path, line)}: {message}" for line, message in found))


def where(config: ForwardConfig, *location: str | int) -> str:
    r"""Returns the file and the line of a value, or of the table that should hold it, as messages name them.

    Args:
        config: A configuration that was read from a file.
        *location: The keys and indexes of the value.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp(), "forward.toml")
        >>> _ = file.write_text('[http]\nlisten = "127.0.0.1:0"\n[[destinations]]\nname = "a"\nslug = "x"')
        >>> where(load_config(file), "destinations", 0, "slug")
        '...forward.toml:5'
    """
    return _where(config.path, line_of(config.text, location))


def _where(path: Path, line: int | None) -> str:
    return f"{path}:{line}" if line else str(path)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise ConfigError(f"{path}: is larger than {_MAX_BYTES:,} bytes; give a configuration in TOML")
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such configuration") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: is a folder; give a configuration in TOML") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text; give a configuration in TOML") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}".lower()) from None


# --- mistakes in one table -------------------------------------------------------------------------------


def _problem(details: Any, tables: Any) -> tuple[Location, str]:
    """Returns where a mistake is, and what it is, in the words of a configuration."""
    location: Location = details["loc"]
    kind, limits = details["type"], details.get("ctx") or {}
    table = _TABLES.get(tuple(str(part) for part in location[:-1] if isinstance(part, str)))
    owner = _name(location[:-1]) or "the configuration"
    key = str(location[-1]) if location else ""
    if kind == "extra_forbidden" and table is not None:
        known = list(table.model_fields)
        close = get_close_matches(key, known, n=1, cutoff=0.6)
        hint = f"did you mean {close[0]}?" if close else f"it takes: {', '.join(known)}"
        return location, f"{owner} has no key {key!r}; {hint}"
    if kind == "missing":
        if location == ("destinations",):
            return (), f'{owner} has no {key}: add a table [[destinations]] with name = "…" and slug = "…"'
        return location[:-1], f"{owner} has no {key}, which it needs"
    if location == ("destinations",) and kind == "list_type":
        return location, "destinations is a list of tables: write [[destinations]], with two brackets, above each"
    if kind == "value_error":
        return location, f"{_name(location)} {limits['error']}"
    return location, f"{_name(location)} takes {_wanted(kind, limits)}{_given(location, tables)}"


def _wanted(kind: str, limits: dict[str, Any]) -> str:
    """Says what a key takes, from pydantic's kind of error."""
    if "ge" in limits:
        return f"{limits['ge']:,g} or more"
    if "le" in limits:
        return f"{limits['le']:,g} or less"
    if "gt" in limits:
        return f"more than {limits['gt']:,g}"
    if kind == "literal_error":
        return str(limits["expected"])
    if kind == "string_pattern_mismatch" and "http" in limits["pattern"]:
        return "a URL that begins with http:// or https://"
    if kind == "string_pattern_mismatch":
        return "1 to 64 letters, digits, dots, hyphens and underscores, a letter or digit first"
    named = {
        "int": "a whole number",
        "float": "a number",
        "bool": "true or false",
        "string": "text",
        "model": "a table",
        "dict": "a table",
        "list": "a list",
        "finite": "a number",
    }
    return named.get(kind.partition("_")[0], "another value")


def _given(location: Location, tables: Any) -> str:
    """Says what a key has, where that is a number or a short text; a table may hold secrets."""
    value = tables
    try:
        for part in location:
            value = value[part]
    except (LookupError, TypeError):
        return ""
    return f", not {value!r}" if isinstance(value, (str, int, float)) and len(str(value)) <= 80 else ""


# --- mistakes between tables -----------------------------------------------------------------------------


def _contradictions(config: ForwardConfig) -> Iterator[tuple[Location, str]]:
    names = [one.name for one in config.destinations]
    for name, count in Counter(names).items():
        if count > 1:
            last = len(names) - 1 - names[::-1].index(name)
            yield ("destinations", last, "name"), f"{count} destinations have the name {name}: each needs its own"
    if not config.enabled:
        yield ("destinations",), "no destination is enabled: there is nothing to send events to"
    yield from _key_problems(config, names)
    for index, one in enumerate(config.destinations):
        if one.demo and one.settings is not None:
            yield ("destinations", index, "demo"), f"destinations.{one.name}: demo does not go with settings"
        if one.client_key is not None and one.client_cert is None:
            yield ("destinations", index, "client_key"), f"destinations.{one.name}: client_key goes with client_cert"
        if one.when_behind == "dead-letter" and one.dead_letters is None:
            yield (
                ("destinations", index, "when_behind"),
                f'destinations.{one.name}: when_behind = "dead-letter" needs a file: dead_letters = "dead.ndjson"',
            )
    yield from _exposures(config)
    yield from _file_problems(config)


def _key_problems(config: ForwardConfig, names: Sequence[str]) -> Iterator[tuple[Location, str]]:
    location = ("http", "write_keys")
    http = config.http
    if http.webhook_key is not None and http.webhook_secret is None:
        yield ("http", "webhook_key"), "http.webhook_key goes with webhook_secret, which is missing"
    if (
        http.webhook_key is not None
        and http.write_keys
        and http.webhook_key not in [key.value for key in http.write_keys]
    ):
        yield ("http", "webhook_key"), "http.webhook_key is not one of write_keys"
    if (
        http.webhook_secret is not None
        and http.webhook_key is None
        and any(key.destinations for key in http.write_keys)
    ):
        yield (
            ("http", "webhook_secret"),
            "http.webhook_secret needs webhook_key: the write key that its events count for",
        )
    for number, key in enumerate(config.http.write_keys, 1):
        for name in key.destinations or ():
            if name not in names:
                close = get_close_matches(name, names, n=1, cutoff=0.5)
                hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(names)}"
                yield (
                    location,
                    f"http.write_keys: key {number} names the destination {name!r}, which is not here; {hint}",
                )
    for one in config.enabled:
        if config.keys_of(one.name) == frozenset():
            yield location, f"http.write_keys: no key leads to the destination {one.name}; name it, or disable it"


def _exposures(config: ForwardConfig) -> Iterator[tuple[Location, str]]:
    http, admin = config.http, config.admin
    if not http.write_keys and not is_loopback(http.listen.host):
        yield (
            ("http", "listen"),
            (
                f"http.listen: whoever reaches {http.listen.host} could send events: give write_keys,"
                " or listen at 127.0.0.1"
            ),
        )
    if admin is None:
        return
    if admin.token is None and not is_loopback(admin.listen.host):
        yield (
            ("admin", "listen"),
            (f"admin.listen: whoever reaches {admin.listen.host} could reload: give a token, or listen at 127.0.0.1"),
        )
    if admin.events and admin.token is None:
        yield ("admin", "events"), "admin.events: events hold personal data: give a token, too"
    if admin.listen == http.listen and admin.listen.port:
        yield ("admin", "listen"), f"admin.listen and http.listen are both {http.listen}: give two ports"


def _file_problems(config: ForwardConfig) -> Iterator[tuple[Location, str]]:
    """Finds files that are missing, and written files that are used twice."""
    written: list[tuple[str, Location, Path]] = [("queue.path", ("queue", "path"), config.queue.path)]
    if config.http.refused is not None:
        written.append(("http.refused", ("http", "refused"), config.http.refused))
    read: list[tuple[str, Location, Path]] = [("this configuration", (), config.path)]
    for index, one in enumerate(config.destinations):
        for key in ("settings", "ca_file", "client_cert", "client_key"):
            path = getattr(one, key)
            if isinstance(path, Path):
                read.append((f"destinations.{one.name}.{key}", ("destinations", index, key), path))
        if one.dead_letters is not None:
            name = f"destinations.{one.name}.dead_letters"
            written.append((name, ("destinations", index, "dead_letters"), one.dead_letters))
    for name, location, path in read:
        if not path.is_file():
            yield location, f"{name}: there is no file {path}"
    seen = {path.resolve(): name for name, _, path in read}
    for name, location, path in written:
        if not path.parent.is_dir():
            yield location, f"{name}: there is no folder {path.parent}"
        elif path.is_dir():
            yield location, f"{name}: {path} is a folder"
        other = seen.setdefault(path.resolve(), name)
        if other != name:
            yield location, f"{name} and {other} are the same file: give one of them another name"


# --- where a mistake is ----------------------------------------------------------------------------------


def _name(location: Location) -> str:
    """Writes a location as TOML names it: `destinations[0].batch_size`.

    Example:
        >>> _name(("destinations", 0, "batch_size"))
        'destinations[0].batch_size'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".")


def line_of(text: str, location: Location) -> int | None:
    r"""Returns the line of TOML, from 1, where a value or the table that should hold it begins; None if unknown.

    The first part of the text that is valid TOML and has the value ends with the value's statement.

    Args:
        text: Valid TOML.
        location: The keys and indexes of the value.

    Example:
        >>> line_of('a = 1\n[[b]]\nc = [\n 1,\n]\n[[b]]\n', ("b", 0, "c"))
        3
    """
    lines = text.splitlines(keepends=True)
    if not location or len(lines) > _MAX_LINES:
        return None
    begin = 0
    for number in range(1, len(lines) + 1):
        try:
            found = tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
        if _has(found, location):
            return begin + 1
        begin = number
    return line_of(text, location[:-1])


def _has(value: Any, location: Location) -> bool:
    for part in location:
        try:
            value = value[part]
        except (LookupError, TypeError):
            return False
    return True
