"""The `destination` command."""

from collections.abc import Sequence
from typing import Any, NoReturn

__all__ = ["command", "main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line.

    Args:
        arguments: The arguments after `destination`; the process's own when None.

    Raises:
        SystemExit: Always, with its status.
    """
    import sys

    from destination.cli.ending import status_of

    given = sys.argv[1:] if arguments is None else list(arguments)
    sys.exit(status_of(lambda: _run(given)))


def _run(arguments: list[str]) -> Any:
    from destination.cli.quick import read_quickly

    call = read_quickly(arguments)
    if call is not None:
        return call()
    from destination.cli.app import app

    return app(arguments)


def command() -> NoReturn:
    """Runs the command line as a process of its own, and ends it."""
    import gc

    from destination.cli.process import end_process, open_missing_streams

    gc.set_threshold(20_000, 20, 50)  # imports make many objects, and hardly any garbage
    open_missing_streams()
    try:
        main()
    except KeyboardInterrupt:  # while the command is still being imported
        end_process(130)
    except SystemExit as end:
        end_process(end.code if isinstance(end.code, int) else int(end.code is not None))
    end_process(0)
