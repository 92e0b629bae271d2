"""Masks the secrets of several instances, and those of the configuration, in what is shown."""

from collections.abc import Iterable, Sequence
from typing import Any

from destination.runtime import Redactor
from destination.values import write_json


class Masks:
    """Several redactors as one; tokens that an instance refreshes later are masked, too.

    Args:
        redactors: The redactors.

    Example:
        >>> masks = Masks([Redactor({"apiKey": "s3cr3t"}, ["apiKey"]), redactor_of(["t0k3n"])])
        >>> masks({"a": "s3cr3t", "b": "Bearer t0k3n"})
        {'a': '<redacted>', 'b': 'Bearer <redacted>'}
    """

    def __init__(self, redactors: Sequence[Redactor] = ()) -> None:
        self._redactors = redactors
        self._own = redactors

    def after(self, before: "Masks") -> "Masks":
        """Returns masks of these secrets and of those that were in use before, but not of even earlier ones.

        Example:
            >>> masks = Masks([redactor_of(["new-secret"])]).after(Masks([redactor_of(["old-secret"])]))
            >>> masks.text("new-secret and old-secret")
            '<redacted> and <redacted>'
        """
        found = Masks([*self._own, *before._own])  # noqa: SLF001  of its own class
        found._own = self._own
        return found

    def __call__(self, value: Any) -> Any:
        """Returns a JSON value without secrets."""
        for redactor in self._redactors:
            value = redactor(value)
        return value

    def text(self, text: str) -> str:
        """Returns a text without secrets."""
        for redactor in self._redactors:
            text = redactor.text(text)
        return text

    def json(self, value: Any) -> bytes:
        """Writes a JSON value as JSON text without secrets."""
        return write_json(self(value))


def redactor_of(secrets: Iterable[str]) -> Redactor:
    """Makes a redactor of secrets.

    Example:
        >>> redactor_of(["s3cr3t"]).text("the key s3cr3t")
        'the key <redacted>'
    """
    numbered = {str(number): secret for number, secret in enumerate(secrets)}
    return Redactor(numbered, numbered)
