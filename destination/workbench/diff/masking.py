"""What samples show: values without secrets, of bounded size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from destination.request import Request, redact_headers
from destination.runtime import Redactor
from destination.values import MISSING
from destination.workbench.diff.groups import bounded
from destination.workbench.diff.reading import Reading, error_text

_URL = "request/url"
_HEADER = "request/header/"


class Masking:
    """Takes the secrets of the instances out of what is kept.

    Args:
        redactors: Those of the instances.
    """

    def __init__(self, redactors: Sequence[Redactor]) -> None:
        self._redactors = redactors

    def text(self, text: str) -> str:
        """A text without secrets."""
        for redactor in self._redactors:
            text = redactor.text(text)
        return text

    def difference(self, place: str, value: Any) -> Any:
        """One side of a difference: a header is masked by its name, and a URL loses its credentials."""
        if value is MISSING:
            return value
        if place == _URL:
            value = self._redactors[0].request(Request("GET", value))["url"]
        elif place.startswith(_HEADER):
            name = place.removeprefix(_HEADER)
            value = redact_headers({name: value})[name]
        return bounded(self._value(value))

    def reading(self, reading: Reading | None) -> Any:
        """What an event came to as a whole: the requests, or the error as text; `MISSING` where it was not taken."""
        if reading is None:
            return MISSING
        if reading.error is not None:
            return bounded(self.text(error_text(reading)))
        return bounded([self._request(request) for request in reading.requests])

    def _value(self, value: Any) -> Any:
        for redactor in self._redactors:
            value = redactor(value)
        return value

    def _request(self, request: Request) -> Any:
        redact = self._redactors[0].request
        try:
            shown = redact(request)
        except ValueError:  # the body is no JSON
            shown = {**redact(replace(request, body=None)), "body": (request.body or b"").decode("utf-8", "replace")}
        return self._value(shown)
