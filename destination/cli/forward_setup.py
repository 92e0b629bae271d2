"""Makes what a configuration of a forwarder describes: instances with their settings, mappings and transports."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from glob import escape, has_magic
from pathlib import Path
from socket import gaierror, socket
from types import TracebackType
from typing import Any, Self

from destination.catalog.demo import DemoServer, demo_server
from destination.cli.instances import make_instance, refuse_problems
from destination.cli.network import NetworkOptions
from destination.cli.output import Output
from destination.definition.given import oauth
from destination.definition.given.files import check_writable, reason_of
from destination.definition.given.mappings import GivenMappings, is_object, read_mappings
from destination.definition.given.settings import example_lines, read_settings, resolve_settings
from destination.delivery import AcknowledgingTransport
from destination.forwarding.config import Address, ConfigError, DestinationTable, ForwardConfig, load_config, where
from destination.forwarding.loaded import Loaded
from destination.listening import open_socket
from destination.runtime import Destination, Instance
from destination.runtime.given import find_destination
from destination.usage_problem import UsageProblem

_CONNECTIONS = 100


def read_configuration(path: Path) -> ForwardConfig:
    """Reads a configuration.

    Raises:
        UsageProblem: It cannot be used; one line for each mistake.
    """
    try:
        return load_config(path)
    except ConfigError as error:
        raise UsageProblem(*error.lines) from None


class Demos:
    """The demo servers of a configuration: one for each slug, from its first use on; a context manager.

    Attributes:
        servers: The servers by slug.
    """

    def __init__(self) -> None:
        self.servers: dict[str, DemoServer] = {}
        self._stack = ExitStack()

    def settings_of(self, slug: str) -> dict[str, Any]:
        """Returns the settings of a destination that sends to its demo server.

        Raises:
            UsageProblem: There is no demo server for this destination.
        """
        if slug not in self.servers:
            server = demo_server(slug)
            if server is None:
                raise UsageProblem(f"there is no demo server for {slug}: leave demo out, and give settings")
            self.servers[slug] = self._stack.enter_context(server)
        return self.servers[slug].settings

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def load(path: Path, demos: Demos) -> Loaded:
    """Reads a configuration, and makes the instances of the destinations that are enabled.

    Raises:
        ConfigError: It cannot be used; one line for each mistake.
    """
    config = load_config(path)
    try:
        return Loaded(config, make_instances(config, config.enabled, demos))
    except UsageProblem as problem:
        raise ConfigError(*problem.lines) from None


def make_instances(config: ForwardConfig, tables: Sequence[DestinationTable], demos: Demos) -> dict[str, Instance[Any]]:
    """Makes the instances of destinations.

    Raises:
        UsageProblem: Something cannot be used; the mistakes of all destinations are listed.
    """
    found: dict[str, Instance[Any]] = {}
    lines: list[str] = []
    for table in tables:
        try:
            found[table.name] = make_instance_of(config, table, demos)
        except UsageProblem as problem:
            lines += problem.lines
    if lines:
        raise UsageProblem(*lines)
    return found


def make_instance_of(config: ForwardConfig, table: DestinationTable, demos: Demos) -> Instance[Any]:
    """Makes the instance of one destination; it is ready to send.

    Raises:
        UsageProblem: The destination is unknown, or settings, mappings or certificates cannot be used.
    """
    key = "slug"  # of the table: what is looked at
    try:
        definition = find_destination(table.slug)
        key = "mappings"
        mappings = _mappings_of(config, table)
        subscriptions = None if mappings is None else read_mappings(mappings, definition, Output().note)
        key = "settings"
        settings_name = str(table.settings) if isinstance(table.settings, Path) else "settings"
        network = NetworkOptions(
            timeout=table.timeout,
            ca_file=table.ca_file,
            client_cert=table.client_cert,
            client_key=table.client_key,
        )
        instance = make_instance(
            definition,
            _settings_of(config, table, definition, demos),
            subscriptions,
            Output(),
            settings_name=settings_name,
            mappings_name=str(mappings or "presets"),
            transport=AcknowledgingTransport(network.transport(max(table.concurrency or 0, _CONNECTIONS))),
            timeout_ms=network.timeout_ms,
        )
        key = "mappings"
        refuse_problems(instance, mappings)
    except UsageProblem as problem:
        own = f"{config.path}: "
        line_of_key = where(config, "destinations", config.destinations.index(table), key)
        lines = (f"{line_of_key}: destinations.{table.name}: {line.removeprefix(own)}" for line in problem.lines)
        raise UsageProblem(*lines) from None
    return instance


def _settings_of(
    config: ForwardConfig, table: DestinationTable, definition: Destination[Any], demos: Demos
) -> dict[str, Any]:
    if table.demo:
        return demos.settings_of(table.slug)
    if table.settings is None:
        needed = {key: field for key, field in definition.settings_fields.items() if field.required is True}
        if needed:
            lines = example_lines(definition, needed)
            raise UsageProblem(f"has no settings: name a file, or add [destinations.settings] with: {lines}")
        settings: dict[str, Any] = {}
    elif isinstance(table.settings, Path):
        settings = read_settings(table.settings, definition)
    else:
        settings = resolve_settings(config.path, table.settings, definition)
    if oauth.uses_oauth(definition) and oauth.TABLE not in settings:
        raise oauth.missing_tokens(definition, None)
    return settings


def _mappings_of(config: ForwardConfig, table: DestinationTable) -> GivenMappings | None:
    if table.mappings is None:
        return None
    return GivenMappings(tuple(_from_folder(config.path.parent, table.mappings)), table.action_ids)


def _from_folder(folder: Path, names: list[str]) -> Iterator[str]:
    """Returns names of mappings that count from a folder as names that count from the current one."""
    for name in names:
        path = folder / name
        if is_object(name) and not path.exists():
            yield name
        elif has_magic(name) and not path.exists():
            yield str(Path(escape(str(folder))) / name)
        else:
            yield str(path)


def check_files(config: ForwardConfig) -> None:
    """Refuses a configuration whose files cannot be written; a file that is missing still is afterwards.

    Raises:
        UsageProblem: A file cannot be written; one line for each.
    """
    files: list[tuple[tuple[str | int, ...], str, Path | None]] = [
        (("queue", "path"), "queue.path", config.queue.path),
        (("http", "refused"), "http.refused", config.http.refused),
    ]
    for index, one in enumerate(config.destinations):
        name = f"destinations.{one.name}.dead_letters"
        files.append((("destinations", index, "dead_letters"), name, one.dead_letters))
    lines: list[str] = []
    for location, name, path in files:
        if path is None:
            continue
        try:
            check_writable(name, path)
        except UsageProblem as problem:
            lines += [f"{where(config, *location)}: {line}" for line in problem.lines]
    if lines:
        raise UsageProblem(*lines)


def open_listener(key: str, address: Address, port: int | None = None) -> socket:
    """Opens a listening socket.

    Args:
        key: The key of the configuration that has the address.
        address: The address.
        port: Another port than that of the address; 0: one that is free.

    Raises:
        UsageProblem: The port is in use, or the address is not one of this machine's.
    """
    try:
        return open_socket(address.host, address.port if port is None else port)
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise UsageProblem(f"{key}: {address} is in use: end what listens there, or give another port") from None
        # The text of such an error repeats the address; that of a name that cannot be resolved does not.
        reason = reason_of(error)
        if isinstance(error, OSError) and not isinstance(error, gaierror) and error.errno is not None:
            reason = os.strerror(error.errno)
        raise UsageProblem(f"{key}: cannot listen at {address}: {reason}") from None


def check_addresses(config: ForwardConfig) -> None:
    """Refuses addresses that are not this machine's; a port that is in use may be that of the forwarder that runs.

    Raises:
        UsageProblem: An address cannot be used; one line for each.
    """
    lines: list[str] = []
    addresses = {"http": config.http.listen}
    if config.admin is not None:
        addresses["admin"] = config.admin.listen
    for table, address in addresses.items():
        try:
            open_listener(f"{table}.listen", address, 0).close()
        except UsageProblem as problem:
            lines += [f"{where(config, table, 'listen')}: {line}" for line in problem.lines]
    if lines:
        raise UsageProblem(*lines)
