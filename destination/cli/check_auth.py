"""`destination check-auth`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from destination.cli.options import DEFAULT_DESTINATION, AsJson, CaFile, ClientCert, ClientKey, Settings, Slug, Timeout
from destination.records import dataclass

if TYPE_CHECKING:
    from destination.definition import DestinationDefinition
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

    An OAuth destination whose access token has expired gets a new one first.

    \b
    Exit status: 0 they do, 1 they do not, 2 there was no answer (the partner is unavailable,
    or the settings cannot be used).

    \b
    Examples:
      destination check-auth --settings settings.toml
    """  # noqa: D301  \b keeps the line breaks that follow
    import asyncio

    from destination.cli.files import reads, refuse_shared
    from destination.cli.instances import chosen_settings, make_instance
    from destination.cli.network import NetworkOptions
    from destination.cli.output import Output
    from destination.runtime.given import find_destination

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
        output.line(f"{destination} has no test of its settings; they are well formed.")
        return 0
    answer = asyncio.run(_ask(instance, settings))
    if as_json:
        output.json_line({"destination": destination, **asdict(answer)})
    elif answer.state == "valid":
        output.line(answer.message)
    else:
        output.note(answer.message)
    return {"valid": 0, "invalid": 1, "unreachable": 2}[answer.state]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What became of the question: `valid`, `invalid` or `unreachable`, and the status of the partner's answer."""

    state: str
    message: str
    status: int | None = None


async def _ask(instance: "Instance[Any]", settings: Path | None) -> _Answer:
    from destination.delivery import describe
    from destination.errors import InvalidAuthenticationError

    async with instance:
        try:
            await _test(instance)
        except InvalidAuthenticationError as error:
            return _refused(instance.definition, settings, str(error), error.__cause__)
        except Exception as error:  # noqa: BLE001  whatever a refresh raises
            return _refused(
                instance.definition, settings, f"The access token cannot be refreshed: {describe(error)}", error
            )
    return _Answer("valid", f"The settings in {settings} let you in." if settings else "The settings let you in.")


async def _test(instance: "Instance[Any]") -> None:
    """Asks the partner; with refreshed tokens where there is no access token, or where it has expired."""
    from destination.errors import InvalidAuthenticationError
    from destination.runtime.auth import is_unauthorised

    tokens = instance.tokens
    if tokens.renewable and "accessToken" not in tokens.auth:
        await tokens.renew(tokens.auth)
    used = tokens.auth
    try:
        await instance.test_authentication()
    except InvalidAuthenticationError as error:
        cause = error.__cause__
        if not tokens.renewable or "refreshToken" not in used or cause is None or not is_unauthorised(cause):
            raise
        await tokens.renew(used)
        await instance.test_authentication()


def _refused(
    definition: "DestinationDefinition[Any]", settings: Path | None, message: str, cause: BaseException | None
) -> _Answer:
    from destination.availability import is_unavailable
    from destination.cli.network import advice_on, is_unreached
    from destination.definition.given.oauth import uses_oauth
    from destination.delivery import describe
    from destination.errors import HTTPError

    message = " ".join(message.split())
    status = cause.response.status if isinstance(cause, HTTPError) else None
    addresses = [key for key, field in definition.settings_fields.items() if field.format == "uri"]
    to_check = f"check {_listed(addresses)} in {settings}" if addresses else f"check {settings}"
    if cause is not None and is_unreached(cause):
        return _Answer("unreachable", f"no answer: {describe(cause)}; {advice_on(cause, to_check)}", status)
    if cause is not None and is_unavailable(cause):
        return _Answer("unreachable", f"the partner is unavailable: {describe(cause)}; try again later", status)
    others = [key for key in definition.settings_fields if key not in addresses]
    if uses_oauth(definition):
        others.append("[oauth]")
    if (status in (401, 403) or status is None) and others:
        to_check = f"check {_listed(others)} in {settings}"
    return _Answer("invalid", f"{message}; {to_check}", status)


def _listed(keys: list[str]) -> str:
    return keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"
