"""What `destination run` was given, and what it comes to."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from destination.cli.network import NetworkOptions
from destination.cli.options import DEFAULT_DESTINATION
from destination.cli.problems import UsageProblem
from destination.delivery import DEFAULT_BATCH_BYTES, DeliveryOptions, RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What was given to `destination run`; named as its options are."""

    file: str
    settings: Path | None
    mappings: Path | None
    destination: str
    dry_run: bool
    errors: Path | None
    as_json: bool
    concurrency: int | None
    ledger: Path | None
    no_ledger: bool
    resume: bool
    attempts: int
    retry_for: float
    rate: float | None
    batch_size: int
    linger_ms: float
    no_batch: bool
    ordered_by: str | None
    workers: int
    report: Path | None = None
    batch_bytes: int = DEFAULT_BATCH_BYTES
    keep_going: bool = False
    network: NetworkOptions = field(default_factory=NetworkOptions)
    ignore_integrations: bool = False
    dedupe: bool = False
    overwrite: bool = False

    def check(self) -> None:
        """Refuses what contradicts itself.

        Raises:
            UsageProblem: Two options do not go together.
        """
        if self.no_ledger and (self.resume or self.ledger is not None):
            raise UsageProblem("--no-ledger does not go with --ledger and --resume")
        if self.workers > 1 and not self.is_file:
            raise UsageProblem("--workers takes a file: several processes cannot read one standard input")
        if self.workers > 1 and self.ordered_by is not None:
            raise UsageProblem("--ordered-by keeps the order within one process: leave --workers away")
        if self.workers > 1 and self.dedupe:
            raise UsageProblem("--dedupe finds duplicates within one process: leave --workers away")
        if self.overwrite and self.resume:
            raise UsageProblem("--overwrite removes the failed events that --resume adds to: give one of them")

    @property
    def is_file(self) -> bool:
        """Whether the input is a file that can be read again; not a pipe under any name."""
        try:
            return Path(self.file).is_file()
        except (OSError, ValueError):  # opening it says why
            return False

    @property
    def uses_demo(self) -> bool:
        """Whether a stand-in for the partner takes the events: nothing says to whom they go, and they are in a file.

        Standard input is no such file under any name, such as /dev/stdin or <(…).
        """
        return self.settings is None and self.destination == DEFAULT_DESTINATION and self.is_file

    def for_worker(self) -> "RunOptions":
        """The part of the limits that each worker gets."""
        return replace(
            self,
            concurrency=None if self.concurrency is None else max(1, self.concurrency // self.workers),
            rate=None if self.rate is None else self.rate / self.workers,
        )

    def delivery(self) -> DeliveryOptions:
        """How to send."""
        return DeliveryOptions(
            retry=RetryPolicy(attempts=self.attempts, retry_for_s=self.retry_for),
            rate=self.rate,
            batch_size=None if self.no_batch or self.batch_size < 2 else self.batch_size,
            linger_s=self.linger_ms / 1000,
            ordered_by=self.ordered_by,
            batch_bytes=self.batch_bytes,
            keep_going=self.keep_going,
            ignore_integrations=self.ignore_integrations,
            dedupe=self.dedupe,
        )
