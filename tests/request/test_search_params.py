import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.errors import EngineTypeError
from destination.request import SearchParams
from destination.values import MISSING


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"q": "x y", "a b": "a&b=c"}, "q=x+y&a+b=a%26b%3Dc"),
        ({"q": "~!*'()-._"}, "q=%7E%21*%27%28%29-._"),
        ({"q": "+%"}, "q=%2B%25"),
        ({"ü": "🎉", "s": "\ud800"}, "%C3%BC=%F0%9F%8E%89&s=%EF%BF%BD"),
        ({"s": "\ud83c\udf89"}, "s=%F0%9F%8E%89"),
        ({"n": 1.0, "e": 1e21, "t": True, "null": None, "u": MISSING}, "n=1&e=1e%2B21&t=true&null=null&u=undefined"),
        ({"l": ["a", "b"], "o": {}}, "l=a%2Cb&o=%5Bobject+Object%5D"),
        ({"b": 1, "2": 2, "1": 3}, "1=3&2=2&b=1"),
        ({}, ""),
        ([("a", 1), ("a", None)], "a=1&a=null"),
        ([["a", "b"]], "a=b"),
        ("a=1&b=2", "a=1&b=2"),
        ("?x=%20+y&&z", "x=++y&z="),
        ("??a", "%3Fa="),
        ("%zz=%ff", "%25zz=%EF%BF%BD"),
        ("a=b=c", "a=b%3Dc"),
        ("ü=🎉", "%C3%BC=%F0%9F%8E%89"),
        ("", ""),
        (5, "5="),
    ],
)
def test_params_are_written_as_in_javascript(params: object, text: str) -> None:
    assert str(SearchParams(params)) == text  # type: ignore[arg-type]


@pytest.mark.parametrize("params", [[("a",)], ["ab"], [("a", "b", "c")], [5]])
def test_a_list_of_something_else_than_pairs_is_refused(params: object) -> None:
    with pytest.raises(EngineTypeError):
        SearchParams(params)  # type: ignore[arg-type]


def test_params_are_values_that_hide_what_they_hold() -> None:
    params = SearchParams({"token": "secret"})
    assert params == SearchParams("token=secret")
    assert hash(params) == hash(SearchParams(params))
    assert params != "token=secret"
    assert repr(params) == "SearchParams(token=…)"


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_written_params_read_back(pairs: list[tuple[str, str]]) -> None:
    params = SearchParams(pairs)
    assert SearchParams(str(params)) == params
