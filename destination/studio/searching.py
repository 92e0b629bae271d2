"""Answers which events of the corpus a search and its filters find: `POST /api/events`."""

from array import array
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping
from heapq import merge
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from destination.studio.comparing import runs_of
from destination.studio.corpus import Corpus
from destination.studio.outcomes import FAILING, NOT_TAKEN, SENT, UNREADABLE, word_of
from destination.studio.queries import Query, parse_query
from destination.studio.runs import Row, Run
from destination.studio.turns import Turns
from destination.workbench.diff import KINDS

if TYPE_CHECKING:
    from destination.studio.session import Studio

_MAX_ROWS: Final = 1_000
_LOOK: Final = 64  # events between two looks at the clock
_MAX_SEARCHES: Final = 4  # searches
_OF_PAGE: Final = frozenset({"run", "offset", "limit"})
_STATES: Final = {"sent": SENT, "failing": FAILING, "notTaken": NOT_TAKEN}
_COUNTED: Final = {state: word for word, state in _STATES.items()}


async def search(studio: "Studio", body: Mapping[str, Any]) -> dict[str, Any]:
    r"""Finds events, in short turns.

    Args:
        studio: The studio.
        body: `run`, `query`, `filter`, `key`, `kind`, `location`, `from`, `to`, `offset`, `limit`; all may be left
            out. `filter` is a word or a list of words: verdicts in it are alternatives, `changed` is a further
            condition.

    Returns:
        The number of events, how many there would be with each filter, and the rows of one page.

    Example:
        >>> import asyncio, io
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> from destination.delivery import ByteInput
        >>> from destination.studio.session import Studio
        >>> corpus = Corpus(ByteInput(io.BytesIO(b'{"type": "page", "name": "Home"}\n{"type": "page"}')))
        >>> async def found(query):
        ...     await corpus.load()
        ...     return await search(Studio(absmartly, placeholders(absmartly), None, corpus), {"query": query})
        >>> answer = asyncio.run(found("$.name = Home"))
        >>> answer["total"], answer["rows"][0]["name"], answer["rows"][0]["verdict"]
        (1, 'Home', None)
    """
    run = runs_of(studio).find(body.get("run"))
    found = await _result_of(studio.corpus, run, body)
    offset, limit = _number(body.get("offset"), 0), min(_number(body.get("limit"), 100), _MAX_ROWS)
    rows = [_row(studio, run, index) for index in found.indexes[offset : offset + limit]]
    return {"total": len(found.indexes), "counts": dict(found.counts), "rows": rows}


class _SearchResult(NamedTuple):
    """The events that a search found.

    Attributes:
        indexes: The indexes of those that the filter leaves.
        counts: How many there would be with each filter.
    """

    indexes: "array[int]"
    counts: dict[str, int]


_SEARCHES: "WeakKeyDictionary[Corpus, OrderedDict[str, _SearchResult]]" = WeakKeyDictionary()


async def _result_of(corpus: Corpus, run: Run | None, body: Mapping[str, Any]) -> _SearchResult:
    """Finds the events, or returns those of an equal search: a list asks for one page after the other."""
    asked = {name: value for name, value in body.items() if name not in _OF_PAGE}
    known = _SEARCHES.setdefault(corpus, OrderedDict())
    key = repr((None if run is None else (run.identifier, run.done), len(corpus), sorted(asked.items())))
    found = known.get(key)
    if found is None:
        found = known[key] = await _find(corpus, run, body)
        if len(known) > _MAX_SEARCHES:
            known.popitem(last=False)
    return found


async def _find(corpus: Corpus, run: Run | None, body: Mapping[str, Any]) -> _SearchResult:
    query, turns = parse_query(_text(body.get("query"))), Turns()
    wanted = _filters(body.get("filter"))
    verdicts = {_STATES[word] for word in wanted if word in _STATES}
    states, changes = (run.after, run.changes) if run is not None else (bytearray(), bytearray())
    counts = {"all": 0, "sent": 0, "failing": 0, "notTaken": 0, "changed": 0}
    kept = array("L")
    async for index in _asked(corpus, run, body, turns):
        if not _fulfils(corpus, query, index):
            continue
        state = states[index] if index < len(states) else None
        is_changed = index < len(changes) and changes[index] > 0
        counts["all"] += 1
        counts["changed"] += is_changed
        if state in _COUNTED:
            counts[_COUNTED[state]] += 1
        if (not verdicts or state in verdicts) and ("changed" not in wanted or is_changed):
            kept.append(index)
    return _SearchResult(kept, counts)


async def _asked(corpus: Corpus, run: Run | None, body: Mapping[str, Any], turns: Turns) -> AsyncIterator[int]:
    """Yields the indexes that the chosen change and bucket leave, in short turns."""
    start, stop = max(0, _number(body.get("from"), 0)), min(len(corpus), _number(body.get("to"), len(corpus)))
    key, kind, location = body.get("key"), body.get("kind"), body.get("location")
    indexes: Iterable[int] = range(start, stop)
    if (key, kind, location) != (None, None, None):
        indexes = merge(
            *(
                row.events_of(one, location)
                for row in (run.rows if run is not None else ())
                if key in (None, row.key)
                for one in KINDS
                if kind in (None, one)
            )
        )
    last = -1
    for count, index in enumerate(indexes):
        if not count % _LOOK and turns.is_over():
            await turns.give_way()
        if index != last and start <= index < stop:
            last = index
            yield index


def _fulfils(corpus: Corpus, query: Query, index: int) -> bool:
    text = corpus.words[index]
    if not all(word in text for word in query.words):
        return False
    if query.types and any(corpus.types[index].lower() != wanted for wanted in query.types):
        return False
    if query.names:
        name = corpus.names[index].lower()
        if not all(wanted in name for wanted in query.names):
            return False
    if not query.paths:
        return True
    raw = corpus.raw(index)
    if not all(term.may_hold(raw) for term in query.paths):
        return False
    event = corpus.parse(index)
    return event is not None and all(term.holds(event) for term in query.paths)


def _row(studio: "Studio", run: Run | None, index: int) -> dict[str, Any]:
    corpus, redact = studio.corpus, studio.redactor.text
    error = corpus.unreadable.get(index)
    is_known = run is not None and index < run.done
    verdict = word_of(UNREADABLE) if error is not None else None
    by: list[str] = []
    change = None
    if run is not None and is_known:
        verdict, change = word_of(run.after[index]), run.change_word(index)
        by = [redact(row.name) for row in run.rows if _takes(row, index)]
    return {
        "index": index,
        "line": corpus.line(index),
        "label": corpus.label(index),
        "type": redact(corpus.types[index]),
        "name": redact(corpus.names[index]),
        "verdict": verdict,
        "by": by,
        "change": change,
        "error": None if error is None else redact(error),
    }


def _takes(row: Row, index: int) -> bool:
    return row.after is not None and row.after.states[index] != NOT_TAKEN


def _filters(given: Any) -> set[str]:
    words = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    return {word for word in words if isinstance(word, str)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
