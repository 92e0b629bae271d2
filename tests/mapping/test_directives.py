"""The table of directives: what is said of one is said in its own file, and nowhere else."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from destination.definition import Subscription
from destination.mapping import api, compile_mapping, path, validate_mapping
from destination.mapping.changes import Change
from destination.mapping.directive import Directive
from destination.mapping.directives import DIRECTIVES
from destination.mapping.knowledge import changes_of, needs_of, parts_of, possible_results
from destination.mapping.needs import Wanted
from destination.values import MISSING
from destination.workbench.coverage import SubscriptionCoverage
from destination.workbench.mutate.mapping_changes import mapping_changes
from tests.conformance.generators import mapping as generated
from tests.docs.made_tables import DOCS, directives
from tests.mapping import strategies
from tests.robustness.test_depth import DIRECTIVES as DEEP

ROOT = Path(__file__).parents[2]
A, B = path("$.properties.a"), path("$.properties.b")

EXAMPLES: dict[str, Any] = {
    "@if": {"exists": A, "then": B, "else": "none"},
    "@case": {"operator": "upper", "value": A},
    "@replace": {"pattern": "a", "replacement": "b", "value": A},
    "@arrayPath": ["$.properties.a", {"id": path("$.id")}],
    "@path": "$.properties.a",
    "@template": "{{ properties.a }}!",
    "@literal": {"a": A},
    "@flatten": {"separator": ".", "value": A},
    "@json": {"mode": "encode", "value": A},
    "@merge": {"direction": "right", "objects": [A, {"b": B}]},
    "@transform": {"apply": {"x": A}, "mapping": path("$.x")},
    "@excludeWhenNull": A,
    "@liquid": "{{ properties.a }}",
    "@jsonpath": "$.properties.a",
    "@jinja": "{{ properties.a }}",
}
"""A value of each directive that reads `properties.a`. Events must reach each of its results, also `nothing`."""

VALUES: list[Any] = ["x", 5, True, None, "", [1, {"id": "i"}], {"b": None, "c": {"d": 1}}, MISSING]


each_directive = pytest.mark.parametrize("name", list(DIRECTIVES))


# --- one home ------------------------------------------------------------------------------------------------

WRITERS = {
    "destination/mapping/api.py": "writes directives for an author",
    "destination/definition/formats/python_code.py": "writes `path(…)` and `template(…)` into Python code",
    "destination/mapping/paths.py": "reads the plain `@path`, of which the compiler and `@if` know a shorter way",
    "destination/mapping/jsonpath_work.py": "the engine of one directive, in the text of its errors",
    "destination/mapping/liquid/": "the engine of one directive, in the text of its errors",
    "destination/mapping/directives/": "the directives themselves",
}
"""Where the name of a directive may stand in code, and why."""


def names_in(text: str) -> Iterator[tuple[int, str]]:
    """The names of directives that stand in code as values, each with its line."""
    tree = ast.parse(text)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in told and node.value in DIRECTIVES:
            yield node.lineno, node.value


def test_no_tool_names_a_directive() -> None:
    """Where this fails: make it a question that `Directive` answers, with a default for those that say nothing."""
    found = {
        f"{module}:{line}: {name}"
        for package in ("destination", "actions", "presets")
        for source in sorted((ROOT / package).rglob("*.py"))
        if not (module := source.relative_to(ROOT).as_posix()).startswith(tuple(WRITERS))
        for line, name in names_in(source.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_a_directive_s_file_names_no_other_directive_but_the_path() -> None:
    for name, directive in DIRECTIVES.items():
        named = {each for _, each in names_in(inspect.getsource(inspect.getmodule(directive.compile)))}  # type: ignore[arg-type]
        assert named - {name, "@path"} == set()


# --- every table has every directive -------------------------------------------------------------------------


def test_every_directive_has_an_example_here() -> None:
    assert EXAMPLES.keys() == DIRECTIVES.keys()


@each_directive
def test_every_directive_is_in_every_table(name: str) -> None:
    ((_, summary, page),) = (row for row in directives() if row[0] == f"`{name}`")
    assert summary
    assert "\n" not in summary
    assert (DOCS / page[page.index("(") + 1 : -1]).exists()
    assert name in {each for _, each in names_in(inspect.getsource(api))}
    assert name in {each for _, each in names_in(inspect.getsource(strategies))}
    if DIRECTIVES[name].portable:
        assert name in DEEP
        assert name in {each for _, each in names_in(inspect.getsource(generated))}


# --- what a directive says of itself is true -----------------------------------------------------------------


def mapping_of(name: str) -> dict[str, Any]:
    return {"v": {name: EXAMPLES[name]}}


def event_with(value: Any) -> dict[str, Any]:
    return {"properties": {} if value is MISSING else {"a": value, "b": "b"}}


@each_directive
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_its_results_are_among_those_that_it_says(name: str, value: Any) -> None:
    done = compile_mapping(mapping_of(name)).steps(event_with(value))
    if done.error is None:
        found = done.payload.get("v")
        results = possible_results({name: EXAMPLES[name]}, {})
        assert ("nothing" if found is None else "value") in results


@each_directive
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_it_makes_the_kind_of_value_that_it_says(name: str, value: Any) -> None:
    kinds = {"text": str, "object": dict, "list": list}
    done = compile_mapping(mapping_of(name)).steps(event_with(value))
    makes = DIRECTIVES[name].makes
    if makes is not None and done.error is None and (DIRECTIVES[name].always or isinstance(value, (dict, list))):
        assert isinstance(done.payload["v"], kinds[makes])


@each_directive
def test_every_part_that_it_resolves_is_one_that_it_says(name: str) -> None:
    directive = DIRECTIVES[name]
    parts = parts_of(directive, EXAMPLES[name])
    said = {("v", name, *part.keys) for part in parts}
    for value in VALUES:
        steps = compile_mapping(mapping_of(name)).steps(event_with(value)).steps
        (own,) = (step for step in steps if step.path == ("v",))
        assert {child.path for child in own.children} <= said | {("v", name, *keys) for keys in directive.passes}


@each_directive
def test_its_changes_are_valid_and_change_something(name: str) -> None:
    mapping = mapping_of(name)
    changes: list[Change] = list(mapping_changes(mapping))[1:]
    assert changes
    for change in changes:
        assert change.value != mapping
        assert validate_mapping(change.value) == []
        assert change.path[0] == "v"


@each_directive
def test_by_default_its_parts_are_changed(name: str) -> None:
    silent = Directive(name, DIRECTIVES[name].validate, DIRECTIVES[name].compile)
    literal = lambda part, at: iter([Change(at, "changed", "other")])  # noqa: E731
    changes = list(changes_of(silent, EXAMPLES[name], ("v",), literal))
    parts = parts_of(silent, EXAMPLES[name])
    assert [change.path for change in changes][: len(parts)] == [("v", name, *part.keys) for part in parts]
    assert all(change.value != EXAMPLES[name] for change in changes)
    assert changes


@each_directive
def test_it_says_what_an_event_needs(name: str) -> None:
    directive = DIRECTIVES[name]
    choices = directive.branches.choices(EXAMPLES[name]) if directive.branches is not None else {"": ""}
    for branch in choices:
        assert needs_of(directive, EXAMPLES[name], Wanted("x", name="v", branch=branch, own_text="-".join)) != []


@each_directive
def test_events_reach_each_of_its_points(name: str) -> None:
    """So no point is one that no event can reach."""
    subscription = Subscription(subscribe='type = "page"', partner_action="x", mapping=mapping_of(name))
    coverage = SubscriptionCoverage(subscription, "One")
    for value in VALUES:
        coverage.take({"type": "page", **event_with(value)})
    coverage.take({"type": "page", "properties": {"a": "x"}})
    assert [str(point) for point in coverage.missed if point.path[:2] == ("mapping", "v")] == []
