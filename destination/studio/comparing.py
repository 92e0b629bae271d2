"""Answers what a draft changes over the whole corpus: `POST /api/compare` and `POST /api/samples`."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from destination.studio.outcomes import Outcomes
from destination.studio.runs import Row, Run
from destination.studio.session import Draft, StudioProblem
from destination.studio.summaries import summary_of
from destination.values import MISSING, write_json
from destination.workbench.diff import KINDS, Comparison, Kind
from destination.workbench.diff.groups import Sample

if TYPE_CHECKING:
    from destination.studio.session import Studio

_MAX_RUNS: Final = 4
_PROGRESS_S: Final = 0.12  # between two lines of progress
_MAX_SAMPLES: Final = 200


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
        saved = studio.saved
        content = write_json([list(saved), list(draft)])
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
        StudioProblem: A newer comparison took its place.
    """
    run = runs_of(studio).start(studio, draft)
    if not run.complete:
        due = monotonic() + _PROGRESS_S
        try:
            async for _ in run.work():
                if not run.complete and monotonic() >= due:
                    yield _line(run, len(studio.corpus))
                    due = monotonic() + _PROGRESS_S
        finally:
            run.stop()
        if run.is_stopped:
            raise StudioProblem("A newer comparison took the place of this one.", 409)
    yield _line(run, run.done)


def _line(run: Run, total: int) -> dict[str, Any]:
    return {
        "run": run.identifier,
        "done": run.done,
        "of": total,
        "complete": run.complete,
        "summary": summary_of(run),
    }


# --- samples ---------------------------------------------------------------------------------------------


def samples(studio: "Studio", body: Mapping[str, Any]) -> dict[str, Any]:
    """Lists events that a draft changed, with what each was and became.

    Args:
        studio: The studio.
        body: `run`, `key`, `kind`, `location`, `limit`; all may be left out.

    Raises:
        StudioProblem: The run is not there any more.
    """
    run = runs_of(studio).find(body.get("run"))
    if run is None:
        raise StudioProblem("The comparison is not there any more. Change something, or reload the page.", 404)
    kind, location, limit = body.get("kind"), body.get("location"), body.get("limit")
    limit = min(limit, _MAX_SAMPLES) if isinstance(limit, int) and limit >= 0 else 20
    total = 0
    rows: list[dict[str, Any]] = []
    for row in run.rows:
        if row.comparison is None or body.get("key") not in (None, row.key):
            continue
        for one in KINDS:
            if kind in (None, one):
                indexes = row.events_of(one, location)
                total += len(indexes)
                if len(rows) < limit:
                    rows += _rows(studio, run, row, one, location, list(indexes[: limit - len(rows)]))
    return {"total": total, "rows": rows}


def _rows(
    studio: "Studio", run: Run, row: Row, kind: Kind, location: str | None, indexes: list[int]
) -> list[dict[str, Any]]:
    """Compares events again, this time with samples."""
    corpus = studio.corpus
    rows: list[dict[str, Any]] = []
    assert row.pair is not None  # noqa: S101  it was compared
    for index in indexes:
        event = corpus.parse(index)
        comparison = Comparison(run.old, run.new, samples=1, pairs=[row.pair])
        comparison.add(event, corpus.label(index))
        groups = [group for group in comparison.pairs[0].groups.sorted() if group.kind == kind]
        group = next((group for group in groups if group.detail == location), groups[0] if groups else None)
        if group is not None and group.samples:
            rows.append(
                {
                    "index": index,
                    "line": corpus.line(index),
                    "label": corpus.label(index),
                    "type": corpus.types[index],
                    "name": studio.redactor.text(corpus.names[index]),
                    "key": row.key,
                    "kind": kind,
                    **_sides(group.samples[0]),
                    "reason": _reason(run, row, kind, group.samples[0]),
                }
            )
    return rows


def _sides(sample: Sample) -> dict[str, Any]:
    values = {"before": sample.before, "after": sample.after}
    return {"at": sample.at, **{name: value for name, value in values.items() if value is not MISSING}}


def _reason(run: Run, row: Row, kind: Kind, sample: Sample) -> Any:
    """Returns why an event ends differently; None if the values say it."""
    if kind in ("newly-failing", "failing-otherwise"):
        return [{"text": str(sample.after)}]
    if kind == "no-longer-failing":
        return [{"text": str(sample.before)}]
    return None
