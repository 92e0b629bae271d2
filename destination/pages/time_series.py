"""Counts over time, and how long answers took: both have a size that does not grow with the number of events."""

from collections import Counter
from math import ceil, log

_SLOTS = 240
_FIRST_WIDTH_S = 0.05

_GROWTH = 1.05
_SHORTEST_S = 1e-5


class Timeline:
    """Counts settled events over time, in slots of one width; the width doubles when 240 slots are too few.

    Attributes:
        start: The moment at which the first slot begins, in seconds of a monotonic clock.
        width_s: The length of a slot in seconds.
        good: For each slot, the number of events of which nothing failed.
        bad: For each slot, the number of events of which something failed.

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
        """Counts an event that was settled at a moment of the clock, in seconds."""
        slot = self._slot(moment)
        (self.bad if failed else self.good)[slot] += 1

    def merge(self, other: "Timeline") -> None:
        """Adds the counts of another process, which has the same clock."""
        offset = min(self.start, other.start)
        if offset < self.start:
            self._begin_at(offset)
        for index, (good, bad) in enumerate(zip(other.good, other.bad, strict=True)):
            slot = self._slot(other.start + (index + 0.5) * other.width_s)
            self.good[slot] += good
            self.bad[slot] += bad

    def rates(self) -> list[tuple[float, float, float]]:
        """Returns for each slot: seconds since the start, good events a second, failed events a second."""
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
    """Counts how long answers took, in classes of 5 % each: some 300 classes reach from 10 µs to a minute.

    Attributes:
        count: The number of answers.
        longest_s: The longest time in seconds, exactly.

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
        """Counts an answer that took this many seconds."""
        self.count += 1
        self.longest_s = max(self.longest_s, seconds)
        self._classes[int(log(max(seconds, _SHORTEST_S) / _SHORTEST_S) * _PER_E)] += 1

    def merge(self, other: "Latencies") -> None:
        """Adds the counts of another process."""
        self.count += other.count
        self.longest_s = max(self.longest_s, other.longest_s)
        self._classes += other._classes  # noqa: SLF001  another of the same class

    def percentile(self, percent: float) -> float:
        """Returns the seconds within which that percentage of the answers came, at most 5 % too long; 0 without any."""
        needed = ceil(self.count * percent / 100)
        seen = 0
        for number in sorted(self._classes):
            seen += self._classes[number]
            if seen >= needed:
                return float(min(_SHORTEST_S * _GROWTH ** (number + 1), self.longest_s))
        return 0.0


_PER_E = 1 / log(_GROWTH)
