"""`destination config`."""

from destination.cli.options import AsJson


def config(as_json: AsJson = False) -> int:
    """Show what pyproject.toml says in [tool.destination]; options of a command override it.

    The nearest pyproject.toml with the table counts, in this folder or one above.

    \b
    Exit status: 0, also where there is no table, 2 the table cannot be used.

    \b
    Examples:
      destination config
      destination config --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from dataclasses import asdict
    from pathlib import Path

    from destination.cli.configuration import find_configuration
    from destination.cli.output import Output

    output = Output()
    found = find_configuration(Path.cwd())
    if found is None:
        if as_json:
            output.json(None)
        else:
            output.line("There is no [tool.destination] in a pyproject.toml of this folder or one above.")
        return 0
    values = {**asdict(found), "path": str(found.path)}
    if as_json:
        output.json(values)
        return 0
    output.line(f"[tool.destination] of {values.pop('path')}")
    for key, value in values.items():
        shown = value
        if isinstance(value, dict):
            shown = ", ".join(f"{name} = {action}" for name, action in value.items())
        elif isinstance(value, (list, tuple)):
            shown = ", ".join(value)
        output.line(f"  {key}: {shown or '(not given)'}")
    return 0
