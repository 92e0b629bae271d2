"""Masks secrets in everything that is shown."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from destination.errors import EngineTypeError
from destination.request import REDACTED, Request, parse_url, redact_headers
from destination.runtime.secret_forms import SHORTEST, pattern_of, plain_parts, rarest, whole_match
from destination.values import write_json

_MAX_PARTS = 24
"""The number of plain texts above which searching for each takes longer than the expression."""


class ConcealedMapping(Mapping[str, Any]):
    """A read-only mapping whose `repr` has its keys and never its values: settings and tokens for a `perform`.

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
    """Replaces the values of secret settings in text and JSON, also in encoded form.

    It recognises a secret as it is encoded in URLs, forms, JSON, Python's `repr`, HTML and Base64 (also within
    `user:password`), and in text that was read with the wrong encoding.

    Example:
        >>> redactor = Redactor({"apiKey": "s3cr3t/1"}, ["apiKey"])
        >>> redactor({"url": "https://h.test/?key=s3cr3t%2F1", "n": 1})
        {'url': 'https://h.test/?key=<redacted>', 'n': 1}
        >>> redactor.text("Basic bWU6czNjcjN0LzE=")
        'Basic <redacted>'
    """

    __slots__ = ("_parts", "_pattern", "_raw_parts", "_secrets", "_settings", "_tokens")

    def __init__(self, settings: Mapping[str, Any], secret_keys: Iterable[str]) -> None:
        values = {str(settings[key]) for key in secret_keys if settings.get(key) not in (None, "")}
        self._settings = frozenset(value for value in values if len(value) >= SHORTEST)
        self._tokens: deque[str] = deque(maxlen=32)
        self._secrets = self._settings
        # All three are made on first use.
        self._pattern: re.Pattern[str] | None = None
        self._parts: tuple[tuple[str, str, str], ...] = ()
        self._raw_parts: tuple[tuple[bytes, bytes, bytes], ...] = ()

    @property
    def secrets(self) -> frozenset[str]:
        """The values that it replaces, to make one for several instances; never show them.

        Example:
            >>> sorted(Redactor({"apiKey": "s3cr3t", "host": "h.test"}, ["apiKey"]).secrets)
            ['s3cr3t']
        """
        return self._secrets

    def remember(self, secrets: Iterable[str]) -> None:
        """Adds values to replace, such as tokens; of these, the last 32 are kept.

        Example:
            >>> redactor = Redactor({}, [])
            >>> redactor.remember(["t0k3n"])
            >>> redactor.text("Bearer t0k3n")
            'Bearer <redacted>'
        """
        for secret in secrets:
            if len(secret) >= SHORTEST:
                if secret in self._tokens:
                    self._tokens.remove(secret)
                self._tokens.append(secret)
        self._secrets = self._settings | frozenset(self._tokens)
        self._pattern = None

    def _finder(self) -> re.Pattern[str]:
        if self._pattern is None:
            self._pattern = pattern_of(self._secrets)
            parts = plain_parts(self._secrets)
            if parts is None or len(parts) > _MAX_PARTS:
                parts = ("",)  # which every text has
            # Nearly always a character of a part is nowhere in a text, and one is found many times as fast as a part.
            self._parts = tuple((*rarest(part), part) for part in parts)
            self._raw_parts = tuple((one.encode(), two.encode(), part.encode()) for one, two, part in self._parts)
        return self._pattern

    def is_surely_free(self, raw: bytes) -> bool:
        """Whether a text in UTF-8 has no secret, by a quick search. False: it may have one, or not.

        That also holds for every string of a JSON text, before it was escaped.

        Example:
            >>> redactor = Redactor({"apiKey": "s3cr3t/1"}, ["apiKey"])
            >>> [redactor.is_surely_free(raw) for raw in (b'{"a":1}', b"s3cr3t/1", b"s3cr3t/2")]
            [True, False, False]
        """
        if self._pattern is None:
            self._finder()
        for one, two, part in self._raw_parts:  # noqa: SIM110  a generator would take longer
            if one in raw and two in raw and part in raw:
                return False
        return True

    def text(self, text: str) -> str:
        """Returns a text without secrets."""
        pattern = self._pattern or self._finder()
        for one, two, part in self._parts:
            if one in text and two in text and part in text:
                break
        else:
            return text
        found = pattern.search(text)
        if found is None:
            return text
        parts: list[str] = []
        done = 0
        while found is not None:
            begin, end = whole_match(text, found, done)
            # Secrets may overlap: one that begins within another and ends after it is replaced, too.
            found = pattern.search(text, found.start() + 1)
            while found is not None and found.start() < end:
                if found.end() > end:
                    end = whole_match(text, found, begin)[1]
                found = pattern.search(text, found.start() + 1)
            parts += (text[done:begin], REDACTED)
            done = end
        return "".join((*parts, text[done:]))

    def json(self, value: Any) -> bytes:
        """Writes a JSON value as JSON text without secrets.

        Raises:
            ValueError: It is nested too deeply to be written.
            TypeError: It holds something that is not a JSON value.

        Example:
            >>> Redactor({"apiKey": "s3cr3t"}, ["apiKey"]).json({"url": "https://h.test/?key=s3cr3t"})
            b'{"url":"https://h.test/?key=<redacted>"}'
        """
        raw = write_json(value)
        return raw if self._is_free(raw) else write_json(self._without(value))

    def __call__(self, value: Any) -> Any:
        """Returns a JSON value without secrets, at every depth; the value itself if it has none."""
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, (dict, list, tuple)):
            return value
        try:
            raw = write_json(value)
        except (TypeError, ValueError):  # not JSON, or nested too deeply to be written
            return self._without(value)
        return value if self._is_free(raw) else self._without(value)

    def _is_free(self, raw: bytes) -> bool:
        # Secrets are also found in their JSON form, so that one search of the whole is enough.
        return self.is_surely_free(raw) or (self._pattern or self._finder()).search(raw.decode("utf-8")) is None

    def _without(self, value: Any) -> Any:
        root = [value]
        # Not by recursion: events may have more levels than Python's stack.
        waiting: list[tuple[Any, Any]] = [(root, 0)]
        while waiting:
            container, key = waiting.pop()
            item = container[key]
            if isinstance(item, str):
                container[key] = self.text(item)
            elif isinstance(item, dict):
                copy: Any = {self.text(name): inner for name, inner in item.items()}
                container[key] = copy
                waiting.extend((copy, name) for name in copy)
            elif isinstance(item, (list, tuple)):
                copy = list(item)
                container[key] = copy
                waiting.extend((copy, index) for index in range(len(copy)))
        return root[0]

    def request(self, request: Request) -> dict[str, Any]:
        """Returns a request as JSON: method, url (without credentials), headers (secret ones masked) and body.

        A body that is not valid JSON is returned as text.
        """
        shown = request_head(request)
        shown["url"] = self.text(shown["url"])
        shown["headers"] = self(shown["headers"])
        shown["body"] = None if request.body is None else self(request.data)
        return shown


def request_head(request: Request) -> dict[str, Any]:
    """Returns method, URL without credentials, and headers of a request, secret headers masked; not yet its secrets.

    Example:
        >>> request_head(Request("GET", "https://me:s3cr3t@h.test/v1"))
        {'method': 'GET', 'url': 'https://h.test/v1', 'headers': {}}
    """
    return {
        "method": request.method,
        "url": _without_credentials(request.url) if "@" in request.url else request.url,
        "headers": redact_headers(request.headers),
    }


def _without_credentials(url: str) -> str:
    try:
        parsed = parse_url(url)
    except EngineTypeError:  # a plan also shows a URL that cannot be sent
        return url
    return str(replace(parsed, credentials="")) if parsed.credentials else url
