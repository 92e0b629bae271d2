"""`destination list`."""

from destination.cli.options import AsJson
from destination.usage_problem import UsageProblem


def list_destinations(as_json: AsJson = False) -> int:
    """List the installed destinations.

    \b
    Exit status: 0, or 1 where one of them cannot be loaded.

    \b
    Examples:
      destination list
      destination list --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.output import Output
    from destination.definition import slugs
    from destination.runtime.given import find_destination

    output = Output()
    found = []
    installed = slugs()
    for slug in installed:
        try:
            found.append(find_destination(slug))
        except UsageProblem as problem:
            output.note("; ".join(problem.lines))
    if as_json:
        output.json(
            [
                {
                    "slug": item.slug,
                    "name": item.name,
                    "description": item.description,
                    "actions": list(item.actions),
                    "presets": [preset.name for preset in item.presets],
                }
                for item in found
            ]
        )
    else:
        output.table(
            ("slug", "name", "actions", "presets"),
            [(item.slug, item.name, ", ".join(item.actions), len(item.presets)) for item in found],
        )
    return int(len(found) < len(installed))
