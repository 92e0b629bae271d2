"""Answers what a draft changes over the whole corpus: `POST /api/compare` and `POST /api/samples`."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from destination.event import Event
from destination.runtime.compiled import CompiledSubscription
from destination.studio.outcomes import Outcomes
from destination.studio.reasons import Segments, reason_of
from destination.studio.runs import Row, Run
from destination.studio.session import Draft, StudioProblem
from destination.studio.summaries import summary_of
from destination.studio.turns import Turns
from destination.values import MISSING, write_json
from destination.workbench.diff import KINDS, Comparison, Kind, Pair, Reading, Readings, Sample
from destination.workbench.diff.groups import cut
from destination.workbench.explain import explain_subscription

if TYPE_CHECKING:
    from destination.studio.session import Studio

_MAX_RUNS: Final = 4
_PROGRESS_S: Final = 0.12  # between two lines of progress
_MAX_SAMPLES: Final = 200
_FEW_SAMPLES: Final = 20
_LONGEST_TITLE: Final = 160


class Runs:
    """The latest comparisons of a studio. A newer one stops the one before.

    Args:
        studio: The studio.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> from destination.studio.corpus import Corpus
        >>> from destination.studio.session import Studio
        >>> Runs(Studio(absmartly, placeholders(absmartly), None, Corpus())).find(None) is None
        True
    """

    def __init__(self, studio: "Studio") -> None:
        self._outcomes = Outcomes(studio.corpus, studio.definition.name)
        self._runs: OrderedDict[str, tuple[bytes, Run]] = OrderedDict()
        self._started = 0

    def start(self, studio: "Studio", draft: Draft) -> Run:
        """Starts the comparison of a draft; returns a complete one if the same was compared lately.

        Raises:
            DefinitionError: The draft has more than 50 subscriptions.
        """
        saved, content = studio.saved, _content(studio, draft)
        old, new = studio.instance_of(saved), studio.instance_of(draft)
        for identifier, (known, run) in self._runs.items():
            if not run.complete:
                run.stop()
            elif known == content:
                self._runs.move_to_end(identifier)
                return run
        self._started += 1
        run = Run(f"r{self._started}", self._outcomes, saved, draft, old, new)
        self._runs[run.identifier] = (content, run)
        while len(self._runs) > _MAX_RUNS:
            self._runs.popitem(last=False)
        return run

    def find(self, identifier: Any) -> Run | None:
        """Returns a run; the latest if None is named, and None if there is no such run any more."""
        if identifier is None:
            return next(reversed(self._runs.values()))[1] if self._runs else None
        found = self._runs.get(identifier) if isinstance(identifier, str) else None
        return None if found is None else found[1]

    def of(self, studio: "Studio", draft: Draft) -> Run | None:
        """Returns the latest comparison of a draft with the saved version; None if there is none."""
        content = _content(studio, draft)
        return next((run for known, run in reversed(self._runs.values()) if known == content), None)


def _content(studio: "Studio", draft: Draft) -> bytes:
    return write_json([list(studio.saved), list(draft)])


_RUNS: "WeakKeyDictionary[Studio, Runs]" = WeakKeyDictionary()


def runs_of(studio: "Studio") -> Runs:
    """Returns the comparisons of a studio.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> from destination.studio.corpus import Corpus
        >>> from destination.studio.session import Studio
        >>> studio = Studio(absmartly, placeholders(absmartly), None, Corpus())
        >>> runs_of(studio) is runs_of(studio)
        True
    """
    runs = _RUNS.get(studio)
    if runs is None:
        runs = _RUNS[studio] = Runs(studio)
    return runs


async def compare(studio: "Studio", draft: Draft) -> AsyncIterator[dict[str, Any]]:
    """Compares a draft with the saved version, and yields what it found so far.

    Closing the iterator stops the comparison, as a newer one does.

    Args:
        studio: The studio.
        draft: The draft.

    Raises:
        DefinitionError: The draft has more than 50 subscriptions.
        StudioProblem: A newer comparison replaced it.

    Example:
        >>> import asyncio, io
        >>> from types import SimpleNamespace
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> from destination.delivery import ByteInput
        >>> from destination.studio.corpus import Corpus
        >>> from destination.studio.session import Studio
        >>> saved = [{"key": "s0", "saved": 0, "subscribe": 'type = "page"', "partnerAction": "trackGoal"}]
        >>> corpus = Corpus(ByteInput(io.BytesIO(b'{"type": "page"}')))
        >>> studio = Studio(absmartly, placeholders(absmartly), SimpleNamespace(subscriptions=saved), corpus)
        >>> async def lines():
        ...     await corpus.load()
        ...     return [line async for line in compare(studio, [])]
        >>> [line] = asyncio.run(lines())
        >>> line["run"], line["done"], line["complete"], line["summary"]["kinds"]
        ('r1', 1, True, {'no-longer-failing': 1})
    """
    run = runs_of(studio).start(studio, draft)
    if not run.complete:
        due = monotonic() + _PROGRESS_S
        try:
            async for _ in run.work():
                if not run.complete and monotonic() >= due:
                    yield _line(run)
                    due = monotonic() + _PROGRESS_S
        finally:
            run.stop()
        if run.is_stopped:
            raise StudioProblem("A newer comparison replaced this one.", 409)
    yield _line(run)


def _line(run: Run) -> dict[str, Any]:
    return {
        "run": run.identifier,
        "done": run.done,
        "of": run.total,
        "complete": run.complete,
        "summary": summary_of(run),
    }


# --- samples ---------------------------------------------------------------------------------------------


async def samples(studio: "Studio", body: Mapping[str, Any]) -> dict[str, Any]:
    """Lists events that a draft changed, with what each was and became, and why.

    Args:
        studio: The studio.
        body: `run`, `key`, `kind`, `location`, `limit`; all may be left out.

    Raises:
        StudioProblem: The run is not there any more.

    Example:
        >>> import asyncio, io
        >>> from types import SimpleNamespace
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> from destination.delivery import ByteInput
        >>> from destination.studio.corpus import Corpus
        >>> from destination.studio.session import Studio
        >>> saved = [{"key": "s0", "saved": 0, "subscribe": 'type = "page"', "partnerAction": "trackGoal"}]
        >>> corpus = Corpus(ByteInput(io.BytesIO(b'{"type": "page"}')))
        >>> studio = Studio(absmartly, placeholders(absmartly), SimpleNamespace(subscriptions=saved), corpus)
        >>> async def rows():
        ...     await corpus.load()
        ...     async for _ in compare(studio, []):
        ...         pass
        ...     return (await samples(studio, {"key": "s0", "limit": 1}))["rows"]
        >>> [row] = asyncio.run(rows())
        >>> row["label"], row["kind"], row["shown"][1]
        ('line 1', 'no-longer-failing', '(not sent)')
    """
    run = runs_of(studio).find(body.get("run"))
    if run is None:
        raise StudioProblem("The comparison is not there any more. Change something, or reload the page.", 404)
    key, kind, location, limit = (body.get(name) for name in ("key", "kind", "location", "limit"))
    limit = min(limit, _MAX_SAMPLES) if isinstance(limit, int) and limit >= 0 else _FEW_SAMPLES
    total, turns = 0, Turns()
    rows: list[dict[str, Any]] = []
    for row in run.rows:
        for one in KINDS:
            if key not in (None, row.key) or kind not in (None, one):
                continue
            indexes = row.events_of(one, location)
            total += len(indexes)
            for index in indexes[: limit - len(rows)]:
                rows += _sample(studio, run, row, index, one, location)
                if turns.is_over():
                    await turns.give_way()
    return {"total": total, "rows": rows}


def _sample(
    studio: "Studio", run: Run, row: Row, index: int, kind: Kind, location: str | None
) -> Iterator[dict[str, Any]]:
    """Compares an event again, this time with a sample."""
    corpus, event = studio.corpus, studio.corpus.parse(index)
    assert row.pair is not None  # noqa: S101  it was compared
    assert event is not None  # noqa: S101  a line without an event does not change
    comparison = Comparison(run.old, run.new, samples=1, pairs=[row.pair])
    comparison.add(event, corpus.label(index))
    [pair] = comparison.pairs
    groups = [group for group in pair.groups.sorted() if group.kind == kind and location in (None, group.detail)]
    if not groups:  # it read a clock, and now reads another time
        return
    group, sample = groups[0], groups[0].samples[0]
    before, after = group.sides(sample)
    readings = pair.readings or Readings(None, None)
    if not sample.at:
        before = _title(studio, row.pair.old, readings.before) or before
        after = _title(studio, row.pair.new, readings.after) or after
    values = {"before": sample.before, "after": sample.after}
    yield {
        "index": index,
        "line": corpus.line(index),
        "label": corpus.label(index),
        "type": studio.redactor.text(corpus.types[index]),
        "name": studio.redactor.text(corpus.names[index]),
        "key": row.key,
        "kind": kind,
        "at": sample.at,
        **{name: value for name, value in values.items() if value is not MISSING},
        "shown": [before, after],
        "reason": _reason(run, row.pair, kind, event, sample),
    }


def _title(studio: "Studio", item: CompiledSubscription | None, reading: Reading | None) -> str | None:
    """Returns the first required text of a payload, which says what is sent; None if it has none, or fails."""
    if item is None or item.action is None or reading is None or reading.error is not None:
        return None
    for key, field in item.action.input_fields.items():
        value = reading.payload.get(key) if isinstance(reading.payload, Mapping) else None
        if field.required and isinstance(value, str):
            return cut(studio.redactor.text(value), _LONGEST_TITLE)
    return None


def _reason(run: Run, pair: Pair, kind: Kind, event: Event, sample: Sample) -> Segments | None:
    """Returns why an event is not sent in the one version, or fails in the draft; None where the values say it."""
    if kind in ("newly-failing", "failing-otherwise"):
        return [{"text": str(sample.after)}]
    if kind == "no-longer-sent":
        item, otherwise = pair.new, "the subscription was removed or disabled"
    elif kind == "newly-sent":
        item, otherwise = pair.old, "the subscription was not there, or disabled"
    else:
        return None
    if item is None:
        return [{"text": otherwise}]
    redact = run.new.redactor.text
    line = reason_of(explain_subscription(item, event, in_detail=False))
    return [{name: redact(text) for name, text in segment.items()} for segment in line]


# --- for remedies ----------------------------------------------------------------------------------------


def events_with(studio: "Studio", draft: Draft, key: str, kind: Kind) -> Iterator[Event] | None:
    """Returns the events that changed in a way, as far as the comparison of a draft has come.

    Args:
        studio: The studio.
        draft: The draft.
        key: The key of the subscription.
        kind: The kind of change.

    Returns:
        The events, each parsed when it is taken; None if the draft was not compared.

    Example:
        >>> from types import SimpleNamespace
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> from destination.studio.corpus import Corpus
        >>> from destination.studio.session import Studio
        >>> studio = Studio(absmartly, placeholders(absmartly), SimpleNamespace(subscriptions=[]), Corpus())
        >>> events_with(studio, [], "s0", "no-longer-sent") is None
        True
    """
    run = runs_of(studio).of(studio, draft)
    if run is None:
        return None
    indexes = [index for row in run.rows if row.key == key for index in row.events_of(kind)]
    return (event for index in indexes if (event := studio.corpus.parse(index)) is not None)
