"""The locations of values in requests are right, or unknown."""

import hashlib
import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destination.request import Request
from destination.values import MISSING, write_json
from destination.workbench.explain.locations import Position
from destination.workbench.explain.traced_values import Run, Validate, trace_values
from tests.thorough import examples


def body(make: Callable[[Any], Any]) -> Run:
    """Makes one request whose body is what `make` gives for a payload; fails where it gives nothing."""

    def run(payload: Any) -> tuple[Request, ...] | None:
        made = make(payload)
        return None if made is None else (Request("POST", "https://h.test/", body=write_json(made)),)

    return run


def found(
    run: Run, payload: dict[str, Any], *position: str | int, validate: Validate | None = None
) -> list[tuple[Any, ...]]:
    requests = run(payload)
    assert requests is not None
    traced = trace_values(payload, requests, [position], run, validate)[position]
    return [(value.state, *map(str, value.locations)) for value in traced]


def test_of_two_equal_values_each_has_its_own_location() -> None:
    run = body(lambda payload: {"x": payload["b"], "y": {"z": payload["a"]}, "w": "same"})
    payload = {"a": "same", "b": "same", "c": "same"}
    assert found(run, payload, "a") == [("found", "body.y.z")]
    assert found(run, payload, "b") == [("found", "body.x")]
    assert found(run, payload, "c") == [("unused",)]


def test_a_value_may_have_several_locations() -> None:
    run = body(lambda payload: [payload["a"], {"unit price": payload["a"]}])
    assert found(run, {"a": 5}, "a") == [("found", "body[0]", "body[1]['unit price']")]


def test_a_value_written_into_texts_is_found() -> None:
    def run(payload: Any) -> tuple[Request, ...]:
        name = payload["name"]
        return (
            Request(
                "PUT",
                f"https://h.test/users/{name.lower()}?q={name}",
                headers={"x-name": f"<{name.strip()}>"},  # type: ignore[arg-type]
                body=write_json({"text": f"Hello {name}, {name}", "inner": '{"n": "Ann"}'.replace("Ann", name)}),
            ),
        )

    locations = ["URL path", "query q", "header x-name", "body.text", "body.inner"]
    assert found(run, {"name": "Ann"}, "name") == [("found", *locations)]


def test_forms_and_plain_bodies_have_locations() -> None:
    def form(payload: Any) -> tuple[Request, ...]:
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return (Request("POST", "https://h.test/", headers=kind, body=f"k=1&n={payload['a']}".encode()),)  # type: ignore[arg-type]

    def plain(payload: Any) -> tuple[Request, ...]:
        return (Request("POST", "https://h.test/", body=f"a;{payload['a']}".encode()),)

    assert found(form, {"a": "x"}, "a") == [("found", "form n")]
    assert found(plain, {"a": "x"}, "a") == [("found", "body")]


def test_the_second_request_is_named() -> None:
    def run(payload: Any) -> tuple[Request, ...]:
        return (Request("GET", "https://h.test/"), Request("PUT", "https://h.test/", body=write_json(payload)))

    assert found(run, {"a": None}, "a") == [("found", "request 2: body.a")]


def test_what_is_made_of_a_value_is_said_to_change_with_it() -> None:
    run = body(lambda payload: {"id": hashlib.sha256(payload["a"].encode()).hexdigest(), "n": 1})
    assert found(run, {"a": "x"}, "a") == [("computed", "body.id")]


def test_a_container_that_is_taken_apart_is_told_by_its_parts() -> None:
    run = body(lambda payload: {**payload["p"], "total": payload["p"]["total"] * 2, "k": "v"})
    assert found(run, {"p": {"total": 5, "name": "n", "list": [1]}}, "p") == [
        ("computed", "body.total"),
        ("found", "body.name"),
        ("found", "body.list"),
    ]


def test_a_container_that_stays_whole_is_told_as_one() -> None:
    assert found(body(lambda payload: {"p": payload["p"]}), {"p": {"a": [1, {}], "b": []}}, "p") == [
        ("found", "body.p")
    ]


@pytest.mark.parametrize(("value", "expected"), [(True, "found"), (False, "found"), ({}, "found"), ([], "found")])
def test_flags_and_empty_containers_are_found(value: Any, expected: str) -> None:
    run = body(lambda payload: {"a": payload["a"], "b": value})
    assert found(run, {"a": value}, "a") == [(expected, "body.a")]


def test_sorted_values_are_not_guessed() -> None:
    run = body(lambda payload: sorted(payload["tags"]))
    assert found(run, {"tags": ["b", "b"]}, "tags", 0) == [("computed", "body[0]", "body[1]")]
    assert found(run, {"tags": ["b", "b"]}, "tags", 1) == [("computed", "body[0]", "body[1]")]


def test_a_value_for_which_perform_takes_no_other_is_unknown() -> None:
    run = body(lambda payload: {"kind": payload["kind"]} if payload["kind"] in ("a", "b") else None)
    assert found(run, {"kind": "a"}, "kind") == [("unknown",)]


def test_a_value_for_which_the_fields_take_no_other_is_unknown() -> None:
    def validate(payload: Any) -> Any:
        """Refuses other kinds, and lets no other list through to perform."""
        return MISSING if payload["kind"] != "a" else {**payload, "tags": []}

    run = body(lambda payload: payload)
    payload = {"kind": "a", "tags": [], "b": "b"}
    assert found(run, payload, "kind", validate=validate) == [("unknown",)]
    assert found(run, payload, "tags", validate=validate) == [("unknown",)]
    assert found(run, payload, "b", validate=validate) == [("found", "body.b")]


def test_a_value_is_traced_as_the_fields_change_it() -> None:
    def validate(payload: Any) -> Any:
        closed = {key: value for key, value in payload["p"].items() if key in ("n", "empty")}
        return {"p": {**closed, "n": str(closed["n"]), "empty": {}}}

    run = body(lambda payload: {"whole": payload["p"], "apart": [payload["p"]["n"], payload["p"]["empty"]]})
    payload = {"p": {"n": "5", "empty": {}}}
    assert found(run, payload, "p", validate=validate) == [("found", "body.whole")]
    assert found(run, payload, "p", "n", validate=validate) == [("found", "body.whole.n", "body.apart[0]")]
    assert found(run, payload, "p", "empty", validate=validate) == [("unknown",)]


def test_dates_are_traced_through_a_perform_that_takes_only_dates() -> None:
    run = body(lambda payload: {"at": payload["at"]} if payload["at"].endswith("Z") else None)
    assert found(run, {"at": "2026-01-01T00:00:00.000Z"}, "at") == [("found", "body.at")]


def test_a_perform_that_never_does_the_same_twice_is_unknown() -> None:
    counter = itertools.count()
    run = body(lambda payload: {"a": payload["a"], f"k{next(counter)}": 1})
    assert found(run, {"a": "x"}, "a") == [("unknown",)]


def test_what_only_time_changes_is_no_location() -> None:
    clock = itertools.count()
    run = body(lambda payload: {"a": payload["a"], "at": next(clock) // 5})
    assert found(run, {"a": "x", "b": "y"}, "b") == [("unknown",)]
    assert found(run, {"a": "x", "b": "y"}, "a") == [("found", "body.a")]


def test_a_perform_that_changes_its_payload_meets_copies() -> None:
    run = body(lambda payload: {"list": [payload.pop("a"), payload.pop("b")]})
    payload = {"a": 1, "b": 1}
    requests = run(dict(payload))
    assert requests is not None
    (value,) = trace_values(payload, requests, [("b",)], run)[("b",)]
    assert [str(location) for location in value.locations] == ["body.list[1]"]


REF = "$ref"
values = st.sampled_from(["a", "b", "", "5", 5, 7926, True, False, None, {}, {"k": "a"}, ["a", "b"], [{"k": 5}]])
payloads = st.fixed_dictionaries({"one": values, "two": values, "three": values})
templates: st.SearchStrategy[Any] = st.recursive(
    values | st.sampled_from(["one", "two", "three"]).map(lambda key: {REF: key}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "z"]), inner, max_size=3),
    max_leaves=8,
)


def fill(template: Any, payload: dict[str, Any]) -> Any:
    if isinstance(template, dict):
        if REF in template:
            return payload[template[REF]]
        return {key: fill(item, payload) for key, item in template.items()}
    return [fill(item, payload) for item in template] if isinstance(template, list) else template


def references(template: Any, key: str, position: Position = ()) -> list[Position]:
    if isinstance(template, dict):
        if REF in template:
            return [position] if template[REF] == key else []
        return [found for name, item in template.items() for found in references(item, key, (*position, name))]
    if isinstance(template, list):
        return [found for index, item in enumerate(template) for found in references(item, key, (*position, index))]
    return []


@settings(max_examples=examples(150), deadline=None)
@given(payloads, templates)
def test_values_are_found_exactly_where_they_were_put(payload: dict[str, Any], template: Any) -> None:
    run = body(lambda given: {"all": fill(template, given)})
    requests = run(payload)
    assert requests is not None
    for (key,), traced in trace_values(payload, requests, [("one",), ("two",), ("three",)], run).items():
        expected = references({"all": template}, str(key))
        (value,) = traced
        assert value.state == ("found" if expected else "unused")
        assert sorted(map(str, (one.position for one in value.locations))) == sorted(map(str, expected))


@settings(max_examples=examples(150), deadline=None)
@given(payloads, templates)
def test_parts_of_a_container_are_found_exactly_where_they_were_put(payload: dict[str, Any], template: Any) -> None:
    run = body(lambda given: {"all": fill(template, given)})
    requests = run(payload)
    assert requests is not None
    for value in trace_values(payload, requests, [()], run)[()]:
        if not value.position:
            assert value.state == "unused"
            assert not any(references(template, key) for key in payload)
            continue
        key, *inside = value.position
        expected = [(*position, *inside) for position in references({"all": template}, str(key))]
        assert value.state == ("found" if expected else "unused")
        assert sorted(map(str, (one.position for one in value.locations))) == sorted(map(str, expected))


@pytest.mark.parametrize("sort", [sorted, lambda tags: sorted(tags, reverse=True)])
def test_parts_of_a_list_that_is_sorted_are_not_guessed(sort: Any) -> None:
    run = body(lambda payload: {"tags": sort(payload["tags"])})
    for state, *locations in found(run, {"tags": ["c", "b", "b"]}, "tags"):
        assert state in ("computed", "found")
        assert state == "computed" or locations == ["body.tags[0]" if sort is not sorted else "body.tags[2]"]


def test_a_large_payload_is_traced_with_few_runs() -> None:
    runs: list[Any] = []

    def make(payload: Any) -> Any:
        runs.append(1)
        return {**payload["p"], "items": [{"n": item["n"], "k": 1} for item in payload["p"]["items"]]}

    payload = {"p": {**{f"k{index}": f"v{index}" for index in range(300)}, "items": [{"n": n} for n in range(100)]}}
    traced = found(body(make), payload, "p")
    assert {state for state, *_ in traced} == {"found"}
    assert ("found", "body.items[7].n") in traced
    assert len(runs) < 300


def test_what_the_bound_leaves_open_is_unknown() -> None:
    run = body(lambda payload: {key: value[::-1] for key, value in payload["p"].items()})
    traced = found(run, {"p": {f"k{index}": f"v{index}" for index in range(400)}}, "p")
    assert len(traced) == 400
    assert {state for state, *_ in traced} == {"computed", "unknown"}
