"""The rows of `@flatten`: CPU time an item, for flat and nested values.

`python -m tests.benchmarks.flatten` runs them alone. An item is a value that the flat object gets. The whole mapping is
timed, with the `@path` that finds the value. The shapes take turns, and the minimum of the rounds counts.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

from destination.mapping import CompiledMapping, compile_mapping
from tests.benchmarks.measure import minimums, on_one_core, timed
from tests.benchmarks.rows import Row, text_table

GROUP = "`@flatten`"
TIMES = 20
MAX_US = 2

_MAPPING = {"flat": {"@flatten": {"separator": ".", "value": {"@path": "$.properties"}}}}


def _flat() -> Any:
    return {f"key{number}": f"value {number}" for number in range(300)}


def _products() -> Any:
    brand = {"name": "Acme", "country": None}
    return {
        "products": [
            {"sku": f"sku-{number}", "name": "Hat", "price": number + 0.5, "quantity": number % 3, "brand": brand}
            for number in range(50)
        ]
    }


def _groups() -> Any:
    return {f"group{number}": {"a": 1, "b": 2, "c": {"d": 3, "e": ["x", "y"]}} for number in range(50)}


def _pairs() -> Any:
    return {f"pair{number}": {"only": {"value": number}} for number in range(100)}


SHAPES: dict[str, Callable[[], Any]] = {
    "one level of 300 texts": _flat,
    "a list of 50 products, each with an object": _products,
    "50 objects of three levels, with lists": _groups,
    "100 chains of three levels, one value in each": _pairs,
}


def flatten_rows() -> Iterator[Row]:
    """A row for each shape."""
    events = [{"properties": make()} for make in SHAPES.values()]
    mapping = compile_mapping(_MAPPING)
    seconds = minimums([timed(_work(mapping, event)) for event in events])
    for name, event, each in zip(SHAPES, events, seconds, strict=True):
        items = len(mapping(event)["flat"])
        value = each / TIMES / items * 1e6
        yield Row(GROUP, f"{name}: time of an item", value, "at most", MAX_US, f"{items} items", "µs")


def _work(mapping: CompiledMapping, event: Any) -> Callable[[], None]:
    def work() -> None:
        for _ in range(TIMES):
            mapping(event)

    return work


def main() -> int:
    """The command; status 0 when every row holds."""
    on_one_core()
    rows = list(flatten_rows())
    print(text_table(rows))
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
