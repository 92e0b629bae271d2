"""Counts over time and how long things took; both of a size that does not grow."""

from collections import Counter
from math import ceil, log

_SLOTS = 240
_FIRST_WIDTH_S = 0.05

_GROWTH = 1.05
_SHORTEST_S = 1e-5


class Timeline:
    """How many events were settled when: slots of one width, which doubles when they no longer reach.

    Attributes:
        start: The moment of the first slot, in seconds of a monotonic clock.
        width_s: How long a slot is.
        good: The events of each slot of which nothing failed.
        bad: The others.

    Example:
        >>> timeline = Timeline(start=100.0)
        >>> for moment in (100.0, 100.01, 130.0):
        ...     timeline.add(moment, failed=moment > 120)
        >>> timeline.width_s, sum(timeline.good), sum(timeline.bad)
        (0.2, 2, 1)
    """

    def __init__(self, start: float) -> None:
        self.start = start
        self.width_s = _FIRST_WIDTH_S
        self.good = [0]
        self.bad = [0]

    def add(self, moment: float, *, failed: bool) -> None:
        """Counts one event."""
        slot = self._slot(moment)
        (self.bad if failed else self.good)[slot] += 1

    def merge(self, other: "Timeline") -> None:
        """Adds what another process counted; its clock must be the same."""
        offset = min(self.start, other.start)
        if offset < self.start:
            self._begin_at(offset)
        for index, (good, bad) in enumerate(zip(other.good, other.bad, strict=True)):
            slot = self._slot(other.start + (index + 0.5) * other.width_s)
            self.good[slot] += good
            self.bad[slot] += bad

    def rates(self) -> list[tuple[float, float, float]]:
        """For each slot: seconds from the start, good events a second, failed ones a second."""
        return [
            (index * self.width_s, good / self.width_s, bad / self.width_s)
            for index, (good, bad) in enumerate(zip(self.good, self.bad, strict=True))
        ]

    def _slot(self, moment: float) -> int:
        slot = max(0, int((moment - self.start) / self.width_s))
        while slot >= _SLOTS:
            self.width_s *= 2
            self.good, self.bad = _pairs(self.good), _pairs(self.bad)
            slot = int((moment - self.start) / self.width_s)
        missing = slot + 1 - len(self.good)
        if missing > 0:
            self.good += [0] * missing
            self.bad += [0] * missing
        return slot

    def _begin_at(self, start: float) -> None:
        earlier, self.start = self.start, start
        good, bad = self.good, self.bad
        self.good, self.bad = [0], [0]
        width = self.width_s
        for index in range(len(good)):
            slot = self._slot(earlier + (index + 0.5) * width)
            self.good[slot] += good[index]
            self.bad[slot] += bad[index]


def _pairs(counts: list[int]) -> list[int]:
    return [sum(counts[index : index + 2]) for index in range(0, len(counts), 2)]


class Latencies:
    """How long answers took, in classes of 5 % each; some three hundred of them reach from 10 µs to a minute.

    Attributes:
        count: How many there were.
        longest_s: The longest, in seconds; exact.

    Example:
        >>> latencies = Latencies()
        >>> for milliseconds in range(1, 101):
        ...     latencies.add(milliseconds / 1000)
        >>> 0.048 < latencies.percentile(50) < 0.053, latencies.longest_s
        (True, 0.1)
    """

    def __init__(self) -> None:
        self.count = 0
        self.longest_s = 0.0
        self._classes: Counter[int] = Counter()

    def add(self, seconds: float) -> None:
        """Counts one."""
        self.count += 1
        self.longest_s = max(self.longest_s, seconds)
        self._classes[int(log(max(seconds, _SHORTEST_S) / _SHORTEST_S) * _PER_E)] += 1

    def merge(self, other: "Latencies") -> None:
        """Adds what another process counted."""
        self.count += other.count
        self.longest_s = max(self.longest_s, other.longest_s)
        self._classes += other._classes  # noqa: SLF001  another of the same class

    def percentile(self, percent: float) -> float:
        """The seconds within which so many per cent of the answers came, 5 % too long at most; 0 without any."""
        needed = ceil(self.count * percent / 100)
        seen = 0
        for number in sorted(self._classes):
            seen += self._classes[number]
            if seen >= needed:
                return float(min(_SHORTEST_S * _GROWTH ** (number + 1), self.longest_s))
        return 0.0


_PER_E = 1 / log(_GROWTH)
