"""Comparing requests finds exactly what comparing every value of them finds."""

import random
from typing import Any

import pytest

from destination.request import Headers, Request
from destination.values import deep_equals, write_json
from destination.workbench.explain.locations import LocatedRequests, Location, locate

SCALARS: tuple[Any, ...] = (None, True, False, 0, 1, 1.0, 2.5, "", "a", "1", "true")


def made(random_: random.Random, depth: int = 3) -> Any:
    kind = random_.randrange(4) if depth else 0
    if kind < 2:
        return random_.choice(SCALARS)
    items = [made(random_, depth - 1) for _ in range(random_.randrange(4))]
    return items if kind == 2 else {random_.choice("abc0"): item for item in items}


def mutated(random_: random.Random, value: Any) -> Any:
    """Changes about one value in five."""
    if not random_.randrange(5):
        return made(random_, 2)
    if isinstance(value, dict):
        return {key: mutated(random_, item) for key, item in value.items()}
    return [mutated(random_, item) for item in value] if isinstance(value, list) else value


def requests_of(random_: random.Random, body: Any) -> tuple[Request, ...]:
    """Makes one request or two, most of them with JSON, which differ in any part."""
    written = {0: None, 1: b"a=1&b=2&a=3", 2: b"no JSON"}.get(random_.randrange(8), write_json(body))
    kind = "application/x-www-form-urlencoded" if written == b"a=1&b=2&a=3" else "application/json"
    headers = Headers({"content-type": kind, random_.choice(["x-one", "x-two"]): random_.choice("ab")})
    url = f"https://{random_.choice(['a', 'b'])}.test/v1?k={random_.choice('ab')}&l=1"
    first = Request(random_.choice(["POST", "PUT"]), url, headers, written)
    return (first, first) if not random_.randrange(6) else (first,)


@pytest.mark.parametrize("seed", range(300))
def test_comparing_is_equal_to_comparing_every_value(seed: int) -> None:
    random_ = random.Random(seed)
    body = made(random_)
    one, other = requests_of(random_, body), requests_of(random_, mutated(random_, body))
    changes = LocatedRequests(one).changes(other)
    if len(one) != len(other):
        assert changes is None
        return
    old, new = locate(one), locate(other)
    assert changes is not None
    differing = {at for at, value in old.items() if at not in new or not deep_equals(value, new[at])}
    assert changes.values.keys() == differing
    assert all(
        changes.values[at] is new[at] or deep_equals(changes.values[at], new[at]) for at in differing & new.keys()
    )
    assert changes.has_more == (not new.keys() <= old.keys())
    assert changes.same_locations == (new.keys() == old.keys())


def test_true_is_not_one_and_an_absent_value_is_not_null() -> None:
    def request(body: Any) -> tuple[Request, ...]:
        return (Request("POST", "https://a.test/", body=write_json(body)),)

    changes = LocatedRequests(request({"a": True, "b": None, "c": 1})).changes(request({"a": 1, "c": 1.0}))
    assert changes is not None
    assert [at for at in changes.values if at.position] == [Location(0, "body", ("a",)), Location(0, "body", ("b",))]
