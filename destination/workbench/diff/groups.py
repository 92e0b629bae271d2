"""Groups of changes that are alike: counts, event names and masked samples, in bounded memory."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import field, replace
from functools import lru_cache
from random import Random
from typing import Any, Final, NamedTuple

from destination.records import dataclass
from destination.request import Request, redact_headers
from destination.runtime import Redactor
from destination.values import MISSING, write_json
from destination.workbench.diff.reading import KINDS, Kind, Reading, error_text

MAX_GROUPS: Final = 60
"""The maximum number of groups of a subscription; further changes are one group for each kind."""

MAX_NAMES: Final = 40
"""The maximum number of event names that a group counts; events of further names are counted under None."""

_LONGEST_DETAIL: Final = 300
_LONGEST_NAME: Final = 100
_LONGEST_SIDE: Final = 160
_LONGEST_VALUE: Final = 2_000
_URL: Final = "request/url"
_HEADER: Final = "request/header/"


@dataclass(frozen=True, slots=True)
class Sample:
    """One event of a group, with its outcome in both versions.

    Secrets are masked. A value whose JSON is longer than 2,000 characters is cut, and is then text.

    Attributes:
        ordinal: The event's number among those compared, from 1.
        event_name: The name of a track event; the type of any other event.
        line: The event's line in its input, such as `line 7`.
        message_id: Its `messageId`, if that is a string.
        at: The JSON pointer of what changed, list positions included; empty if the event changed as a whole.
        before: The old value, requests or error; `MISSING` if there was nothing.
        after: The new value, requests or error; `MISSING` if there is nothing.

    Example:
        >>> sample = Sample(1, "page", "line 7", "m-1", "/name", "Home", "Page: Home")
        >>> sample.before, sample.after
        ('Home', 'Page: Home')
    """

    ordinal: int
    event_name: str
    line: str
    message_id: str | None
    at: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON, without what is `MISSING`.

        Example:
            >>> Sample(7, "Login", "line 7", "m1", "/name", MISSING, "a").to_json()
            {'event': 'Login', 'place': 'line 7', 'messageId': 'm1', 'at': '/name', 'after': 'a'}
        """
        record = {"event": self.event_name, "place": self.line, "messageId": self.message_id, "at": self.at}
        values = (("before", self.before), ("after", self.after))
        return {**record, **{key: value for key, value in values if value is not MISSING}}

    def heading(self, detail: str | None) -> str:
        """Returns one line that names the event and what changed.

        Args:
            detail: The detail of its group, which is not repeated.

        Example:
            >>> Sample(7, "Login", "line 7", "m1", "/list/0", 1, 2).heading("/list/*")
            'Login, line 7, m1, /list/0'
        """
        at = self.at if self.at != detail else ""
        return ", ".join(filter(None, (self.event_name, self.line, self.message_id, at)))


@dataclass(slots=True)
class Group:
    """Events of a subscription that changed in the same way.

    Attributes:
        kind: How their outcome changed.
        detail: The location that changed, or the error; else empty. None if this is the group of all changes beyond
            the bound.
        events: The number of events.
        not_allowed: The number of events whose change is not allowed.
        by_name: The number of events of each event name; None counts those of further names.
        samples: Some of the events, chosen so that each had the same chance, in the order of the input.

    Example:
        >>> group = Group("changed", "/name", events=3, not_allowed=1)
        >>> group.kind, group.detail, group.is_of_requests
        ('changed', '/name', False)
    """

    kind: Kind
    detail: str | None
    events: int = 0
    not_allowed: int = 0
    by_name: Counter[str | None] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    @property
    def names(self) -> list[tuple[str | None, int]]:
        """The event names with their numbers of events, the most frequent first and None last.

        Example:
            >>> Group("changed", "/name", by_name=Counter({None: 9, "Login": 2, "Order": 5})).names
            [('Order', 5), ('Login', 2), (None, 9)]
        """
        return sorted(self.by_name.items(), key=lambda item: (item[0] is None, -item[1], item[0] or ""))

    @property
    def is_of_requests(self) -> bool:
        """Whether the location is one of requests.

        Example:
            >>> Group("changed", "/name").is_of_requests, Group("changed", "request/url").is_of_requests
            (False, True)
        """
        return self.kind == "changed" and self.detail is not None and self.detail.startswith("request")

    @property
    def fails(self) -> tuple[bool, bool]:
        """Whether the old version fails, and whether the new one does; a version that fails has an error in samples.

        Example:
            >>> Group("newly-failing", "no units").fails, Group("newly-sent", "").fails
            ((False, True), (False, False))
        """
        both = self.kind == "failing-otherwise"
        return both or self.kind == "no-longer-failing", both or self.kind == "newly-failing"

    def sides(self, sample: Sample) -> tuple[str, str]:
        """Writes the two outcomes of a sample, each as one line of at most 160 characters.

        Example:
            >>> Group("changed", "/name").sides(Sample(7, "Login", "line 7", None, "/name", MISSING, "a"))
            ('(absent)', '"a"')
            >>> Group("newly-failing", "no units").sides(Sample(7, "Login", "line 7", None, "", [], "no units"))
            ('(no request)', 'fails: no units')
        """
        before, after = (
            cut(f"fails: {value}" if fails else _side(value, whole=not sample.at), _LONGEST_SIDE)
            for value, fails in zip((sample.before, sample.after), self.fails, strict=True)
        )
        return before, after

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON, with the detail under `place` or `error`.

        Example:
            >>> Group("changed", "/name", 3, 3, Counter(Login=3)).to_json()
            {'kind': 'changed', 'place': '/name', 'events': 3, 'notAllowed': 3, 'byEvent': {'Login': 3}, 'samples': []}
        """
        record: dict[str, Any] = {"kind": self.kind}
        if self.detail is None:
            record["others"] = True
        elif self.detail:
            record["place" if self.kind == "changed" else "error"] = self.detail
        samples = [sample.to_json() for sample in self.samples]
        record |= {"events": self.events, "notAllowed": self.not_allowed}
        record["byEvent"] = {name: count for name, count in self.names if name is not None}
        if None in self.by_name:
            record["otherEvents"] = self.by_name[None]
        return {**record, "samples": samples}


class Change(NamedTuple):
    """How an event ends differently.

    Attributes:
        kind: The kind of change.
        allowed: Whether all of it is allowed.
        groups: The groups that count the event.

    Example:
        >>> Change("newly-sent", False, ()).kind
        'newly-sent'
    """

    kind: Kind
    allowed: bool
    groups: tuple[Group, ...]


def _side(value: Any, *, whole: bool) -> str:
    if value is MISSING:
        return "(not sent)" if whole else "(absent)"
    if whole and isinstance(value, str):  # the requests, of which the beginning was kept
        return value
    if whole and isinstance(value, list):
        requests = (f"{each['method']} {each['url']} {_json(each['body'])}" for each in value)
        return "; ".join(requests) or "(no request)"
    return _json(value)


def _json(value: Any) -> str:
    return write_json(value).decode("utf-8", "replace")


def event_name(event: Any) -> str:
    """Returns the name of a track event; the type of any other event.

    Example:
        >>> event_name({"type": "track", "event": "Login"}), event_name({"type": "page", "name": "Home"}), event_name(5)
        ('Login', 'page', '(no type)')
    """
    kind = event.get("type") if isinstance(event, dict) else None
    name = event.get("event") if kind == "track" else None
    for found in (name, kind):
        if isinstance(found, str) and found:
            return cut(found, _LONGEST_NAME)
    return "(no type)"


class Groups:
    """The groups of one subscription.

    Args:
        samples: The maximum number of samples of a group.
        seed: Of the draw, so that a comparison can be repeated.
    """

    def __init__(self, samples: int = 5, seed: int = 0) -> None:
        self._limit = samples
        self._draw = Random(seed)  # noqa: S311  which samples are shown is no secret
        self._groups: dict[tuple[Kind, str | None], Group] = {}

    def add(self, kind: Kind, detail: str, name: str, *, allowed: bool, sample: Callable[[], Sample]) -> Group:
        """Counts an event, and returns the group that it belongs to.

        Args:
            kind: How its outcome changed.
            detail: The location or the error, masked.
            name: The event's name, masked.
            allowed: Whether the change is allowed.
            sample: Makes a sample of it; called only if the sample is kept.
        """
        key: tuple[Kind, str | None] = (kind, cut(detail, _LONGEST_DETAIL))
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                key = (kind, None)
            group = self._groups.setdefault(key, Group(kind, key[1]))
        group.events += 1
        group.by_name[name if name in group.by_name or len(group.by_name) < MAX_NAMES else None] += 1
        group.not_allowed += not allowed
        # A reservoir: the n-th is kept with the chance limit in n.
        kept = group.samples
        index = len(kept) if len(kept) < self._limit else self._draw.randrange(group.events)
        if index < self._limit:
            kept[index : index + 1] = [sample()]
        return group

    def sorted(self) -> list[Group]:
        """Returns the groups: by kind, payloads before requests, the largest first, those beyond the bound last."""
        for group in self._groups.values():
            group.samples.sort(key=lambda sample: sample.ordinal)
        return sorted(self._groups.values(), key=_order)


def _order(group: Group) -> tuple[Any, ...]:
    return (KINDS.index(group.kind), group.detail is None, group.is_of_requests, -group.events, group.detail or "")


def cut(text: str, longest: int) -> str:
    """Returns a text, or its beginning if it is longer.

    Example:
        >>> cut("abcdef", 3), cut("abc", 3)
        ('abc…', 'abc')
    """
    return text if len(text) <= longest else f"{text[:longest]}…"


def bounded(value: Any) -> Any:
    """Returns a JSON value, or the beginning of its JSON as text if that is very long.

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


class Masking:
    """Takes the secrets of the instances out of samples, and bounds their size.

    Args:
        redactors: The redactors of the instances.
    """

    def __init__(self, redactors: Sequence[Redactor]) -> None:
        self._redactors = redactors
        self._short_text = lru_cache(4096)(self._masked)

    def text(self, text: str) -> str:
        """Returns a text without secrets."""
        return self._short_text(text) if len(text) <= _LONGEST_DETAIL else self._masked(text)

    def _masked(self, text: str) -> str:
        for redactor in self._redactors:
            text = redactor.text(text)
        return text

    def difference(self, location: str, value: Any) -> Any:
        """Returns one side of a difference: a header is masked by its name, and a URL loses its credentials."""
        if value is MISSING:
            return value
        if location == _URL:
            value = self._redactors[0].request(Request("GET", value))["url"]
        elif location.startswith(_HEADER):
            name = location.removeprefix(_HEADER)
            value = redact_headers({name: value})[name]
        return bounded(self._value(value))

    def reading(self, reading: Reading | None) -> Any:
        """Returns the requests of a reading, or its error as text; `MISSING` if the event was not matched."""
        if reading is None:
            return MISSING
        if reading.error is not None:
            return bounded(self.text(error_text(reading)))
        return bounded([self._request(request) for request in reading.requests])

    def _value(self, value: Any) -> Any:
        for redactor in self._redactors:
            value = redactor(value)
        return value

    def _request(self, request: Request) -> Any:
        redact = self._redactors[0].request
        try:
            shown = redact(request)
        except ValueError:  # the body is not JSON
            shown = {**redact(replace(request, body=None)), "body": (request.body or b"").decode("utf-8", "replace")}
        return self._value(shown)
