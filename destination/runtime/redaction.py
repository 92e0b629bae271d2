"""Keeps secrets out of everything that is shown."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from destination.errors import EngineTypeError
from destination.request import REDACTED, Request, parse_url, redact_headers

_SHORTEST = 4  # shorter values would blank out ordinary text; headers are masked by name whatever their length


class ConcealedMapping(Mapping[str, Any]):
    """A read-only mapping that shows its keys, and never its values: settings and tokens as a `perform` has them.

    Example:
        >>> settings = ConcealedMapping({"apiKey": "s3cr3t"})
        >>> settings, settings["apiKey"]
        (ConcealedMapping(apiKey=…), 's3cr3t')
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"ConcealedMapping({', '.join(f'{key}=…' for key in self._values)})"


class Redactor:
    """Replaces the values of secret settings wherever they appear in text.

    Example:
        >>> redactor = Redactor({"apiKey": "s3cr3t"}, ["apiKey"])
        >>> redactor({"url": "https://h.test/?key=s3cr3t", "n": 1})
        {'url': 'https://h.test/?key=<redacted>', 'n': 1}
    """

    __slots__ = ("_secrets", "_settings", "_tokens")

    def __init__(self, settings: Mapping[str, Any], secret_keys: Iterable[str]) -> None:
        values = {str(settings[key]) for key in secret_keys if settings.get(key) not in (None, "")}
        self._settings = frozenset(value for value in values if len(value) >= _SHORTEST)
        self._tokens: deque[str] = deque(maxlen=32)
        self._secrets = sorted(self._settings, key=len, reverse=True)

    @property
    def secrets(self) -> frozenset[str]:
        """What it replaces, for one that does the same for several instances; never to be shown.

        Example:
            >>> sorted(Redactor({"apiKey": "s3cr3t", "host": "h.test"}, ["apiKey"]).secrets)
            ['s3cr3t']
        """
        return frozenset(self._secrets)

    def remember(self, secrets: Iterable[str]) -> None:
        """Has more values replaced, such as tokens; of these the last 32 are kept.

        Example:
            >>> redactor = Redactor({}, [])
            >>> redactor.remember(["t0k3n"])
            >>> redactor.text("Bearer t0k3n")
            'Bearer <redacted>'
        """
        self._tokens.extend(secret for secret in secrets if len(secret) >= _SHORTEST)
        values = {*self._settings, *self._tokens}
        self._secrets = sorted(values, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        return text

    def __call__(self, value: Any) -> Any:
        """The JSON value without secrets, at every depth."""
        root = [value]
        # Not by recursion: events nest deeper than Python's stack.
        waiting: list[tuple[Any, Any]] = [(root, 0)]
        while waiting:
            container, place = waiting.pop()
            item = container[place]
            if isinstance(item, str):
                container[place] = self.text(item)
            elif isinstance(item, dict):
                copy: Any = {self.text(key): inner for key, inner in item.items()}
                container[place] = copy
                waiting.extend((copy, key) for key in copy)
            elif isinstance(item, (list, tuple)):
                copy = list(item)
                container[place] = copy
                waiting.extend((copy, index) for index in range(len(copy)))
        return root[0]

    def request(self, request: Request) -> dict[str, Any]:
        """A request as JSON: method, url (without its credentials), headers (secret ones masked) and body.

        A body that is no JSON is text.
        """
        return {
            "method": request.method,
            "url": self.text(_without_credentials(request.url)),
            "headers": self(redact_headers(request.headers)),
            "body": None if request.body is None else self(request.data),
        }


def _without_credentials(url: str) -> str:
    try:
        parsed = parse_url(url)
    except EngineTypeError:  # a plan shows also what could not be sent
        return url
    return str(replace(parsed, credentials="")) if parsed.credentials else url
