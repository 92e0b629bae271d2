"""The filters of Liquid, by name. A name that is in neither table leaves its input as it is."""

from typing import Final

from destination.mapping.liquid.coerce import Filter
from destination.mapping.liquid.filters import arithmetic, arrays, dates, digests, dump, markup, strings, urls

FILTERS: Final[dict[str, Filter]] = {
    **arithmetic.FILTERS,
    **arrays.FILTERS,
    **dates.FILTERS,
    **digests.FILTERS,
    **dump.FILTERS,
    **markup.FILTERS,
    **strings.FILTERS,
    **urls.FILTERS,
}
"""Everything that is switched on, but `where`, which reads a path and so needs the compiler."""

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
"""Segment switches these off: they fail when they are run."""

__all__ = ["DISABLED_FILTERS", "FILTERS"]
