"""Changes that are alike: counted, with masked samples, in bounded memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from destination.request import Request, redact_headers
from destination.runtime import Redactor
from destination.values import MISSING, write_json
from destination.workbench.diff.reading import KINDS, Kind, Reading, error_text

MAX_GROUPS: Final = 60
"""The maximum number of groups of a subscription; further changes are one group for each kind."""

_LONGEST_DETAIL: Final = 300
_LONGEST_VALUE: Final = 2_000
_URL: Final = "request/url"
_HEADER: Final = "request/header/"


@dataclass(frozen=True, slots=True)
class Sample:
    """One event of a group. Secrets are masked; of a value whose JSON is very long, the beginning is kept as text.

    Attributes:
        ordinal: The event's number among those compared, from 1.
        line: Where the event is in its input, such as `line 7`.
        message_id: Its `messageId`, if that is a string.
        at: The JSON pointer of what changed, list positions included; empty if the event changed as a whole.
        before: The old value, requests or error; `MISSING` if there was nothing.
        after: The new value, requests or error; `MISSING` if there is nothing.

    Example:
        >>> sample = Sample(1, "line 7", "m-1", "/name", "Home", "Page: Home")
        >>> sample.before, sample.after
        ('Home', 'Page: Home')
    """

    ordinal: int
    line: str
    message_id: str | None
    at: str
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON, without what is `MISSING`.

        Example:
            >>> Sample(7, "line 7", "m1", "/name", MISSING, "a").to_json()
            {'place': 'line 7', 'messageId': 'm1', 'at': '/name', 'after': 'a'}
        """
        record = {"place": self.line, "messageId": self.message_id, "at": self.at}
        values = (("before", self.before), ("after", self.after))
        return {**record, **{key: value for key, value in values if value is not MISSING}}


@dataclass(slots=True)
class Group:
    """Events of a subscription that changed in the same way.

    Attributes:
        kind: How their outcome changed.
        detail: The location that changed, or the error; else empty. None if this is the group of all changes beyond
            the bound.
        events: The number of events.
        not_allowed: The number of events whose change is not allowed.
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
    samples: list[Sample] = field(default_factory=list)

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
        """Whether the old version fails, and whether the new one does: then a sample has the error, else the requests.

        Example:
            >>> Group("newly-failing", "no units").fails, Group("newly-sent", "").fails
            ((False, True), (False, False))
        """
        both = self.kind == "failing-otherwise"
        return both or self.kind == "no-longer-failing", both or self.kind == "newly-failing"

    def to_json(self) -> dict[str, Any]:
        """Returns it as JSON, with the detail under `place` or `error`.

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
        samples: The maximum number of samples of a group.
        seed: Of the draw, so that a comparison can be repeated.
    """

    def __init__(self, samples: int = 5, seed: int = 0) -> None:
        self._limit = samples
        self._draw = Random(seed)  # noqa: S311  which samples are shown is no secret
        self._groups: dict[tuple[Kind, str | None], Group] = {}

    def add(self, kind: Kind, detail: str, *, allowed: bool, sample: Callable[[], Sample]) -> None:
        """Counts an event.

        Args:
            kind: How its outcome changed.
            detail: The location or the error, masked.
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
        group.not_allowed += not allowed
        # A reservoir: the n-th is kept with the chance limit in n.
        kept = group.samples
        index = len(kept) if len(kept) < self._limit else self._draw.randrange(group.events)
        if index < self._limit:
            kept[index : index + 1] = [sample()]

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

    def text(self, text: str) -> str:
        """Returns a text without secrets."""
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
