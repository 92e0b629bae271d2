"""The options of `destination run`, and what follows from them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from destination.cli.options import (
    DEFAULT_DESTINATION,
    CaFile,
    ClientCert,
    ClientKey,
    IgnoreIntegrations,
    Mappings,
    Settings,
    Slug,
    Timeout,
    UnusedSettings,
)
from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.cli.network import NetworkOptions
    from destination.delivery import DeliveryOptions


class RunOptions(NamedTuple):
    """The options of `destination run`, named as on the command line."""

    file: Annotated[str, Argument(metavar="FILE|-", help="NDJSON or a JSON array, also gzipped; - is standard input.")]
    settings: Settings = None
    mappings: Mappings = None
    destination: Slug = DEFAULT_DESTINATION
    send: Annotated[
        bool, Option("--send", help="Send with the settings that pyproject.toml names; -s needs no --send.")
    ] = False
    dry_run: Annotated[bool, Option("--dry-run", help="Send nothing; print one JSON line an event.")] = False
    errors: Annotated[
        Path | None,
        Option(metavar="FILE", help="Write failed events there, with their reasons; run that file to try again."),
    ] = None
    as_json: Annotated[bool, Option("--json", help="Print the summary as JSON.")] = False
    concurrency: Annotated[
        int | None,
        Option(min=1, max=10_000, metavar="N", help="Requests under way at once. Default: 50, or 8 in batches."),
    ] = None
    ledger: Annotated[
        Path | None,
        Option(metavar="FILE", help="Keep there what is settled. Default: FILE.ledger beside a file of events."),
    ] = None
    no_ledger: Annotated[bool, Option("--no-ledger", help="Keep no ledger: the run cannot be resumed.")] = False
    resume: Annotated[
        bool, Option("--resume", help="Go on with a run that was stopped: send only what is not settled.")
    ] = False
    attempts: Annotated[
        int, Option(min=1, metavar="N", help="Attempts of an event that fails while others get through.")
    ] = 5
    retry_for: Annotated[
        float, Option(min=0, metavar="SECONDS", help="How long an outage of the partner is waited for.")
    ] = 14_400
    rate: Annotated[float | None, Option(min=0.001, metavar="N", help="Requests a second at most.")] = None
    batch_size: Annotated[
        int, Option(min=1, metavar="N", help="Events in a batch, where the action takes batches and not fewer.")
    ] = 500
    linger_ms: Annotated[
        float, Option(min=0, metavar="MS", help="An event waits no longer for others of its batch.")
    ] = 200
    batch_bytes: Annotated[int, Option(min=1, metavar="N", help="Maximum size of a batch, in bytes.")] = 1_000_000
    no_batch: Annotated[bool, Option("--no-batch", help="Send each event by itself.")] = False
    ordered_by: Annotated[
        str | None,
        Option(metavar="PATH", help="Send events that have the same value there in order, such as userId."),
    ] = None
    workers: Annotated[int, Option(min=1, max=64, metavar="N", help="Processes that share the file's events.")] = 1
    report: Annotated[
        Path | None,
        Option(metavar="FILE.html", help="Write a page on the run there: rates, times, errors with samples."),
    ] = None
    keep_going: Annotated[
        bool, Option("--keep-going", help="Go on where 100 events in a row fail with the same status.")
    ] = False
    timeout: Timeout = None
    ca_file: CaFile = None
    client_cert: ClientCert = None
    client_key: ClientKey = None
    ignore_integrations: IgnoreIntegrations = False
    dedupe: Annotated[
        bool, Option("--dedupe", help="Send a messageId that the input has twice only once; one process.")
    ] = False
    overwrite: Annotated[
        bool, Option("--overwrite", help="Replace the failed events that the file of --errors holds.")
    ] = False

    unused_settings: UnusedSettings = None

    def check(self) -> None:
        """Refuses what contradicts itself.

        Raises:
            UsageProblem: Two options do not go together.
        """
        if self.send and self.dry_run:
            raise UsageProblem("--send does not go with --dry-run: give one of them")
        if self.send and self.settings is None:
            raise UsageProblem("--send needs settings: give --settings FILE.toml, or name a file in pyproject.toml")
        if self.no_ledger and (self.resume or self.ledger is not None):
            raise UsageProblem("--no-ledger does not go with --ledger and --resume")
        if self.workers > 1 and not self.is_file:
            raise UsageProblem("--workers takes a file: several processes cannot read one standard input")
        if self.workers > 1 and self.ordered_by is not None:
            raise UsageProblem("--ordered-by keeps the order within one process: leave out --workers")
        if self.workers > 1 and self.dedupe:
            raise UsageProblem("--dedupe finds duplicates within one process: leave out --workers")
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
        """Returns the options of each worker, with its part of the limits."""
        return self._replace(
            concurrency=None if self.concurrency is None else max(1, self.concurrency // self.workers),
            rate=None if self.rate is None else self.rate / self.workers,
        )

    @property
    def network(self) -> "NetworkOptions":
        """How to talk to the partner."""
        from destination.cli.network import NetworkOptions

        return NetworkOptions(
            timeout=self.timeout,
            ca_file=self.ca_file,
            client_cert=self.client_cert,
            client_key=self.client_key,
        )

    def delivery(self) -> "DeliveryOptions":
        """Returns how to send."""
        from destination.delivery import DeliveryOptions, RetryPolicy

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
