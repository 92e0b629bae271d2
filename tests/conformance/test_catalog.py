"""Published destinations, load to validation, against Segment's runtime on Node; skipped where that cannot run.

`CONFORMANCE_CATALOG` takes other destinations (slugs with commas, or `all`), `CONFORMANCE_EVENTS` more events for each
preset and action, `CONFORMANCE_SEED` others.
"""

import os
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from tests.conformance.catalog import SAMPLE, Question, differences_of_fields, questions
from tests.conformance.judge import judge, report
from tests.conformance.node import Oracle, OracleUnavailableError
from tests.conformance.vectors import Answer, Vector
from tests.thorough import rarely

EVENTS = int(os.environ.get("CONFORMANCE_EVENTS", "2"))
SEED = os.environ.get("CONFORMANCE_SEED", "1")
ASKED = os.environ.get("CONFORMANCE_CATALOG", "")

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    try:
        running = Oracle()
    except OracleUnavailableError as error:
        pytest.skip(f"Segment's runtime cannot run here: {error}")
    with running:
        yield running


def slugs(oracle: Oracle) -> list[str]:
    if ASKED == "all":
        [answer] = oracle.ask([("catalog.slugs", {})])
        return list(answer["ok"])
    return ASKED.split(",") if ASKED else [slug for kind in SAMPLE.values() for slug in kind]


def of_some_kinds(oracle: Oracle) -> list[str]:
    """One of each second kind of the sample; what is asked for, if it is."""
    return slugs(oracle) if ASKED else [kind[0] for kind in list(SAMPLE.values())[::2]]


def definition_of(oracle: Oracle, slug: str) -> dict[str, Any]:
    [answer] = oracle.ask([("catalog.definition", {"slug": slug})])
    definition: dict[str, Any] = answer["ok"]
    return definition


@pytest.mark.parametrize("chosen", [of_some_kinds, rarely(slugs)])
def test_schemas_and_default_mappings_of_published_destinations_are_the_same(
    chosen: Callable[[Oracle], list[str]], oracle: Oracle
) -> None:
    found = {slug: differences_of_fields(definition_of(oracle, slug)) for slug in chosen(oracle)}
    assert {slug: one for slug, one in found.items() if one} == {}


@pytest.mark.parametrize(("chosen", "least"), [(of_some_kinds, 10), rarely(slugs, 100)])
def test_payloads_of_published_destinations_are_the_same(
    chosen: Callable[[Oracle], list[str]], least: int, oracle: Oracle
) -> None:
    valid = 0
    for slug in chosen(oracle):
        asked = list(questions(slug, definition_of(oracle, slug), Random(f"{SEED}:{slug}"), EVENTS))
        payloads = oracle.ask(("catalog.payload", payload_question(one)) for one in asked)
        triggers = oracle.ask(("fql.match", {"fql": one.fql, "event": one.event}) for one in asked)
        for one, payload, trigger in zip(asked, payloads, triggers, strict=True):
            args = {"fields": one.fields, "mapping": one.mapping, "event": one.event}
            check(Vector(f"{slug}:{one.action}", "action.payload", args, Answer.from_json(payload)))
            if isinstance(one.fql, str):
                args = {"fql": one.fql, "event": one.event}
                check(Vector(f"{slug}:{one.action}", "fql.match", args, Answer.from_json(trigger)))
            valid += "ok" in payload
    assert valid > least or ASKED, "the events hardly ever fit the fields: nothing is shown"


def payload_question(one: Question) -> dict[str, Any]:
    return {"slug": one.slug, "action": one.action, "mapping": one.mapping, "event": one.event}


def check(vector: Vector) -> None:
    judgement = judge(vector)
    if not judgement.verdict.holds:
        pytest.fail(report(judgement), pytrace=False)
