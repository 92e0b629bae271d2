"""Answers `POST /api/remedies`: why a subscription does not take an event, and at most three ways out."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Final

from destination.event import opted_out_by
from destination.fql import Trigger, Witness, compile_trigger, satisfy
from destination.records import dataclass
from destination.studio.comparing import runs_of
from destination.studio.inspection import Part, compile_draft
from destination.studio.reasons import sentences_of, show
from destination.studio.runs import Run
from destination.studio.session import Draft, Studio, StudioProblem
from destination.studio.trigger_edits import TriggerEdit, narrowed, widened
from destination.values import MISSING
from destination.workbench.explain import TriggerExplanation
from destination.workbench.explain.locations import value_at
from destination.workbench.lint import fix_trigger

_MAX_OFFERS: Final = 3
_MAX_LOST: Final = 20_000
"""The maximum number of lost events on which the ways are tried."""
_START_S: Final = 0.2
"""How long to wait until a comparison of this trigger starts, in seconds."""
_END_S: Final = 1.0
"""How long to wait until it ends."""
_POLL_S: Final = 0.02
_TURN: Final = 100
"""The number of events between two turns of the event loop."""


async def remedies(studio: Studio, draft: Draft, selected: str | None, event: Mapping[str, Any]) -> dict[str, Any]:
    """Says why a subscription of a draft does not take an event, and at most three ways out.

    Each way was tried: its `draft` takes the event, or the draft takes its `event`.

    Args:
        studio: The studio.
        draft: The subscriptions.
        selected: The key of the one.
        event: The event, as `Studio.event_of` reads it.

    Returns:
        `sentences`, `detail` and `ways`: each with `title`, `detail`, `removed` and `added` (texts), and either
        `draft` or `event`. There are no sentences if it takes the event.

    Raises:
        StudioProblem: There is no such event, or no such subscription.

    Example:
        >>> from types import SimpleNamespace
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> from destination.studio.corpus import Corpus
        >>> studio = Studio(absmartly, placeholders(absmartly), SimpleNamespace(subscriptions=[]), Corpus())
        >>> draft = [{"key": "n1", "subscribe": 'type = "Page"', "partnerAction": "trackGoal", "mapping": {}}]
        >>> found = asyncio.run(remedies(studio, draft, "n1", {"text": '{"type": "page"}'}))
        >>> found["sentences"], found["detail"]
        (['type is "page".', 'The trigger wants "Page".'], 'Text is compared letter for letter, capitals included.')
        >>> [(way["title"], way["removed"], way["added"]) for way in found["ways"]]
        [("Change the trigger's value", '"Page"', '"page"'), ('Change the event, to try', 'type "page"', '"Page"')]
    """
    chosen = studio.event_of(event)
    number = next(
        (index for index, item in enumerate(draft) if selected is not None and item.get("key") == selected), None
    )
    if number is None:
        raise StudioProblem("The subscription is not in the draft.", 404)
    part = compile_draft(studio, draft, number)[number]
    nothing: dict[str, Any] = {"sentences": [], "detail": "", "ways": []}
    if chosen.value is None or part.item is None:
        return nothing
    case = _Case(studio, draft, number, part, chosen.value, _name(studio, chosen.position))
    key = opted_out_by(chosen.value, studio.definition.name)
    if key is not None:
        sentences = ["The event does not reach the destination.", f"Its integrations exclude {key}."]
        return {**nothing, "sentences": studio.redactor(sentences)}
    if not part.enabled:
        return _of_disabled(case)
    if part.matches(chosen.value):
        return nothing
    trigger = case.trigger
    explained = part.explain(chosen.value).trigger
    sentences, detail = ([], "") if explained is None else sentences_of(explained)
    if trigger is None:
        sentences, detail = ["The trigger is empty.", "An empty trigger matches no event."], ""
    offers = list(_offers(case))
    lost = await _lost(case, [compile_trigger(offer.subscribe) for offer in offers if offer.subscribe is not None])
    about = [detail, "The saved trigger took this event." if case.saved_took_it else "", _about_lost(explained, lost)]
    return {
        "sentences": studio.redactor(sentences),
        "detail": studio.redactor(" ".join(filter(None, about))),
        "ways": _written(case, offers, lost),
    }


# --- the ways --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Offer:
    title: str
    detail: str
    removed: str
    added: str
    subscribe: str | None = None
    event: dict[str, Any] | None = None


class _Case:
    """A subscription that does not take an event.

    Args:
        studio: The studio.
        draft: The draft.
        number: The index of the subscription.
        part: It, compiled.
        event: The event.
        name: What the event is called.
    """

    def __init__(self, studio: Studio, draft: Draft, number: int, part: Part, event: dict[str, Any], name: str) -> None:
        self.studio = studio
        self.draft = draft
        self.number = number
        self.part = part
        self.event = event
        self.name = name
        self.saved = self._find_saved()
        self.saved_took_it = self.saved is not None and self.saved.matches(event)

    @property
    def trigger(self) -> Trigger | None:
        return None if self.part.item is None else self.part.item.trigger

    @property
    def saved_source(self) -> str | None:
        """The saved trigger, if it took the event."""
        if self.saved is None or self.saved.item is None or not self.saved_took_it:
            return None
        source = self.saved.item.subscription.subscribe
        return source if isinstance(source, str) else None

    def _find_saved(self) -> Part | None:
        index = self.draft[self.number].get("saved")
        if not isinstance(index, int) or isinstance(index, bool) or self.studio.document is None:
            return None
        saved = self.studio.saved
        return compile_draft(self.studio, [saved[index]])[0] if 0 <= index < len(saved) else None

    def with_trigger(self, subscribe: str) -> list[dict[str, Any]]:
        """The draft with another trigger."""
        key = "trigger" if "trigger" in self.draft[self.number] else "subscribe"
        return self.with_members(**{key: subscribe})

    def with_members(self, **members: Any) -> list[dict[str, Any]]:
        """The draft with other members of the subscription."""
        return [{**item, **members} if index == self.number else dict(item) for index, item in enumerate(self.draft)]

    def ends(self, draft: list[dict[str, Any]]) -> str:
        """Says what a draft does with the event; empty if it still does not match."""
        (part,) = compile_draft(self.studio, [draft[self.number]], 0)
        if not part.matches(self.event) or part.item is None:
            return ""
        again = " again" if self.saved_took_it else ""
        state = part.explain(self.event).state
        return f"{self.name} is sent{again}" if state == "matches" else f"{self.name} matches{again}, and fails"


def _offers(case: _Case) -> Iterator[_Offer]:
    """Yields at most three ways; the change of the event is the last one, if there is one."""
    found = [
        offer for offer in (*_of_trigger(case), *_back(case)) if case.ends(case.with_trigger(str(offer.subscribe)))
    ]
    change = _of_event(case)
    different = {offer.subscribe: offer for offer in reversed(found)}
    first = [offer for offer in found if different[offer.subscribe] is offer]
    yield from first[: _MAX_OFFERS - (change is not None)]
    if change is not None:
        yield change


def _of_trigger(case: _Case) -> Iterator[_Offer]:
    trigger = case.trigger
    if trigger is None:
        return
    source, saved = trigger.source, case.saved_source
    if trigger.error is not None:
        fixed = fix_trigger(source)
        if fixed is not None:
            yield _Offer("Mend the trigger", "", source, fixed.text, fixed.text)
        return
    edit = widened(source, case.event)
    if edit is not None:
        yield _edited("Change the trigger's value" if edit.removed else "Add the event's value", edit, saved)
    edit = narrowed(source, case.event)
    if edit is not None:
        yield _edited("Drop the condition", edit, saved)


def _edited(title: str, edit: TriggerEdit, saved: str | None) -> _Offer:
    if saved is not None and compile_trigger(edit.text).condition == compile_trigger(saved).condition:
        return _Offer(title, "back to the saved trigger", edit.removed, edit.added, saved)
    return _Offer(title, "", edit.removed, edit.added, edit.text)


def _back(case: _Case) -> Iterator[_Offer]:
    saved = case.saved_source
    if saved is not None:
        source = "" if case.trigger is None else case.trigger.source
        yield _Offer("Go back to the saved trigger", "", source, saved, saved)


def _of_event(case: _Case) -> _Offer | None:
    """Makes the smallest change of the event that was found to make the trigger true."""
    trigger = case.trigger
    if trigger is None or trigger.error is not None:
        return None
    witness = satisfy(trigger, base=case.event)
    if not isinstance(witness, Witness) or not witness.changes or not case.part.matches(witness.event):
        return None
    removed, added = [], []
    for change in witness.changes:
        path = ".".join(change.path)
        removed.append(path if change.before is MISSING else f"{path} {show(change.before)}")
        added.append("nothing" if change.after is MISSING else show(change.after))
    detail = f"the smallest change of {case.name} that matches; the corpus stays as it is"
    return _Offer("Change the event, to try", detail, ", ".join(removed), ", ".join(added), None, witness.event)


def _of_disabled(case: _Case) -> dict[str, Any]:
    sentences = [f"{case.part.name} is disabled.", "A disabled subscription takes no event."]
    enabled = case.with_members(enabled=True)
    detail = case.ends(enabled)
    offers = [{"title": "Enable it", "detail": detail, "removed": "", "added": "", "draft": enabled}] if detail else []
    return {"sentences": case.studio.redactor(sentences), "detail": "", "ways": offers}


def _written(case: _Case, offers: list[_Offer], lost: "_Lost") -> list[dict[str, Any]]:
    answer = []
    counts = iter(lost.counts)
    for offer in offers:
        shown: dict[str, Any] = {"title": offer.title, "removed": offer.removed, "added": offer.added}
        if offer.subscribe is None:
            answer.append(case.studio.redactor({**shown, "detail": offer.detail}) | {"event": offer.event})
            continue
        draft = case.with_trigger(offer.subscribe)
        first = offer.detail or case.ends(draft)
        detail = "; ".join(filter(None, [first, lost.describe(next(counts))]))
        answer.append(case.studio.redactor({**shown, "detail": detail}) | {"draft": draft})
    return answer


# --- the corpus ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lost:
    """The events of the corpus that the draft's subscription does not take any more.

    Attributes:
        events: Their number, in the last comparison.
        tried: How many of them were tried.
        counts: For each trigger, how many of those it matches.
        without: How many of those have nothing at the path of the deciding condition.
        complete: Whether the comparison has ended.
    """

    events: int
    tried: int
    counts: tuple[int, ...]
    without: int
    complete: bool

    def describe(self, count: int) -> str:
        """Says how many lost events a trigger brings back."""
        if not self.tried:
            return ""
        first = "the" if self.tried == self.events else "the first"
        so_far = "" if self.complete else " so far"
        return f"{count} of {first} {self.tried} lost event{'' if self.tried == 1 else 's'}{so_far}"


async def _lost(case: _Case, triggers: list[Trigger]) -> _Lost:
    """Counts the lost events that each trigger brings back, in short turns."""
    run = await _comparison(case)
    indexes = [] if run is None else _lost_indexes(case, run)
    node = case.part.explain(case.event).trigger
    deciding = [] if node is None or node.tree is None else list(node.tree.deciding())
    path = deciding[0].path if deciding else ()
    counts, without, tried = [0] * len(triggers), 0, 0
    for index in indexes[:_MAX_LOST]:
        event = case.studio.corpus.parse(index)
        if not isinstance(event, dict):
            continue
        tried += 1
        without += bool(path) and value_at(event, path) is MISSING
        for number, trigger in enumerate(triggers):
            counts[number] += trigger(event)
        if tried % _TURN == 0:
            await asyncio.sleep(0)
    total = tried if len(indexes) <= _MAX_LOST else len(indexes)
    return _Lost(total, tried, tuple(counts), without, run is None or run.complete)


async def _comparison(case: _Case) -> Run | None:
    """Returns the latest comparison if it is about this trigger; waits a little for it, as the page asks for both."""
    waited = 0.0
    while True:
        run = runs_of(case.studio).find(None)
        if run is not None and not _is_about(case, run):
            run = None
        limit = _START_S if run is None else _END_S
        if (run is not None and (run.complete or run.is_stopped)) or case.saved is None or waited >= limit:
            return run
        await asyncio.sleep(_POLL_S)
        waited += _POLL_S


def _is_about(case: _Case, run: Run) -> bool:
    item = case.draft[case.number]
    compared = next((one for one in run.draft if one.get("key") == item.get("key")), None)
    return compared is not None and compared.get("subscribe") == item.get("subscribe")


def _lost_indexes(case: _Case, run: Run) -> list[int]:
    """Lists the lost events that a comparison found so far."""
    key = case.draft[case.number].get("key")
    row = next((row for row in run.rows if row.key == key and row.comparison is not None), None)
    return [] if row is None else list(row.events_of("no-longer-sent"))


def _about_lost(explained: TriggerExplanation | None, lost: _Lost) -> str:
    if explained is None or explained.tree is None or not lost.without:
        return ""
    path = ".".join(next(iter(explained.tree.deciding())).path)
    plural = "s have" if lost.without > 1 else " has"
    other = "other " if lost.without < lost.tried else ""
    return f"{lost.without} {other}lost event{plural} no {path}."


def _name(studio: Studio, position: int | None) -> str:
    if position is None:
        return "this event"
    return f"event {studio.corpus.line(position)}"
