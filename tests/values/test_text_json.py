import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.values import (
    MISSING,
    TooDeeplyNestedError,
    deep_equals,
    quote,
    read_json,
    stringify,
    text_json,
    write_json,
)
from tests.values.recorded import VALUES

_TRICKY_TEXT = st.text(max_size=3) | st.sampled_from(
    ["1.0,", '":', '"10":', "e-6,", "1e+21]", "\\", "\ud800", "7", "10", "4294967295", "-0.0}", "a1"]
)
_NUMBERS = st.integers(-(2**65), 2**65) | st.floats() | st.sampled_from([1e16, 1e-6, 1e21, -0.0, 5.0, 2.0**53])
_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TRICKY_TEXT | st.just(MISSING),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TRICKY_TEXT, inner, max_size=4),
    max_leaves=10,
)


# --- writing ---------------------------------------------------------------------------------------------


def test_values_are_written_as_node_writes_them() -> None:
    for text, expected in VALUES["values"]:
        value = json.loads(text)
        assert write_json(value) == expected["json"].encode(), text
        assert stringify(value) == expected["json"], text
        assert stringify(value, doubles=True) == expected["json"], text


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (5.0, "5"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (-3.25, "-3.25"),
        (1e15, "1000000000000000"),
        (2.0**53, "9007199254740992"),
        (9007199254740994.0, "9007199254740994"),
        (1e16, "10000000000000000"),
        (123456789012345680.0, "123456789012345680"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (0.00001, "0.00001"),
        (0.000001, "0.000001"),
        (0.0000015, "0.0000015"),
        (1e-7, "1e-7"),
        (5e-324, "5e-324"),
        (math.nan, "null"),
        (math.inf, "null"),
        (-math.inf, "null"),
        (2**53 + 1, "9007199254740993"),
        (2**64 - 1, "18446744073709551615"),
        (-(2**63), "-9223372036854775808"),
        (2**64, "18446744073709552000"),
        (-(2**63) - 1, "-9223372036854776000"),
        (10**30, "1e+30"),
        (10**400, "null"),
    ],
)
def test_numbers_alone_in_lists_and_in_objects(number: float, expected: str) -> None:
    assert write_json(number).decode() == expected
    assert write_json([number]).decode() == f"[{expected}]"
    assert write_json([number, 1]).decode() == f"[{expected},1]"
    assert write_json({"a": number}).decode() == f'{{"a":{expected}}}'
    assert write_json({"a": number, "b": "\ud800"}).decode() == f'{{"a":{expected},"b":"\\ud800"}}'


def test_index_keys_are_written_first() -> None:
    assert write_json({"b": 1, "10": 2, "9": {"x": 0, "1": 0}}) == b'{"9":{"1":0,"x":0},"10":2,"b":1}'
    assert write_json({"b": 1, "01": 2, "a1": 3}) == b'{"b":1,"01":2,"a1":3}'


def test_missing_is_left_out_of_objects_and_null_elsewhere() -> None:
    assert write_json({"a": MISSING, "b": [MISSING], "c": None}) == b'{"b":[null],"c":null}'
    assert write_json({"a": MISSING, "b": "\ud800"}) == b'{"b":"\\ud800"}'
    assert write_json(["\ud800", MISSING]) == b'["\\ud800",null]'
    assert write_json(MISSING) == b"null"
    assert stringify(MISSING) == "null"


def test_strings_are_escaped_as_little_as_in_javascript() -> None:
    assert quote('é\u2028\x7f/"\\\b\f\n\r\t\x00\x1f\U0001f389') == (
        '"é\u2028\x7f/\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001f\U0001f389"'
    )


def test_lone_surrogates_are_escaped_and_pairs_are_characters() -> None:
    assert quote("\ud83c") == '"\\ud83c"'
    assert quote("\udf89\ud83c") == '"\\udf89\\ud83c"'
    assert quote("\ud83c\udf89") == '"\U0001f389"'
    assert write_json({"\ud83c": ["\udf89", True, False, None, 2.0, {"2": 1, "1": 1}]}) == (
        b'{"\\ud83c":["\\udf89",true,false,null,2,{"1":1,"2":1}]}'
    )


def test_text_that_looks_like_what_differs_stays_as_it_is() -> None:
    for text in ("1.0,", "v2.0]", "e-6,", "1e+21,", '"10":', "4.0", "10", "a+b"):
        assert json.loads(write_json({"a": text, "b": [text]})) == {"a": text, "b": [text]}
        assert write_json(text) == quote(text).encode()


def test_doubles_rounds_whole_numbers_as_javascript_has_them() -> None:
    value = [2**53 + 1, -(2**53) - 1, 2**53 - 1, 12345678901234567890]
    assert stringify(value) == "[9007199254740993,-9007199254740993,9007199254740991,12345678901234567890]"
    assert stringify(value, doubles=True) == (
        "[9007199254740992,-9007199254740992,9007199254740991,12345678901234567000]"
    )


def test_deep_values_are_written_where_orjson_gives_up() -> None:
    value: Any = 1.0
    for _ in range(300):
        value = [value]
    assert write_json(value) == b"[" * 300 + b"1" + b"]" * 300


def test_too_deep_values_are_refused() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(TooDeeplyNestedError, match="nested too deeply"):
        write_json(value)
    with pytest.raises(TooDeeplyNestedError):
        stringify(value, doubles=True)


def test_what_is_no_json_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="object is not a JSON value"):
        write_json({"a": object()})


@given(_VALUES)
def test_fast_and_slow_writers_agree(value: Any) -> None:
    assert write_json(value).decode() == stringify(value) == text_json._text(value, text_json._INT64)
    assert stringify(value, doubles=True) == text_json._text(value, text_json._SAFE)


def test_every_double_that_orjson_writes_otherwise_is_noticed() -> None:
    for exponent in range(-30, 31):
        for digits in ("1", "1.5", "1.2345678901234567", "-9"):
            number = float(f"{digits}e{exponent}")
            assert write_json([number, number]).decode() == text_json._text([number, number], text_json._INT64)


# --- reading ---------------------------------------------------------------------------------------------


def test_texts_are_read_as_node_reads_them() -> None:
    for text, expected in VALUES["read_json"]:
        for form in (text, text.encode()):
            if expected is None:
                with pytest.raises(ValueError):  # noqa: PT011  the words are those of two parsers
                    read_json(form)
            else:
                assert stringify(read_json(form, doubles=True), doubles=True) == expected, text


def test_text_in_another_encoding_is_told_apart_from_what_is_no_json() -> None:
    with pytest.raises(ValueError, match="not UTF-8 text, from byte 3 on; save it as UTF-8"):
        read_json(b'["\xfc"]')


def test_whole_numbers_of_up_to_64_bits_stay_exact() -> None:
    assert read_json("[9007199254740993, 18446744073709551615, -9223372036854775808]") == [
        *(2**53 + 1, 2**64 - 1, -(2**63)),
    ]
    assert read_json("18446744073709551616") == 2.0**64
    assert type(read_json("18446744073709551616")) is float


def test_long_numbers_beside_a_lone_surrogate() -> None:
    # orjson refuses the surrogate, so that the standard library reads all of it.
    text = '["\\ud800", 9007199254740993, 18446744073709551615, 18446744073709551616, 123456789012345678901234, 1.5]'
    found = read_json(text)
    assert found == ["\ud800", 2**53 + 1, 2**64 - 1, 2.0**64, 1.2345678901234568e23, 1.5]
    assert [type(item) for item in found[1:]] == [int, int, float, float, float]


def test_doubles_rounds_what_is_read() -> None:
    assert read_json("[9007199254740993, 1.5, 7]", doubles=True) == [2**53, 1.5, 7]
    assert read_json(b"12345678901234567890123", doubles=True) == 1.2345678901234568e22
    assert read_json("[1, 2]", doubles=True) == [1, 2]


def test_numbers_beyond_a_double_are_infinite() -> None:
    assert read_json("[1e400, -1e400, 1e-400]") == [math.inf, -math.inf, 0]
    assert read_json("9" * 5000) == math.inf


def test_lone_surrogates_are_read() -> None:
    assert read_json('"\\ud83c"') == "\ud83c"
    assert read_json('"\\ud83c\\udf89"') == "\U0001f389"
    assert read_json('"\ud83c"') == "\ud83c"
    assert read_json('"\ud83c\udf89"') == "\U0001f389"


def test_the_last_of_equal_keys_wins_at_the_first_ones_place() -> None:
    assert write_json(read_json('{"a": 1, "b": 2, "a": 3}')) == b'{"a":3,"b":2}'


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "NaN", "[Infinity]", "-Infinity", "undefined", "tru", "01", "+1", ".5", "1.", "1e", '"\t"', '"'),
        *("[", "[1,]", "[1] 2", '{"a":1,}', '{"a" 1}', "{'a':1}", "// x\n1", "\ufeff{}", '"\\x41"', "\u00a01"),
    ],
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line 1 column"):
        read_json(text)
    with pytest.raises(ValueError, match=r"\w"):
        read_json(text.encode())


def test_nan_is_refused_beside_a_lone_surrogate_too() -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_json('["\\ud800", NaN]')


@pytest.mark.parametrize(
    "raw", [b"\xff", b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b"\xef\xbb\xbf{}", b'["\xed\xa0']
)
def test_what_is_no_utf8_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_json(raw)


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000])
@pytest.mark.parametrize("doubles", [False, True])
def test_too_deep_text_is_a_value_error(text: str, doubles: bool) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json(text + '"1234567890123456"', doubles=doubles)


@given(_VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    raw = write_json(value)
    back = read_json(raw)
    assert write_json(back) == raw
    if "nan" not in repr(value) and "inf" not in repr(value) and "MISSING" not in repr(value):
        assert deep_equals(json.loads(raw, parse_int=float), json.loads(json.dumps(value), parse_int=float))


@given(st.text() | st.binary())
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    try:
        write_json(read_json(text))
    except ValueError as error:
        assert str(error)  # noqa: PT017  both outcomes are fine; a third would be another exception
