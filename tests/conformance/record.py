"""Records the vectors: `python -m tests.conformance.record`.

What a grid counts out comes first; then each op's generator, seeded, is asked for so many questions; every one of them
is kept, whatever this project makes of it. Only a question that was drawn before is drawn again.
"""

import json
from random import Random
from typing import Any

from tests.conformance.divergences import REWRITES
from tests.conformance.generators import GENERATORS
from tests.conformance.generators.grids import GRIDS
from tests.conformance.node import Oracle
from tests.conformance.vectors import VECTORS, vector_id

SEED = 20260131
COUNTS = {
    "fql.parse": 600,
    "fql.match": 700,
    "fql.generate": 400,
    "mapping.transform": 1400,
    "mapping.liquid": 2400,
    "fields.schema": 300,
    "schema.validate": 1000,
    "action.payload": 300,
    "destination.on_event": 300,
    "destination.on_batch": 300,
    "audience.membership": 300,
    "settings.validate": 300,
    "dynamic_field.resolve": 300,
    "hook.execute": 300,
    "perform.input": 300,
    "oauth.refresh": 300,
}


def questions(op: str, count: int, seed: int = SEED) -> dict[str, dict[str, Any]]:
    """So many different questions of an op, by vector id."""
    draw = Random(f"{seed}:{op}")
    grid = GRIDS[op]() if op in GRIDS else ()
    drawn: dict[str, dict[str, Any]] = {vector_id(op, args): args for args in grid}
    while len(drawn) < count:
        args = GENERATORS[op](draw)
        drawn.setdefault(vector_id(op, args), args)
    return drawn


def record(oracle: Oracle, op: str, count: int) -> list[dict[str, Any]]:
    """The vectors of one op."""
    drawn = questions(op, count)
    answers = oracle.ask((op, args) for args in drawn.values())
    rows = [
        {"id": name, "op": op, "args": args, **got} for (name, args), got in zip(drawn.items(), answers, strict=True)
    ]
    rewrite = REWRITES.get(op)
    if rewrite:
        changed = [row for row in rows if rewrite(row["args"]) is not row["args"]]
        for row, instead in zip(changed, oracle.ask((op, rewrite(row["args"])) for row in changed), strict=True):
            row["instead"] = instead
    return rows


def main() -> None:
    """Writes `vectors/<op>.jsonl` for every op."""
    VECTORS.mkdir(exist_ok=True)
    with Oracle() as oracle:
        for op, count in COUNTS.items():
            # ASCII: lone surrogates stand in many values, and U+2028 ends a line for some readers.
            lines = [json.dumps(row, separators=(",", ":")) for row in record(oracle, op, count)]
            path = VECTORS / f"{op}.jsonl"
            path.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
            print(f"{path.name}: {len(lines)} vectors, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
