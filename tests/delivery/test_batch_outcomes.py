from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from destination.errors import APIError
from destination.runtime import BatchOutcome

_NODES = st.none() | st.fixed_dictionaries(
    {"status": st.sampled_from([200, 201, 400, 503])}, optional={"errormessage": st.just("no")}
)


@given(nodes=st.lists(_NODES, max_size=6), data=st.data())
def test_an_event_of_which_nothing_is_told_is_a_plain_success(
    nodes: list[dict[str, Any] | None], data: st.DataObject
) -> None:
    some = st.sets(st.integers(0, max(len(nodes) - 1, 0)), max_size=len(nodes))
    outcome = BatchOutcome(
        "A",
        len(nodes),
        matched=sorted(data.draw(some | st.just(set(range(len(nodes)))))),
        nodes=nodes,
        error=data.draw(st.none() | st.just(APIError("down", 503))),
        causes=dict.fromkeys(data.draw(some), APIError("bad", 400)),
        remarks=dict.fromkeys(data.draw(some), ("late",)),
    )
    for index in set(range(len(nodes))) - outcome.notable_indexes():
        event = outcome.event(index)
        assert (event.matched, event.error, event.warnings) == (True, None, ())


def test_of_a_batch_that_was_taken_nothing_is_told() -> None:
    assert BatchOutcome("A", 2, matched=[0, 1], nodes=[{"status": 200}, {"status": 200}]).notable_indexes() == set()
