"""`destination check-auth`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from destination.cli.options import DEFAULT_DESTINATION, AsJson, CaFile, ClientCert, ClientKey, Settings, Slug, Timeout

if TYPE_CHECKING:
    from destination.runtime import Instance


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
    import asyncio

    from destination.cli.files import reads, refuse_shared
    from destination.cli.instances import chosen_settings, find_destination, make_instance
    from destination.cli.network import NetworkOptions
    from destination.cli.output import Output

    network = NetworkOptions(timeout=timeout, ca_file=ca_file, client_cert=client_cert, client_key=client_key)
    output = Output()
    refuse_shared(reads("--settings", settings), network.files)
    definition = find_destination(destination)
    values = chosen_settings(definition, settings, output, sends=True)
    transport = network.transport(1)
    instance = make_instance(
        definition,
        values,
        [],
        output,
        settings_name=str(settings),
        transport=transport,
        timeout_ms=network.timeout_ms,
    )
    authentication = definition.authentication
    if authentication is None or authentication.test_authentication is None:
        output.line(f"{destination} has no way to ask whether settings let in; they are well formed.")
        return 0
    state, message = asyncio.run(_ask(instance, settings))
    if as_json:
        output.json_line({"destination": destination, "state": state, "message": message})
    elif state == "valid":
        output.line(message)
    else:
        output.note(message)
    return {"valid": 0, "invalid": 1, "unreachable": 2}[state]


async def _ask(instance: "Instance[Any]", settings: Path | None) -> tuple[str, str]:
    from destination.availability import is_unavailable
    from destination.cli.network import advice_on, is_unreached
    from destination.delivery import describe
    from destination.errors import HTTPError, InvalidAuthenticationError

    async with instance:
        try:
            await instance.test_authentication()
        except InvalidAuthenticationError as error:
            cause = error.__cause__
            if cause is not None and is_unreached(cause):
                return "unreachable", f"no answer: {describe(cause)}; {advice_on(cause, settings)}"
            if cause is not None and is_unavailable(cause):
                return "unreachable", f"no answer to that: {describe(cause)}; try again later"
            if isinstance(cause, HTTPError) and cause.response.status in (401, 403):
                return "invalid", f"{error}; check the key and the environment in {settings}"
            return "invalid", f"{error}; check the address in {settings}"
    return "valid", f"The settings in {settings} let you in."
