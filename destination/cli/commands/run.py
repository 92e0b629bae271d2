"""`destination run`."""

from pathlib import Path
from typing import Annotated

import typer

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
)


def run(  # noqa: PLR0913, PLR0917  one parameter for each option
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="NDJSON or a JSON array, also gzipped; - is standard input.")
    ],
    settings: Settings = None,
    mappings: Mappings = None,
    destination: Slug = DEFAULT_DESTINATION,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Send nothing; print one JSON line an event.")] = False,
    errors: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write failed events there, with their reasons; run that file to try again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    concurrency: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, metavar="N", help="Requests under way at once. Default: 50, or 8 in batches."),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep there what is settled. Default: FILE.ledger beside a file of events."),
    ] = None,
    no_ledger: Annotated[bool, typer.Option("--no-ledger", help="Keep no ledger: the run cannot be resumed.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was stopped: send only what is not settled.")
    ] = False,
    attempts: Annotated[
        int, typer.Option(min=1, metavar="N", help="Attempts of an event that fails while others get through.")
    ] = 5,
    retry_for: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long an outage of the partner is waited for.")
    ] = 14_400,
    rate: Annotated[float | None, typer.Option(min=0.001, metavar="N", help="Requests a second at most.")] = None,
    batch_size: Annotated[
        int, typer.Option(min=1, metavar="N", help="Events in a batch, where the action takes batches and not fewer.")
    ] = 500,
    linger_ms: Annotated[
        float, typer.Option(min=0, metavar="MS", help="An event waits no longer for others of its batch.")
    ] = 200,
    batch_bytes: Annotated[
        int, typer.Option(min=1, metavar="N", help="Maximum size of a batch, in bytes.")
    ] = 1_000_000,
    no_batch: Annotated[bool, typer.Option("--no-batch", help="Send each event by itself.")] = False,
    ordered_by: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Send events that have the same value there in order, such as userId."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="Processes that share the file's events.")
    ] = 1,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write a page on the run there: rates, times, errors with samples."),
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Go on where 100 events in a row fail with the same status.")
    ] = False,
    timeout: Timeout = None,
    ca_file: CaFile = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
    ignore_integrations: IgnoreIntegrations = False,
    dedupe: Annotated[
        bool, typer.Option("--dedupe", help="Send a messageId that the input has twice only once; one process.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the failed events that the file of --errors holds.")
    ] = False,
) -> int:
    """Send the events of a file.

    Without settings, ABsmartly's events go to an embedded collector on this machine, so that you can see what
    would arrive. The file is read as a stream: its size does not matter. A line that is no event is reported
    and the rest goes on. Ctrl-C finishes what is under way, then prints the summary.

    \b
    Exit status: 0 all delivered, 1 some failed, 2 nothing started because of the input, 3 stopped because the
    ledger or the file of failed events could not be written, 129, 130, 143 ended by SIGHUP, Ctrl-C, SIGTERM.

    \b
    Examples:
      destination run examples/events.ndjson
      destination run events.ndjson.gz --settings settings.toml --errors failed.ndjson
      destination run events.ndjson.gz --settings settings.toml --errors failed.ndjson --resume
      destination run failed.ndjson --settings settings.toml --errors failed-again.ndjson
      zcat events.gz | destination run - --settings settings.toml --json
      destination run events.ndjson --settings settings.toml --report report.html
      destination run events.ndjson --mappings mappings.json --dry-run | jq .

    \b
    settings.toml:
      collectorEndpoint = "https://your-subdomain.absmartly.io/v1"
      apiKey = { env = "ABSMARTLY_API_KEY" }
      environment = "production"
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.network import NetworkOptions
    from destination.cli.run import run_events
    from destination.cli.run_options import RunOptions

    return run_events(
        RunOptions(
            file=file,
            settings=settings,
            mappings=mappings,
            destination=destination,
            dry_run=dry_run,
            errors=errors,
            as_json=as_json,
            concurrency=concurrency,
            ledger=ledger,
            no_ledger=no_ledger,
            resume=resume,
            attempts=attempts,
            retry_for=retry_for,
            rate=rate,
            batch_size=batch_size,
            linger_ms=linger_ms,
            no_batch=no_batch,
            ordered_by=ordered_by,
            workers=workers,
            report=report,
            batch_bytes=batch_bytes,
            keep_going=keep_going,
            network=NetworkOptions(timeout=timeout, ca_file=ca_file, client_cert=client_cert, client_key=client_key),
            ignore_integrations=ignore_integrations,
            dedupe=dedupe,
            overwrite=overwrite,
        )
    )
