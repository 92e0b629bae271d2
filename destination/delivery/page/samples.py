"""Ten events of each error, chosen so that each had the same chance; of bounded size."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from destination.delivery.dead_letters import Failure
from destination.delivery.record import Record
from destination.delivery.report import short_reason
from destination.errors import HTTPError
from destination.values import MISSING, write_json

SAMPLES = 10
"""So many events of an error are kept."""

_ERRORS = 50
_LONGEST = 4_000

Key = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """One event that failed.

    Attributes:
        place: Where it stands in its input.
        event: It as JSON, or the text that was no event; without secrets, and not longer than some thousand
            characters.
        response: What the partner answered, or `""`.
    """

    place: str
    event: str
    response: str


class ErrorSamples:
    """Samples by subscription and reason; of at most 50 different ones.

    Args:
        mask: Takes the secrets out of a JSON value.
        seed: Of the draw, so that a run can be repeated.

    Attributes:
        counts: How often each was met.
        kept: The samples of each.
    """

    def __init__(self, mask: Callable[[Any], Any] | None = None, seed: int = 0) -> None:
        self.counts: dict[Key, int] = {}
        self.kept: dict[Key, list[Sample]] = {}
        self._mask = mask
        self._draw = Random(seed)  # noqa: S311  which samples are shown is no secret

    def add(self, record: Record, failure: Failure) -> None:
        """Counts a failure, and perhaps keeps the event."""
        # As `Report` counts it.
        key = (failure.subscription, short_reason(failure.error, self._mask, unreadable=record.event is None))
        count = self.counts.get(key, 0) + 1
        if count == 1 and len(self.counts) >= _ERRORS:
            return
        self.counts[key] = count
        kept = self.kept.setdefault(key, [])
        # A reservoir: the n-th takes a place with the chance 10 in n.
        place = len(kept) if len(kept) < SAMPLES else self._draw.randrange(count)
        if place < SAMPLES:
            kept[place : place + 1] = [self._sample(record, failure.error)]

    def merge(self, other: "ErrorSamples") -> None:
        """Adds what another process met."""
        for key, count in other.counts.items():
            if key not in self.counts and len(self.counts) >= _ERRORS:
                continue
            mine = self.counts.get(key, 0)
            pool = [(self._draw.random() ** (1 / max(mine, 1)), sample) for sample in self.kept.get(key, [])]
            pool += [(self._draw.random() ** (1 / count), sample) for sample in other.kept[key]]
            pool.sort(key=lambda pair: -pair[0])
            self.kept[key] = [sample for _, sample in pool[:SAMPLES]]
            self.counts[key] = mine + count

    def _sample(self, record: Record, error: Exception) -> Sample:
        event = record.raw.decode("utf-8", "replace") if record.event is None else record.event
        response = ""
        if isinstance(error, HTTPError):
            data = error.answer
            response = f"{error.response.status} {self._text('(not JSON)' if data is MISSING else data)}"
        return Sample(record.label, self._text(event), response)

    def _text(self, value: Any) -> str:
        # Masked before it is cut: half a secret would not be found.
        if self._mask is not None:
            value = self._mask(value)
        if isinstance(value, str):
            text = value
        else:
            try:
                text = write_json(value).decode("utf-8")
            except ValueError:
                text = "(nested too deeply to be shown)"
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
