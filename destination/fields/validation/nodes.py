"""What compiling a schema passes around: the place in the schema, and the closures that come of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from destination.fields.validation.findings import Finding

Check = Callable[[Any, str, list[Finding]], Any]
"""Tests data at a JSON pointer, appends what it finds, and gives the data as they are to be from then on.

Data are never changed: where something inside them is converted or removed, what comes back is a copy of
the containers on the way to it.
"""

Report = Callable[[Any, str, list[Finding]], None]


@dataclass(frozen=True, slots=True)
class Mode:
    """How a part of a schema is applied.

    Attributes:
        coerce: Convert and remove (payloads and settings); off when a schema itself is checked.
        all_errors: Go on after the first failure; off inside `if` and `not`.
        record: Keep what was found, not only that something was; off inside `if` and `not`.
    """

    coerce: bool = True
    all_errors: bool = True
    record: bool = True


COERCE: Final = Mode()
"""Payloads and settings are converted to fit."""
VALIDATE_ONLY: Final = Mode(coerce=False)
"""A schema that is checked stays as it is."""


@dataclass(frozen=True, slots=True)
class Node:
    """One schema object while it is compiled.

    Attributes:
        schema: Its keywords.
        where: Its place, as ajv writes it: `#/properties/name`.
        mode: How it is applied.
        compile: Compiles a schema inside it; None stands for one that anything passes.
        asks_nothing: Whether anything passes a schema inside it, which can be told without compiling it.
    """

    schema: dict[str, Any]
    where: str
    mode: Mode
    compile: Callable[[Any, str, Mode], Check | None]
    asks_nothing: Callable[[Any], bool]

    def reporter(self, keyword: str, params: Any, message: str) -> Report:
        """What appends one finding of this schema."""
        schema = self.schema
        if not self.mode.record:
            return _count

        def report(data: Any, pointer: str, findings: list[Finding]) -> None:
            findings.append(Finding(keyword, pointer, params, schema, data, message))

        return report

    def check_when(self, keyword: str, params: Any, message: str, *, fails: Callable[[Any], bool]) -> Check:
        """A check that reports when `fails` is true and leaves the data as they are."""
        report = self.reporter(keyword, params, message)

        def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
            if fails(data):
                report(data, pointer, findings)
            return data

        return check


_COUNTED = Finding("", "", None, None, None, "")


def _count(_data: Any, _pointer: str, findings: list[Finding]) -> None:
    findings.append(_COUNTED)


def in_turn(checks: list[Check], *, all_errors: bool) -> Check:
    """Runs checks one after the other, each on what the one before it gave back.

    Without `all_errors` nothing is run after the first that finds something.
    """
    if len(checks) == 1:
        return checks[0]
    steps = tuple(checks)
    if all_errors:

        def run_all(data: Any, pointer: str, findings: list[Finding]) -> Any:
            for step in steps:
                data = step(data, pointer, findings)
            return data

        return run_all

    def run_until_failure(data: Any, pointer: str, findings: list[Finding]) -> Any:
        before = len(findings)
        for step in steps:
            data = step(data, pointer, findings)
            if len(findings) > before:
                break
        return data

    return run_until_failure
