"""`destination dead-letters`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from destination.cli.options import AsJson
from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.forwarding.config import ForwardConfig
    from destination.forwarding.dead_letter_file import DeadLetter
    from destination.forwarding.replaying import Replayed

Source = Annotated[
    Path, Argument(metavar="CONFIG.toml|FILE", help="A forwarder's configuration, or a file of failed events.")
]
Config = Annotated[Path, Argument(metavar="CONFIG.toml", help="A forwarder's configuration.")]
Ids = Annotated[
    list[str] | None,
    Argument(metavar="[ID]...", help="Ids as `list` prints them, or messageIds."),
]
Name = Annotated[
    str | None, Option("--name", metavar="NAME", help="Only those of this destination of the configuration.")
]
All = Annotated[bool, Option("--all", help="All of them.")]


def list_dead_letters(source: Source, name: Name = None, as_json: AsJson = False) -> int:
    """List the events that failed for good, oldest first, with their reasons.

    \b
    Exit status: 0, also where there are none; 2 the configuration or a file cannot be used.

    \b
    Examples:
      destination dead-letters list forward.toml
      destination dead-letters list dead.ndjson --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.output import Output

    output = Output()
    config, files = _files(source, name, output)
    rows = []
    for owner, path in files.items():
        for one in _read(path):
            shown = one.to_json()
            if as_json:
                output.json_line({"destination": owner if config else None, "file": str(path), **shown})
                continue
            for failure in shown["failures"] or [{}]:
                subscription = failure.get("subscription") or "(whole event)"
                reason = str(failure.get("error", ""))[:100]
                rows.append((one.id, owner, one.message_id or "", subscription, reason))
    if not as_json and rows:
        output.table(("id", "destination" if config else "file", "messageId", "subscription", "reason"), rows)
    elif not as_json:
        output.line("There are no dead letters.")
    return 0


def show_dead_letter(
    source: Source,
    identifier: Annotated[str, Argument(metavar="ID", help="An id as `list` prints it, or a messageId.")],
    name: Name = None,
) -> int:
    """Show dead letters with their events, as JSON.

    \b
    Exit status: 0; 1 none has this id; 2 the configuration or a file cannot be used.

    \b
    Examples:
      destination dead-letters show forward.toml df68869583b47fdd
      destination dead-letters show dead.ndjson my-message-id
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.output import Output

    output = Output()
    _, files = _files(source, name, output)
    found = [one for path in files.values() for one in _read(path) if identifier in (one.id, one.message_id)]
    for one in found:
        output.json(one.to_json(with_event=True))
    if not found:
        output.note(f"{source}: no dead letter has the id {identifier}")
    return int(not found)


def replay_dead_letters(
    config_file: Config, ids: Ids = None, name: Name = None, every: All = False, as_json: AsJson = False
) -> int:
    """Send dead letters again, each once, to the subscriptions that failed.

    Those that are delivered are removed. One that fails again is replaced by one with the new reasons. While a
    forwarder runs, it does this itself if its admin port serves events (`[admin] events = true`).

    \b
    Exit status: 0 all are delivered; 1 some are not, or an id is unknown; 2 the configuration or a file cannot be
    used.

    \b
    Examples:
      destination dead-letters replay forward.toml df68869583b47fdd
      destination dead-letters replay forward.toml --name absmartly --all
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.forward_setup import read_configuration
    from destination.cli.output import Output

    output = Output()
    if bool(ids) == every:
        raise UsageProblem("name the dead letters by their ids, or give --all")
    config = read_configuration(config_file)
    files = _files_of(config, name)
    total: dict[str, int] = {"acknowledged": 0, "failed": 0, "deferred": 0}
    missing = set(ids or ())
    for owner, path in files.items():
        if not any(every or one.id in missing or one.message_id in missing for one in _read(path)):
            continue
        found = _replay(config, owner, path, None if every else list(ids or ()), output)
        for key in total:
            total[key] += getattr(found, key)
        missing &= set(found.missing)
    if as_json:
        output.json({**total, "missing": sorted(missing)})
    else:
        output.line(
            f"{total['acknowledged']} delivered, {total['failed']} failed again, {total['deferred']} not finished."
        )
        for one in sorted(missing):
            output.note(f"{config_file}: no dead letter has the id {one}")
    return int(bool(total["failed"] or total["deferred"] or missing))


def drop_dead_letters(
    source: Source,
    ids: Ids = None,
    name: Name = None,
    every: All = False,
    queued: Annotated[
        str | None,
        Option("--queued", metavar="NAME", help="Remove from the queue what waits for a name that is not configured."),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Remove dead letters; with --queued, events that wait for a destination that left the configuration.

    \b
    Exit status: 0; 1 an id is unknown; 2 the configuration or a file cannot be used, or a forwarder is running.

    \b
    Examples:
      destination dead-letters drop forward.toml df68869583b47fdd
      destination dead-letters drop dead.ndjson --all
      destination dead-letters drop forward.toml --queued old-name
    """  # noqa: D301  \b keeps the line breaks that follow
    import asyncio

    from destination.cli.output import Output

    output = Output()
    if sum((bool(ids), every, queued is not None)) != 1:
        raise UsageProblem("name the dead letters by their ids, or give --all, or --queued NAME")
    if queued is not None:
        dropped = _drop_queued(source, queued)
        if as_json:
            output.json({"dropped": dropped, "queued": queued})
        else:
            output.line(f"Removed from the queue, waiting for {queued}: {_count(dropped, 'event')}.")
        return 0
    _, files = _files(source, name, output)
    removed = 0
    unknown = set(ids or ())
    for path in files.values():
        chosen = [one for one in _read(path) if every or one.id in (ids or ()) or one.message_id in (ids or ())]
        unknown -= {one.id for one in chosen} | {one.message_id for one in chosen}
        if chosen:
            removed += asyncio.run(_remove(path, [one.id for one in chosen]))
    if as_json:
        output.json({"dropped": removed, "missing": sorted(unknown)})
    else:
        output.line(f"Removed: {_count(removed, 'dead letter')}.")
        for one_id in sorted(unknown):
            output.note(f"{source}: no dead letter has the id {one_id}")
    return int(bool(unknown))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


# --- which files -----------------------------------------------------------------------------------------


def _files(source: Path, name: str | None, output: "Output") -> "tuple[ForwardConfig | None, dict[str, Path]]":
    """Returns the configuration, and the files of its destinations by name; or a single file of failed events."""
    from destination.cli.forward_setup import read_configuration
    from destination.forwarding.masks import redactor_of

    if source.suffix.lower() != ".toml":
        if name is not None:
            raise UsageProblem("--name goes with a configuration")
        if not source.is_file():
            raise UsageProblem(f"{source}: there is no such file of failed events")
        return None, {str(source): source}
    config = read_configuration(source)
    output.redactor = redactor_of(config.secrets)
    return config, _files_of(config, name)


def _files_of(config: "ForwardConfig", name: str | None) -> dict[str, Path]:
    found = {one.name: one.dead_letters for one in config.destinations if one.dead_letters is not None}
    if not found:
        raise UsageProblem(f'{config.path}: no destination keeps dead letters; add dead_letters = "dead.ndjson" to one')
    if name is None:
        return found
    if name not in found:
        raise UsageProblem(f"{config.path}: --name {name}: takes one of {', '.join(found)}")
    return {name: found[name]}


def _read(path: Path) -> "Iterator[DeadLetter]":
    from destination.delivery import RecordingError
    from destination.forwarding.dead_letter_file import read_dead_letters

    try:
        yield from read_dead_letters(path)
    except RecordingError as error:
        raise UsageProblem(str(error)) from None


# --- what changes them -----------------------------------------------------------------------------------


async def _remove(path: Path, ids: list[str]) -> int:
    from contextlib import closing

    from destination.delivery import RecordingError
    from destination.forwarding.dead_letter_file import DeadLetterFile

    try:
        with closing(DeadLetterFile(path)) as file:
            return await file.remove(ids)
    except RecordingError as error:
        raise UsageProblem(f"{error}; while a forwarder runs, stop it first") from None


def _replay(config: "ForwardConfig", name: str, path: Path, ids: list[str] | None, output: "Output") -> "Replayed":
    from contextlib import closing

    from destination.cli.forward_setup import Demos, make_instance_of
    from destination.delivery import RecordingError, run_delivery
    from destination.forwarding.dead_letter_file import DeadLetterFile
    from destination.forwarding.replaying import replay

    (table,) = (one for one in config.destinations if one.name == name)
    try:
        file = DeadLetterFile(path)
    except RecordingError as error:
        from destination.cli.forward_admin import replay_by_admin

        return replay_by_admin(config, name, ids, str(error))
    with closing(file), Demos() as demos:
        instance = make_instance_of(config, table, demos)
        output.redactor = file.redact = instance.redactor

        async def send() -> "Replayed":
            async with instance:
                return await replay(file, instance, ids, table.delivery(), concurrency=table.concurrency)

        try:
            return run_delivery(send())
        except RecordingError as error:
            raise UsageProblem(str(error)) from None


def _drop_queued(source: Path, name: str) -> int:
    import asyncio

    from destination.cli.forward_setup import read_configuration
    from destination.errors import DestinationError
    from destination.forwarding.queue import Queue

    config = read_configuration(source)
    if any(one.name == name for one in config.destinations):
        raise UsageProblem(f"{source}: --queued {name}: is still in the configuration, so that its events are sent")

    async def drop() -> int:
        queue = Queue(config.queue.path, {})
        try:
            return int(await queue.drop(name))
        finally:
            await queue.close()

    if not config.queue.path.is_file():
        raise UsageProblem(f"{config.queue.path}: there is no such queue")
    try:
        return asyncio.run(drop())
    except (DestinationError, ValueError) as error:
        raise UsageProblem(str(error.args[0])) from None
