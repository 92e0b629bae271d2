"""The `destination` command."""

from collections.abc import Sequence
from typing import NoReturn

__all__ = ["command", "main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line.

    Args:
        arguments: The arguments after `destination`; the process's own when None.

    Raises:
        SystemExit: Always, with its status.
    """
    from destination.cli.app import app

    app.main(arguments)


def command() -> NoReturn:
    """Runs the command line as a process of its own, and ends it."""
    import gc

    from destination.cli.process import end_process, open_missing_streams

    gc.set_threshold(100_000, 20, 50)  # imports make many objects, and hardly any garbage
    open_missing_streams()
    try:
        main()
    except KeyboardInterrupt:  # while the command is still being imported
        end_process(130)
    except SystemExit as end:
        end_process(end.code if isinstance(end.code, int) else int(end.code is not None))
    end_process(0)
