"""One comparison of a draft with the saved version over the whole corpus."""

from array import array
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import field
from typing import Any, Final

from destination.event import Event
from destination.records import dataclass
from destination.runtime import Instance
from destination.runtime.compiled import CompiledSubscription
from destination.studio.outcomes import NOT_TAKEN, OPTED_OUT, UNREADABLE, Column, Outcomes, state_of
from destination.studio.session import Draft
from destination.studio.turns import Turns
from destination.values import write_json
from destination.workbench.diff import Comparison, Kind, Pair, PairComparison, make_pair
from destination.workbench.diff.groups import Group

_BLOCK: Final = 256  # events that are counted together
CHANGE_WORDS: Final = {
    "changed": "changed",
    "no-longer-failing": "mended",
    "newly-sent": "new",
    "no-longer-sent": "lost",
    "newly-failing": "failing",
    "failing-otherwise": "failing",
}
"""The word of each kind of change; an event that changed in several ways shows the last of these."""
_RANKS: Final = {kind: rank for rank, kind in enumerate(CHANGE_WORDS, 1)}
_WORDS: Final = (None, *CHANGE_WORDS.values())


@dataclass(slots=True)
class Row:
    """A subscription of the draft, or one that the draft no longer has, with what the comparison finds.

    Attributes:
        key: Its key; a removed one has that of the saved version.
        name: Its name.
        edited: The parts that differ from the saved version.
        state: `same`, `changed`, `added` or `removed`. One that is disabled now was removed.
        before: The outcomes in the saved version; None if it is not there or disabled.
        after: The outcomes in the draft; None if it is not there or disabled.
        pair: Both versions; None if none is enabled.
        comparison: The comparison of them, or None.
        taken: The numbers of events that both versions take.
        members: The indexes of the events of each kind of change, and of each group.

    Example:
        >>> row = Row("s0", "Pages", [], "same", None, None, None)
        >>> row.ran, row.taken
        (False, [0, 0])
    """

    key: str
    name: str
    edited: list[str]
    state: str
    before: Column | None
    after: Column | None
    pair: Pair | None
    comparison: PairComparison | None = None
    taken: list[int] = field(default_factory=lambda: [0, 0])
    members: "dict[tuple[Kind, str | None, bool], array[int]]" = field(default_factory=dict)

    @property
    def ran(self) -> bool:
        """Whether events were run through both versions. They are not if no outcome can differ."""
        return self.comparison is not None and self.comparison.runs

    def events_of(self, kind: Kind, location: str | None = None) -> "array[int]":
        """Returns the indexes of the events that changed in a way.

        Args:
            kind: The kind of change.
            location: What changed, as its group is called; all events of this kind if None.
        """
        return self.members.get((kind, location, location is not None), array("L"))

    def note(self, index: int, kind: Kind, groups: Sequence[Group]) -> None:
        """Notes that an event changed.

        Args:
            index: Its index.
            kind: The kind of change.
            groups: The groups that count it.
        """
        self.members.setdefault((kind, None, False), array("L")).append(index)
        for group in groups:
            known = self.members.setdefault((kind, group.detail, True), array("L"))
            if not known or known[-1] != index:  # several locations may share the group of all others
                known.append(index)


class Run:
    """A comparison of a draft with the saved version. Nothing is sent.

    Args:
        identifier: Names the run.
        outcomes: The columns of the corpus.
        saved: The saved version.
        draft: The draft.
        old: The instance of the saved version.
        new: The instance of the draft.

    Attributes:
        identifier: Names the run.
        draft: The draft.
        old: The instance of the saved version.
        new: The instance of the draft.
        rows: The subscriptions in the order of the draft, then those that are gone.
        done: The number of events that were compared so far.
        complete: Whether all events were compared.
        comparison: The comparison by `destination diff`.
        before: How each event ends in the saved version, for all subscriptions together.
        after: How each event ends in the draft.
        changes: How each event changed: 0 if it did not, else a rank that grows with how bad it is.
        none: The numbers of events that no subscription of each version takes.
        kinds: The number of events of each kind of change.
        bucket: How many events a cell of the strip has.
        cells: The cells of the strip so far.
        in_cells: The number of events that they show.
    """

    def __init__(
        self,
        identifier: str,
        outcomes: Outcomes,
        saved: Draft,
        draft: Draft,
        old: Instance[Any],
        new: Instance[Any],
    ) -> None:
        self.identifier = identifier
        self.draft = draft
        self.old = old
        self.new = new
        self.done = 0
        self.complete = False
        self.before, self.after, self.changes = bytearray(), bytearray(), bytearray()
        self.none = [0, 0]
        self.kinds: Counter[Kind] = Counter()
        self.bucket = self.in_cells = 0
        self.cells: list[list[Any]] = []
        self._outcomes = outcomes
        self._is_stopped = False
        self.rows = _rows(outcomes, saved, draft, old, new)
        paired = [row for row in self.rows if row.pair is not None]
        self.comparison = Comparison(old, new, samples=0, pairs=[row.pair for row in paired if row.pair is not None])
        for row, comparison in zip(paired, self.comparison.pairs, strict=True):
            row.comparison = comparison
        self._running = [row for row in paired if row.ran]
        self._before = _distinct(row.before for row in self.rows)
        self._after = _distinct(row.after for row in self.rows)
        # The comparison finds the outcomes of the rows that it runs; those of all others are found here.
        self._filled = _distinct([*self._before, *(row.after for row in self.rows if not row.ran)])
        self._found = [column for column in self._after if column not in self._filled]

    @property
    def total(self) -> int:
        """The number of events that there are so far; those of a complete run do not grow any more."""
        return self.done if self.complete else len(self._outcomes.corpus)

    def stop(self) -> None:
        """Ends the run at its next turn; what it found so far stays."""
        self._is_stopped = True

    @property
    def is_stopped(self) -> bool:
        """Whether the run was stopped before its end."""
        return self._is_stopped and not self.complete

    def change_word(self, index: int) -> str | None:
        """Returns the word for how an event changed, or None."""
        return word_of_rank(self.changes[index])

    async def work(self) -> AsyncIterator[None]:
        """Compares all events, in short turns. Yields after each turn; ends early when it is stopped.

        It follows a corpus that is still being read.
        """
        corpus, turns = self._outcomes.corpus, Turns()
        while True:
            while self.done < len(corpus):
                start = self.done
                stop = self._end_of_block(start, min(len(corpus), start + _BLOCK))
                fill = [column for column in self._filled if len(column.states) == start]
                if self._running or fill or self._outcomes.known < stop:
                    for index in range(start, stop):
                        self._take(index, fill)
                        if turns.is_over():
                            stop = index + 1
                            break
                else:
                    self._pass_over(start, stop)
                self._count(start, stop)
                if turns.is_over():
                    await turns.give_way()
                    yield
                    if self.is_stopped:
                        return
            if corpus.complete:
                self.complete = True
                yield
                return
            await corpus.grown()
            yield
            if self.is_stopped:
                return

    def _end_of_block(self, start: int, stop: int) -> int:
        """Returns an end before which each column is either known or not."""
        lengths = [len(column.states) for column in self._filled]
        return min([stop, *(length for length in (*lengths, self._outcomes.known) if length > start)])

    def _take(self, index: int, fill: list[Column]) -> None:
        """Runs one event through all that is not known of it."""
        event = self._outcomes.parse(index)
        if event is None or self._outcomes.is_opted_out(index):
            if event is None:
                self.comparison.add_unreadable()
            else:
                self.comparison.add(event, "")
            for column in (*fill, *self._found):
                if len(column.states) == index:
                    column.states.append(0)
            self.changes.append(0)
            return
        for column in fill:
            column.add(event)
        self._compare(index, event)

    def _compare(self, index: int, event: Event) -> None:
        self.comparison.add(event, "")
        rank, kinds = 0, set()
        for row in self._running:
            pair, after = row.comparison, row.after
            assert pair is not None  # noqa: S101  the row runs
            if after is not None and len(after.states) == index:
                if pair.readings is not None:
                    state = state_of(pair.readings.after)
                else:  # both versions take it, or both do not
                    state = row.before.states[index] if row.before is not None else 0
                after.states.append(state)
            if (change := pair.change) is not None:
                rank = max(rank, _RANKS[change.kind])
                kinds.add(change.kind)
                row.note(index, change.kind, change.groups)
        self.changes.append(rank)
        self.kinds.update(kinds)

    def _pass_over(self, start: int, stop: int) -> None:
        """Counts events that need not be run: all subscriptions are as saved, and their outcomes are known."""
        states = self._outcomes.joined([], start, stop)
        opted_out, unreadable = states.count(OPTED_OUT), states.count(UNREADABLE)
        self.comparison.count(stop - start - opted_out - unreadable, opted_out=opted_out, unreadable=unreadable)
        self.changes += bytes(stop - start)

    def _count(self, start: int, stop: int) -> None:
        """Counts a block whose outcomes are known."""
        self.before += self._outcomes.joined(self._before, start, stop)
        self.after += self._outcomes.joined(self._after, start, stop)
        for row in self.rows:
            for version, column in enumerate((row.before, row.after)):
                if column is not None:
                    row.taken[version] += stop - start - column.states.count(0, start, stop)
        self.none[0] += self.before.count(NOT_TAKEN, start, stop)
        self.none[1] += self.after.count(NOT_TAKEN, start, stop)
        self.done = stop


def word_of_rank(rank: int) -> str | None:
    """Returns the word of the kind of change that has a rank; None for 0.

    Example:
        >>> word_of_rank(0), word_of_rank(1), word_of_rank(4)
        (None, 'changed', 'lost')
    """
    return _WORDS[rank]


def _distinct(columns: Any) -> list[Column]:
    return list({id(column): column for column in columns if column is not None}.values())


def _rows(outcomes: Outcomes, saved: Draft, draft: Draft, old: Instance[Any], new: Instance[Any]) -> list[Row]:
    """Pairs each subscription of the draft with the saved one that it descends from."""
    before, after = _compiled(old), _compiled(new)
    rows, used = [], set()
    for index, member in enumerate(draft):
        origin = member.get("saved")
        if not isinstance(origin, int) or isinstance(origin, bool) or not 0 <= origin < len(saved) or origin in used:
            origin = None
        else:
            used.add(origin)
        edited = [] if origin is None else _edited(old, origin, new, index)
        key = str(member.get("key"))
        rows.append(_row(outcomes, key, None if origin is None else before[origin], after[index], edited))
        if rows[-1].pair is None:
            rows[-1].name = new.given[index].name or f"Subscription {index + 1}"
    for index, member in enumerate(saved):
        if index not in used and (gone := before[index]) is not None:
            rows.append(_row(outcomes, str(member.get("key")), gone, None, []))
    return rows


def _compiled(instance: Instance[Any]) -> list[CompiledSubscription | None]:
    """Returns the subscriptions as they were given, with None for those that are disabled."""
    enabled = iter(instance.subscriptions)
    return [next(enabled) if item.enabled else None for item in instance.given]


def _row(
    outcomes: Outcomes,
    key: str,
    before: CompiledSubscription | None,
    after: CompiledSubscription | None,
    edited: list[str],
) -> Row:
    if before is None and after is None:
        return Row(key, "", edited, "same", None, None, None)
    pair = Pair(before, after) if before is None or after is None else make_pair(before, after)
    columns = [None if item is None else outcomes.column_of(item) for item in (before, after)]
    return Row(key, pair.name, edited, pair.state, columns[0], columns[1], pair)


def _edited(old: Instance[Any], origin: int, new: Instance[Any], index: int) -> list[str]:
    """Returns the parts of a subscription that differ from the saved version, whether it is enabled or not."""
    before, after = old.given[origin], new.given[index]
    if before.to_json() == after.to_json() and write_json(before.mapping) == write_json(after.mapping):
        return []
    parts: list[str] = list(make_pair(old.compile(before, origin), new.compile(after, index)).differs)
    return parts if before.enabled == after.enabled else ["enabled", *parts]
