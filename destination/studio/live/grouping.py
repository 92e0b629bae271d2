"""Groups failed events by their reason, and finds what the events of a group have in common."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from destination.mapping.paths import join_path
from destination.values import real_type_of, stringify

_VARIABLE: Final = re.compile(
    r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|\b(?=[0-9a-fA-F]*[0-9])(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b"
    r"|\b\d{4,}(?:\.\d+)?\b"
)
"""What is another text in each message of one kind: identifiers and long numbers."""
_MAX_FACTS: Final = 5
_MAX_PATHS: Final = 1_000
_LONGEST_VALUE: Final = 100
_KINDS: Final = ("missing", "there", "type", "value")
_OWN_VALUES: Final = frozenset({"messageId", "timestamp", "originalTimestamp", "sentAt", "receivedAt"})
"""Members that every event has with another value; that two have the same one says nothing."""

Path = tuple[str, ...]


class Settled(NamedTuple):
    """What became of an event in a subscription.

    Attributes:
        message_id: The event's messageId.
        destination: The name of the destination.
        subscription: The name of the subscription; None if the whole event failed.
        outcome: `delivered` or `dead`.
        at: When, as ISO 8601 text.
        reason: Why it failed.
        event: The event, or None if it is not kept.
    """

    message_id: str | None
    destination: str
    subscription: str | None
    outcome: str
    at: str
    reason: str | None = None
    event: Any = None


def group_failures(settled: Iterable[Settled]) -> list[dict[str, Any]]:
    """Groups events that failed for good by destination, subscription and reason; the largest group is first.

    Two messages that differ only in identifiers or long numbers are one reason, in which `…` replaces those.

    Args:
        settled: What became of each event, the oldest first. Only the last of an event in a subscription counts.

    Returns:
        For each group `reason`, `destination`, `subscription`, `count`, `first` and `last` (when), `messageIds`, and
        `common`: what is so in all of its events and in none that the subscription delivered. Each of these has
        `path`, `kind` (`missing`, `there`, `type`, `value`), the `value` or type, and a `sentence`. It is empty if
        nothing is certain: with one event, without a delivered one, or if an event is not kept.

    Example:
        >>> pages = [Settled(f"m{n}", "shop", "Pages", "delivered", "t", None, {"name": "Home"}) for n in range(3)]
        >>> dead = [Settled(f"d{n}", "shop", "Pages", "dead", f"t{n}", "no name", {"type": "page"}) for n in range(2)]
        >>> (group,) = group_failures([*pages, *dead])
        >>> group["count"], group["first"], group["last"], group["common"][0]["sentence"]
        (2, 't0', 't1', '$.name is missing in all 2, and in none of the 3 delivered')
    """
    latest: dict[tuple[Any, ...], Settled] = {}
    for number, one in enumerate(settled):
        key = (one.message_id if one.message_id is not None else number, one.destination, one.subscription)
        latest.pop(key, None)
        latest[key] = one
    groups: dict[tuple[str, str | None, str], list[Settled]] = {}
    delivered: dict[tuple[str, str | None], list[Settled]] = {}
    for one in latest.values():
        if one.outcome == "delivered":
            delivered.setdefault((one.destination, one.subscription), []).append(one)
        elif one.outcome == "dead":
            groups.setdefault((one.destination, one.subscription, _VARIABLE.sub("…", one.reason or "")), []).append(one)
    found = [
        _group(reason, members, delivered.get((destination, subscription), []))
        for (destination, subscription, reason), members in groups.items()
    ]
    return sorted(found, key=lambda group: (-group["count"], group["first"], group["reason"]))


def _group(reason: str, members: Sequence[Settled], delivered: Sequence[Settled]) -> dict[str, Any]:
    texts = {one.reason for one in members}
    times = [one.at for one in members]
    return {
        "reason": (members[0].reason or "") if len(texts) == 1 else reason,
        "destination": members[0].destination,
        "subscription": members[0].subscription,
        "count": len(members),
        "first": min(times),
        "last": max(times),
        "messageIds": [one.message_id for one in members if one.message_id is not None],
        "common": common_facts([one.event for one in members], [one.event for one in delivered]),
    }


# --- what they have in common ----------------------------------------------------------------------------


class _Fact(NamedTuple):
    kind: str
    path: Path
    value: Any = None


def common_facts(failed: Sequence[Any], delivered: Sequence[Any]) -> list[dict[str, Any]]:
    """Finds what holds in all failed events and in no delivered one; at most five facts, the most telling first.

    Args:
        failed: The failed events; None for one that is not kept.
        delivered: The delivered events; those that are not kept do not count.

    Example:
        >>> [fact["sentence"] for fact in common_facts([{"total": "9"}, {"total": "7"}], [{"total": 5}])]
        ['$.total is a string in all 2, and in none of the 1 delivered']
    """
    kept = [one for one in delivered if isinstance(one, dict)]
    if len(failed) < 2 or not kept or not all(isinstance(one, dict) for one in failed):
        return []
    ours, theirs = [dict(_paths(one)) for one in failed], [dict(_paths(one)) for one in kept]
    if any(len(paths) >= _MAX_PATHS for paths in (*ours, *theirs)):
        return []  # not all of it was looked at, so that nothing is certain
    facts = sorted(_distinguishing(ours, theirs), key=lambda one: (_KINDS.index(one.kind), len(one.path), one.path))
    return [_shown(fact, len(failed), len(kept)) for fact in _without_inner(facts)[:_MAX_FACTS]]


def _paths(value: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yields each path of an event with its value, a limited number; items of lists are not looked at."""
    todo: list[tuple[Path, Any]] = [(path, value)]
    count = 0
    while todo and count < _MAX_PATHS:
        path, found = todo.pop()
        if path:
            yield path, found
            count += 1
        if isinstance(found, dict):
            todo += [((*path, key), inner) for key, inner in found.items()]


def _distinguishing(ours: Sequence[Mapping[Path, Any]], theirs: Sequence[Mapping[Path, Any]]) -> Iterator[_Fact]:
    some_of_ours = {path for one in ours for path in one}
    some_of_theirs = {path for one in theirs for path in one}
    for path in set.intersection(*map(set, theirs)) - some_of_ours:
        yield _Fact("missing", path)
    for path in set.intersection(*map(set, ours)):
        if path not in some_of_theirs:
            yield _Fact("there", path)
            continue
        values = [one[path] for one in ours]
        others = [one[path] for one in theirs if path in one]
        types, other_types = {real_type_of(one) for one in values}, {real_type_of(one) for one in others}
        if len(types) == 1 and not types & other_types:
            yield _Fact("type", path, *types)
        elif path[-1] not in _OWN_VALUES and not any(isinstance(one, (dict, list)) for one in values):
            texts, other_texts = {stringify(one) for one in values}, {stringify(one) for one in others}
            if len(texts) == 1 and not texts & other_texts:
                yield _Fact("value", path, values[0])


def _without_inner(facts: Sequence[_Fact]) -> list[_Fact]:
    """Leaves out what follows from another fact: if an object is missing, so are its members."""
    whole = {(fact.kind, fact.path) for fact in facts}
    return [
        fact for fact in facts if not any((fact.kind, fact.path[:depth]) in whole for depth in range(1, len(fact.path)))
    ]


def _shown(fact: _Fact, failed: int, delivered: int) -> dict[str, Any]:
    path = join_path(fact.path)
    text = stringify(fact.value)
    what = {
        "missing": "is missing",
        "there": "is there",
        "type": f"is {_with_article(str(fact.value))}",
        "value": f"is {text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + '…'}",
    }[fact.kind]
    shown = {
        "path": path,
        "kind": fact.kind,
        "sentence": f"{path} {what} in all {failed}, and in none of the {delivered} delivered",
    }
    return shown if fact.kind in ("missing", "there") else {**shown, "value": fact.value}


def _with_article(name: str) -> str:
    return name if name == "null" else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
