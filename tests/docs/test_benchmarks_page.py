"""docs/benchmarks.md and docs/benchmarks-history.md are what their writer makes of the last results."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks.__main__ import group_names, main, measure_of, measured
from tests.benchmarks.machine import python_build
from tests.benchmarks.pages import HISTORY, PAGE, history, page
from tests.benchmarks.results import Measured, read_results, write_results
from tests.benchmarks.rows import BATCHES, REQUESTS, SINGLE, Row, summary

RESULTS = read_results()
FAST = Row("Speed", "an event", 3.14, "at least", 3, "3.1 µs ÷ 1.0 µs")
SLOW = Row("Start", "the start", 90, "at most", 60, "of 5 rounds", "ms")


@pytest.mark.parametrize(("file", "write"), [(PAGE, page), (HISTORY, history)], ids=["page", "history"])
def test_page_is_what_its_writer_makes_of_the_results(
    file: Path, write: Callable[[Mapping[str, Measured]], str]
) -> None:
    assert file.read_text(encoding="utf-8") == write(RESULTS), "write it again: python -m tests.benchmarks --pages"


def test_results_are_of_groups_that_exist() -> None:
    assert set(RESULTS) <= set(group_names())
    assert all(group.rows for group in RESULTS.values())


@pytest.mark.parametrize("name", group_names())
def test_each_group_has_one_function_that_measures_it(name: str) -> None:
    assert callable(measure_of(name))


def test_page_begins_with_what_a_reader_wants_and_has_no_targets() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.startswith("# Benchmarks\n\n**Making the requests of an event is ")
    assert " times as fast as with Segment's own runtime.**" in text.splitlines()[2]
    assert "| target |" not in text
    assert "| target |" in HISTORY.read_text(encoding="utf-8")


def test_first_sentences_are_of_what_was_measured() -> None:
    assert summary({}) == ""
    assert summary({REQUESTS: 9.94, SINGLE: 3.93, BATCHES: 13.08}) == (
        "**Making the requests of an event is 9.9 times as fast as with Segment's own runtime.** "
        "`destination run` delivers 3.9 times as many events a second one by one, and 13.1 times as many in batches."
    )


def test_each_table_has_its_command_and_each_row_its_verdict() -> None:
    results = {"speed": Measured("a machine", (FAST,)), "start": Measured("a machine", (SLOW,))}
    shown = page(results)
    assert "Machine: a machine.\n" in shown
    assert "## Speed\n\n`python -m tests.benchmarks speed`\n\n| what | measured | computed from |\n" in shown
    assert "| an event | 3.14 × | 3.1 µs ÷ 1.0 µs |\n" in shown
    assert "| an event | 3.14 × | ≥ 3 × | met |\n" in history(results)
    assert "| the start | 90.00 ms | ≤ 60 ms | missed by 50 % |\n" in history(results)


def test_machines_are_named_with_their_groups_where_they_differ() -> None:
    results = {"speed": Measured("one", (FAST,)), "start": Measured("another", (SLOW,))}
    assert "Machines:\n\n- `speed`: one.\n- `start`: another.\n" in page(results)


def test_results_of_groups_that_are_not_measured_stay(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    kept = {"engine": Measured("before", (FAST,)), "hostile": Measured("before", (SLOW,))}
    write_results(measured({"hostile": lambda: [FAST]}, "now", kept), file)
    assert read_results(file) == {"engine": kept["engine"], "hostile": Measured("now", (FAST,))}
    assert read_results(tmp_path / "none.json") == {}


def test_what_was_measured_before_a_group_fails_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> Iterator[Row]:
        yield SLOW
        raise RuntimeError("the collector ended")

    def measure(name: str) -> Callable[[], Iterator[Row]]:
        return (lambda: iter([FAST])) if name == "engine" else failing

    written: list[dict[str, Measured]] = []
    for name, replacement in {
        "measure_of": measure,
        "read_results": dict,
        "write_results": lambda results: written.append(dict(results)),
        "write_pages": lambda _results: None,
        "compile_code": lambda: None,
        "on_one_core": lambda: None,
    }.items():
        monkeypatch.setattr(command, name, replacement)
    with pytest.raises(RuntimeError, match="the collector ended"):
        main(["engine", "processes"])
    assert [list(results) for results in written] == [["engine"]]
    assert main(["engine"]) == 0


def test_unknown_group_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["engines"])
    assert "there is no group 'engines': there are engine, " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("'--enable-optimizations' '--with-lto'", "with profile-guided optimisation, with link-time optimisation"),
        ("'--prefix=/usr'", "without profile-guided optimisation, without link-time optimisation"),
        (None, "build options unknown"),
    ],
)
def test_build_of_python_is_named(options: str | None, named: str) -> None:
    assert python_build(options) == named
