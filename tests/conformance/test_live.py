"""Generated inputs against Segment's runtime itself, on Node; skipped where that cannot run.

An op gets a few inputs by default, and hundreds in a thorough run: `CONFORMANCE_EXAMPLES` sets how many.
`CONFORMANCE_SEED` draws others than the usual ones.
"""

import os
from collections.abc import Iterator
from random import Random

import hypothesis
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.conformance.divergences import REWRITES
from tests.conformance.generators import GENERATORS
from tests.conformance.judge import judge, report
from tests.conformance.node import Oracle, OracleUnavailableError
from tests.conformance.vectors import VECTORS, Answer, Vector, read_vectors
from tests.thorough import rarely

FEW = 15
EXAMPLES = int(os.environ.get("CONFORMANCE_EXAMPLES", "300"))
SEED = os.environ.get("CONFORMANCE_SEED")

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    try:
        running = Oracle()
    except OracleUnavailableError as error:
        pytest.skip(f"Segment's runtime cannot run here: {error}")
    with running:
        yield running


def ask(oracle: Oracle, op: str, draw: Random) -> Vector:
    args = GENERATORS[op](draw)
    rewrite = REWRITES.get(op)
    asked = [args, rewrite(args) if rewrite else args]
    expected, instead = (Answer.from_json(one) for one in oracle.ask((op, one) for one in asked))
    return Vector(f"{op}:live", op, args, expected, instead)


@pytest.mark.parametrize("count", [FEW, rarely(EXAMPLES)])
@pytest.mark.parametrize("op", GENERATORS)
def test_generated_inputs_of_an_op_are_met(op: str, count: int, oracle: Oracle) -> None:
    @hypothesis.settings(
        max_examples=count,
        derandomize=SEED is None,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=False))
    def check(draw: Random) -> None:
        judgement = judge(ask(oracle, op, draw))
        if not judgement.verdict.holds:
            pytest.fail(report(judgement), pytrace=False)

    if SEED is not None:
        check = hypothesis.seed(int(SEED))(check)
    check()


@pytest.mark.parametrize("every", [50, rarely(1)])
def test_recorded_answers_are_what_the_reference_says(every: int, oracle: Oracle) -> None:
    vectors = list(read_vectors(VECTORS))[::every]
    answers = oracle.ask((vector.op, vector.args) for vector in vectors)
    changed = [
        vector.id
        for vector, answer in zip(vectors, answers, strict=True)
        if vector.expected != Answer.from_json(answer)
    ]
    assert changed == []
