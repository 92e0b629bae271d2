"""Defines the parts of a compiled schema: a schema object during compilation, and the checks made of it."""

from collections.abc import Callable
from typing import Any, Final

from destination.fields.validation.findings import Finding
from destination.records import dataclass

Check = Callable[[Any, str, list[Finding]], Any]
"""A function that tests the data at a JSON pointer, appends its findings to a list, and returns the converted data.

It never changes the given data. Where it converts or removes a value inside them, it returns copies of the containers
around that value.
"""

Report = Callable[[Any, str, list[Finding]], None]


@dataclass(frozen=True, slots=True)
class Mode:
    """Options for a part of a schema.

    Attributes:
        coerce: Whether to convert and remove values; off when a schema is validated.
        all_errors: Whether to continue after the first failure; off inside `if` and `not`.
        record: Whether findings have details; off inside `if` and `not`, where only their number counts.
    """

    coerce: bool = True
    all_errors: bool = True
    record: bool = True


COERCE: Final = Mode()
"""The mode for payloads and settings, which are converted."""
VALIDATE_ONLY: Final = Mode(coerce=False)
"""The mode for the schemas themselves, which are not converted."""


@dataclass(frozen=True, slots=True)
class Node:
    """One schema object during compilation.

    Attributes:
        schema: The keywords of the schema.
        path: The path of the schema as ajv writes it, such as `#/properties/name`.
        mode: The options for the schema.
        compile: Compiles a schema inside this one; returns None where any data pass.
        accepts_anything: Returns whether any data pass a schema inside this one, without compiling it.
    """

    schema: dict[str, Any]
    path: str
    mode: Mode
    compile: Callable[[Any, str, Mode], Check | None]
    accepts_anything: Callable[[Any], bool]

    def reporter(self, keyword: str, params: Any, message: str) -> Report:
        """Makes a function that appends one finding of this schema."""
        schema = self.schema
        if not self.mode.record:
            return _count

        def report(data: Any, pointer: str, findings: list[Finding]) -> None:
            findings.append(Finding(keyword, pointer, params, schema, data, message))

        return report

    def check_when(self, keyword: str, params: Any, message: str, *, fails: Callable[[Any], bool]) -> Check:
        """Makes a check that reports data for which `fails` is true; it does not convert the data."""
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
    """Makes a check that runs several checks, each on the data that the one before returned.

    Without `all_errors` it stops after the first check with a finding.
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
