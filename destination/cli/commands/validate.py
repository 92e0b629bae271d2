"""`destination validate`."""

from destination.cli.options import DEFAULT_DESTINATION, AsJson, Mappings, Slug


def validate(mappings: Mappings = None, destination: Slug = DEFAULT_DESTINATION, as_json: AsJson = False) -> int:
    """Check mappings: triggers, directives, actions, fields, and that there are at most 50.

    Settings are not needed; nothing is sent.

    \b
    Exit status: 0 no errors (warnings may be), 1 errors, 2 the file cannot be read.

    \b
    Examples:
      destination validate --mappings mappings.json
      destination validate --mappings mappings.json --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.validate import validate_mappings

    return validate_mappings(mappings, destination, as_json=as_json)
