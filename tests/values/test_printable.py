import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.values import read_json, write_json
from destination.values.printable import indent_json, printable, printable_json, printable_on_page

UNSAFE = [
    *map(chr, (*range(0x20), *range(0x7F, 0xA0))),
    *map(chr, (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x2070))),
    *map(chr, (0xFFF9, 0xFFFA, 0xFFFB, 0xFFFE, 0xFFFF, 0xD800, 0xDBFF, 0xDC00, 0xDFFF)),
]


@pytest.mark.parametrize("character", UNSAFE, ids=[f"U+{ord(one):04X}" for one in UNSAFE])
def test_what_could_control_a_terminal_or_a_page_is_written_out(character: str) -> None:
    shown = printable(f"a{character}b")
    assert shown.isascii()
    assert shown.isprintable()
    assert shown.startswith("a\\")
    assert json.loads(printable_json(write_json(character))) == character
    assert not set(printable_json(write_json(character)).decode()) & set(UNSAFE)


def test_what_people_write_stays() -> None:
    text = "Crème brûlée, 日本語, עברית, العربية, हिन्दी, 👩‍👩‍👧, a\u00a0b, [red], <b>, \\x1b"
    assert printable(text) == text
    assert printable_json(text.encode()) == text.encode()


def test_lines_of_its_own_stay_where_it_is_said() -> None:
    assert printable("a\n\tb\r\n\x0b", lines=True) == "a\n\tb\\r\n\\x0b"
    assert printable_on_page("a\n\x1b") == "a\n\\x1b"
    assert printable_on_page(None) == "None"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(_JSON)
def test_json_for_people_is_the_same_json(value: object) -> None:
    raw = write_json(value)
    text = indent_json(raw.decode())
    assert read_json(printable_json(text.encode())) == read_json(raw)
    assert text.replace("\\ud", "") == json.dumps(read_json(raw), indent=2, ensure_ascii=False).replace("\\ud", "")


def test_json_that_nests_deeply_is_indented_so_far_only() -> None:
    text = indent_json("[" * 50_000 + "1,2" + "]" * 50_000)
    assert read_json("[" * 9 + "1" + "]" * 9) == read_json(indent_json("[" * 9 + "1" + "]" * 9))
    assert text.replace(" ", "").replace("\n", "") == "[" * 50_000 + "1,2" + "]" * 50_000
    assert len(text) < 120_000
