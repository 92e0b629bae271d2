"""`destination list`."""

from destination.cli.options import AsJson


def list_destinations(as_json: AsJson = False) -> int:
    """List the installed destinations.

    \b
    Exit status: 0, or 1 where one of them cannot be loaded.

    \b
    Examples:
      destination list
      destination list --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.show import show_list

    return show_list(as_json=as_json)
