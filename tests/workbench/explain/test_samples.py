"""Samples of large values are found where the values themselves are."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from destination.request import Headers, Request
from destination.values import write_json
from destination.workbench.explain.locations import Location, locate
from destination.workbench.explain.samples import trace_samples
from destination.workbench.explain.traced_values import trace_values

LARGE = {"all": {f"k{index}": [index, "x" * 5, {"n": None}] for index in range(60)}, "name": "Home", "n": 5}


def requests(body: Any, **headers: str) -> tuple[Request, ...]:
    return (Request("POST", "https://h.test/in", headers=Headers(headers), body=write_json(body)),)


def both(run: Any, payload: Any = LARGE, positions: Any = (("all",), ("name",), ("n",))) -> tuple[Any, Any]:
    """What is found with samples, and without."""
    made = run(payload)
    return tuple(find(payload, made, positions, run) for find in (trace_samples, trace_values))  # type: ignore[return-value]


def states(found: Any) -> dict[Any, list[tuple[str, list[str]]]]:
    return {at: [(one.state, list(map(str, one.locations))) for one in values] for at, values in found.items()}


def test_a_large_object_is_found_by_a_sample() -> None:
    sizes: list[int] = []

    def run(payload: Any) -> tuple[Request, ...]:
        sizes.append(len(payload["all"]))
        return requests({"data": payload["all"], "title": payload["name"]})

    quick, exact = both(run)
    assert quick == exact
    assert states(quick)[("all",)] == [("found", ["body.data"])]
    assert max(sizes[1 : len(sizes) // 2]) <= 8


def test_a_large_object_that_is_taken_apart_is_traced_itself() -> None:
    def run(payload: Any) -> tuple[Request, ...]:
        return requests({"one": payload["all"].get("k40"), "name": payload["name"]})

    quick, exact = both(run)
    assert quick == exact
    assert ("found", ["body.one"]) in states(quick)[("all",)]


def test_a_value_that_only_the_whole_has_is_not_called_unused() -> None:
    def run(payload: Any) -> tuple[Request, ...]:
        return requests({"last": "k59" in payload["all"], "count": len(payload["all"])})

    quick, exact = both(run)
    assert quick == exact


def test_a_perform_that_refuses_the_sample_is_called_with_the_whole() -> None:
    def run(payload: Any) -> tuple[Request, ...] | None:
        return requests({"data": payload["all"]}) if len(payload["all"]) > 50 else None

    quick, exact = both(run)
    assert quick == exact


def test_the_number_of_requests_may_depend_on_the_size() -> None:
    payload = {"all": [{"id": index, "more": [1, 2, 3]} for index in range(30)], "name": "a", "n": 1}

    def run(payload: Any) -> tuple[Request, ...]:
        return tuple(requests({"id": item})[0] for item in payload["all"])

    quick, exact = both(run, payload)
    assert quick == exact


def test_small_values_are_never_sampled() -> None:
    payload = {"all": {"a": 1}, "name": "x", "n": 2}
    quick, exact = both(requests, payload)
    assert quick == exact


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 5) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.text("abcdefgh", max_size=2), inner, max_size=12),
    max_leaves=150,
)


@given(st.dictionaries(st.sampled_from(["all", "name", "n"]), _VALUES, min_size=1), st.booleans())
def test_samples_find_what_the_values_themselves_are_found_at(payload: dict[str, Any], is_wrapped: bool) -> None:
    def run(payload: Any) -> tuple[Request, ...]:
        return requests({"goals": [{"at": payload.get("all")}], **payload} if is_wrapped else payload)

    quick, exact = both(run, payload, [(key,) for key in payload])
    for at, values in quick.items():
        for one in values:
            if one.state == "found":
                assert set(map(str, one.locations)) <= {str(found) for other in exact[at] for found in other.locations}


def test_located_values_may_leave_some_out() -> None:
    made = requests({"a": {"b": [1]}, "c": 2}, **{"x-a": "1"})
    but = [Location(0, "body", ("a",)), Location(0, "header", ("x-a",))]
    assert [str(at) for at in locate(made, but)] == ["method", "host", "URL path", "body", "body.c"]
