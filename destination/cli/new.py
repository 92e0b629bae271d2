"""`destination new`."""

from pathlib import Path
from typing import Annotated, cast

from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem


def new(
    name: Annotated[str, Argument(metavar="NAME", help="The package's name, such as my_crm.")],
    auth: Annotated[
        str, Option("--auth", metavar="KIND", help="Authentication: custom (an API key), basic or oauth.")
    ] = "custom",
    batch: Annotated[bool, Option("--batch", help="The action can also send many events in one request.")] = False,
    directory: Annotated[
        Path | None,
        Option("--directory", metavar="DIR", help="A new or empty folder for the files. Default: ./NAME."),
    ] = None,
) -> int:
    """Make a package for a new destination, with tests that pass.

    It has settings, authentication, one action and presets.

    \b
    Exit status: 0, or 2 if the name or the folder cannot be used.

    \b
    Examples:
      destination new my_crm
      destination new my_crm --auth oauth --batch
      destination new my_crm --directory ~/work/my-crm
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.output import Output
    from destination.definition.given.files import reason_of
    from destination.workbench.scaffold import (
        AUTHENTICATIONS,
        Authentication,
        NameRefusedError,
        Scaffold,
        files_of,
        write_files,
    )

    if auth not in AUTHENTICATIONS:
        raise UsageProblem(f"--auth {auth}: unknown; use one of: {', '.join(AUTHENTICATIONS)}")
    scaffold = Scaffold(name=name, auth=cast(Authentication, auth), batch=batch)
    folder = Path(name) if directory is None else directory
    try:
        texts = files_of(scaffold)
        write_files(folder, texts)
    except NameRefusedError as refusal:
        raise UsageProblem(str(refusal)) from None
    except OSError as error:
        raise UsageProblem(f"{error.filename or folder}: cannot be written: {reason_of(error)}") from None
    output = Output()
    output.line(f"{scaffold.title} ({scaffold.slug}) is in {folder}:")
    for path in texts:
        output.line(f"  {path}")
    output.line()
    output.line("Next:")
    output.line(f"  cd {folder}")
    output.line("  pip install -e '.[dev]'")
    output.line("  pytest && ruff check . && mypy")
    output.line(f"  destination show {scaffold.slug}")
    return 0
