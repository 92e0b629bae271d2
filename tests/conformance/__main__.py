"""`python -m tests.conformance DIR [--differences N]`: runs a folder of vectors and prints totals for each op."""

import argparse
import sys
from pathlib import Path

from tests.conformance.figures import PAGE, write_report
from tests.conformance.judge import Judgement, Totals, Verdict, judge, report
from tests.conformance.vectors import VECTORS, read_vectors

COLUMNS = [
    "vectors",
    "equal",
    "both failed",
    "same message",
    "engine",
    "diverges",
    "other message",
    "different",
    "order",
]


def totals_table(totals: dict[str, Totals]) -> str:
    """The counts as lines of text, one an op."""
    lines = [f"{'op':22}" + "".join(f"{column:>15}" for column in COLUMNS)]
    for op, counts in totals.items():
        verdicts = counts.verdicts
        cells = [
            counts.vectors, verdicts[Verdict.EQUAL], counts.both_failed, verdicts[Verdict.SAME_MESSAGE],
            verdicts[Verdict.ENGINE],
            verdicts[Verdict.DIVERGES], verdicts[Verdict.OTHER_MESSAGE], verdicts[Verdict.DIFFERENT], counts.reordered,
        ]  # fmt: skip
        lines.append(f"{op:22}" + "".join(f"{cell:15,}" for cell in cells))
    return "\n".join(lines)


def run(folder: Path, shown: int) -> tuple[dict[str, Totals], list[Judgement]]:
    """Judges every vector of a folder; gives the totals and the first so many failures of each op."""
    totals: dict[str, Totals] = {}
    failures: list[Judgement] = []
    failed: dict[str, int] = {}
    for vector in read_vectors(folder):
        judgement = judge(vector)
        totals.setdefault(vector.op, Totals()).add(judgement)
        if not judgement.verdict.holds:
            failed[vector.op] = failed.get(vector.op, 0) + 1
            if failed[vector.op] <= shown:
                failures.append(judgement)
    return totals, failures


def main(arguments: list[str] | None = None) -> int:
    """The command; status 0 when every vector is met, 1 when one is not, 2 when there is none."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, default=VECTORS, help="a folder of *.jsonl files (default: the committed ones)"
    )
    parser.add_argument(
        "--differences", type=int, default=0, metavar="N", help="show the first N differences of each op"
    )
    parser.add_argument(
        "--report", action="store_true", help="ask the reference live too, and write docs/conformance.md"
    )
    options = parser.parse_args(arguments)
    if options.report:
        write_report()
        print(f"written: {PAGE}")
        return 0
    totals, failures = run(options.folder, options.differences)
    if not totals:
        print(f"no vectors in {options.folder}", file=sys.stderr)
        return 2
    print(totals_table(totals))
    for judgement in failures:
        print(report(judgement))
    return 0 if all(counts.verdicts[one] == 0 for counts in totals.values() for one in Verdict if not one.holds) else 1


if __name__ == "__main__":
    sys.exit(main())
