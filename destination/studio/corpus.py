"""The events that the studio shows: read in the background, kept as bytes, each with what lists and searches need."""

import asyncio
from array import array
from collections.abc import Iterable
from sys import intern
from typing import Any, Final

from destination.delivery import ByteInput, EventSource, InputError, Record
from destination.delivery.source import Intake
from destination.event import Event
from destination.usage_problem import UsageProblem
from destination.values import read_json, write_json
from destination.values.printable import indent_json

_NAMED: Final = frozenset({"page", "screen"})
_LONGEST_NAME: Final = 200
_ENOUGH_NAMES: Final = 100_000  # names that are shared; behind them each event keeps its own
_SEPARATOR: Final = "\n"  # between the texts that words are searched in, so that no word matches across two


class Corpus:
    r"""The events of an input, in its order. Lines that hold no event are kept too, each with its reason.

    An event is kept as the bytes of its JSON. What lists and searches need is read once.

    Args:
        data: The input; None for a corpus without events. `load` closes it.

    Attributes:
        name: How the input is called; None if there is none.
        unreadable: Why a line holds no event, by its index.
        complete: Whether the input was read to its end, or broke off.
        error: Why the input broke off, or None.
        types: The `type` of each event; empty if it is not a text.
        names: The name of a track event, page or screen; empty if it has none.
        words: What words are searched in: name, type, `messageId` and `userId`, in lower case.

    Example:
        >>> import io
        >>> corpus = Corpus(ByteInput(io.BytesIO(b'{"type":"track","event":"Login"}\noops\n'), "events.ndjson"))
        >>> asyncio.run(corpus.load())
        >>> corpus.status()
        {'name': 'events.ndjson', 'events': 2, 'unreadable': 1, 'complete': True, 'error': None}
        >>> corpus.names[0], corpus.unreadable[1]
        ('Login', 'not JSON: unexpected character, expected a JSON value at column 1')
    """

    def __init__(self, data: ByteInput | None = None) -> None:
        self.name = None if data is None else data.name
        self.unreadable: dict[int, str] = {}
        self.complete = data is None
        self.error: str | None = None
        self.types: list[str] = []
        self.names: list[str] = []
        self.words: list[str] = []
        self._data = data
        self._raw: list[bytes] = []
        self._units: list[str] = []
        self._positions = array("L")
        self._shared: dict[str, str] = {}
        self._grown = asyncio.Event()

    def __len__(self) -> int:
        return len(self._raw)

    # --- reading -----------------------------------------------------------------------------------------

    async def load(self) -> None:
        """Reads the input to its end. A thread of its own parses, so that the loop goes on meanwhile."""
        if self._data is None or self.complete:
            return
        with self._data:
            intake = Intake(EventSource(self._data).batches())
            try:
                while (records := await intake.next()) is not None:
                    self.add(records)
            except InputError as error:
                self.error = str(error)
            finally:
                intake.close()
        self.complete = True
        self._shared.clear()
        self._notify()

    def add(self, records: Iterable[Record]) -> None:
        """Adds records.

        Args:
            records: The next records of the input.
        """
        for record in records:
            event = record.event
            if event is None:
                self.unreadable[len(self._raw)] = str(record.error)
                self._keep(record, record.raw, "", "", "")
                continue
            kind, name = type_and_name(event)
            identifiers = (name, kind, event.get("messageId"), event.get("userId"))
            words = _SEPARATOR.join([text for text in identifiers if isinstance(text, str) and text]).lower()
            self._keep(record, record.event_bytes, kind, name, words)
        self._notify()

    def _keep(self, record: Record, raw: bytes, kind: str, name: str, words: str) -> None:
        self._raw.append(raw)
        self._units.append(intern(record.unit))
        self._positions.append(record.position)
        self.types.append(self._share(kind))
        self.names.append(self._share(name))
        self.words.append(words)

    def _share(self, text: str) -> str:
        """Keeps equal texts once."""
        return self._shared.setdefault(text, text) if len(self._shared) < _ENOUGH_NAMES else text

    async def grown(self) -> None:
        """Waits until events were added, or the input has ended."""
        await self._grown.wait()

    def _notify(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    # --- what is read of it ------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """Returns how far the input is read: the answer of `GET /api/corpus`. Unreadable lines count as events."""
        return {
            "name": self.name,
            "events": len(self),
            "unreadable": len(self.unreadable),
            "complete": self.complete,
            "error": self.error,
        }

    def raw(self, index: int) -> bytes:
        """Returns the JSON of an event, or the bytes of a line that holds none."""
        return self._raw[index]

    def parse(self, index: int) -> Event | None:
        """Returns an event, made anew by each call; None if the line holds none."""
        if index in self.unreadable:
            return None
        event: Event = read_json(self._raw[index])
        return event

    def line(self, index: int) -> int:
        """Returns the number of its line or item, from 1."""
        return self._positions[index]

    def label(self, index: int) -> str:
        """Returns what messages call it, such as `line 7`."""
        return f"{self._units[index]} {self._positions[index]}"

    def event(self, index: int) -> dict[str, Any]:
        """Returns an event as indented JSON: the answer of `GET /api/events/{index}`.

        Raises:
            LookupError: There is none of this index.
        """
        if not 0 <= index < len(self):
            raise LookupError(index)
        value = self.parse(index)
        raw = self._raw[index] if value is None else write_json(value)
        text = raw.decode("utf-8", "replace")
        return {
            "index": index,
            "line": self.line(index),
            "label": self.label(index),
            "text": text if value is None else indent_json(text),
            "isObject": value is not None,
        }


def open_corpus(events: str | None) -> Corpus:
    """Opens a file of events, which `Corpus.load` reads.

    Args:
        events: The file: NDJSON, a JSON array, an object with a list of events, or a file of failed events, also
            gzipped; `-` is standard input. None for a corpus without events.

    Raises:
        UsageProblem: It cannot be opened.

    Example:
        >>> open_corpus(None).status()
        {'name': None, 'events': 0, 'unreadable': 0, 'complete': True, 'error': None}
        >>> open_corpus("missing.ndjson")
        Traceback (most recent call last):
        destination.usage_problem.UsageProblem: missing.ndjson: there is no such file
    """
    if events is None:
        return Corpus()
    try:
        return Corpus(ByteInput.open(events))
    except InputError as error:
        raise UsageProblem(str(error)) from None


def type_and_name(event: Event) -> tuple[str, str]:
    """Returns the type of an event, and the name of a track event, page or screen; empty where there is none.

    Example:
        >>> type_and_name({"type": "track", "event": "Login"}), type_and_name({"type": "page", "name": "Home"})
        (('track', 'Login'), ('page', 'Home'))
        >>> type_and_name({"type": "identify", "userId": "u1"}), type_and_name({"type": 5})
        (('identify', ''), ('', ''))
    """
    kind = event.get("type")
    if not isinstance(kind, str):
        return "", ""
    name = event.get("event") if kind == "track" else event.get("name") if kind in _NAMED else None
    return kind[:_LONGEST_NAME], name[:_LONGEST_NAME] if isinstance(name, str) else ""
