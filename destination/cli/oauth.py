"""The `[oauth]` table of a settings file: tokens of an OAuth destination, and the file that keeps refreshed ones."""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from destination.cli.files import check_writable, is_there, parse_json, read_file, reason_of
from destination.cli.problems import UsageProblem
from destination.definition import DestinationDefinition

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.runtime import Instance

TABLE: Final = "oauth"
TOKEN_FILE: Final = "tokenFile"  # noqa: S105  the name of a key

_SCHEMES: Final = ("oauth2", "oauth-managed")
_KEYS: Final = {
    "accessToken": "access_token",
    "refreshToken": "refresh_token",
    "clientId": "clientId",
    "clientSecret": "clientSecret",
    "refreshTokenUrl": "refresh_token_url",
}
"""The keys of the table, and what the runtime calls them."""
_SNAKE: Final = {
    "access_token": "accessToken",
    "refresh_token": "refreshToken",
    "client_id": "clientId",
    "client_secret": "clientSecret",
    "refresh_token_url": "refreshTokenUrl",
    "token_file": TOKEN_FILE,
}
_FRESH: Final = ("accessToken", "refreshToken")

Resolve = Callable[[Path, str, Any], Any]


def uses_oauth(definition: DestinationDefinition[Any]) -> bool:
    """Whether a destination is let in by OAuth tokens."""
    authentication = definition.authentication
    return authentication is not None and authentication.scheme in _SCHEMES


def read_oauth(path: Path, table: Any, definition: DestinationDefinition[Any], resolve: Resolve) -> dict[str, Any]:
    """Reads the `[oauth]` table of a settings file, as the member `oauth` of the runtime's settings.

    Tokens in the file that `tokenFile` names are newer than those of the table, and win.

    Args:
        path: The settings file. `tokenFile` is relative to its folder.
        table: What the file has under `oauth`.
        definition: The destination.
        resolve: Looks up the environment variable that a value names.

    Raises:
        UsageProblem: The destination takes no tokens, a key is unknown, or a value cannot be used.
    """
    if not uses_oauth(definition):
        raise UsageProblem(f"{path}: {definition.slug} does not use OAuth; leave [oauth] out")
    if not isinstance(table, Mapping):
        raise UsageProblem(f'{path}: oauth is a table; write [oauth] and below it: accessToken = {{ env = "NAME" }}')
    given: dict[str, str] = {}
    for written, value in table.items():
        key = _SNAKE.get(str(written), str(written))
        if key not in _KEYS and key != TOKEN_FILE:
            from difflib import get_close_matches

            close = get_close_matches(key, [*_KEYS, TOKEN_FILE], n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}?" if close else f"it takes: {', '.join([*_KEYS, TOKEN_FILE])}"
            raise UsageProblem(f"{path}: [oauth] has no key {written!r}; {hint}")
        found = resolve(path, f"oauth.{written}", value)
        if not isinstance(found, str) or not found:
            raise UsageProblem(f"{path}: oauth.{written} is not a text; write it in quotes")
        given[key] = found
    file = given.pop(TOKEN_FILE, None)
    if file is not None:
        given |= _read_tokens(path.parent / file)
    if not any(given.get(key) for key in _FRESH):
        raise UsageProblem(_missing(path, definition))
    return {_KEYS[key]: value for key, value in given.items()} | ({TOKEN_FILE: str(path.parent / file)} if file else {})


def missing_tokens(definition: DestinationDefinition[Any], path: Path | None) -> UsageProblem:
    """Says that an OAuth destination has no token, and where to write one."""
    return UsageProblem(_missing(path, definition))


def _missing(path: Path | None, definition: DestinationDefinition[Any]) -> str:
    prefix = definition.slug.removeprefix("actions-").replace("-", "_").upper()
    where = "give them with --settings FILE.toml, which holds" if path is None else "add"
    return (
        f"{'' if path is None else f'{path}: '}{definition.slug} needs an OAuth token; {where}: "
        f'[oauth] accessToken = {{ env = "{prefix}_ACCESS_TOKEN" }}'
    )


def _read_tokens(path: Path) -> dict[str, str]:
    if not is_there(path):
        return {}
    found = parse_json(read_file(path, "token file", "a JSON file with accessToken and refreshToken"), path)
    if not isinstance(found, dict) or (found and not any(key in found for key in _FRESH)):
        # It is another file, which refreshed tokens would replace.
        raise UsageProblem(f"{path}: is not a JSON object with accessToken and refreshToken")
    return {key: found[key] for key in _FRESH if isinstance(found.get(key), str) and found[key]}


def keep_tokens(instance: "Instance[Any]", settings: Mapping[str, Any], output: "Output") -> None:
    """Has refreshed tokens written to the file that is named for them; says so first where none is named.

    Args:
        instance: The instance that refreshes them.
        settings: The settings, as `read_oauth` completed them.
        output: Prints the warning.

    Raises:
        UsageProblem: The file cannot be written. The partner may take an old refresh token no more, so that this is
            found before one is used.
    """
    oauth = settings.get(TABLE)
    if not isinstance(oauth, Mapping):
        return
    authentication = instance.definition.authentication
    file = oauth.get(TOKEN_FILE)
    if file is not None:
        if authentication is not None and authentication.refresh_access_token is not None:
            check_writable(f"[oauth] {TOKEN_FILE}", _part_of(Path(file)))
        instance.tokens.on_refresh = lambda tokens: _write_tokens(Path(file), tokens, oauth, output)
    elif "refresh_token" in oauth and authentication is not None and authentication.refresh_access_token is not None:
        output.note(
            "a refreshed token is kept until the command ends, and the partner may take the old refresh token no more; "
            f'to keep it, name a file: [oauth] {TOKEN_FILE} = "tokens.json"'
        )


def _write_tokens(path: Path, tokens: Mapping[str, Any], oauth: Mapping[str, Any], output: "Output") -> None:
    from destination.private_files import open_private

    kept = {"accessToken": tokens["accessToken"], "refreshToken": tokens.get("refreshToken")}
    if not kept["refreshToken"]:
        kept["refreshToken"] = _read_quietly(path).get("refreshToken") or oauth.get("refresh_token")
    part = _part_of(path)
    try:
        with open_private(part) as file:
            file.write(json.dumps({key: value for key, value in kept.items() if value}, indent=2).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, ValueError) as error:
        with suppress(OSError):
            part.unlink()
        output.note(f"{path}: the refreshed tokens cannot be written: {reason_of(error).lower()}")


def _part_of(path: Path) -> Path:
    """The file beside a token file that replaces it once it is written whole."""
    return path.with_name(f"{path.name}.part")


def _read_quietly(path: Path) -> dict[str, str]:
    with suppress(UsageProblem):
        return _read_tokens(path)
    return {}
