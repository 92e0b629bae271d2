"""Every quirk that was seen by hand, against the reference's recorded answers."""

import pytest

from tests.conformance.judge import judge, report
from tests.conformance.seen_quirks import QUIRKS, SEEN
from tests.conformance.vectors import Vector, read_vectors


def recorded(number: int) -> list[Vector]:
    return [vector for vector in read_vectors(SEEN) if vector.id.startswith(f"quirk {number},")]


@pytest.mark.parametrize("number", QUIRKS)
def test_quirk_is_the_references(number: int) -> None:
    vectors = recorded(number)
    assert [(vector.op, vector.args) for vector in vectors] == QUIRKS[number], (
        "record again: python -m tests.conformance.seen_quirks"
    )
    failed = [one for one in map(judge, vectors) if not one.verdict.holds]
    if failed:
        pytest.fail("\n".join(map(report, failed)), pytrace=False)


def test_all_forty_are_shown() -> None:
    assert list(QUIRKS) == list(range(1, 41))
