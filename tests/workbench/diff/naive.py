"""What a comparison must come to, written as plainly as can be: two plans of each event, and their outcomes."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from destination.request import Request
from destination.runtime import Instance, Outcome
from destination.values import MISSING, write_json
from destination.workbench.diff import pair_subscriptions

Counts = Counter[tuple[int, str, str]]


def naive_counts(old: Instance[Any], new: Instance[Any], events: Iterable[dict[str, Any]]) -> Counts:
    """Events by pair, kind, and place (of what is changed)."""
    counts: Counts = Counter()
    pairs = pair_subscriptions(old.subscriptions, new.subscriptions)
    for event in events:
        before = dict(zip(old.subscriptions, old.plan(event).outcomes, strict=True))
        after = dict(zip(new.subscriptions, new.plan(event).outcomes, strict=True))
        for index, pair in enumerate(pairs):
            one = before[pair.old] if pair.old else None
            other = after[pair.new] if pair.new else None
            for kind, place in _changes(one, other):
                counts[index, kind, place] += 1
    return counts


def _state(outcome: Outcome | None) -> str:
    if outcome is None:
        return "no"
    return "fails" if outcome.error is not None else "sent" if outcome.matched else "no"


def _changes(one: Outcome | None, other: Outcome | None) -> set[tuple[str, str]]:
    states = _state(one), _state(other)
    if states == ("fails", "fails"):
        assert one is not None
        assert other is not None
        return {("failing-otherwise", "")} if str(one.error) != str(other.error) else set()
    if states[1] == "fails":
        return {("newly-failing", "")}
    if states[0] == "fails":
        return {("no-longer-failing", "")}
    if states == ("no", "sent"):
        return {("newly-sent", "")}
    if states == ("sent", "no"):
        return {("no-longer-sent", "")}
    if states == ("no", "no"):
        return set()
    assert one is not None
    assert other is not None
    places = _places(_plain(one.payload), _plain(other.payload), "")
    for old, new in zip(one.requests, other.requests, strict=True):
        assert (old.method, old.url) == (new.method, new.url)
        places |= _places(dict(old.headers), dict(new.headers), "request/header")
        places |= _places(_body(old), _body(new), "request/body")
    return {("changed", place) for place in places}


def _body(request: Request) -> Any:
    return MISSING if request.body is None else json.loads(request.body)


def _plain(value: Any) -> Any:
    return MISSING if value is MISSING else json.loads(write_json(value))


def _places(one: Any, other: Any, place: str) -> set[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        keys = [*one, *(key for key in other if key not in one)]
        steps = {key: key.replace("~", "~0").replace("/", "~1") for key in keys}
        parts = [_places(one.get(key, MISSING), other.get(key, MISSING), f"{place}/{steps[key]}") for key in keys]
        return set().union(*parts)
    if isinstance(one, list) and isinstance(other, list):
        longest = max(len(one), len(other))
        pads = [items + [MISSING] * (longest - len(items)) for items in (one, other)]
        return set().union(*(_places(old, new, f"{place}/*") for old, new in zip(*pads, strict=True)))
    same = one is other or (one is not MISSING and other is not MISSING and json.dumps(one) == json.dumps(other))
    return set() if same else {place}
