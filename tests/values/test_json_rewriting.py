"""A value of a JSON text is replaced, and the rest keeps its text and its layout."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.values.json_rewriting import equal_as_doubles, rewrite_json
from destination.values.positions import read_json_nodes

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4),
    max_leaves=10,
)


def rewritten(text: str, value: Any) -> str:
    root = read_json_nodes(text)
    return rewrite_json(text, root, root, value)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        pytest.param('{"a":1,"b":2}', {"a": 1, "b": 3}, '{"a":1,"b":3}', id="a value"),
        pytest.param('{"a":1,"b":2}', {"c": 0, "a": 1, "b": 2}, '{"c":0,"a":1,"b":2}', id="a first member"),
        pytest.param(
            '{ "a": 1, "b": 2 }', {"a": 1, "c": [1, {}], "b": 2}, '{ "a": 1, "c": [1, {}], "b": 2 }', id="spaces"
        ),
        pytest.param('{"a": 1, "b": 2}', {"b": 2}, '{"b": 2}', id="the first one removed"),
        pytest.param('{"a": 1, "b": 2}', {"a": 1}, '{"a": 1}', id="the last one removed"),
        pytest.param("[1,\n 2,\n 3]", [1, 3], "[1,\n 3]", id="an item removed"),
        pytest.param("[ 1 , 2 ]", [1, 2, 3], "[ 1 , 2 , 3 ]", id="space before commas"),
        pytest.param(
            '{\n  "a": 1\n, "b": 2\n}',
            {"a": 1, "b": 2, "c": 3},
            '{\n  "a": 1\n, "b": 2\n, "c": 3\n}',
            id="leading commas",
        ),
        pytest.param("[\r\n\t1\r\n]", [1, [2]], "[\r\n\t1,\r\n\t[\r\n\t\t2\r\n\t]\r\n]", id="line ends and tabs"),
        pytest.param("[[], {}]", [[1], {"a": 1}], '[[1], {"a": 1}]', id="what was empty"),
        pytest.param("[1]", [], "[]", id="all removed"),
        pytest.param("[ ]", [], "[ ]", id="nothing to remove"),
        pytest.param('["\\u0041b\\u0043"]', ["Ab", "d"], '["\\u0041b", "d"]', id="escapes at the beginning"),
        pytest.param('["\\u00e9a"]', ["éb", "ü"], '["\\u00e9b", "\\u00fc"]', id="escapes beyond ASCII"),
        pytest.param('["é"]', ["é\ud800", "\u2028"], '["é\\ud800", "\u2028"]', id="half a character"),
        pytest.param('{"a": {"b": "x"}}', {"a": 5}, '{"a": 5}', id="another type"),
        pytest.param(
            "[1.0, 1e2, 9007199254740993]", [1, 100, 9007199254740992], "[1.0, 1e2, 9007199254740993]", id="numbers"
        ),
        pytest.param("[1e999, -0, 2]", [None, 0, 3], "[1e999, -0, 3]", id="numbers that JavaScript writes otherwise"),
        pytest.param("[true]", [1], "[1]", id="true is not 1"),
    ],
)
def test_the_rest_keeps_its_text(text: str, value: Any, expected: str) -> None:
    assert rewritten(text, value) == expected


def test_new_objects_are_laid_out_as_most_small_ones_are() -> None:
    text = '{\n    "a": {"@path": "$.a"},\n    "b": {"@path": "$.b"},\n    "c": {\n        "x": {"y": 1}\n    }\n}'
    value = json.loads(text)
    value["d"] = {"@path": "$.d"}
    value["e"] = {"@if": {"exists": {"@path": "$.e"}}}
    nested = '{\n        "@if": {\n            "exists": {"@path": "$.e"}\n        }\n    }'
    added = f',\n    "d": {{"@path": "$.d"}},\n    "e": {nested}\n}}'
    assert rewritten(text, value) == text.removesuffix("\n}") + added
    wide = '{\n  "a": {\n    "@path": "$.a"\n  }\n}'
    assert rewritten(wide, {**json.loads(wide), "d": {"@path": "$.d"}}) == (
        wide.removesuffix("\n}") + ',\n  "d": {\n    "@path": "$.d"\n  }\n}'
    )


@given(VALUES, VALUES, st.sampled_from([None, 2, "\t"]), st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")]))
def test_any_text_reads_as_the_new_value(old: Any, new: Any, indent: Any, marks: tuple[str, str]) -> None:
    text = json.dumps(old, indent=indent, separators=marks)
    found = rewritten(text, new)
    assert equal_as_doubles(read_json_nodes(found).plain, new)
    if equal_as_doubles(old, new):
        assert found == text
    assert equal_as_doubles(read_json_nodes(rewritten(found, old)).plain, old)
