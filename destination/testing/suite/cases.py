"""Makes the cases of the generated suite: events that show what each subscription of an instance does."""

from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from destination.errors import DefinitionError
from destination.fields import InputField
from destination.fql import BoundaryEvent, Impossible, Witness, boundary_events, satisfy
from destination.mapping.paths import join_path
from destination.runtime import Instance
from destination.testing.events import TIMESTAMP
from destination.testing.suite.case import SuiteCase
from destination.testing.suite.draft import Branch, Choices, Draft, Keys, Position, branches, put, remove, shown
from destination.testing.suite.inverse import invert, is_root_directive
from destination.testing.suite.sample import other_values, text, wanted_payload
from destination.values import MISSING, stringify

MAX_CASES: Final = 300
"""Maximum number of cases of a subscription."""

Values = Mapping[str, Mapping[str, Any]]


def suite_cases(
    instance: Instance[Any], *, values: Values | None = None, limit: int = MAX_CASES
) -> tuple[SuiteCase, ...]:
    """Makes events that show what each subscription does.

    For each subscription: an event with the required fields only, and one with all fields; one for every branch of
    every `@if`; for each condition of the trigger one just inside and one just outside; for each field events in
    which it is absent, null, empty and of another type. Equal instances have equal cases on every machine.

    Args:
        instance: The instance.
        values: Values by action and field that replace generated ones, for fields whose valid values cannot be
            guessed: `{"trackExposure": {"exposure": {…}}}`.
        limit: The maximum number of cases of a subscription; the last case says how many are left out.

    Raises:
        DefinitionError: `values` names an unknown action or field.

    Example:
        >>> from destination.definition import find
        >>> settings = {"collectorEndpoint": "https://a.test/v1", "apiKey": "s3cr3t", "environment": "test"}
        >>> cases = suite_cases(find("actions-absmartly").instance(settings))
        >>> [case.name for case in cases][:3]
        ['Track Calls / required fields only', 'Track Calls / all fields', 'Track Calls / agent @if else']
        >>> cases[1].why
        'A value of its own for each field. Also: agent @if then. Also: trigger type = "track" just inside.'
    """
    given = {} if values is None else values
    _check_values(instance, given)
    found: list[SuiteCase] = []
    for index, item in enumerate(instance.subscriptions):
        action = item.subscription.partner_action if isinstance(item.subscription.partner_action, str) else ""
        found.extend(_bounded(_distinct(_Generator(instance, index, given.get(action, {})).cases()), limit))
    return tuple(_with_own_names(found))


def _distinct(cases: list[SuiteCase]) -> list[SuiteCase]:
    """Keeps the first of several cases with the same event; its `why` names the others.

    The first two cases always stay: it is worth seeing if all fields are required.
    """
    kept: dict[str, SuiteCase] = {}
    for case in cases[1:]:
        key = stringify(case.event)
        first = kept.get(key)
        kept[key] = case if first is None else replace(first, why=f"{first.why} Also: {case.label}.")
    return [*cases[:1], *kept.values()]


def _bounded(cases: list[SuiteCase], limit: int) -> list[SuiteCase]:
    left_out = len(cases) - limit
    if left_out <= 0 or not limit:
        return cases
    last = cases[limit - 1]
    note = f"this is the last of {limit} cases; {left_out} more are left out: raise the limit to get them"
    return [*cases[: limit - 1], replace(last, notes=(*last.notes, note), left_out=left_out)]


def _with_own_names(cases: list[SuiteCase]) -> list[SuiteCase]:
    """Makes names unique: a second `Name` becomes `Name (2)`."""
    seen: dict[str, int] = {}
    named = []
    for case in cases:
        seen[case.name] = seen.get(case.name, 0) + 1
        number = seen[case.name]
        named.append(case if number == 1 else replace(case, name=f"{case.name} ({number})"))
    return named


def _check_values(instance: Instance[Any], values: Values) -> None:
    actions = instance.definition.actions
    for slug, fields in values.items():
        if slug not in actions:
            raise DefinitionError(f"values: unknown action {slug!r}; the actions are: {', '.join(actions)}")
        unknown = [key for key in fields if key not in actions[slug].input_fields]
        if unknown:
            known = ", ".join(actions[slug].input_fields)
            raise DefinitionError(f"values: unknown field {slug}.{unknown[0]}; the fields are: {known}")


# --- one subscription ---------------------------------------------------------------------------------------


_TYPES: Final = ("track", "page", "screen", "identify", "group", "alias")
_NAMED: Final[Mapping[str, tuple[str, ...]]] = {"track": ("event",), "group": ("groupId",), "alias": ("previousId",)}
"""What Segment's spec requires of an event beside an identity, by its type."""


class _Generator:
    """Makes the cases of one subscription.

    Args:
        instance: The instance.
        index: The subscription's index in it.
        values: Values by field that replace generated ones.
    """

    def __init__(self, instance: Instance[Any], index: int, values: Mapping[str, Any]) -> None:
        item = instance.subscriptions[index]
        self._instance, self._index, self._item = instance, index, item
        self._values = values
        action = item.subscription.partner_action
        self._names = (instance.definition.slug, action if isinstance(action, str) else "")
        self._fields: Mapping[str, InputField] = item.action.input_fields if item.action is not None else {}
        self._mapping: Any = item.subscription.mapping
        self._is_whole = not isinstance(self._mapping, Mapping) or is_root_directive(self._mapping)
        self._base = self._base_event()

    def cases(self) -> list[SuiteCase]:
        """Makes the cases, the most instructive ones first."""
        few, few_notes, _ = self._event(required_only=True)
        full, full_notes, sources = self._event()
        cases = [
            self._case("required fields only", few, "Only what the required fields need.", few_notes),
            self._case("all fields", full, "A value of its own for each field.", full_notes),
        ]
        for branch in branches(self._mapping):
            event, notes, _ = self._event(choices=branch.choices)
            cases.append(self._case(branch.name, event, _why_branch(branch), notes))
        cases.extend(self._case(*described) for described in self._around_trigger(full))
        for position, paths in sorted({**_groups(sources), **sources}.items(), key=lambda item: self._order(item[0])):
            cases.extend(self._amiss(full, position, paths, whole=position in sources))
        return cases

    def _base_event(self) -> dict[str, Any]:
        """Makes the values that every event of the trigger's type has."""
        trigger = self._item.trigger
        types = trigger.event_types if trigger is not None else None
        kind = next((kind for kind in _TYPES if types is None or kind in types), _TYPES[0])
        slug = self._names[0]
        named = {key: text((slug, "event", key)) for key in (*_NAMED.get(kind, ()), "anonymousId", "messageId")}
        return {"type": kind, "timestamp": TIMESTAMP, **named}

    def _event(
        self, *, choices: Choices | None = None, required_only: bool = False
    ) -> tuple[dict[str, Any], list[str], dict[Position, tuple[Keys, ...]]]:
        """Makes an event, notes on values that it cannot bring about, and its paths for each position of a payload."""
        draft = Draft(self._names, choices)
        # A directive at the root makes all fields at once.
        mapping = dict.fromkeys(self._fields) if self._is_whole else self._mapping
        wanted = wanted_payload(self._fields, mapping, self._names, self._values, required_only=required_only)
        invert(draft, self._mapping, wanted, self._fields)
        event = draft.event(self._base)
        for key in () if required_only or self._is_whole else self._fields:
            if key not in self._mapping:
                draft.note((key,), "not in the mapping")
        sources = {position: tuple(keys) for position, keys in draft.sources.items()}
        event, changes = self._matching(event, {keys for paths in sources.values() for keys in paths})
        return event, [*draft.notes, *changes], sources

    def _matching(self, event: dict[str, Any], used: Collection[Keys]) -> tuple[dict[str, Any], list[str]]:
        """Changes the event so that it matches the trigger, and notes each change at a path that the mapping reads."""
        trigger = self._item.trigger
        if trigger is None or trigger.error is not None:
            return event, []
        found = satisfy(trigger, base=event)
        if isinstance(found, Witness):
            notes = [
                f"{join_path(change.path)} is as the trigger needs it"
                for change in found.changes
                if change.path in used
            ]
            return deepcopy(found.event), notes
        never = (
            "no event matches the trigger" if isinstance(found, Impossible) else "no event was found for the trigger"
        )
        return event, [f"{never}: {found.reason}"]

    def _around_trigger(self, full: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any], str, list[str]]]:
        trigger = self._item.trigger
        if trigger is None or trigger.error is not None:
            return
        for one in boundary_events(trigger, base=full):
            side = "inside" if one.matches else "outside"
            yield f"trigger {_condition(one)} just {side}", deepcopy(one.event), f"{one.note}.", []

    # --- one wrong field ---------------------------------------------------------------------------------

    def _order(self, position: Position) -> tuple[int, Position]:
        keys = list(self._mapping) if isinstance(self._mapping, Mapping) else []
        return (keys.index(position[0]) if position and position[0] in keys else -1, position)

    def _amiss(
        self, full: dict[str, Any], position: Position, paths: tuple[Keys, ...], *, whole: bool
    ) -> Iterable[SuiteCase]:
        """Makes the cases of one position. A value from several paths of the event can only be absent as a whole."""
        if not position:
            return
        shown_paths = ", ".join(join_path(keys) for keys in paths)
        others = other_values(self._field(position), (*self._names, *position))
        for name, value in others if whole else [next(others)]:
            event = deepcopy(full)
            for keys in paths:
                if value is MISSING:
                    remove(event, keys)
                else:
                    put(event, keys, deepcopy(value))
            what = "left out" if value is MISSING else stringify(value)
            yield self._case(f"{shown(position)} {name}", event, f"{shown_paths}: {what}.", [])

    def _field(self, position: Position) -> InputField | None:
        field = self._fields.get(position[0])
        for key in position[1:]:
            field = (field.properties or {}).get(key) if field is not None else None
        return field

    def _case(self, label: str, event: dict[str, Any], why: str, notes: Iterable[str]) -> SuiteCase:
        subscription = self._item.name
        name = f"{_plain(subscription)} / {_plain(label).replace(' / ', ' | ')}"
        name = self._instance.redactor.text(name)  # a condition may contain a secret setting
        return SuiteCase(name, subscription, self._index, event, why, tuple(notes), self._instance)


def _plain(words: str) -> str:
    writable = words.encode(errors="replace").decode()  # a file of snapshots cannot hold half a character
    return " ".join(writable.split()).replace("::", ":")


def _groups(sources: Mapping[Position, tuple[Keys, ...]]) -> dict[Position, tuple[Keys, ...]]:
    """Returns the fields that have no source of their own, but several for their members."""
    members: dict[Position, dict[Keys, None]] = {}
    for position, paths in sources.items():
        if len(position) > 1 and position[:1] not in sources:
            members.setdefault(position[:1], {}).update(dict.fromkeys(paths))
    return {position: tuple(paths) for position, paths in members.items() if len(paths) > 1}


def _why_branch(branch: Branch) -> str:
    return f"The condition of the {branch.directive} at {'.'.join(branch.path)} {branch.condition}."


def _condition(one: BoundaryEvent) -> str:
    """Returns the condition as FQL, with which the note begins."""
    return one.note.rsplit(": ", 1)[0]
