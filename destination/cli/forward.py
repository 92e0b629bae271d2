"""`destination forward`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from destination.cli.problems import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.forwarding.config import ForwardConfig
    from destination.runtime import Instance

_EXTRA = ("prometheus_client", "starlette", "uvicorn")


def forward(
    config: Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="What to listen at, and where to send.")],
    check: Annotated[
        bool, typer.Option("--check", help="Check the configuration and all that it names, and end.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the log, or the result of --check, as JSON.")] = False,
    drain: Annotated[
        float | None,
        typer.Option(min=0, max=3_600, metavar="SECONDS", help="How long a stop waits for events to be sent."),
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
    try:
        from destination.cli.forwarding import forward_events
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA:
            raise
        raise UsageProblem(
            f"forward needs {missing}, which is not installed: pip install 'destination-actions[server]'"
        ) from None
    return forward_events(config, output, as_json=as_json, drain_s=drain)


def _check(path: Path, output: "Output", *, as_json: bool) -> int:
    """Checks a configuration, and shows what it describes."""
    from destination.cli.forward_setup import check_files, make_instances, read_configuration
    from destination.forwarding.masks import redactor_of

    try:
        config = read_configuration(path)
        output.redactor = redactor_of(config.secrets)
        check_files(config)
        instances = make_instances(config)
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
