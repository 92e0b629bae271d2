"""The `destination` command."""

from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; ends the process with its status.

    Args:
        arguments: What stands after `destination`; the process's own when None.

    Raises:
        SystemExit: Always.
    """
    from destination.cli.app import app

    app(arguments)
