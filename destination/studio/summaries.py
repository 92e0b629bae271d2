"""What a comparison found, as the page shows it: counts by kind, subscription and field, and the strip."""

from typing import Any, Final

from destination.studio.outcomes import NOT_TAKEN, OPTED_OUT, SENT
from destination.studio.runs import Row, Run, word_of_rank

MAX_CELLS: Final = 400
"""The maximum number of cells of the strip."""


def summary_of(run: Run) -> dict[str, Any]:
    """Returns what a run found so far: the member `summary` of `POST /api/compare`.

    Args:
        run: The run.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> from destination.studio.corpus import Corpus
        >>> from destination.studio.outcomes import Outcomes
        >>> saved = absmartly.instance(placeholders(absmartly), [])
        >>> summary = summary_of(Run("r1", Outcomes(Corpus(), "ABsmartly"), [], [], saved, saved))
        >>> summary["events"], summary["kinds"], summary["strip"]
        (0, {}, {'bucket': 1, 'cells': []})
    """
    comparison, redact = run.comparison, run.new.redactor.text
    return {
        "events": comparison.events,
        "changed": comparison.changed,
        "unreadable": comparison.unreadable,
        "optedOut": comparison.opted_out,
        "kinds": dict(run.kinds),
        "subscriptions": [_subscription(row, redact(row.name)) for row in run.rows],
        "none": [run.none[0], run.none[1]],
        "fields": _fields(run),
        "strip": strip_of(run),
    }


def _subscription(row: Row, name: str) -> dict[str, Any]:
    counts = {} if row.comparison is None else row.comparison.counts
    return {
        "key": row.key,
        "name": name,
        "edited": row.edited,
        "state": row.state,
        "ran": row.ran,
        "taken": [None if row.before is None else row.taken[0], None if row.after is None else row.taken[1]],
        "counts": {kind: events for kind, (events, _) in counts.items() if events},
    }


def _fields(run: Run) -> list[dict[str, Any]]:
    """Lists the locations that changed, those of payloads before those of requests, the largest first."""
    return [
        {
            "location": group.detail,
            "key": row.key,
            "name": run.new.redactor.text(row.name),
            "events": group.events,
        }
        for row in run.rows
        if row.comparison is not None
        for group in row.comparison.groups.sorted()
        if group.kind == "changed"
    ]


def strip_of(run: Run) -> dict[str, Any]:
    """Returns the strip of the corpus: a cell for each event, or for each bucket of neighbouring events.

    A cell of one event has its states in the saved version and in the draft (0 not taken, 1 sent, 2 failing,
    3 unreadable), its change and whether it changed. A cell of a bucket has the numbers of events that both versions
    send, the worst change and the number of events that changed.

    Args:
        run: The run. It keeps the cells, so that each call makes only those of the events since the last one.
    """
    bucket = _bucket_of(run.total)
    if bucket != run.bucket:
        run.bucket, run.cells, run.in_cells = bucket, [], 0
    full = run.in_cells // bucket  # the cell after them may have had more to come
    del run.cells[full:]
    cell = _event if bucket == 1 else _bucket
    run.cells += [cell(run, start, min(run.done, start + bucket)) for start in range(full * bucket, run.done, bucket)]
    run.in_cells = run.done
    return {"bucket": bucket, "cells": list(run.cells)}


def _bucket_of(events: int) -> int:
    """Returns how many events a cell has: a power of two, so that few sizes follow each other while a corpus is read.

    Example:
        >>> [_bucket_of(events) for events in (0, 400, 401, 800, 801, 100_000)]
        [1, 1, 2, 2, 4, 256]
    """
    return 1 << (max(1, -(-events // MAX_CELLS)) - 1).bit_length()


def _event(run: Run, index: int, _: int) -> list[Any]:
    return [_shown(run.before[index]), _shown(run.after[index]), run.change_word(index), int(run.changes[index] > 0)]


def _shown(state: int) -> int:
    return NOT_TAKEN if state == OPTED_OUT else state


def _bucket(run: Run, start: int, stop: int) -> list[Any]:
    changes = run.changes[start:stop]
    return [
        run.before.count(SENT, start, stop),
        run.after.count(SENT, start, stop),
        word_of_rank(max(changes)),
        len(changes) - changes.count(0),
    ]
