"""`destination check-auth`."""

from destination.cli.options import DEFAULT_DESTINATION, AsJson, CaFile, ClientCert, ClientKey, Settings, Slug, Timeout


def check_auth(
    settings: Settings = None,
    destination: Slug = DEFAULT_DESTINATION,
    as_json: AsJson = False,
    timeout: Timeout = None,
    ca_file: CaFile = None,
    client_cert: ClientCert = None,
    client_key: ClientKey = None,
) -> int:
    """Ask the partner whether the settings let you in.

    \b
    Exit status: 0 they do, 1 they do not, 2 it could not be asked (no answer, one that
    decides nothing, or settings that cannot be used).

    \b
    Examples:
      destination check-auth --settings settings.toml
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.check_auth import check_authentication
    from destination.cli.network import NetworkOptions

    network = NetworkOptions(timeout=timeout, ca_file=ca_file, client_cert=client_cert, client_key=client_key)
    return check_authentication(settings, destination, network, as_json=as_json)
