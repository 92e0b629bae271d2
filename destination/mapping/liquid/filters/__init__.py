"""The filters of Liquid, by name. A name that is not in the table leaves its input as it is."""

from typing import Any, Final

from destination.mapping.liquid.coerce import Filter
from destination.mapping.liquid.filters import arithmetic, arrays, dates, dump, encodings, strings
from destination.mapping.liquid.problems import Unpositioned

DISABLED_FILTERS: Final = frozenset(
    (
        "array_to_sentence_string",
        "concat",
        "find",
        "find_exp",
        "find_index",
        "find_index_exp",
        "group_by",
        "group_by_exp",
        "has",
        "has_exp",
        "map",
        "newline_to_br",
        "reject",
        "reject_exp",
        "reverse",
        "sort",
        "sort_natural",
        "type",
        "uniq",
        "where_exp",
    )
)
"""The filters that Segment switches off: they fail when they run."""


def _disabled(name: str) -> Filter:
    def refuse(*_: Any) -> Any:
        raise Unpositioned(f'filter "{name}" is disabled')

    return refuse


FILTERS: Final[dict[str, Filter]] = {
    **arithmetic.FILTERS,
    **arrays.FILTERS,
    **dates.FILTERS,
    **dump.FILTERS,
    **encodings.FILTERS,
    **strings.FILTERS,
    **{name: _disabled(name) for name in DISABLED_FILTERS},
}

__all__ = ["DISABLED_FILTERS", "FILTERS"]
