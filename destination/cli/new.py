"""`destination new`."""

from pathlib import Path
from typing import cast

from destination.cli.output import Output
from destination.cli.problems import UsageProblem
from destination.workbench.scaffold import (
    AUTHENTICATIONS,
    Authentication,
    NameRefusedError,
    Scaffold,
    files_of,
    write_files,
)


def new_destination(name: str, auth: str, directory: Path | None, *, batch: bool) -> int:
    """Writes the files of a new destination; returns the exit status.

    Raises:
        UsageProblem: The name or the folder cannot be used.
    """
    if auth not in AUTHENTICATIONS:
        raise UsageProblem(f"--auth {auth}: there is no such kind; use one of: {', '.join(AUTHENTICATIONS)}")
    scaffold = Scaffold(name=name, auth=cast(Authentication, auth), batch=batch)
    folder = Path(name) if directory is None else directory
    try:
        texts = files_of(scaffold)
        write_files(folder, texts)
    except NameRefusedError as refusal:
        raise UsageProblem(str(refusal)) from None
    except OSError as error:
        raise UsageProblem(f"{error.filename or folder}: cannot be written: {error.strerror or error}") from None
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
