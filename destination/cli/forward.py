"""`destination forward`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from socket import socket

    from destination.cli.forward_setup import Demos
    from destination.cli.output import Output
    from destination.forwarding.config import ForwardConfig
    from destination.forwarding.loaded import Loaded
    from destination.forwarding.service import Service
    from destination.runtime import Instance


def forward(
    config: Annotated[Path, Argument(metavar="CONFIG.toml", help="What to listen at, and where to send.")],
    check: Annotated[bool, Option("--check", help="Check the configuration and all that it names, and end.")] = False,
    as_json: Annotated[bool, Option("--json", help="Write the log, or the result of --check, as JSON.")] = False,
    drain: Annotated[
        float | None,
        Option(min=0, max=3_600, metavar="SECONDS", help="How long a stop waits for events to be sent."),
    ] = None,
) -> int:
    """Take live events over HTTP, and send them to destinations.

    Segment's clients send their events here. An answer of 200 means that an event is on the disk. It leaves the queue
    when every destination has settled it. SIGHUP loads mappings, settings and write keys again. SIGTERM and Ctrl-C
    refuse new events, send what they can within the limit of --drain, and leave the rest in the queue. It needs an
    extra: pip install 'destination-actions[server]'

    \b
    Exit status: 0 stopped by a signal, or the configuration is valid; 1 it stopped because of a fault; 2 the
    configuration, or something that it names, cannot be used.

    \b
    Examples:
      destination forward forward.toml
      destination forward --check forward.toml
      curl -X POST http://127.0.0.1:8081/-/reload

    \b
    forward.toml:
      [http]
      listen = "127.0.0.1:8080"
      write_keys = ["wk-1", { env = "WRITE_KEY" }]
      [queue]
      path = "queue.db"
      [admin]
      listen = "127.0.0.1:8081"
      [[destinations]]
      name = "absmartly"
      slug = "actions-absmartly"
      settings = "absmartly.toml"
      dead_letters = "dead.ndjson"
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.output import Output

    output = Output()
    if check:
        return _check(config, output, as_json=as_json)
    return _forward(config, output, as_json=as_json, drain_s=drain)


def _check(path: Path, output: "Output", *, as_json: bool) -> int:
    """Checks a configuration, and shows what it describes."""
    import destination.forwarding.service  # noqa: F401  the extra that a start needs
    from destination.cli.forward_setup import (
        Demos,
        check_addresses,
        check_files,
        make_instances,
        read_configuration,
    )
    from destination.forwarding.masks import redactor_of

    try:
        config = read_configuration(path)
        output.redactor = redactor_of(config.secrets)
        instances: dict[str, Instance[Any]] = {}
        lines: list[str] = []
        with Demos() as demos:
            for checks in (check_addresses, check_files):
                try:
                    checks(config)
                except UsageProblem as problem:
                    lines += problem.lines
            try:
                instances = make_instances(config, config.destinations, demos)
            except UsageProblem as problem:
                lines += problem.lines
        if lines:
            raise UsageProblem(*lines)
    except UsageProblem as problem:
        if not as_json:
            raise
        output.json({"ok": False, "path": str(path), "errors": list(problem.lines)})
        return 2
    shown = _described(config, instances)
    if as_json:
        output.json({"ok": True, "path": str(path), **shown})
        return 0
    output.line(f"{path} is valid. Events arrive at http://{config.http.listen}.")
    rows = [
        (
            one["name"],
            one["slug"],
            "yes" if one["enabled"] else "no",
            len(one["subscriptions"]),
            "all" if one["writeKeys"] is None else one["writeKeys"],
            one["deadLetters"] or "(none)",
        )
        for one in shown["destinations"]
    ]
    output.table(("destination", "slug", "enabled", "subscriptions", "write keys", "dead letters"), rows)
    return 0


def _described(config: "ForwardConfig", instances: "dict[str, Instance[Any]]") -> dict[str, Any]:
    """Returns what a configuration describes, as JSON without secrets."""
    destinations = []
    for table in config.destinations:
        keys = config.keys_of(table.name)
        destinations.append(
            {
                "name": table.name,
                "slug": table.slug,
                "enabled": table.enabled,
                "subscriptions": [item.name for item in instances[table.name].subscriptions],
                "writeKeys": None if keys is None else len(keys),
                "deadLetters": None if table.dead_letters is None else str(table.dead_letters),
            }
        )
    return {
        "listen": str(config.http.listen),
        "admin": None if config.admin is None else str(config.admin.listen),
        "queue": str(config.queue.path),
        "destinations": destinations,
    }


# --- running ---------------------------------------------------------------------------------------------


def _forward(path: Path, output: "Output", *, as_json: bool, drain_s: float | None) -> int:
    """Runs a forwarder until a signal ends it."""
    from contextlib import ExitStack

    from destination.cli.forward_setup import Demos, load, open_listener
    from destination.cli.process import UnfailingStream
    from destination.cli.summary import show_arrivals
    from destination.delivery import run_delivery
    from destination.errors import DestinationError
    from destination.forwarding.config import ConfigError
    from destination.forwarding.logs import Log
    from destination.forwarding.masks import redactor_of
    from destination.forwarding.service import Service

    with ExitStack() as stack:
        demos = stack.enter_context(Demos())
        try:
            loaded = load(path, demos)
        except ConfigError as error:
            raise UsageProblem(*error.lines) from None
        config = loaded.config
        output.redactor = redactor_of(config.secrets)
        as_json = as_json or config.log.format == "json"
        stream = UnfailingStream(sys.stderr)
        log = Log(lambda line: _write_line(stream, line), as_json=as_json, level=config.log.level)
        http = stack.enter_context(open_listener("http.listen", config.http.listen))
        admin = None
        if config.admin is not None:
            admin = stack.enter_context(open_listener("admin.listen", config.admin.listen))

        async def main() -> bool:
            try:
                service = await Service.open(loaded, lambda: load(path, demos), log, drain_s=drain_s)
            except DestinationError as error:
                raise UsageProblem(f"{path}: {error}") from None
            _handle_signals(service)
            return await service.run(
                http, admin, lambda: _say_where(output, loaded, demos, http, admin, as_json=as_json)
            )

        was_stopped = run_delivery(main())
        for server in demos.servers.values():
            if as_json:
                arrivals = server.arrivals()
                output.json_line({"arrived": {"total": arrivals.total, "records": list(arrivals.records)}})
            else:
                show_arrivals(server, output)
    return int(not was_stopped)


def _handle_signals(service: "Service") -> None:
    """Ends the service at SIGTERM and Ctrl-C, and has it load its configuration again at SIGHUP."""
    import asyncio
    import signal
    from contextlib import suppress

    from destination.cli.process import HANGUP
    from destination.forwarding.config import ConfigError

    loop = asyncio.get_running_loop()
    reloads: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        with suppress(ConfigError):  # the log says why
            await service.reload()

    def begin_reload() -> None:
        task = loop.create_task(reload())
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    handlers = {signal.SIGINT: service.stop, signal.SIGTERM: service.stop}
    if HANGUP is not None:
        handlers[signal.Signals(HANGUP)] = begin_reload
    for number, handler in handlers.items():
        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows; not the main thread
            loop.add_signal_handler(number, handler)


def _say_where(
    output: "Output", loaded: "Loaded", demos: "Demos", http: "socket", admin: "socket | None", *, as_json: bool
) -> None:
    """Says where events and the admin port are, with the ports that were free."""
    config = loaded.config
    found = {"http": _address(config.http.listen.host, http)}
    if admin is not None and config.admin is not None:
        found["admin"] = _address(config.admin.listen.host, admin)
    if as_json:
        output.json_line({"listening": found, "destinations": list(loaded.instances)})
        return
    output.line(f"Listening at {found['http']} for events (Ctrl-C ends it)")
    if "admin" in found:
        output.line(f"Listening at {found['admin']} for the admin port")
    for server in demos.servers.values():
        output.line(f"An {server.name} at {server.address} takes the events; nothing leaves this machine.")
    for name, instance in loaded.instances.items():
        output.line(f"  {name}: {instance.definition.name}, {len(instance.subscriptions)} subscriptions")


def _address(host: str, listening: "socket") -> str:
    from destination.forwarding.config import Address

    return f"http://{Address(host, listening.getsockname()[1])}"


def _write_line(stream: Any, line: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(f"{line}\n".encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
