"""`destination mutate`."""

from pathlib import Path
from typing import Annotated

import typer

from destination.cli.options import DEFAULT_DESTINATION, AsJson, Mappings, Slug


def mutate(  # noqa: PLR0913, PLR0917  one parameter for each option
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- COMMAND", help="The tests, run in a copy of this folder. Default: pytest -q -x."),
    ] = None,
    mappings: Mappings = None,
    destination: Slug = DEFAULT_DESTINATION,
    cases: Annotated[
        list[Path] | None,
        typer.Option("--cases", metavar="FILE", help="In the place of a command: a file of cases; may be repeated."),
    ] = None,
    events: Annotated[
        str | None,
        typer.Option(
            "--events",
            "-e",
            metavar="FILE|-",
            help="In the place of a command: events, and what the mappings make of them now is expected.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Try so many at most, drawn at random.")] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="For --limit: the same seed draws the same.")] = 0,
    fail_under: Annotated[
        float | None, typer.Option(min=0, max=100, metavar="PERCENT", help="Exit with 1 where less is noticed.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Change mappings in small ways, one at a time, and show which changes no test notices.

    Tests are a command, which runs in a copy of the current folder where the file of mappings is changed; or files of
    cases; or events. Your files are never changed. Nothing is sent by this command itself.

    \b
    Exit status: 0, 1 where less than --fail-under is noticed or a line is no event, 2 bad usage, or tests that fail
    before anything is changed, 130 interrupted (what was tried until then is shown).

    \b
    Examples:
      destination mutate --mappings mappings.json
      destination mutate --mappings mappings.json --limit 40 -- pytest -q -x tests/test_mappings.py
      destination mutate --mappings mappings.json --cases mappings.cases.json
      destination mutate --events events.ndjson
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.mutate import MutateOptions, mutate_mappings

    return mutate_mappings(
        MutateOptions(
            command=tuple(command or ()),
            mappings=mappings,
            destination=destination,
            cases=tuple(cases or ()),
            events=events,
            limit=limit,
            seed=seed,
            fail_under=fail_under,
            as_json=as_json,
        )
    )
