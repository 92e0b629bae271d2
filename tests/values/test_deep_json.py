import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.values import MISSING, TooDeeplyNestedError, quote, read_json, stringify, write_json
from destination.values.deep_json import MAX_LEVELS, read_deep, write_deep

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize("depth", [254, 255, 485, 993, 1_024, 1_025, MAX_LEVELS])
@pytest.mark.parametrize(("start", "end"), [("[", "]"), ('{"a":', "}"), ('[{"é":', "}]")])
@pytest.mark.parametrize("leaf", ["1", "1.0", '"\\ud800"', "12345678901234567890123", "{}", '"x"'])
def test_two_thousand_levels_are_read_and_written(depth: int, start: str, end: str, leaf: str) -> None:
    times = depth // (start.count("[") + start.count("{"))
    text = start * times + leaf + end * times
    for doubles in (False, True):
        value = read_json(text, doubles=doubles)
        assert read_json(text.encode(), doubles=doubles) is not None
        written = stringify(value, doubles=doubles)
        assert written.count("[") + written.count("{") == text.count("[") + text.count("{")
        assert json.loads(written.removeprefix(start * times).removesuffix(end * times), parse_int=float) == json.loads(
            leaf, parse_int=float
        )
    assert write_json(value).startswith((start * times).encode())


@pytest.mark.parametrize("depth", [3_000, 100_000])
def test_more_levels_are_a_clear_error(depth: int) -> None:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    with pytest.raises(TooDeeplyNestedError, match=r"^nested too deeply: an event may have 2,000 levels of"):
        read_json("[" * depth + "]" * depth)
    for write in (write_json, stringify):
        with pytest.raises(TooDeeplyNestedError, match="2,000 levels"):
            write(value)
    with pytest.raises(TooDeeplyNestedError):
        stringify(value, doubles=True)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"a"',
        '{"a":',
        '{"a":1',
        '{"a":1,',
        '{"a":1,}',
        "{1:2}",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[}",
        '{"a":1]',
        "1 2",
        "",
        "nul",
        "NaN",
        "[NaN]",
        "-",
        "01",
        "1.",
        '"',
        '"\n"',
        "[1}",
        "[] []",
        "{}}",
        "Infinity",
        '{"a" 1}',
        "\u00a01",
    ],
)
def test_what_is_no_json_is_refused_at_any_depth(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_deep(text, int)
    with pytest.raises(ValueError, match=r"\w"):
        read_json("[" * 1_500 + text + "]" * 1_500 if text else "[" * 1_500)


@given(_JSON, st.sampled_from([None, 1]))
def test_it_reads_what_the_standard_library_reads(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    assert read_deep(text, int) == value
    assert type(read_deep(text, int)) is type(value)


@given(_JSON)
def test_it_writes_what_write_json_writes(value: Any) -> None:
    deep = write_deep(value, stringify, quote)
    assert deep == stringify(value)


def test_what_is_undefined_is_left_out_of_objects() -> None:
    value = {"a": MISSING, "b": {"c": MISSING, "d": [MISSING]}, "e": MISSING}
    assert write_deep(value, stringify, quote) == '{"b":{"d":[null]}}'


@given(_JSON)
def test_what_nests_deeply_may_stand_beside_what_does_not(value: Any) -> None:
    text = json.dumps([value, {"k": value}, 5])
    deep = read_json("[" * 1_500 + text[:-1] + "," + '{"a": ' * 500 + text + "}" * 500 + "]" * 1_501)
    for _ in range(1_500):
        [deep] = deep
    assert deep[:3] == read_json(text)


def test_a_key_that_comes_twice_counts_once() -> None:
    assert read_deep('{"a": 1, "a": 2}', int) == {"a": 2}
