"""The command `python -m tests.conformance` and the verdicts behind it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from destination.errors import DestinationError, EngineTypeError, MappingValidationError
from tests.conformance import __main__ as command
from tests.conformance import adapter
from tests.conformance.judge import Verdict, judge
from tests.conformance.vectors import Answer, Vector, read_vectors

Install = Callable[[Callable[[dict[str, Any]], Any]], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a function in the place of an op named `op`."""
    return lambda function: monkeypatch.setitem(adapter.OPS, "op", function)


def failing(error: Exception) -> Callable[[dict[str, Any]], Any]:
    def fail(_args: dict[str, Any]) -> Any:
        raise error

    return fail


ENGINE = Answer("error", messages=("x is not a function",), engine=True)


@pytest.mark.parametrize(
    ("expected", "function", "verdict"),
    [
        (Answer("ok", 1), lambda _: 1.0, Verdict.EQUAL),
        (Answer("ok", None), lambda _: adapter.UNDEFINED, Verdict.DIFFERENT),
        (Answer("undefined"), lambda _: adapter.UNDEFINED, Verdict.EQUAL),
        (Answer("ok", 1), failing(DestinationError("A")), Verdict.DIFFERENT),
        (Answer("error", messages=("A",)), failing(DestinationError("A")), Verdict.SAME_MESSAGE),
        (Answer("error", messages=("A", "B")), failing(MappingValidationError(["A", "B"])), Verdict.SAME_MESSAGE),
        (Answer("error", messages=("A", "B")), failing(MappingValidationError(["B", "A"])), Verdict.OTHER_MESSAGE),
        (Answer("error", messages=("A",)), failing(DestinationError("B")), Verdict.OTHER_MESSAGE),
        (Answer("error", messages=("A",)), lambda _: 1, Verdict.DIFFERENT),
        (ENGINE, failing(EngineTypeError("other words")), Verdict.ENGINE),
        (ENGINE, lambda _: 1, Verdict.DIFFERENT),
        (ENGINE, failing(TypeError("a bare one")), Verdict.DIFFERENT),
        (Answer("ok", 1), lambda args: args.pop("a"), Verdict.DIFFERENT),
    ],
)
def test_verdicts(expected: Answer, function: Callable[[Any], Any], verdict: Verdict, install: Install) -> None:
    install(function)
    assert judge(Vector("1", "op", {"a": 1}, expected)).verdict is verdict


def test_op_that_is_not_here_differs() -> None:
    assert judge(Vector("1", "no.such", {}, Answer("ok", 1))).detail == "no op no.such here"


def test_command_prints_totals_for_each_op(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], install: Install
) -> None:
    install(lambda args: args["a"])
    rows = [
        {"id": 1, "op": "op", "args": {"a": 1}, "ok": 1, "note": "ignored"},
        {"id": 2, "op": "op", "args": {"a": {"x": 1, "y": 2}}, "ok": {"y": 2, "x": 1}},
        {"op": "fql.match", "args": {"fql": "foo", "event": {}}, "ok": False},
        {"op": "fql.parse", "args": {"fql": "type ="}, "ok": {"type": "group", "operator": "and", "children": []}},
    ]
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "some.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n\n")
    assert command.main([str(tmp_path), "--differences", "1"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert printed[1].split() == ["op", "2", "2", "0", "0", "0", "0", "0", "0", "1"]
    assert printed[3].split() == ["fql.parse", "1", "0", "0", "0", "0", "0", "0", "1", "0"]
    assert "$.children: expected [], got [{" in printed[-1]


def test_command_without_vectors_is_bad_usage(tmp_path: Path) -> None:
    assert command.main([str(tmp_path)]) == 2


def test_line_that_is_no_vector_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"op": "x", "args": {}, "ok": 1}\n{"op": "x"}\n')
    with pytest.raises(ValueError, match=r"bad\.jsonl:2 is no vector"):
        list(read_vectors(tmp_path))
