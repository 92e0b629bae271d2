"""`destination check-auth`."""

import asyncio
from pathlib import Path
from typing import Any

from destination.availability import is_unavailable
from destination.cli.instances import chosen_settings, find_destination, make_instance
from destination.cli.network import NetworkOptions, advice_on
from destination.cli.output import Output
from destination.cli.paths import reads, refuse_shared
from destination.delivery import describe
from destination.errors import ConnectionError as NoConnectionError
from destination.errors import (
    HTTPError,
    InvalidAuthenticationError,
    PartnerUnavailableError,
    RequestTimeoutError,
)
from destination.errors import TimeoutError as NoAnswerInTimeError
from destination.runtime import Instance

_UNREACHED = (NoConnectionError, NoAnswerInTimeError, PartnerUnavailableError, RequestTimeoutError)


def is_unreached(error: BaseException) -> bool:
    """Whether there was no answer at all, or none of the partner's own."""
    return isinstance(error, _UNREACHED)


def check_authentication(settings: Path | None, slug: str, network: NetworkOptions, *, as_json: bool) -> int:
    """Asks the partner whether the settings let in; returns the exit status.

    Raises:
        UsageProblem: The settings cannot be used, or there is no such destination.
    """
    output = Output()
    refuse_shared(reads("--settings", settings), network.files)
    definition = find_destination(slug)
    values = chosen_settings(definition, settings, output, sends=True)
    transport = network.transport(1)
    instance = make_instance(
        definition,
        values,
        [],
        output,
        settings_place=str(settings),
        transport=transport,
        timeout_ms=network.timeout_ms,
    )
    authentication = definition.authentication
    if authentication is None or authentication.test_authentication is None:
        output.line(f"{slug} has no way to ask whether settings let in; they are well formed.")
        return 0
    state, message = asyncio.run(_ask(instance, settings))
    if as_json:
        output.json_line({"destination": slug, "state": state, "message": message})
    elif state == "valid":
        output.line(message)
    else:
        output.note(message)
    return {"valid": 0, "invalid": 1, "unreachable": 2}[state]


async def _ask(instance: Instance[Any], settings: Path | None) -> tuple[str, str]:
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
