from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import destination
from destination.values.pointers import pointer_keys, pointer_part, to_pointer


# The examples of RFC 6901, section 5.
@pytest.mark.parametrize(
    ("keys", "pointer"),
    [
        ((), ""),
        (("foo",), "/foo"),
        (("foo", "0"), "/foo/0"),
        (("",), "/"),
        (("a/b",), "/a~1b"),
        (("c%d",), "/c%d"),
        (("e^f",), "/e^f"),
        (("g|h",), "/g|h"),
        (("i\\j",), "/i\\j"),
        (('k"l',), '/k"l'),
        ((" ",), "/ "),
        (("m~n",), "/m~0n"),
    ],
)
def test_pointers_are_those_of_the_rfc(keys: tuple[str, ...], pointer: str) -> None:
    assert to_pointer(keys) == pointer
    assert pointer_keys(pointer) == keys


def test_escaped_tilde_before_a_digit_is_no_escape() -> None:
    assert pointer_part("~1") == "/~01"
    assert pointer_keys("/~01") == ("~1",)


def test_indexes_are_written_as_keys() -> None:
    assert to_pointer(["items", 0]) == "/items/0"


@given(st.lists(st.text(st.sampled_from("~/01a\ud800é"))))
def test_keys_of_a_pointer_are_those_that_it_was_made_of(keys: list[str]) -> None:
    assert pointer_keys(to_pointer(keys)) == tuple(keys)


def test_only_one_module_escapes_keys() -> None:
    root = Path(str(destination.__file__)).parent
    escaping = [file for file in root.rglob("*.py") if '"~1"' in file.read_text(encoding="utf-8")]
    assert escaping == [root / "values" / "pointers.py"]
