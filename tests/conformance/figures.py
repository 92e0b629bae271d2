"""The page docs/conformance.md: the number of questions that were compared, and the results.

`python -m tests.conformance --report` judges the recorded vectors, asks the reference further questions live, compares
the published destinations, and writes the page. `test_figures.py` holds the page to the recorded vectors.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from tests.conformance.catalog import differences_of_fields, questions
from tests.conformance.divergences import REWRITES
from tests.conformance.generators import GENERATORS
from tests.conformance.generators.liquid_words import DISABLED_FILTERS, ENABLED_FILTERS
from tests.conformance.judge import Totals, Verdict, judge
from tests.conformance.node import ORACLE, Oracle
from tests.conformance.vectors import VECTORS, Answer, Vector, read_vectors

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "conformance.md"
TEMPLATE = Path(__file__).parent / "figures_page.md"
LIVE_CASES = 1_000
"""Cases of each op in a report's live run."""
LIVE_SEED = "figures"
_BATCH = 500


def judged(vectors: Iterable[Vector]) -> tuple[dict[str, Totals], dict[str, Totals]]:
    """Counts the verdicts on vectors by op, and those on `mapping.liquid` also by filter."""
    by_op: dict[str, Totals] = {}
    by_filter: dict[str, Totals] = {}
    for vector in vectors:
        judgement = judge(vector)
        by_op.setdefault(vector.op, Totals()).add(judgement)
        for name in filters_in(vector):
            by_filter.setdefault(name, Totals()).add(judgement)
    return by_op, by_filter


def recorded_figures() -> tuple[dict[str, Totals], dict[str, Totals]]:
    """Counts the verdicts on the committed vectors by op and by filter."""
    return judged(read_vectors(VECTORS))


def filters_in(vector: Vector) -> set[str]:
    """Returns the Liquid filters that a vector's template uses."""
    template = vector.args.get("template") if vector.op == "mapping.liquid" else None
    if not isinstance(template, str):
        return set()
    return {name for name in re.findall(r"\|\s*(\w+)", template) if name in _FILTERS}


_FILTERS = {*ENABLED_FILTERS, *DISABLED_FILTERS} - {"nofilter", "Upcase", "type"}


def live_vectors(oracle: Oracle, count: int = LIVE_CASES, seed: str = LIVE_SEED) -> Iterator[Vector]:
    """Generates questions of every op and asks the reference for their answers."""
    for op, generate in GENERATORS.items():
        draw = Random(f"{seed}:{op}")
        rewrite = REWRITES.get(op)
        for start in range(0, count, _BATCH):
            asked = [generate(draw) for _ in range(min(_BATCH, count - start))]
            answers = oracle.ask((op, args) for args in asked)
            rewritten = oracle.ask((op, rewrite(args)) for args in asked) if rewrite else answers
            for args, answer, instead in zip(asked, answers, rewritten, strict=True):
                yield Vector(f"{op}:live", op, args, Answer.from_json(answer), Answer.from_json(instead))


def catalog_figures(oracle: Oracle, events: int = 2) -> str:
    """Compares all published destinations and returns the result as a few sentences."""
    [answer] = oracle.ask([("catalog.slugs", {})])
    actions = schemas_differing = 0
    totals = Totals()
    for slug in answer["ok"]:
        [found] = oracle.ask([("catalog.definition", {"slug": slug})])
        definition = found["ok"]
        actions += len(definition["actions"])
        schemas_differing += len(differences_of_fields(definition))
        asked = list(questions(slug, definition, Random(f"{LIVE_SEED}:{slug}"), events))
        keys = ({"slug": one.slug, "action": one.action, "mapping": one.mapping, "event": one.event} for one in asked)
        for one, payload in zip(asked, oracle.ask(("catalog.payload", key) for key in keys), strict=True):
            args = {"fields": one.fields, "mapping": one.mapping, "event": one.event}
            totals.add(judge(Vector(f"{slug}:{one.action}", "action.payload", args, Answer.from_json(payload))))
    verdicts = totals.verdicts
    return (
        f"{len(answer['ok'])} destinations with {actions} actions. {schemas_differing} JSON Schemas or default "
        f"mappings differ. {totals.vectors:,} payloads were made with presets, default mappings and users' mappings: "
        f"{verdicts[Verdict.EQUAL]:,} are equal, {verdicts[Verdict.SAME_MESSAGE] + verdicts[Verdict.ENGINE]:,} fail "
        f"in the same way, {verdicts[Verdict.OTHER_MESSAGE] + verdicts[Verdict.DIFFERENT]:,} differ."
    )


_COLUMNS = ("questions", "equal", "same message", "both engine errors", "by decision", "other message", "different")


def table(figures: dict[str, Totals], first: str) -> str:
    """Writes totals as a Markdown table with a row for each op or filter."""
    rows = [
        f"| {first} | {' | '.join(_COLUMNS)} |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    order = [
        Verdict.EQUAL,
        Verdict.SAME_MESSAGE,
        Verdict.ENGINE,
        Verdict.DIVERGES,
        Verdict.OTHER_MESSAGE,
        Verdict.DIFFERENT,
    ]
    for name, totals in figures.items():
        cells = [totals.vectors, *(totals.verdicts[verdict] for verdict in order)]
        rows.append(f"| `{name}` | " + " | ".join(f"{cell:,}" for cell in cells) + " |")
    return "\n".join(rows)


def versions() -> str:
    """Returns the reference's packages and versions, as the oracle's package.json pins them."""
    package = json.loads((ORACLE / "package.json").read_text())
    pins = {**package["dependencies"], **package["overrides"]}
    return ", ".join(f"`{name}` {pins[name]}" for name in pins)


def summary(*runs: Iterable[Totals]) -> str:
    """Writes the sentences that the page begins with, from the totals of all of its questions."""
    totals = [one for run in runs for one in run]
    count = sum(one.vectors for one in totals)
    by_decision = sum(one.verdicts[Verdict.DIVERGES] for one in totals)
    differ = sum(one.verdicts[verdict] for one in totals for verdict in Verdict if not verdict.holds)
    return (
        f"**Of {count:,} generated questions, this project answers {count - by_decision - differ:,} as Segment's own "
        f"runtime does.** {by_decision:,} are answered differently by [decision](divergences.md), each with a reason "
        f"and a test, and {differ:,} in another way."
    )


def sections() -> dict[str, str]:
    """Writes the parts of the page that depend on the committed vectors alone."""
    by_op, by_filter = recorded_figures()
    return {
        "versions": versions(),
        "recorded": table(by_op, "op"),
        "recorded filters": table(dict(sorted(by_filter.items())), "filter"),
    }


def write_report() -> None:
    """Writes the page from a real run; needs the reference.

    Raises:
        OracleUnavailableError: The reference cannot run here.
    """
    with Oracle() as oracle:
        live, live_filters = judged(live_vectors(oracle))
        catalog = catalog_figures(oracle)
    parts = sections()
    recorded, _ = recorded_figures()
    PAGE.write_text(
        TEMPLATE.read_text(encoding="utf-8").format(
            **{name.replace(" ", "_"): text for name, text in parts.items()},
            summary=summary(recorded.values(), live.values()),
            live=table(live, "op"),
            live_filters=table(dict(sorted(live_filters.items())), "filter"),
            live_cases=f"{LIVE_CASES:,}",
            catalog=catalog,
        ),
        encoding="utf-8",
    )
