"""How the events of the corpus end for each subscription: one byte for each event."""

from collections import OrderedDict
from typing import Final

from destination.event import Event, opted_out_by
from destination.runtime.compiled import CompiledSubscription
from destination.studio.corpus import Corpus
from destination.values import write_json
from destination.workbench.diff import Reading, read

NOT_TAKEN: Final = 0
SENT: Final = 1
FAILING: Final = 2
UNREADABLE: Final = 3
OPTED_OUT: Final = 4

_MAX_COLUMNS: Final = 200  # 20 MB for 100,000 events
_NOT_CONTENT: Final = frozenset({"name", "enabled"})  # no outcome depends on them

# Flags, so that the bytes of many columns are put together by one `or`.
_OPTED_OUT_FLAG: Final = 4
_UNREADABLE_FLAG: Final = 8
_STATES: Final = bytes(
    UNREADABLE
    if flags & _UNREADABLE_FLAG
    else OPTED_OUT
    if flags & _OPTED_OUT_FLAG
    else FAILING
    if flags & FAILING
    else flags & SENT
    for flags in range(256)
)


class Column:
    """How the first events of the corpus end for one subscription.

    Args:
        item: The subscription.

    Attributes:
        item: The subscription.
        states: `NOT_TAKEN`, `SENT` or `FAILING` of each event so far.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> item = absmartly.instance(placeholders(absmartly)).subscriptions[0]
        >>> column = Column(item)
        >>> column.add({"type": "no such type"})
        >>> list(column.states)
        [0]
    """

    __slots__ = ("item", "states")

    def __init__(self, item: CompiledSubscription) -> None:
        self.item = item
        self.states = bytearray()

    def add(self, event: Event) -> None:
        """Adds how the next event ends."""
        self.states.append(state_of(read(self.item, event)))


class Outcomes:
    """The columns of a corpus: those of the saved version, and of the latest drafts.

    Args:
        corpus: The events.
        destination: The destination's name, which an event's `integrations` may exclude.

    Example:
        >>> outcomes = Outcomes(Corpus(), "Demo")
        >>> outcomes.known, outcomes.joined([], 0, 0)
        (0, b'')
    """

    def __init__(self, corpus: Corpus, destination: str) -> None:
        self.corpus = corpus
        self._destination = destination
        self._flags = bytearray()
        self._columns: OrderedDict[bytes, Column] = OrderedDict()

    @property
    def known(self) -> int:
        """The number of events of which it is known whether they are opted out."""
        return len(self._flags)

    def column_of(self, item: CompiledSubscription) -> Column:
        """Returns the column of a subscription; subscriptions of equal content share one."""
        members = item.subscription.to_json()
        content = write_json({key: value for key, value in members.items() if key not in _NOT_CONTENT})
        column = self._columns.get(content)
        if column is None:
            column = self._columns[content] = Column(item)
            if len(self._columns) > _MAX_COLUMNS:
                self._columns.popitem(last=False)
        self._columns.move_to_end(content)
        return column

    def parse(self, index: int) -> Event | None:
        """Returns an event; None if a line holds none. Notes whether it is opted out."""
        event = self.corpus.parse(index)
        if index == len(self._flags):
            self._flags.append(_UNREADABLE_FLAG if event is None else _OPTED_OUT_FLAG * self._is_opted_out(event))
        return event

    def _is_opted_out(self, event: Event) -> bool:
        return "integrations" in event and opted_out_by(event, self._destination) is not None

    def is_opted_out(self, index: int) -> bool:
        """Whether the `integrations` of an event exclude the destination; it must be known."""
        return self._flags[index] == _OPTED_OUT_FLAG

    def joined(self, columns: list[Column], start: int, stop: int) -> bytes:
        """Returns how events end for all columns together.

        An event fails if it fails for one subscription, and is sent if it fails for none and one sends it.

        Args:
            columns: The columns of a version.
            start: The index of the first event.
            stop: The index after the last event; all of them must be known.
        """
        flags = int.from_bytes(self._flags[start:stop], "little")
        for column in columns:
            flags |= int.from_bytes(column.states[start:stop], "little")
        return flags.to_bytes(stop - start, "little").translate(_STATES)


def state_of(reading: Reading | None) -> int:
    """Returns the state of an event by its reading.

    Example:
        >>> state_of(None), state_of(Reading({}, (), None)), state_of(Reading({}, (), ValueError("no")))
        (0, 1, 2)
    """
    if reading is None:
        return NOT_TAKEN
    return SENT if reading.error is None else FAILING


def word_of(state: int) -> str:
    """Returns the verdict of a state in words.

    Example:
        >>> [word_of(state) for state in (NOT_TAKEN, SENT, FAILING, UNREADABLE, OPTED_OUT)]
        ['not taken', 'sent', 'failing', 'unreadable', 'opted out']
    """
    return _WORDS[state]


_WORDS: Final = ("not taken", "sent", "failing", "unreadable", "opted out")
