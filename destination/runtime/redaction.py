"""Keeps secrets out of everything that is shown."""

from collections.abc import Iterable, Mapping
from typing import Any

from destination.request import REDACTED, Request, redact_headers

_SHORTEST = 4  # shorter values would blank out ordinary text; headers are masked by name whatever their length


class Redactor:
    """Replaces the values of secret settings wherever they appear in text.

    Example:
        >>> redactor = Redactor({"apiKey": "s3cr3t"}, ["apiKey"])
        >>> redactor({"url": "https://h.test/?key=s3cr3t", "n": 1})
        {'url': 'https://h.test/?key=<redacted>', 'n': 1}
    """

    __slots__ = ("_secrets",)

    def __init__(self, settings: Mapping[str, Any], secret_keys: Iterable[str]) -> None:
        values = {str(settings[key]) for key in secret_keys if settings.get(key) not in (None, "")}
        self._secrets = sorted((value for value in values if len(value) >= _SHORTEST), key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return text

    def __call__(self, value: Any) -> Any:
        """The JSON value without secrets, at every depth."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self(item) for item in value]
        return value

    def request(self, request: Request) -> dict[str, Any]:
        """A request as JSON: method, url, headers (secret ones masked) and body."""
        return {
            "method": request.method,
            "url": self.text(request.url),
            "headers": self(redact_headers(request.headers)),
            "body": self(request.json()),
        }
