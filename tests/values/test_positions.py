"""Texts in JSON and YAML, with the position of each value."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.values.positions import Node, PositionedError, read_json_nodes, read_yaml_nodes

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
TEXT = '{\n  "a": [1,\n    {"b": "x"}],\n  "c": null\n}'


def node_at(root: Node, *path: str | int) -> Node:
    for key in path:
        root = root.members[key].node if isinstance(key, str) else root.items[key]  # type: ignore[index]
    return root


@pytest.mark.parametrize("read", [read_json_nodes, read_yaml_nodes])
def test_each_value_has_its_position(read: Any) -> None:
    root = read(TEXT)
    assert root.plain == json.loads(TEXT)
    inner = node_at(root, "a", 1, "b")
    assert (inner.line, inner.column, TEXT[inner.start : inner.end]) == (3, 10, '"x"')
    assert (root.members["c"].key.line, root.members["c"].key.column) == (4, 2)
    assert TEXT[root.start : root.end] == TEXT
    assert not root.block


def test_a_block_of_yaml_ends_with_its_last_part() -> None:
    text = "a:\n  b: 1  # one\n\nc: 2\n"
    block = node_at(read_yaml_nodes(text), "a")
    assert (text[block.start : block.end], block.block) == ("b: 1", True)


@pytest.mark.parametrize(
    ("read", "text", "line", "message"),
    [
        (read_json_nodes, '{\n "a": }', 2, "is no JSON: Expecting value"),
        (
            read_json_nodes,
            '{"a": 1,\n "a": 2}',
            2,
            "has the key 'a' twice in one object, on lines 1 and 2; keep one of them",
        ),
        (read_json_nodes, "1\n 2", 1, "is no JSON: something stands behind the value"),
        (read_yaml_nodes, "a: 1\na: 2", 2, "has the key 'a' twice in one object, on lines 1 and 2; keep one of them"),
        (read_yaml_nodes, "a: 1\nb: !!set {x}", 2, "has the tag tag:yaml.org,2002:set; write plain values"),
        (read_yaml_nodes, "a: &x [1, *x]", 1, "refers to itself; write the value out"),
    ],
)
def test_a_text_that_cannot_be_read_names_the_line(read: Any, text: str, line: int, message: str) -> None:
    with pytest.raises(PositionedError) as caught:
        read(text)
    assert (caught.value.line, str(caught.value)) == (line, message)


def test_the_last_of_two_members_counts_where_the_reader_is_lenient() -> None:
    node = read_json_nodes('{"a": 1,\n "a": 2}', lenient=True)
    assert (node.plain, node_at(node, "a").line) == ({"a": 2}, 2)


@given(JSON)
def test_what_is_read_is_what_json_reads(value: Any) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)):
        assert read_json_nodes(text).plain == value


def test_only_a_lenient_reader_takes_any_depth() -> None:
    text = "[" * 100_000 + "\n5" + "]" * 100_000
    with pytest.raises(PositionedError, match="nests too deeply"):
        read_json_nodes(text)
    node = read_json_nodes(text, lenient=True)
    while node.items:
        [node] = node.items
    assert (node.value, node.line) == (5, 2)
