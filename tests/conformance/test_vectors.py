"""Every recorded answer of Segment's runtime against this project, with or without Node."""

from functools import cache

import pytest

from tests.conformance.adapter import OPS
from tests.conformance.expected_failures import EXPECTED_FAILURES
from tests.conformance.generators import GENERATORS
from tests.conformance.judge import judge, report
from tests.conformance.record import COUNTS, questions
from tests.conformance.vectors import VECTORS, Vector, read_vectors

SHOWN = 10


@cache
def recorded() -> dict[str, list[Vector]]:
    by_op: dict[str, list[Vector]] = {}
    for vector in read_vectors(VECTORS):
        by_op.setdefault(vector.op, []).append(vector)
    return by_op


@pytest.mark.parametrize("op", COUNTS)
def test_vectors_of_an_op_are_met(op: str) -> None:
    judgements = [judge(vector) for vector in recorded()[op]]
    failed = [one for one in judgements if not one.verdict.holds and one.vector.id not in EXPECTED_FAILURES]
    if failed:
        shown = "\n".join(report(one) for one in failed[:SHOWN])
        pytest.fail(f"{len(failed)} of {len(judgements)} vectors differ; the first:\n{shown}", pytrace=False)
    met = [one.vector.id for one in judgements if one.verdict.holds and one.vector.id in EXPECTED_FAILURES]
    assert not met, "these are met now: take them out of expected_failures.py"


def test_expected_failures_are_vectors_and_few() -> None:
    known = {vector.id: op for op, vectors in recorded().items() for vector in vectors}
    assert set(EXPECTED_FAILURES) <= set(known)
    assert {known[name] for name in EXPECTED_FAILURES} <= {"mapping.liquid"}
    assert len(EXPECTED_FAILURES) <= 0.05 * len(recorded()["mapping.liquid"])


@pytest.mark.parametrize("op", COUNTS)
def test_vectors_are_all_that_the_seeded_generator_draws(op: str) -> None:
    drawn = list(questions(op, COUNTS[op]))
    assert [vector.id for vector in recorded()[op]] == drawn, "record again: python -m tests.conformance.record"


def test_there_are_enough_vectors_in_little_room() -> None:
    assert set(recorded()) == set(COUNTS) == set(OPS) == set(GENERATORS)
    assert min(len(vectors) for vectors in recorded().values()) >= 300
    assert len(recorded()["mapping.liquid"]) >= 1000
    assert sum(len(vectors) for vectors in recorded().values()) >= 3000
    assert sum(path.stat().st_size for path in VECTORS.iterdir()) <= 6_000_000
