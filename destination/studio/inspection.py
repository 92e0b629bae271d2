"""Answers `POST /api/explain`: what the subscriptions of a draft do with an event, and the selected one in detail."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from destination.errors import DestinationError
from destination.event import opted_out_by
from destination.fql import Trigger, condition_offsets
from destination.records import dataclass
from destination.runtime import Instance
from destination.runtime.compiled import CompiledSubscription
from destination.runtime.problems import label
from destination.studio.findings import findings_of
from destination.studio.links import links_of
from destination.studio.reasons import reason_of
from destination.studio.session import Draft, Studio, members_of
from destination.values import MISSING, utf16_length
from destination.workbench.explain import (
    Failure,
    SubscriptionExplanation,
    TriggerExplanation,
    TriggerNode,
    explain_subscription,
)

_UNUSABLE = (DestinationError, TypeError, ValueError, RecursionError)
"""What making an instance of a draft may raise: it has too many subscriptions, or is nested too deeply."""


def explain(studio: Studio, draft: Draft, selected: str | None, event: Mapping[str, Any]) -> dict[str, Any]:
    """Explains what the subscriptions of a draft do with an event, and the selected one in detail.

    Nothing is sent. Nothing in the draft makes it raise: each subscription shows what is wrong with it.

    Args:
        studio: The studio.
        draft: The subscriptions.
        selected: The key of the selected one; its trigger, fields, findings and links are explained whatever its
            state.
        event: The event, as `Studio.event_of` reads it.

    Raises:
        StudioProblem: There is no such event.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> studio = Studio(absmartly, placeholders(absmartly), None, None)
        >>> pages = {"key": "s0", "subscribe": 'type = "page"', "partnerAction": "trackGoal", "mapping": {}}
        >>> answer = explain(studio, [pages], "s0", {"text": '{"type": "track"}'})
        >>> answer["subscriptions"][0]["state"], answer["subscriptions"][0]["reason"][:3]
        ('does not match', [{'code': 'type'}, {'text': ' is '}, {'code': '"track"'}])
        >>> answer["selected"]["hypothetical"], answer["selected"]["trigger"]["tree"]["to"]
        (True, 13)
    """
    started = perf_counter()
    chosen = studio.event_of(event)
    value = chosen.value
    number = next(
        (index for index, item in enumerate(draft) if selected is not None and item.get("key") == selected), None
    )
    parts = compile_draft(studio, draft, number)
    opted_out = None if value is None else opted_out_by(value, studio.definition.name)
    whole = None
    shown: list[SubscriptionExplanation] = []
    for index, part in enumerate(parts):
        explained = SubscriptionExplanation(part.name, part.action, "does not match")
        if value is not None:
            explained = part.explain(value, in_detail=index == number)
            if index == number:
                whole = explained
            explained = part.as_it_is(explained, value, is_opted_out=opted_out is not None)
        shown.append(explained)
    answer: dict[str, Any] = {
        "event": {"value": studio.redactor(value), "error": chosen.error, "optedOut": opted_out},
        "subscriptions": [
            {"key": item.get("key"), **_to_json(studio, one, is_known=value is not None)}
            for item, one in zip(draft, shown, strict=True)
        ],
        "selected": None,
        "links": [],
        "was": None,
    }
    if number is not None:
        answer |= _in_detail(studio, draft, number, parts[number], value, whole, shown[number])
    answer["ms"] = round((perf_counter() - started) * 1000, 1)
    return answer


def _to_json(studio: Studio, explained: SubscriptionExplanation, *, is_known: bool) -> dict[str, Any]:
    written = explained.to_json(studio.redactor)
    if not is_known:  # there is no event
        return {**written, "state": None, "reason": []}
    return {**written, "reason": studio.redactor(reason_of(explained))}


# --- the parts of a draft --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One subscription of a draft, compiled if that is possible.

    Attributes:
        name: Its name.
        action: The slug of its action.
        enabled: Whether it is enabled.
        item: The compiled subscription; None for a disabled one that is not selected, or if it cannot be compiled.
        error: Why it cannot be compiled, or empty.

    Example:
        >>> Part("Pages", "trackGoal", True, None, "a subscription is a JSON object").explain({}).state
        'fails'
    """

    name: str
    action: str
    enabled: bool
    item: CompiledSubscription | None
    error: str = ""

    def explain(self, event: Any, *, in_detail: bool = False) -> SubscriptionExplanation:
        """Explains it; in detail also what it would do with an event that the trigger does not match."""
        if self.item is None:
            if not self.error:
                return SubscriptionExplanation(self.name, self.action, "disabled")
            failure = Failure("mapping", "DefinitionError", self.error)
            return SubscriptionExplanation(self.name, self.action, "fails", failures=(failure,))
        try:
            return explain_subscription(self.item, event, regardless=in_detail, in_detail=in_detail, with_samples=True)
        except _UNUSABLE as error:
            failure = Failure("mapping", type(error).__name__, str(error) or type(error).__name__)
            return SubscriptionExplanation(self.name, self.action, "fails", failures=(failure,))

    def matches(self, event: Any) -> bool:
        """Whether the trigger of an enabled subscription matches an event."""
        return self.enabled and self.item is not None and self.item.match(event).matched

    def as_it_is(
        self, explained: SubscriptionExplanation, event: Any, *, is_opted_out: bool
    ) -> SubscriptionExplanation:
        """Returns the explanation of what really happens: without the fields of an event that it does not get."""
        if not self.enabled and not self.error:
            return SubscriptionExplanation(self.name, self.action, "disabled")
        if is_opted_out and not self.error:
            return SubscriptionExplanation(self.name, self.action, "opted out", explained.trigger)
        if self.item is None or self.matches(event):
            return explained
        failures = tuple(failure for failure in explained.failures if failure.stage == "trigger")
        return SubscriptionExplanation(self.name, self.action, explained.state, explained.trigger, failures=failures)


def compile_draft(studio: Studio, draft: Draft, selected: int | None = None) -> list[Part]:
    """Compiles the subscriptions of a draft; the instance of it is kept by the studio.

    Args:
        studio: The studio.
        draft: The subscriptions.
        selected: The index of one that is compiled even if it is disabled.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> studio = Studio(absmartly, placeholders(absmartly), None, None)
        >>> draft = [{"key": "s0", "subscribe": 'type = "page"', "partnerAction": "trackGoal", "enabled": False}]
        >>> [(part.enabled, part.item is None) for part in compile_draft(studio, draft)]
        [(False, True)]
    """
    try:
        return _parts(studio.instance_of(draft), 0, selected)
    except _UNUSABLE:
        pass
    found: list[Part] = []
    for index, item in enumerate(draft):
        try:
            found += _parts(studio.instance_of([item]), index, selected)
        except _UNUSABLE as error:
            name = str(item.get("name") or f"subscription {index}")
            found.append(
                Part(name, str(item.get("partnerAction") or ""), True, None, str(error) or type(error).__name__)
            )
    return found


def _parts(instance: Instance[Any], first: int, selected: int | None) -> list[Part]:
    compiled = iter(instance.subscriptions)
    found = []
    for index, given in enumerate(instance.given, first):
        item = next(compiled) if given.enabled else None
        if item is None and index == selected:
            item = instance.compile(given, index)
        found.append(Part(label(given, index), str(given.partner_action), given.enabled, item))
    return found


# --- the selected one ------------------------------------------------------------------------------------


def _in_detail(
    studio: Studio,
    draft: Draft,
    number: int,
    part: Part,
    event: Any,
    whole: SubscriptionExplanation | None,
    shown: SubscriptionExplanation,
) -> dict[str, Any]:
    """Returns the members `selected`, `links` and `was` of the answer."""
    mask = studio.redactor
    selected: dict[str, Any] = {
        "trigger": mask(_trigger(part, None if whole is None else whole.trigger)),
        "fields": [],
        "unmapped": [],
        "payload": None,
        "failures": [],
        "requests": [],
        "hypothetical": False,
        "findings": findings_of(studio, draft, number),
    }
    if whole is None:
        return {"selected": selected}
    written = whole.to_json(mask)
    selected |= {key: written[key] for key in ("fields", "unmapped", "payload", "failures", "requests")}
    selected["hypothetical"] = part.item is not None and shown.state in ("does not match", "disabled", "opted out")
    source = part.item.subscription.subscribe if part.item is not None else ""
    definition = studio.definition
    links = links_of(whole, event, studio.settings, definition.secret_keys, lambda offsets: _units(source, offsets))
    return {"selected": selected, "links": mask(links), "was": _was(studio, draft[number], event, shown)}


def _was(studio: Studio, item: Mapping[str, Any], event: Any, shown: SubscriptionExplanation) -> dict[str, Any] | None:
    """Returns the result of the saved version if it took an event that the draft does not take."""
    index = item.get("saved")
    if shown.state in ("matches", "opted out") or not isinstance(index, int) or studio.document is None:
        return None
    if (
        shown.trigger is not None
        and shown.state == "fails"
        and shown.trigger.tree is not None
        and shown.trigger.tree.verdict
    ):
        return None
    saved = studio.saved
    if not 0 <= index < len(saved) or members_of(saved[index]) == members_of(item):
        return None
    (part,) = compile_draft(studio, [saved[index]])
    if not part.matches(event):
        return None
    written = part.explain(event).to_json(studio.redactor)
    return {"subscription": part.name, "payload": written["payload"], "requests": written["requests"]}


def _trigger(part: Part, explained: TriggerExplanation | None) -> dict[str, Any]:
    """Returns the trigger of the selected subscription, with offsets in UTF-16 units, as scripts count them."""
    answer: dict[str, Any] = {
        "error": None,
        "remedy": "",
        "tree": None,
        "notes": [],
        "changes": [],
        "impossible": None,
    }
    if part.item is None:
        return answer
    source = part.item.subscription.subscribe
    text = source if isinstance(source, str) else ""
    trigger = part.item.trigger
    if trigger is None:
        message = "A trigger is FQL text, and this one is empty." if text == source else "A trigger is FQL text."
        answer["error"] = {"message": message, "from": 0, "to": utf16_length(text)}
        answer["remedy"] = 'Write a condition, such as type = "track".'
        return answer
    if trigger.error is not None:
        offset = trigger.error.offset
        at = (0, len(text)) if offset is None else (offset, min(len(text), offset + 1))
        start, end = _units(text, at)
        answer["error"] = {"message": str(trigger.error), "from": start, "to": end}
        answer["remedy"] = " ".join(getattr(trigger.error, "__notes__", ()))
        return answer
    if explained is None:
        return answer
    answer |= {key: value for key, value in explained.to_json().items() if key in ("notes", "changes", "impossible")}
    if explained.tree is None:
        start, end = _units(text, _failing(trigger))
        answer["error"] = {"message": explained.error or "", "from": start, "to": end}
        answer["remedy"] = "Remove the empty group, or write a condition into it."
        return answer
    answer["tree"] = _node(explained.tree, text, {id(node) for node in explained.tree.deciding()})
    return answer


def _failing(trigger: Trigger) -> tuple[int, int]:
    """Returns where the first condition is that cannot be evaluated."""
    pairs = zip(trigger.program.steps, condition_offsets(trigger.source), strict=False)
    return next((offsets for step, offsets in pairs if step.raises), (0, len(trigger.source)))


def _node(node: TriggerNode, text: str, deciding: set[int]) -> dict[str, Any]:
    start, end = _units(text, node.offsets)
    shared = {
        "verdict": node.verdict,
        "asked": node.asked,
        "wouldBe": None if node.asked else node.verdict,
        "from": start,
        "to": end,
        "deciding": id(node) in deciding,
        "children": [_node(child, text, deciding) for child in node.children],
    }
    if node.children:
        return {"operator": node.text, **shared}
    value = {} if node.value is MISSING else {"value": node.value}
    return {"text": node.text, "path": ".".join(node.path), **value, **shared}


def _units(text: str, offsets: tuple[int, int]) -> list[int]:
    """Changes offsets in characters to offsets in UTF-16 units."""
    if text.isascii():
        return list(offsets)
    return [utf16_length(text[:offset]) for offset in offsets]
