"""Looks up secrets that a file only refers to: `{ env = "NAME" }` and `{ file = "path" }`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

_MAX_BYTES: Final = 64 * 1024


class SecretSourceError(ValueError):
    """A secret cannot be looked up. The message never holds the secret."""


def look_up_secret(reference: Mapping[str, Any], folder: Path) -> str:
    """Returns the value of an environment variable, or the content of a file without the line break at its end.

    Args:
        reference: `{"env": "NAME"}` or `{"file": "path"}`.
        folder: The folder that a relative path counts from.

    Raises:
        SecretSourceError: It has other keys, the variable is not set, or the file cannot be read; or it is empty.

    Example:
        >>> os.environ["EXAMPLE_KEY"] = "s3cr3t"
        >>> look_up_secret({"env": "EXAMPLE_KEY"}, Path())
        's3cr3t'
        >>> look_up_secret({"environment": "EXAMPLE_KEY"}, Path())
        Traceback (most recent call last):
        destination.secret_sources.SecretSourceError: takes { env = "NAME" } or { file = "path" }
    """
    if len(reference) == 1:
        ((kind, name),) = reference.items()
        if isinstance(name, str) and name:
            if kind == "env":
                return _from_environment(name)
            if kind == "file":
                return _from_file(folder / name)
    raise SecretSourceError('takes { env = "NAME" } or { file = "path" }')


def _from_environment(name: str) -> str:
    found = os.environ.get(name)
    if not found:
        state = "is not set" if found is None else "is empty"
        raise SecretSourceError(f"names the environment variable {name}, which {state}")
    return found


def _from_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise SecretSourceError(f"names the file {path}, which is larger than {_MAX_BYTES:,} bytes")
        found = raw.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except FileNotFoundError:
        raise SecretSourceError(f"names the file {path}, which does not exist") from None
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise SecretSourceError(f"names the file {path}, which cannot be read: {reason}") from None
    except UnicodeDecodeError:
        raise SecretSourceError(f"names the file {path}, which is not UTF-8 text") from None
    if not found:
        raise SecretSourceError(f"names the file {path}, which is empty")
    return found
