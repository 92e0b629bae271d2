"""Reads settings files: TOML, whose values may name environment variables and files, so that it holds no key."""

from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from destination.definition.destination import DestinationDefinition
from destination.definition.given import oauth
from destination.definition.given.files import read_file
from destination.fields import InputField
from destination.secret_sources import SecretSourceError, look_up_secret
from destination.usage_problem import UsageProblem


def read_settings(path: Path, definition: DestinationDefinition[Any]) -> dict[str, Any]:
    """Reads the settings of a file, with the environment variables and files that it names looked up.

    ```toml
    collectorEndpoint = "https://your-subdomain.absmartly.io/v1"
    apiKey = { env = "ABSMARTLY_API_KEY" }
    environment = "production"
    ```

    Raises:
        UsageProblem: The file cannot be read or is not valid TOML, a variable is not set, a setting is unknown,
            missing or empty.
    """
    return resolve_settings(path, read_toml(path), definition)


def resolve_settings(path: Path, given: Mapping[str, Any], definition: DestinationDefinition[Any]) -> dict[str, Any]:
    """Looks up the environment variables and files that settings name, and checks the settings.

    Raises:
        UsageProblem: A variable is not set, a setting is unknown, missing or empty.
    """
    fields = definition.settings_fields
    settings: dict[str, Any] = {}
    for key, value in given.items():
        if key == "oauth" and key not in fields:
            settings[key] = oauth.read_oauth(path, value, definition, _resolved)
            continue
        if key not in fields:
            from difflib import get_close_matches

            close = get_close_matches(key, fields, n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}?" if close else f"it takes: {', '.join(fields) or 'none'}"
            raise UsageProblem(f"{path}: {definition.slug} has no setting {key!r}; {hint}")
        settings[key] = _table(path, key, value) if fields[key].type == "object" else _resolved(path, key, value)
    missing = {
        key: field for key, field in fields.items() if field.required is True and settings.get(key) in (None, "")
    }
    if missing:
        raise UsageProblem(f"{path}: missing or empty: {', '.join(missing)}; add: {example_lines(definition, missing)}")
    return settings


def read_toml(path: Path) -> dict[str, Any]:
    """Reads a settings file as it is.

    Raises:
        UsageProblem: The file cannot be read, is too large or is not valid TOML.
    """
    import tomllib

    content = read_file(path, "settings file", "a TOML file with settings")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UsageProblem(f"{path}: is not UTF-8 text; give a TOML file with settings") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageProblem(f'{path}: is not valid TOML: {error}; write a setting as: key = "value"') from None
    except ValueError as error:
        raise UsageProblem(f"{path}: cannot be read: {error}") from None


def _table(path: Path, key: str, value: Any) -> dict[str, Any]:
    """Resolves a setting that is an object, such as a mapping of names: a table of values."""
    if not isinstance(value, dict):
        raise UsageProblem(f'{path}: the setting {key} takes a table; write {key} = {{ "from" = "to" }}')
    return {name: _resolved(path, f"{key}.{name}", item) for name, item in value.items()}


def _resolved(path: Path, key: str, value: Any) -> Any:
    if isinstance(value, date | time):
        raise UsageProblem(f"{path}: the setting {key} is a date or time; write it in quotes")
    if not isinstance(value, dict):
        return value
    try:
        return look_up_secret(value, path.parent)
    except SecretSourceError as error:
        raise UsageProblem(f"{path}: the setting {key} {error}") from None


def missing_settings(definition: DestinationDefinition[Any], why: str) -> UsageProblem:
    """Says which settings a destination needs, where none were given."""
    required = {key: field for key, field in definition.settings_fields.items() if field.required is True}
    return UsageProblem(
        f"missing settings for {definition.slug}{why}: {', '.join(required)}; "
        f"give them with --settings FILE.toml, which holds: {example_lines(definition, required)}"
    )


def example_lines(definition: DestinationDefinition[Any], fields: Mapping[str, InputField]) -> str:
    """Writes lines of TOML that would give these settings, as a proposal."""
    return "; ".join(f"{key} = {_example(definition, key, field)}" for key, field in fields.items())


def _example(definition: DestinationDefinition[Any], key: str, field: InputField) -> str:
    if key in definition.secret_keys:
        return f'{{ env = "{_variable(definition.slug, key)}" }}'
    if field.type in ("number", "integer"):
        return "0"
    if field.type == "boolean":
        return "false"
    if field.type == "object":
        return '{ "…" = "…" }'
    return '"https://…"' if field.format == "uri" else '"…"'


def _variable(slug: str, key: str) -> str:
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in key)
    return f"{slug.removeprefix('actions-')}_{words}".replace("-", "_").upper()
