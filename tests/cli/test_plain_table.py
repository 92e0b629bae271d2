"""Tables that are drawn without rich look as rich draws them."""

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.cli import output as output_module
from destination.cli.output import Output
from destination.cli.plain_table import plain_table

CELL = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.sampled_from("–…"), max_size=40)
TEXT = CELL.map(lambda text: " ".join(text.split()))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[object]], str]:
    count = draw(st.integers(1, 5))
    columns = draw(st.lists(TEXT.filter(bool), min_size=count, max_size=count))
    row = st.tuples(*[TEXT | st.integers(0, 10**6)] * count).map(list)
    return columns, draw(st.lists(row, max_size=4)), draw(TEXT)


def _shown(columns: list[str], rows: list[list[object]], title: str) -> str:
    stream, before = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), sys.stdout
    sys.stdout = stream
    try:
        Output().table(columns, rows, title=title)
    finally:
        sys.stdout = before
    stream.seek(0)
    return stream.read()


@given(tables())
def test_a_plain_table_looks_as_rich_draws_it(table: tuple[list[str], list[list[object]], str]) -> None:
    plain = _shown(*table)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output_module, "plain_table", lambda *_: None)
        assert plain == _shown(*table)


@pytest.mark.parametrize(
    ("cell", "width", "environment"),
    [
        ("日本", 80, {}),
        ("x" * 30, 20, {}),
        ("a\u0301", 80, {}),
        ("x", 80, {"FORCE_COLOR": "1"}),
        ("x", 80, {"COLUMNS": "9"}),
    ],
)
def test_other_tables_are_left_to_rich(cell: str, width: int, environment: dict[str, str]) -> None:
    assert plain_table(("name",), [(cell,)], (False,), "", width, environment) is None
