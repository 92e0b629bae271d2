from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from destination.workbench.catalog_page.markdown import block, cell, code, plain, prose

_READER = MarkdownIt("commonmark").enable("table")
_TEXTS = st.lists(st.sampled_from([*"ab |`\\<>*_[]#~&\n", "``", "\\|", "`|`", "é"]), max_size=12).map("".join)


class _Cells(HTMLParser):
    """The text of each cell of a page, and of each of its code spans."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.codes: list[str] = []
        self._within: list[str] = []
        self.feed(_READER.render(markdown))

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._within.append(tag)
        if tag == "td":
            self.cells.append("")
        elif tag == "code":
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        self._within.remove(tag)

    def handle_data(self, data: str) -> None:
        if "td" in self._within:
            self.cells[-1] += data
        if "code" in self._within:
            self.codes[-1] += data


def read_row(*cells: str) -> _Cells:
    return _Cells(f"| a | b |\n|---|---|\n| {' | '.join(cells)} |\n")


@given(_TEXTS)
def test_a_plain_text_in_a_cell_means_only_itself(text: str) -> None:
    assert read_row(f"x{cell(plain(text))}", "end").cells == ["x" + " ".join(text.split()), "end"]


@given(_TEXTS.filter(lambda text: text.strip() != ""))
def test_a_code_span_in_a_cell_holds_its_text(text: str) -> None:
    found = read_row(cell(code(text)), "end")
    assert found.cells[1:] == ["end"]
    assert found.codes == [" ".join(text.splitlines())]


@given(_TEXTS.filter(lambda text: text.strip() != ""))
def test_a_code_span_holds_its_text(text: str) -> None:
    assert _Cells(f"x {code(text)}").codes == [" ".join(text.splitlines())]


@given(_TEXTS)
def test_a_description_stays_within_its_cell(text: str) -> None:
    assert read_row(f"x {cell(prose(text))}", "end").cells[-1] == "end"


@given(_TEXTS)
def test_a_block_holds_its_text(text: str) -> None:
    (found,) = _Cells(block(text)).codes
    assert found == f"{text}\n"


@pytest.mark.parametrize(
    ("description", "shown", "codes"),
    [
        ("Use `a|b`.", "Use a|b.", ["a|b"]),
        ("One | two \\| three", "One | two | three", []),
        ("See [the docs](https://h.test/a|b)", "See the docs", []),
        ("Not <script>alert(1)</script>", "Not <script>alert(1)</script>", []),
        ("A `<b>` tag, 5` long", "A <b> tag, 5` long", ["<b>"]),
        ("``a`b`` \\`c|d\\`", "a`b `c|d`", ["a`b"]),
        ("`a\\|b`", "a\\|b", ["a\\|b"]),
        ("`a\nb`", "a b", ["a b"]),
    ],
)
def test_descriptions_keep_their_markdown(description: str, shown: str, codes: list[str]) -> None:
    found = read_row(cell(prose(description)), "end")
    assert (found.cells, found.codes) == ([shown, "end"], codes)


def test_lines_of_a_description_are_broken_in_a_cell() -> None:
    assert cell(prose(" one\n\ntwo \r\nthree ")) == "one<br>two<br>three"
