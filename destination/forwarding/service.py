"""Puts a forwarder together: intake, queue, deliveries and admin port, from their start to their end."""

import asyncio
import logging
import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from destination.delivery import Delivery
from destination.errors import DestinationError
from destination.forwarding.accepted import Accepted
from destination.forwarding.admin import EventTail, Metrics, ShownState, Watching, create_admin
from destination.forwarding.config import ConfigError, DestinationTable, ForwardConfig
from destination.forwarding.dead_letter_file import DeadLetter, DeadLetterFile
from destination.forwarding.forwarder import ForwardedDestination, Forwarder, MaxBehind
from destination.forwarding.http import IntakeOptions, RefusedLog, WriteKeys, create_intake, make_server
from destination.forwarding.loaded import Loaded
from destination.forwarding.logs import Log, LogHandler
from destination.forwarding.queue import Queue
from destination.forwarding.replaying import Replayed, replay

_STOPPING: Final = "the forwarder is stopping"
_LOGGER: Final = "destination.forwarding"


class Service:
    """A forwarder. `open` it within an event loop, and `run` it until `stop`.

    Args:
        loaded: The configuration and its instances.
        load: Loads the configuration again; it is called in a thread, and raises a `ConfigError` if it cannot be used.
        log: The log.
        queue: The queue.
        drain_s: How long a stop waits for events to be sent, in seconds.

    Attributes:
        metrics: The metrics.
        masks: Masks all secrets in what is shown.

    Raises:
        DestinationError: A file of failed or refused events cannot be used.

    Example:
        >>> import tempfile
        >>> from destination.listening import open_socket
        >>> from destination.runtime import Destination
        >>> tables = {"queue": {"path": f"{tempfile.mkdtemp()}/queue.db"}, "destinations": [{"name": "a", "slug": "x"}]}
        >>> instance = Destination(name="Demo", slug="x", actions={}).instance({})
        >>> loaded = Loaded(ForwardConfig.model_validate(tables), {"a": instance})
        >>> async def main():
        ...     service = await Service.open(loaded, lambda: loaded, Log(print, level="warning"))
        ...     with open_socket("127.0.0.1", 0) as http:
        ...         await service.run(http, started=service.stop)
        ...     return service.not_ready()
        >>> asyncio.run(main())
        'the forwarder is stopping'
    """

    def __init__(
        self, loaded: Loaded, load: Callable[[], Loaded], log: Log, queue: Queue, *, drain_s: float = 20.0
    ) -> None:
        config = loaded.config
        self._loaded = loaded
        self._load = load
        self._log = log
        self._queue = queue
        self._drain_s = drain_s
        self._stopping = asyncio.Event()
        self._is_impatient = asyncio.Event()
        self._reloading = asyncio.Lock()
        self._replaying = asyncio.Lock()
        self._replay: Delivery | None = None
        self.masks = log.masks = loaded.masks()
        self.metrics = Metrics(self.states)
        admin = config.admin
        self._tail = EventTail(admin.events_kept) if admin is not None and admin.events else None
        self._watching = Watching(self.metrics, log, self._tail)
        self._files: dict[Path, DeadLetterFile] = {}
        self._open_files(loaded)
        try:
            self._refused = None if config.http.refused is None else _refused_log(config.http.refused)
        except BaseException:
            self._close_files()
            raise
        self._forwarder = Forwarder(queue, self._destinations(loaded), watch=self._watching)
        self._keys = WriteKeys(loaded.keys())
        self._declare(loaded)

    @classmethod
    async def open(
        cls, loaded: Loaded, load: Callable[[], Loaded], log: Log, *, drain_s: float | None = None
    ) -> "Service":
        """Makes a service with its queue; the arguments are those of the class.

        Args:
            loaded: The configuration and its instances.
            load: Loads the configuration again.
            log: The log.
            drain_s: How long a stop waits, in seconds. None: as the configuration says.

        Raises:
            DestinationError: The queue, or a file of failed or refused events, cannot be used.
        """
        table = loaded.config.queue
        queue = Queue(table.path, loaded.routes(), **_bounds(loaded.config))
        try:
            return cls(loaded, load, log, queue, drain_s=table.drain_s if drain_s is None else drain_s)
        except BaseException:
            await queue.close()
            raise

    # --- life ------------------------------------------------------------------------------------------------

    async def run(
        self,
        http: socket.socket,
        admin: socket.socket | None = None,
        started: Callable[[], None] = lambda: None,
    ) -> bool:
        """Serves until `stop`, then sends what it can within the limit, and leaves the rest in the queue.

        Args:
            http: A listening socket for events.
            admin: A listening socket for the admin port, or None.
            started: Called when events are accepted.

        Returns:
            Whether `stop` ended it; otherwise a part of it ended by itself.
        """
        config = self._loaded.config
        intake = create_intake(
            self._put,
            keys=self._keys,
            behind=self._forwarder.behind,
            refused=self._refused,
            counts=self._watching,
            options=_intake_options(config),
        )
        servers = [make_server(intake)]
        serving = [asyncio.create_task(servers[0].serve(sockets=[http]))]
        if admin is not None and config.admin is not None:
            token = None if config.admin.token is None else config.admin.token.get_secret_value()
            app = create_admin(self, self.metrics, host=config.admin.listen.host, token=token, tail=self._tail)
            servers.append(make_server(app))
            serving.append(asyncio.create_task(servers[1].serve(sockets=[admin])))
        forwarding = asyncio.create_task(self._forwarder.run())
        waiting = asyncio.create_task(self._stopping.wait())
        try:
            with _logged(self._log):
                started()
                await asyncio.wait([waiting, forwarding, *serving], return_when=asyncio.FIRST_COMPLETED)
                was_stopped = self._stopping.is_set()
                if not was_stopped:
                    self._log.warning("fault", reason="a part of the forwarder ended by itself")
                intake.state.is_stopping = True
                self._stopping.set()
                self._log.info("stopping", limit_s=self._drain_s)
                await self._drain()
                await forwarding
        finally:
            waiting.cancel()
            for server in servers:
                server.should_exit = True
            await asyncio.gather(*serving, return_exceptions=True)
            left = {name: state.depth.rows for name, state in self.states().items()}
            await self._queue.close()
            self._close_files()
            if self._refused is not None:
                self._refused.close()
            self._log.info("stopped", left=left)
        return was_stopped

    async def _drain(self) -> None:
        """Sends what it can within the limit; a second `stop` ends that."""
        abandoning = asyncio.get_running_loop().call_later(self._drain_s, self._stop_replay)
        async with self._replaying:  # the forwarder closes the instance that a replay uses
            abandoning.cancel()
            draining = asyncio.create_task(self._forwarder.stop(self._drain_s))
        impatient = asyncio.create_task(self._is_impatient.wait())
        await asyncio.wait([draining, impatient], return_when=asyncio.FIRST_COMPLETED)
        impatient.cancel()
        if not draining.done():
            draining.cancel()
            await self._forwarder.stop(0)

    def stop(self) -> None:
        """Refuses new events from now on, and lets `run` end. A second call ends it without waiting."""
        if self._stopping.is_set():
            self._is_impatient.set()
        self._stop_replay()
        self._stopping.set()

    def _stop_replay(self) -> None:
        """Lets a replay finish what is in flight; a second time, it abandons that."""
        if self._replay is not None:
            self._replay.stop()

    async def _put(self, events: Sequence[Accepted]) -> int:
        new = await self._queue.put(events)
        self._watching.queued(events)
        return new

    # --- what the admin port shows and does ------------------------------------------------------------------

    def states(self) -> Mapping[str, ShownState]:
        """Returns the state of each destination, by name."""
        return self._forwarder.states()

    def not_ready(self) -> str | None:
        """Returns why no event can be accepted now, or None."""
        return _STOPPING if self._stopping.is_set() else self._queue.error

    async def reload(self) -> list[str]:
        """Loads the configuration again, between events and whole; returns what changed.

        Raises:
            ConfigError: It cannot be used. Everything goes on as before.
        """
        async with self._reloading:
            try:
                loaded = await asyncio.to_thread(self._load)
                changed = await self._use(loaded)
            except ConfigError as error:
                for line in error.lines:
                    self._log.warning("not reloaded", reason=line)
                raise
            self._log.info("reloaded", changed=changed)
            return changed

    async def _use(self, loaded: Loaded) -> list[str]:
        """Replaces the configuration in use.

        Raises:
            ConfigError: It cannot be used, and was not.
        """
        try:
            if self._stopping.is_set():
                raise ConfigError(_STOPPING)
            changed = loaded.changes_from(self._loaded)
            self._open_files(loaded)
        except DestinationError as error:
            for instance in loaded.instances.values():
                await instance.aclose()
            raise error if isinstance(error, ConfigError) else ConfigError(str(error)) from None
        async with self._replaying:  # the forwarder closes the instance that a replay uses
            self._forwarder.replace(self._destinations(loaded))
        self._keys.replace(loaded.keys())
        self._loaded = loaded
        # What was begun before still fails with the secrets of then.
        self.masks = self._log.masks = loaded.masks().after(self.masks)
        for file in self._files.values():
            file.redact = self.masks
        self._declare(loaded)
        return changed

    def dead_letters(self, destination: str) -> Iterable[DeadLetter]:
        """Returns the dead letters of a destination.

        Raises:
            LookupError: There is no destination of that name, or it keeps none.
            RecordingError: Its file cannot be read.
        """
        return self._file_of(destination).dead_letters()

    async def replay(self, destination: str, names: Collection[str]) -> Replayed:
        """Sends dead letters again, and removes those that were acknowledged; one call after the other.

        Raises:
            LookupError: There is no destination of that name, or it keeps none.
            RecordingError: Its file cannot be read or written.
        """
        async with self._replaying:
            file = self._file_of(destination)
            table, instance = _table_of(self._loaded.config, destination), self._loaded.instances[destination]
            try:
                found = await replay(
                    file,
                    instance,
                    names,
                    table.delivery(),
                    concurrency=table.concurrency,
                    begun=self._began_replay,
                )
            finally:
                self._replay = None
        self._log.info("replayed", destination=destination, **found.to_json())
        return found

    def _began_replay(self, delivery: Delivery) -> None:
        self._replay = delivery
        if self._stopping.is_set():
            delivery.stop()

    # --- parts -----------------------------------------------------------------------------------------------

    def _destinations(self, loaded: Loaded) -> list[ForwardedDestination]:
        return [
            ForwardedDestination(
                name=table.name,
                instance=loaded.instances[table.name],
                options=table.delivery(),
                concurrency=table.concurrency,
                dead_letters=None if table.dead_letters is None else self._files[table.dead_letters],
                write_keys=loaded.config.keys_of(table.name),
                max_behind=_max_behind(table),
                when_behind=table.when_behind,
            )
            for table in loaded.config.enabled
        ]

    def _open_files(self, loaded: Loaded) -> None:
        """Opens the files of failed events that are not open yet.

        Raises:
            RecordingError: One cannot be opened; then none of them is.
        """
        opened: dict[Path, DeadLetterFile] = {}
        try:
            for table in loaded.config.enabled:
                path = table.dead_letters
                if path is not None and path not in self._files:
                    opened[path] = DeadLetterFile(path, "queue", self.masks)
        except BaseException:
            for file in opened.values():
                file.close()
            raise
        self._files.update(opened)

    def _close_files(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _file_of(self, destination: str) -> DeadLetterFile:
        if destination not in self._loaded.instances:
            raise LookupError(f"there is no destination {destination!r}")
        path = _table_of(self._loaded.config, destination).dead_letters
        if path is None:
            raise LookupError(f"the destination {destination} keeps no dead letters")
        return self._files[path]

    def _declare(self, loaded: Loaded) -> None:
        for name, instance in loaded.instances.items():
            self.metrics.declare(name, [item.name for item in instance.subscriptions])


def _table_of(config: ForwardConfig, name: str) -> DestinationTable:
    return next(table for table in config.destinations if table.name == name)


def _max_behind(table: DestinationTable) -> MaxBehind | None:
    found = table.max_behind
    return None if found is None else MaxBehind(found.age_s, found.rows, found.bytes)


def _bounds(config: ForwardConfig) -> dict[str, Any]:
    """Returns the bounds of the queue that the configuration sets."""
    table = config.queue
    found = {"dedupe_rows": table.dedupe_rows, "max_rows": table.max_rows, "max_bytes": table.max_bytes}
    return {name: value for name, value in found.items() if value is not None}


def _refused_log(path: Path) -> RefusedLog:
    try:
        return RefusedLog(path)
    except (OSError, ValueError) as error:
        raise ConfigError(f"http.refused: {path} cannot be written: {getattr(error, 'strerror', error)}") from None


def _intake_options(config: ForwardConfig) -> IntakeOptions:
    http = config.http
    return IntakeOptions(
        trusted_proxies=http.trusted_proxies,
        public_url=http.public_url,
        webhook_secret=None if http.webhook_secret is None else http.webhook_secret.get_secret_value().encode(),
        webhook_key=None if http.webhook_key is None else http.webhook_key.get_secret_value(),
    )


@contextmanager
def _logged(log: Log) -> Iterator[None]:
    """Has what the parts write to Python's `logging` appear in the log."""
    logger = logging.getLogger(_LOGGER)
    before = logger.propagate, logger.level
    handler = LogHandler(log)
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate, level = before
        logger.setLevel(level)
