"""The tables of the configuration: intake, queue, admin port, log and destinations."""

from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from destination.delivery import DEFAULT_BATCH_BYTES, DEFAULT_BATCH_SIZE, DEFAULT_LINGER_S, DeliveryOptions, RetryPolicy
from destination.forwarding.config.values import (
    Address,
    FilePath,
    Listen,
    Networks,
    Secret,
    SettingsSource,
    Texts,
    WriteKeys,
)

_NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"


class Table(BaseModel):
    """A table of the configuration: no unknown key, no value of another type."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class HttpTable(Table):
    """`[http]`: where events arrive.

    Attributes:
        listen: The address.
        write_keys: The keys that are accepted, each with the destinations that its events reach. Without any, every
            key is accepted, and the address must be one of this machine only.
        refused: A file that keeps refused events, or None.
        trusted_proxies: The proxies whose `X-Forwarded-For` is believed.
        webhook_secret: The secret that signs events of Segment's webhook destination, or None.
        webhook_key: The write key that those events count for, or None.
        public_url: The address under which browsers reach it, or None for that of their request.

    Example:
        >>> str(HttpTable().listen)
        '127.0.0.1:8080'
    """

    listen: Listen = Address("127.0.0.1", 8080)
    write_keys: WriteKeys = ()
    refused: FilePath | None = None
    trusted_proxies: Networks = ()
    webhook_secret: Secret | None = None
    webhook_key: Secret | None = None
    public_url: str | None = Field(default=None, pattern=r"^https?://")


class QueueTable(Table):
    """`[queue]`: where events wait.

    Attributes:
        path: The SQLite database.
        dedupe_rows: The maximum number of messageIds that are remembered, or None for the queue's own.
        max_rows: The maximum number of events that wait, or None for the queue's own.
        max_bytes: The maximum size of the events that wait, in bytes, or None for the queue's own.
        drain_s: How long a stop waits for events to be sent, in seconds.

    Example:
        >>> QueueTable.model_validate({"max_rows": 10}).max_rows
        10
    """

    path: FilePath = Field(default="queue.db", validate_default=True)
    dedupe_rows: int | None = Field(default=None, ge=0, le=1_000_000_000)
    max_rows: int | None = Field(default=None, ge=1)
    max_bytes: int | None = Field(default=None, ge=1)
    drain_s: float = Field(default=20.0, ge=0, le=3_600)


class AdminTable(Table):
    """`[admin]`: the port for health, metrics and reloading.

    Attributes:
        listen: The address.
        token: What reload, replay and events want as `Authorization: Bearer …`, or None.
        events: Whether the last events and the dead letters are served; that needs a token.
        events_kept: How many of the last events are kept.

    Example:
        >>> AdminTable.model_validate({"token": "s3cr3t"}).token
        SecretStr('**********')
    """

    listen: Listen = Address("127.0.0.1", 8081)
    token: Secret | None = None
    events: bool = False
    events_kept: int = Field(default=500, ge=1, le=10_000)


class LogTable(Table):
    """`[log]`: how the log is written.

    Attributes:
        format: Text for people, or a JSON object a line.
        level: `debug` has a line for each event, `info` what changes, `warning` what goes wrong.

    Example:
        >>> LogTable().level
        'info'
    """

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning"] = "info"


class MaxBehindTable(Table):
    """`max_behind`: how much may wait for one destination.

    Attributes:
        age_s: The maximum age of the oldest event that waits, in seconds, or None.
        rows: The maximum number of events, or None.
        bytes: The maximum size of all of them, in bytes, or None.

    Example:
        >>> MaxBehindTable.model_validate({"age_s": 3600}).age_s
        3600.0
    """

    age_s: float | None = Field(default=None, gt=0)
    rows: int | None = Field(default=None, ge=1)
    bytes: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.age_s is None and self.rows is None and self.bytes is None:
            raise ValueError("limits nothing: give age_s, rows or bytes")
        return self


class DestinationTable(Table):
    """`[[destinations]]`: one instance of a destination, with the options of `destination run` for its delivery.

    Attributes:
        name: What this configuration calls it; the queue knows it by this name.
        slug: The destination, as `destination list` shows it.
        settings: A settings file, a table of settings, or None where none are needed.
        demo: Whether events go to a demo server in this process instead of the partner.
        mappings: Files, patterns and Python objects with subscriptions, or None for the presets.
        action_ids: The action of each identifier of Terraform.
        enabled: Whether it gets events. One that is disabled gets no new ones, and keeps those that wait for it.
        dead_letters: The file of failed events, or None.
        max_behind: How much may wait for it, or None.
        when_behind: What happens beyond that: new events are refused, or the oldest become dead letters.

    Example:
        >>> table = DestinationTable.model_validate({"name": "shop", "slug": "actions-absmartly", "batch_size": 50})
        >>> table.delivery().batch_size
        50
    """

    name: str = Field(pattern=_NAME)
    slug: str = Field(min_length=1)
    settings: SettingsSource | None = Field(default=None, repr=False)
    demo: bool = False
    mappings: Texts | None = None
    action_ids: dict[str, str] = Field(default_factory=dict)
    enabled: bool = True
    dead_letters: FilePath | None = None
    max_behind: MaxBehindTable | None = None
    when_behind: Literal["refuse", "dead-letter"] = "refuse"
    attempts: int = Field(default=5, ge=1)
    retry_for: float = Field(default=14_400.0, ge=0)
    rate: float | None = Field(default=None, ge=0.001)
    concurrency: int | None = Field(default=None, ge=1, le=10_000)
    batch_size: int = Field(default=DEFAULT_BATCH_SIZE, ge=1)
    batch_bytes: int = Field(default=DEFAULT_BATCH_BYTES, ge=1)
    linger_ms: float = Field(default=DEFAULT_LINGER_S * 1000, ge=0)
    no_batch: bool = False
    ordered_by: str | None = Field(default=None, min_length=1)
    keep_going: bool = False
    ignore_integrations: bool = False
    timeout: float | None = Field(default=None, ge=0.001, le=86_400)
    ca_file: FilePath | None = None
    client_cert: FilePath | None = None
    client_key: FilePath | None = None

    def delivery(self) -> DeliveryOptions:
        """Returns how to send."""
        return DeliveryOptions(
            retry=RetryPolicy(attempts=self.attempts, retry_for_s=self.retry_for),
            rate=self.rate,
            batch_size=None if self.no_batch or self.batch_size < 2 else self.batch_size,
            linger_s=self.linger_ms / 1000,
            ordered_by=self.ordered_by,
            batch_bytes=self.batch_bytes,
            keep_going=self.keep_going,
            ignore_integrations=self.ignore_integrations,
        )


class ForwardConfig(Table):
    """The configuration of a forwarder; paths in it count from the folder of its file.

    Attributes:
        http: Where events arrive.
        queue: Where they wait.
        admin: The admin port, or None.
        log: How the log is written.
        destinations: Where they are sent.

    Example:
        >>> tables = {"destinations": [{"name": "shop", "slug": "actions-absmartly"}]}
        >>> [one.name for one in ForwardConfig.model_validate(tables).enabled]
        ['shop']
    """

    http: HttpTable = HttpTable()
    queue: QueueTable = QueueTable()
    admin: AdminTable | None = None
    log: LogTable = LogTable()
    destinations: list[DestinationTable]
    _path: Path = PrivateAttr(default=Path("forward.toml"))
    _text: str = PrivateAttr(default="")

    @model_validator(mode="before")
    @classmethod
    def _with_queue(cls, tables: Any) -> Any:
        """Adds the table that has a default path, which counts from the folder of the file like every other."""
        return {"queue": {}, **tables} if isinstance(tables, dict) else tables

    def model_post_init(self, context: Any, /) -> None:
        """Notes the file that the configuration was read from."""
        if context is not None:
            self._path = context["path"]
            self._text = context.get("text", "")

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def text(self) -> str:
        """The text of the file, or an empty text if it was not read from one."""
        return self._text

    @property
    def enabled(self) -> list[DestinationTable]:
        """The destinations that events are sent to."""
        return [one for one in self.destinations if one.enabled]

    def keys_of(self, name: str) -> frozenset[str] | None:
        """Returns the write keys whose events reach a destination. None: every key."""
        keys = self.http.write_keys
        if all(key.destinations is None for key in keys):
            return None
        reaching = (key for key in keys if key.destinations is None or name in key.destinations)
        return frozenset(key.value.get_secret_value() for key in reaching)

    @property
    def secrets(self) -> list[str]:
        """The secrets of the configuration itself, to mask them; not those of settings."""
        found = [key.value for key in self.http.write_keys]
        found += [
            secret
            for secret in (self.http.webhook_secret, self.http.webhook_key, self.admin and self.admin.token)
            if secret
        ]
        return [secret.get_secret_value() for secret in found]
