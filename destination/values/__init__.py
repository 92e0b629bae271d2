"""JavaScript's semantics of values.

A JSON value here is `None`, `bool`, `int | float`, `str`, `list` or `dict` with string keys; `MISSING` is
`undefined`. Every other module takes JavaScript's behaviour from here and re-invents none of it.
"""

from destination.values.convert import (
    add,
    compare,
    deep_equals,
    equals_blank,
    is_number,
    join_array,
    json_type_of,
    real_type_of,
    strict_equals,
    to_number,
    to_string,
    truthy,
    type_of,
)
from destination.values.date_text import date_to_string
from destination.values.dates import parse_date
from destination.values.deep_json import TooDeeplyNestedError
from destination.values.missing import MISSING, Missing
from destination.values.numbers import as_double, number_to_string, string_to_number
from destination.values.objects import get_property, is_index, ordered, ordered_items, ordered_keys, spread
from destination.values.text import (
    WHITESPACE,
    from_units,
    is_bmp,
    join_text,
    to_lower,
    to_units,
    to_upper,
    to_well_formed,
    trim,
    utf16_length,
    utf16_slice,
)
from destination.values.text_json import (
    quote,
    read_json,
    stringify,
    write_json,
    write_json_list,
)

__all__ = [
    "MISSING",
    "WHITESPACE",
    "Missing",
    "TooDeeplyNestedError",
    "add",
    "as_double",
    "compare",
    "date_to_string",
    "deep_equals",
    "equals_blank",
    "from_units",
    "get_property",
    "is_bmp",
    "is_index",
    "is_number",
    "join_array",
    "join_text",
    "json_type_of",
    "number_to_string",
    "ordered",
    "ordered_items",
    "ordered_keys",
    "parse_date",
    "quote",
    "read_json",
    "real_type_of",
    "spread",
    "strict_equals",
    "string_to_number",
    "stringify",
    "to_lower",
    "to_number",
    "to_string",
    "to_units",
    "to_upper",
    "to_well_formed",
    "trim",
    "truthy",
    "type_of",
    "utf16_length",
    "utf16_slice",
    "write_json",
    "write_json_list",
]
