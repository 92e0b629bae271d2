"""The `[oauth]` table of a settings file: tokens of an OAuth destination, and the file that keeps refreshed ones."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from destination.definition.destination import DestinationDefinition
from destination.definition.given.files import is_there, parse_json, read_file
from destination.usage_problem import UsageProblem

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
        given |= read_tokens(path.parent / file)
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


def read_tokens(path: Path) -> dict[str, str]:
    """Reads a token file; there are no tokens where there is no file yet.

    Raises:
        UsageProblem: The file is another one, which refreshed tokens would replace.
    """
    if not is_there(path):
        return {}
    found = parse_json(read_file(path, "token file", "a JSON file with accessToken and refreshToken"), path)
    if not isinstance(found, dict) or (found and not any(key in found for key in _FRESH)):
        raise UsageProblem(f"{path}: is not a JSON object with accessToken and refreshToken")
    return {key: found[key] for key in _FRESH if isinstance(found.get(key), str) and found[key]}
