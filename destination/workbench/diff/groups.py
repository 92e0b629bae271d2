"""Changes that are alike, counted, with samples; in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from destination.values import MISSING, write_json
from destination.workbench.diff.reading import KINDS, Kind

MAX_GROUPS: Final = 60
"""So many groups of a subscription are told apart; all others are one for each kind."""

_LONGEST_DETAIL: Final = 300
_LONGEST_VALUE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One event of a group. Secrets are masked, and a value whose JSON is very long is its beginning, as text.

    Attributes:
        ordinal: The event's number among those compared, from 1.
        place: Where the event stands in its input, such as `line 7`.
        message_id: Its `messageId`, where that is text.
        at: The JSON pointer of what changed, list positions included; empty where the event changed as a whole.
        before: What was there: a value, the requests, or an error; `MISSING` where there was nothing.
        after: The same of the new version.
    """

    ordinal: int
    place: str
    message_id: str | None
    at: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        """It as JSON; what is `MISSING` is left out.

        Example:
            >>> Sample(7, "line 7", "m1", "/name", MISSING, "a").to_json()
            {'place': 'line 7', 'messageId': 'm1', 'at': '/name', 'after': 'a'}
        """
        record = {"place": self.place, "messageId": self.message_id, "at": self.at}
        values = (("before", self.before), ("after", self.after))
        return {**record, **{key: value for key, value in values if value is not MISSING}}


@dataclass(slots=True)
class Group:
    """Events of a subscription that changed in the same way.

    Attributes:
        kind: In which way.
        detail: The place, where they changed there; the error, where they fail or failed; else empty. None where this
            is what became of all events beyond the bound.
        events: How many there are.
        not_allowed: How many of them nobody said were meant.
        samples: Some of them, chosen so that each had the same chance, in the order of the input.
    """

    kind: Kind
    detail: str | None
    events: int = 0
    not_allowed: int = 0
    samples: list[Sample] = field(default_factory=list)

    @property
    def is_of_requests(self) -> bool:
        """Whether the place is one of requests.

        Example:
            >>> Group("changed", "/name").is_of_requests, Group("changed", "request/url").is_of_requests
            (False, True)
        """
        return self.kind == "changed" and self.detail is not None and self.detail.startswith("request")

    @property
    def fails(self) -> tuple[bool, bool]:
        """Whether the old version fails, and the new one: then a sample has the error there, else the requests.

        Example:
            >>> Group("newly-failing", "no units").fails, Group("newly-sent", "").fails
            ((False, True), (False, False))
        """
        both = self.kind == "failing-otherwise"
        return both or self.kind == "no-longer-failing", both or self.kind == "newly-failing"

    def to_json(self) -> dict[str, Any]:
        """It as JSON; the detail stands under `place` or `error`.

        Example:
            >>> Group("changed", "/name", 3, 3).to_json()
            {'kind': 'changed', 'place': '/name', 'events': 3, 'notAllowed': 3, 'samples': []}
        """
        record: dict[str, Any] = {"kind": self.kind}
        if self.detail is None:
            record["others"] = True
        elif self.detail:
            record["place" if self.kind == "changed" else "error"] = self.detail
        samples = [sample.to_json() for sample in self.samples]
        return {**record, "events": self.events, "notAllowed": self.not_allowed, "samples": samples}


class Groups:
    """The groups of one subscription.

    Args:
        samples: So many samples of each are kept.
        seed: Of the draw, so that a comparison can be repeated.
    """

    def __init__(self, samples: int = 5, seed: int = 0) -> None:
        self._limit = samples
        self._draw = Random(seed)  # noqa: S311  which samples are shown is no secret
        self._groups: dict[tuple[Kind, str | None], Group] = {}

    def add(self, kind: Kind, detail: str, *, allowed: bool, sample: Callable[[], Sample]) -> None:
        """Counts an event.

        Args:
            kind: What became of it.
            detail: The place or the error, masked.
            allowed: Whether that is meant.
            sample: Makes a sample of it; called only where it is kept.
        """
        key: tuple[Kind, str | None] = (kind, cut(detail, _LONGEST_DETAIL))
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                key = (kind, None)
            group = self._groups.setdefault(key, Group(kind, key[1]))
        group.events += 1
        group.not_allowed += not allowed
        # A reservoir: the n-th takes a place with the chance limit in n.
        kept = group.samples
        place = len(kept) if len(kept) < self._limit else self._draw.randrange(group.events)
        if place < self._limit:
            kept[place : place + 1] = [sample()]

    def sorted(self) -> list[Group]:
        """The groups: by kind, places of payloads before those of requests, the largest first, the remainder last."""
        for group in self._groups.values():
            group.samples.sort(key=lambda sample: sample.ordinal)
        return sorted(self._groups.values(), key=_order)


def _order(group: Group) -> tuple[Any, ...]:
    return (KINDS.index(group.kind), group.detail is None, group.is_of_requests, -group.events, group.detail or "")


def cut(text: str, longest: int) -> str:
    """A text, or its beginning.

    Example:
        >>> cut("abcdef", 3), cut("abc", 3)
        ('abc…', 'abc')
    """
    return text if len(text) <= longest else f"{text[:longest]}…"


def bounded(value: Any) -> Any:
    """A JSON value as it is, or where that is very long, the beginning of its JSON as text.

    Example:
        >>> bounded({"a": 1}), len(bounded(["x" * 5_000]))
        ({'a': 1}, 2001)
    """
    if value is MISSING:
        return value
    if isinstance(value, str):
        return cut(value, _LONGEST_VALUE)
    try:
        raw = write_json(value)
    except ValueError:
        return "(nested too deeply to be shown)"
    return value if len(raw) <= _LONGEST_VALUE else cut(raw.decode("utf-8", "replace"), _LONGEST_VALUE)
