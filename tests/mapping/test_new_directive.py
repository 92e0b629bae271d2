"""A new directive is one file and one line of registration: every tool knows it, and says what is true of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from destination import Action, Destination, Subscription
from destination.definition.formats.public_api import to_public_api
from destination.errors import NotPortableError
from destination.event import Event
from destination.mapping import compile_mapping, extensions_used, path, transform, validate_mapping
from destination.mapping.directive import Branches
from destination.mapping.directives import DIRECTIVES
from destination.mapping.needs import AtPath, FromPart, Need, Nothing, Wanted
from destination.testing.suite import run_case, suite_cases
from destination.workbench.coverage import SubscriptionCoverage
from destination.workbench.explain import explain_event
from destination.workbench.lint import lint
from destination.workbench.mutate import Corpus, find_mutants
from tests.docs import made_tables
from tests.kit import TEXT
from tests.mapping.coalesce import DIRECTIVE

MAPPING = {"name": {"@coalesce": [path("$.properties.nick"), path("$.traits.name"), "nobody"]}}
ONE = Subscription(name="One", subscribe='type = "identify"', partner_action="greet", mapping=MAPPING)
ADA: Event = {"type": "identify", "properties": {}, "traits": {"name": "Ada"}}


def _greet(request: Any, data: Any) -> Any:
    return request("https://greet.test/", "post", json=dict(data.payload))


FIELDS = {"name": {**TEXT, "required": True}, "extra": {**TEXT, "type": "object"}}
GREETER: Destination[Any] = Destination(
    name="Greeter",
    slug="greeter",
    actions={"greet": Action(title="Greet", description="", fields=FIELDS, perform=_greet)},
)


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DIRECTIVES, DIRECTIVE.name, DIRECTIVE)


def texts(subscription: Subscription) -> list[str]:
    """What coverage counts of a mapping."""
    coverage = SubscriptionCoverage(subscription, "One")
    return [str(point) for point in coverage.points if point.path[0] == "mapping"]


def test_it_is_unknown_until_it_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(DIRECTIVES, "@coalesce")
    (problem,) = validate_mapping(MAPPING)
    assert problem.message == "/name has an invalid directive: @coalesce."


def test_it_is_validated_and_resolved() -> None:
    assert validate_mapping(MAPPING) == []
    assert [one.path for one in validate_mapping({"a": {"@coalesce": [{"@path": 5}]}})] == [
        ("a", "@coalesce", "0", "@path")
    ]
    assert transform(MAPPING, ADA) == {"name": "Ada"}
    assert transform(MAPPING, {}) == {"name": "nobody"}


def test_trace_says_what_it_read() -> None:
    _, (name,) = compile_mapping(MAPPING).trace(ADA)
    assert (name.directive, name.value) == ("@coalesce", "Ada")
    assert [read.path for read in name.reads] == ["$.properties.nick", "$.traits.name"]


def test_explain_says_that_it_made_the_value() -> None:
    explanation = explain_event(GREETER.instance({}, [ONE]), ADA)
    (field,) = explanation.subscriptions[0].fields
    assert (field.directive, field.value, field.verdict) == ("@coalesce", "Ada", "given")
    assert field.note == "nothing at $.properties.nick"


def test_coverage_counts_it_and_what_stands_in_it() -> None:
    coverage = SubscriptionCoverage(ONE, "One")
    coverage.take(ADA)
    reached = {str(point): coverage.count(point) for point in coverage.points if point.path[0] == "mapping"}
    assert reached == {
        "mapping/name @coalesce: value": 1,
        "mapping/name @coalesce: nothing": 0,
        "mapping/name/@coalesce/0 @path: value": 0,
        "mapping/name/@coalesce/0 @path: nothing": 1,
        "mapping/name/@coalesce/1 @path: value": 1,
        "mapping/name/@coalesce/1 @path: nothing": 0,
    }


def test_lint_says_that_segment_does_not_know_it_and_what_is_wrong_in_it() -> None:
    (finding,) = (one for one in lint(GREETER, [ONE]).findings if one.code == "P001")
    assert finding.message.startswith("@coalesce is an extension of this framework")
    wrong = replace(ONE, mapping={"name": {"@coalesce": "$.event"}})
    (finding,) = (one for one in lint(GREETER, [wrong]).findings if one.code == "M001")
    assert finding.message == "/name/@coalesce should be an array but it is a string."


def test_an_export_refuses_it() -> None:
    assert extensions_used(MAPPING) == [("/name", "@coalesce")]
    with pytest.raises(NotPortableError, match="@coalesce"):
        to_public_api(ONE)


def test_the_generated_suite_has_events_that_it_resolves() -> None:
    instance = GREETER.instance({}, [ONE])
    (case,) = (case for case in suite_cases(instance) if case.name == "One / all fields")
    nick = case.event["properties"]["nick"]
    assert nick != case.event["traits"]["name"]
    assert case.notes == (
        "name: made by @coalesce: each path that it reads has a value of its own",
        "extra: not in the mapping",
    )
    assert run_case(case, instance)["payload"] == {"name": nick}
    absent = [case for case in suite_cases(instance) if case.name == "One / name absent"]
    assert [run_case(case, instance)["payload"] for case in absent] == [{"name": "nobody"}]


def test_mutate_changes_what_stands_in_it_and_events_notice() -> None:
    instance = GREETER.instance({}, [ONE])
    mutants = [one for one in find_mutants([ONE], GREETER.actions).tried if one.part == "mapping"]
    assert [f"{'/'.join(one.path)}: {one.change}" for one in mutants] == [
        'mapping/name: the key "name" is left out',
        "mapping/name/@coalesce/0: $.properties.nick becomes $.properties.nick_",
        "mapping/name/@coalesce/0: $.properties.nick becomes $.properties",
        "mapping/name/@coalesce/1: $.traits.name becomes $.traits.name_",
        "mapping/name/@coalesce/1: $.traits.name becomes $.traits",
        'mapping/name/@coalesce/2: "nobody" becomes "nobody_"',
    ]
    corpus = Corpus(instance, mutants, [0])
    corpus.take(ADA)
    assert [one.change for one in mutants if one not in corpus.noticed] == [
        "$.properties.nick becomes $.properties.nick_",
        '"nobody" becomes "nobody_"',
    ]
    corpus.take({**ADA, "traits": {}})
    corpus.take({**ADA, "properties": {"nick": "A."}})
    assert sorted(map(str, corpus.noticed)) == sorted(map(str, mutants))


def test_the_table_of_the_docs_has_it() -> None:
    assert "| `@coalesce` | the first of several parts that is there (not portable) |  |\n" in made_tables.made(
        "directives"
    )


# --- a directive that says more of itself ---------------------------------------------------------------------


def test_what_it_says_of_itself_is_what_tools_say(monkeypatch: pytest.MonkeyPatch) -> None:
    always = replace(DIRECTIVE, makes="text", always=True, has_placeholders=False)
    monkeypatch.setitem(DIRECTIVES, "@coalesce", always)
    assert "mapping/name @coalesce: nothing" not in texts(ONE)
    misused = replace(ONE, mapping={**MAPPING, "extra": MAPPING["name"]})
    assert [one.message for one in lint(GREETER, [misused]).findings if one.code == "F002"] == [
        "@coalesce makes text, but 'extra' is an object: every event that matches fails"
    ]


def test_a_directive_that_passes_its_parts_on_has_their_results_and_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    passing = replace(DIRECTIVE, passes=(("0",), ("1",), ("2",)))
    monkeypatch.setitem(DIRECTIVES, "@coalesce", passing)
    only_texts = replace(ONE, mapping={"name": {"@coalesce": ["a", "b"]}})
    assert texts(only_texts) == ["mapping/name @coalesce: value"]
    (field,) = explain_event(GREETER.instance({}, [ONE]), {"type": "identify"}).subscriptions[0].fields
    assert field.verdict == "default"


def test_a_directive_with_an_inverse_gets_the_wanted_value(monkeypatch: pytest.MonkeyPatch) -> None:
    known = replace(DIRECTIVE, inverse=lambda _options, wanted: [AtPath(("traits", "name"), wanted.value)])
    monkeypatch.setitem(DIRECTIVES, "@coalesce", known)
    instance = GREETER.instance({}, [ONE])
    (case,) = (case for case in suite_cases(instance) if case.name == "One / all fields")
    assert case.notes == ("extra: not in the mapping",)
    assert run_case(case, instance)["payload"] == {"name": case.event["traits"]["name"]}


def test_a_directive_with_branches_is_covered_and_tested_by_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    branches = Branches(
        names=("0", "1"),
        taken=lambda resolved: "1" if "1" in resolved else "0",
        choices=lambda _options: {"0": "finds something", "1": "finds nothing"},
    )

    def inverse(options: Any, wanted: Wanted) -> Iterator[Need]:
        if wanted.branch == "1":
            yield Nothing(options[0], is_blank=False)
        yield FromPart((wanted.branch,), options[int(wanted.branch)], wanted.value)

    two = {"@coalesce": [path("$.properties.nick"), path("$.traits.name")]}
    monkeypatch.setitem(DIRECTIVES, "@coalesce", replace(DIRECTIVE, branches=branches, inverse=inverse))
    subscription = replace(ONE, mapping={"name": two})
    assert texts(subscription)[:2] == ["mapping/name @coalesce: 0", "mapping/name @coalesce: 1"]
    coverage = SubscriptionCoverage(subscription, "One")
    coverage.take(ADA)
    counts = {point.result: coverage.count(point) for point in coverage.points if point.kind == "branch"}
    assert counts == {"0": 0, "1": 1}
    instance = GREETER.instance({}, [subscription])
    (case,) = (case for case in suite_cases(instance) if case.name == "One / name @coalesce 1")
    assert case.why == "The condition of the @coalesce at name finds nothing."
    assert "properties" not in case.event
    assert run_case(case, instance)["payload"] == {"name": case.event["traits"]["name"]}
