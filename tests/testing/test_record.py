"""`pytest --record`, which fills in what is expected, and `--record-all`, which also changes it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.testing.cases import Case, CaseFileError
from destination.testing.cases.document import Document, read_document
from destination.testing.cases.record import Edit, changing_edits, edited, write_atomically
from destination.testing.compare import differences
from destination.values.positions import read_json_nodes, read_yaml_nodes
from tests.testing.example import Run
from tests.testing.test_cases import HEAD, ORDER, run

__all__ = ["run"]

UNRECORDED = (
    HEAD
    + """\
cases:
  # orders
  - name: An order   # the usual one

    event: {event: Order Completed}   # nothing else
  # pages

  - event: {type: page}
    name: A page
    expect:   # to be recorded
  - name: Partly
    event: {event: Order Completed}
    expect:
      subscriptions:
        Orders:
          payload:    # all of it
          requests:
            - {method: POST}
# the end
"""
)
RECORDED = """\
cases:
  # orders
  - name: An order   # the usual one

    event: {event: Order Completed}   # nothing else
    expect:
      matched:
        - Orders
      subscriptions:
        Orders:
          payload:
            name: Order Completed
            user: user1234
          requests:
            - method: POST
              url: https://shop.test/v1/events
              headers:
                content-type: application/json
                user-agent: Segment (Actions)
                x-api-key: <redacted>
                x-token: None
              body:
                name: Order Completed
                user: user1234
  # pages

  - event: {type: page}
    name: A page
    expect:   # to be recorded
      matched: []
      subscriptions: {}
  - name: Partly
    event: {event: Order Completed}
    expect:
      subscriptions:
        Orders:
          payload:    # all of it
            name: Order Completed
            user: user1234
          requests:
            - {method: POST}
# the end
"""


def test_what_is_not_expected_yet_fails_and_says_how_to_record_it(run: Callable[..., Run]) -> None:
    done = run(UNRECORDED)
    assert done.outcomes == {"failed": 3}
    assert '/: nothing is expected yet; pytest --record writes {"matched":["Orders"]' in done.output
    assert "/subscriptions/Orders/payload: nothing is expected yet; pytest --record writes {" in done.output
    assert done.changed == {}


def test_gaps_are_filled_and_all_else_stays(run: Callable[..., Run]) -> None:
    done = run(UNRECORDED, "--record")
    assert done.outcomes == {"passed": 3}
    assert done.changed == {"shop.cases.yaml": HEAD + RECORDED}
    assert "recorded 3 case(s) in project-0/shop.cases.yaml: An order, A page, Partly" in done.output


def test_what_was_recorded_passes_and_is_not_written_again(run: Callable[..., Run]) -> None:
    done = run(HEAD + RECORDED, "--record")
    assert (done.outcomes, done.changed) == ({"passed": 3}, {})
    assert "recorded" not in done.output


def test_recording_leaves_what_is_expected_and_differs(run: Callable[..., Run]) -> None:
    done = run(HEAD + ORDER.replace("method: POST", "method: PUT"), "--record")
    assert (done.outcomes, done.changed) == ({"failed": 1}, {})


def test_recording_all_changes_what_differs_and_keeps_it_a_part(run: Callable[..., Run]) -> None:
    text = ORDER.replace("method: POST", "method: PUT").replace("user: user1234", "user: me  ")
    done = run(HEAD + text.replace("matched: [Orders]", "matched: [Orders, Pages] # both"), "--record-all")
    assert done.outcomes == {"passed": 1}
    assert done.changed == {
        "shop.cases.yaml": HEAD
        + ORDER.replace("[Orders]", '["Orders"] # both')
        .replace("method: POST", 'method: "POST"')
        .replace("user: user1234", 'user: "user1234"  ')
    }


def test_json_keeps_its_order_and_indentation(run: Callable[..., Run]) -> None:
    text = """\
{
    "destination": "actions-absmartly",
    "presets": ["Page Calls"],
    "cases": [
        {"name": "One line", "event": {"type": "track"}},
        {
            "name": "A page",
            "event": {"type": "page"}
        }
    ],
    "note": 1.0
}
"""
    done = run(text, "--record", name="a.cases.json")
    assert done.outcomes == {"passed": 2}
    assert done.changed == {
        "a.cases.json": text.replace('"track"}}', '"track"}, "expect": {"matched": [], "subscriptions": {}}}').replace(
            '"event": {"type": "page"}\n',
            """\
"event": {"type": "page"},
            "expect": {
                "matched": [
                    "Page Calls"
                ],
                "subscriptions": {
                    "Page Calls": {
                        "error": {
                            "type": "SchemaValidationError",
                            "message": "The root value is missing the required field 'properties'."
                        }
                    }
                }
            }
""",
        )
    }


def test_json_on_one_line_stays_on_one_line(run: Callable[..., Run]) -> None:
    text = """\
{
  "destination": "actions-absmartly",
  "cases": [
    {"name": "A track", "event": {"type": "track"}, "expect": {"matched": null}}
  ]
}
"""
    done = run(text, "--record", name="a.cases.json")
    assert done.changed == {"a.cases.json": text.replace("null", '["Track Calls"]')}


def test_line_ends_of_windows_stay(run: Callable[..., Run]) -> None:
    done = run(UNRECORDED.replace("\n", "\r\n"), "--record")
    assert done.changed == {"shop.cases.yaml": (HEAD + RECORDED).replace("\n", "\r\n")}


def test_a_value_behind_an_anchor_is_left_alone(run: Callable[..., Run]) -> None:
    text = HEAD + "cases:\n  - &one {name: A, event: {}}\n"
    text += "note: [*one]\n"
    done = run(text, "--record")
    assert done.changed == {}
    assert done.status == 1
    assert "cannot be recorded without changing another value; write it by hand" in done.output
    assert "Traceback" not in done.output
    assert ".py:" not in done.output
    assert "During handling" not in done.output


def test_cases_of_a_file_may_come_in_several_goes(run: Callable[..., Run]) -> None:
    conftest = "def pytest_collection_modifyitems(items): items.sort(key=lambda item: item.name)\n"
    other = {"other__cases__json": '{"destination": "actions-absmartly", "cases": [{"name": "Also", "event": {}}]}'}
    done = run(UNRECORDED, "--record", conftest__py=conftest, **other)
    assert done.outcomes == {"passed": 4}
    assert done.changed["shop.cases.yaml"] == HEAD + RECORDED
    assert "recorded 1 case(s) in project-0/other.cases.json: Also" in done.output


def document(text: str, path: Path = Path("a.cases.yaml")) -> Document:
    return Document(path, text, (read_json_nodes if path.suffix == ".json" else read_yaml_nodes)(text))


def test_processes_that_share_out_the_cases_do_not_record(run: Callable[..., Run]) -> None:
    xdist = "def pytest_addoption(parser): parser.addoption('--dist', default='no')\n"
    done = run(UNRECORDED, "--record", "--dist=load", "-p", "no:xdist", conftest__py=xdist)
    assert (done.status, done.changed) == (4, {})
    assert run(UNRECORDED, "--record", "--dist=no", "-p", "no:xdist", conftest__py=xdist).outcomes == {"passed": 3}


def test_a_file_that_was_changed_meanwhile_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.cases.json"
    path.write_text("{}")
    read = read_document(path)
    path.write_text("[]")
    with pytest.raises(CaseFileError, match="has changed during the run, so nothing is recorded; run again"):
        write_atomically(read, "{1}")
    assert path.read_text() == "[]"
    assert [one.name for one in tmp_path.iterdir()] == ["a.cases.json"]


def test_a_file_that_is_read_only_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.cases.json"
    path.write_text("{}")
    path.chmod(0o444)
    with pytest.raises(CaseFileError, match="is read-only, so nothing is recorded; make it writable"):
        write_atomically(read_document(path), "{1}")
    assert path.read_text() == "{}"


def test_a_file_that_cannot_be_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.cases.json"
    path.write_text("{}")
    read = read_document(path)

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(CaseFileError, match="cannot be written: No space left on device"):
        write_atomically(read, "{1}")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.cases.json", "{}")]


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a:\n  b: 1 # one\n", 2, "a:\n  b: 2 # one\n"),
        ("a:\n  b: 1 # one\n", [2], "a:\n  b: # one\n    - 2\n"),
        ("a:\n  b: # some\n    c: 1\n    # in\n\n# z\n", {"d": 1}, "a:\n  b: # some\n    d: 1\n    # in\n\n# z\n"),
        ("a:\n  b:\n    c: 1\n# behind\n", "x", "a:\n  b: x\n# behind\n"),
        ("a:\n  b: |\n    text\n    more\n\n\nz: 1\n", {"c": 1}, "a:\n  b:\n    c: 1\n\n\nz: 1\n"),
        ("a:\n  b:", {"c": 1}, "a:\n  b:\n    c: 1"),
        ("a:\n  b: {x: 1,\n    y: 2}  # two\n", [], "a:\n  b: []  # two\n"),
        ("a:\n  b: {x: 1,\n    y: 2}  # two\n", 5, "a:\n  b: 5  # two\n"),
        ("a: {b: }\n", {"c": [1]}, 'a: {b: {"c": [1]} }\n'),
        ("a: {c: 1}\n", 5, 'a: {c: 1, "b": 5}\n'),
        ("a:\n  c:\n    - x # last\n\n# behind\n", 5, "a:\n  c:\n    - x # last\n  b: 5\n\n# behind\n"),
        ('{"a": {"b": 1}}', "é\u2028\x85", '{"a": {"b": "é\\u2028\\u0085"}}'),
        ("a:\n  b: x\n", "1e5", "a:\n  b: '1e5'\n"),
        ("a:\n  b: x\n", "2026-01-01", "a:\n  b: '2026-01-01'\n"),
        ("a:\n  b: x\n", "NO", "a:\n  b: 'NO'\n"),
        ("a:\n  b: x\n", "one\ntwo: # three", 'a:\n  b: "one\\ntwo: # three"\n'),
    ],
)  # fmt: skip
def test_a_value_is_put_in_the_place_of_another(before: str, value: Any, after: str) -> None:
    assert edited(document(before), [Edit(("a", "b"), value)]) == after


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(-1e300, 1e300) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(JSON, st.sampled_from(["a:\n  b: 1 # c\nz: 2\n", "a: {b: 1}\nz: 2\n", "a:\n  c: 1\n", '{"a": {"b": 1}}']))
def test_whatever_is_written_into_yaml_is_read_again(value: Any, text: str) -> None:
    changed = read_yaml_nodes(edited(document(text), [Edit(("a", "b"), value)])).plain
    assert differences(value, changed["a"]["b"], whole=True) == []


@given(JSON, st.sampled_from(['{"a": {"b": 1}}', '{\n  "a": {\n    "b": [1]\n  }\n}\n', '{"a": {\n\t"c": 1}}']))
def test_whatever_is_written_into_json_is_read_again(value: Any, text: str) -> None:
    changed = read_json_nodes(edited(document(text, Path("a.cases.json")), [Edit(("a", "b"), value)])).plain
    assert differences(value, changed["a"]["b"], whole=True) == []


@given(JSON, JSON)
def test_after_recording_all_nothing_differs(expected: Any, found: Any) -> None:
    outcome, there = {"payload": expected}, {"payload": found}
    case = Case("A", {}, {"subscriptions": {"T": outcome}}, (), 1)
    result: Any = {"expect": {"subscriptions": {"T": dict(outcome)}}}
    for edit in changing_edits(case, {"matched": [], "subscriptions": {"T": there}}):
        holder = result
        for key in edit.path[:-1]:
            holder = holder[key]
        holder[edit.path[-1]] = edit.value
    recorded = result["expect"]["subscriptions"]["T"]
    if expected is not None:
        assert differences(recorded, there) == []
