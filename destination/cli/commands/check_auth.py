"""`destination check-auth`."""

from destination.cli.options import DEFAULT_DESTINATION, AsJson, Settings, Slug


def check_auth(settings: Settings = None, destination: Slug = DEFAULT_DESTINATION, as_json: AsJson = False) -> int:
    """Ask the partner whether the settings let you in.

    \b
    Exit status: 0 they do, 1 they do not, 2 it could not be asked (no answer, or settings that cannot be used).

    \b
    Examples:
      destination check-auth --settings settings.toml
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.check_auth import check_authentication

    return check_authentication(settings, destination, as_json=as_json)
