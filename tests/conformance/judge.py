"""Runs a vector against this project and says how the two answers compare."""

import copy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from destination.errors import DestinationError
from tests.conformance import divergences
from tests.conformance.adapter import OPS, UNDEFINED
from tests.conformance.compare import difference, same_order, show
from tests.conformance.vectors import Answer, Vector


class Verdict(StrEnum):
    """How two answers compare; the last two are failures."""

    EQUAL = "equal"
    SAME_MESSAGE = "same message"
    ENGINE = "both failed, engine"
    DIVERGES = "diverges by decision"
    OTHER_MESSAGE = "both failed, other message"
    DIFFERENT = "different"

    @property
    def holds(self) -> bool:
        """Whether the vector counts as met."""
        return self not in (Verdict.OTHER_MESSAGE, Verdict.DIFFERENT)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one vector.

    Attributes:
        detail: What differs, or the name of the divergence.
        reordered: The values are equal but for the order of keys.
    """

    vector: Vector
    verdict: Verdict
    detail: str = ""
    reordered: bool = False


@dataclass(slots=True)
class Totals:
    """Counts of verdicts for one op."""

    verdicts: dict[Verdict, int] = field(default_factory=lambda: dict.fromkeys(Verdict, 0))
    reordered: int = 0

    def add(self, judgement: Judgement) -> None:
        """Counts a judgement."""
        self.verdicts[judgement.verdict] += 1
        self.reordered += judgement.reordered

    @property
    def vectors(self) -> int:
        """How many were judged."""
        return sum(self.verdicts.values())

    @property
    def both_failed(self) -> int:
        """How many fail in the reference and here, whatever the words."""
        return sum(self.verdicts[one] for one in (Verdict.SAME_MESSAGE, Verdict.ENGINE, Verdict.OTHER_MESSAGE))


def answer(op: str, args: dict[str, Any]) -> Answer:
    """What this project makes of an op.

    Raises:
        Exception: A failure that is none of the project's errors: arbitrary input may never lead to one.
    """
    try:
        value = OPS[op](args)
    except DestinationError as error:
        listed = getattr(error, "errors", None)
        messages = [str(getattr(one, "message", one)) for one in listed] if listed else [str(error)]
        return Answer("error", messages=tuple(messages))
    return Answer("undefined") if value is UNDEFINED else Answer("ok", value)


def judge(vector: Vector) -> Judgement:
    """Runs a vector and compares."""
    if vector.op not in OPS:
        return Judgement(vector, Verdict.DIFFERENT, f"no op {vector.op} here")
    args = copy.deepcopy(vector.args)
    try:
        actual = answer(vector.op, args)
    except Exception as error:  # noqa: BLE001  every failure that is not the project's own is a finding
        return Judgement(vector, Verdict.DIFFERENT, f"a bare {type(error).__name__}: {error}")
    if difference(vector.args, args):
        return Judgement(vector, Verdict.DIFFERENT, "the arguments were changed")
    expected = divergences.expected(vector, answer)
    judgement = _compare(vector, expected, actual)
    if judgement.verdict.holds:
        return judgement if expected is vector.expected else Judgement(vector, Verdict.DIVERGES, "rewritten")
    name = divergences.explain(vector, expected, actual)
    return Judgement(vector, Verdict.DIVERGES, name) if name else judgement


def _compare(vector: Vector, expected: Answer, actual: Answer) -> Judgement:
    if expected.kind != actual.kind:
        return Judgement(vector, Verdict.DIFFERENT, f"expected {_shown(expected)}, got {_shown(actual)}")
    if expected.kind == "error":
        if expected.engine:
            return Judgement(vector, Verdict.ENGINE)
        if expected.messages == actual.messages:
            return Judgement(vector, Verdict.SAME_MESSAGE)
        return Judgement(vector, Verdict.OTHER_MESSAGE, f"expected {_shown(expected)}, got {_shown(actual)}")
    found = difference(expected.value, actual.value)
    if found:
        return Judgement(vector, Verdict.DIFFERENT, found)
    return Judgement(vector, Verdict.EQUAL, reordered=not same_order(expected.value, actual.value))


def _shown(answer: Answer) -> str:
    if answer.kind == "error":
        return f"the error {show(list(answer.messages) if len(answer.messages) > 1 else answer.messages[0])}"
    return "undefined" if answer.kind == "undefined" else show(answer.value)


def report(judgement: Judgement) -> str:
    """A failed judgement as a few lines to read."""
    vector = judgement.vector
    return f"{vector.id}\n    args {show(vector.args, 600)}\n    {judgement.verdict}: {judgement.detail}"
