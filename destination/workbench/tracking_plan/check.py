"""Checks events against a tracking plan, and counts what violates it. Memory does not grow with the events."""

from dataclasses import field
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from destination.event import Event
from destination.records import dataclass
from destination.values import stringify
from destination.workbench.tracking_plan.plan import PlannedEvent, TrackingPlan

if TYPE_CHECKING:
    import jsonschema_rs

INSTALL: Final = "pip install 'destination-actions[plans]'"
"""The command that installs what this module needs."""

_MAX_VIOLATIONS: Final = 500
"""Maximum number of different violations, and of different names that are not planned, that are kept apart."""
_MAX_ERRORS: Final = 100
"""Maximum number of errors of one event and one rule that are looked at."""
_SHOWN_CHARACTERS: Final = 60
_KEPT_CHARACTERS: Final = 300
_VALUE: Final = "the value"
_FALSE_SCHEMA: Final = f"False schema does not allow {_VALUE}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One event as an example.

    Attributes:
        label: Its line or item in the input.
        message_id: Its `messageId`; empty if it has none.
        found: What it has at the path of the violation, as JSON, cut to 60 characters.
    """

    label: str
    message_id: str
    found: str = ""


@dataclass(slots=True)
class Violation:
    """One way in which events violate a rule.

    Attributes:
        rule: The title of the rule.
        path: The path in the event, with `[*]` for the items of a list.
        message: What is wrong there, without the value.
        events: The number of events with it.
        samples: The first of them.
    """

    rule: str
    path: str
    message: str
    events: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class Unplanned:
    """A name of `track` events that the plan does not have.

    Attributes:
        name: The name; empty where an event has none.
        closest: The planned name that is most like it; empty if none is.
        events: The number of events with it.
        samples: The first of them.
    """

    name: str
    closest: str = ""
    events: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(slots=True)
class CheckedRule:
    """A rule of the plan with its counts.

    Attributes:
        title: The name of the planned event, or the type; with the version where there are several.
        event: The rule.
        events: The number of events that it applied to.
        violating: The number of those that violate it.
        problem: Why its schema cannot be used; empty if it can. Such a rule is never violated.
    """

    title: str
    event: PlannedEvent
    events: int = 0
    violating: int = 0
    problem: str = ""
    _validator: "jsonschema_rs.Draft7Validator | None" = None

    def compile(self) -> None:
        """Compiles the schema. A `$ref` to another file or server is not followed."""
        import jsonschema_rs

        schema = self.event.schema
        given = schema.get("$schema") if isinstance(schema, dict) else None
        validator = jsonschema_rs.Draft7Validator  # the draft of Segment's plans, where the rule names none
        if isinstance(given, str) and given.rstrip("#") in _DRAFTS:
            validator = getattr(jsonschema_rs, _DRAFTS[given.rstrip("#")])
        try:
            self._validator = validator(schema, mask=_VALUE, offline=True, validate_formats=True)
        except (jsonschema_rs.ValidationError, ValueError) as error:
            self.problem = getattr(error, "message", None) or str(error)

    def violations(self, event: Event) -> dict[tuple[str, str], list[str | int]]:
        """Returns the path and the message of each violation of an event, with the keys of the value."""
        if self._validator is None:
            return {}
        try:
            if self._validator.is_valid(event):
                return {}
            errors = list(islice(self._validator.iter_errors(event), _MAX_ERRORS))
        except (ValueError, RecursionError, OverflowError) as error:  # it nests too deeply to be checked
            return {("$", f"the event cannot be checked: {error}"): []}
        found: dict[tuple[str, str], list[str | int]] = {}
        for one in errors:
            message = "the plan does not allow any value here" if one.message == _FALSE_SCHEMA else one.message
            found.setdefault((_cut(_path(one.instance_path)), _cut(message)), list(one.instance_path))
        return found


_DRAFTS: Final = {
    "http://json-schema.org/draft-04/schema": "Draft4Validator",
    "http://json-schema.org/draft-06/schema": "Draft6Validator",
    "https://json-schema.org/draft/2019-09/schema": "Draft201909Validator",
    "https://json-schema.org/draft/2020-12/schema": "Draft202012Validator",
}


class EventCheck:
    """Checks events one by one.

    A `track` event is checked by the rule of its name, and by the version of that rule that it names in
    `context.protocols.event_version` (1 if it names none; the oldest if the plan has no version 1). Events of other
    types are checked by the rules of their type. The plan's rules for all events apply to every event. A type that
    the plan has no rule for is not checked.

    Args:
        plan: The tracking plan.
        samples: Maximum number of events that are kept as examples of each violation.

    Attributes:
        events: The number of events.
        conforming: The number of those that follow the plan.
        violating: The number of those that violate a rule.
        unchecked: The number of those with a rule whose schema cannot be used, which violate no other rule.
        not_covered: The number of events of each type that the plan has no rules for.
        unplanned: The `track` events whose name or version the plan does not have, by name.
        violations: The violations, by rule, path and message.
        rules: The rules, in the plan's order.
        more: The number of events with a violation, or a name, beyond the 500 different ones that are kept.

    Raises:
        ModuleNotFoundError: jsonschema-rs is not installed.

    Example:
        >>> from destination.workbench.tracking_plan import read_tracking_plan
        >>> schema = {"properties": {"properties": {"properties": {"total": {"type": "number"}}}}}
        >>> check = EventCheck(read_tracking_plan([{"key": "Order", "type": "TRACK", "jsonSchema": schema}]))
        >>> check.take({"type": "track", "event": "Order", "properties": {"total": "5"}}, "line 1")
        False
        >>> [(one.path, one.message, one.events) for one in check.violations]
        [('$.properties.total', 'the value is not of type "number"', 1)]
    """

    def __init__(self, plan: TrackingPlan, samples: int = 3) -> None:
        try:
            import jsonschema_rs  # noqa: F401  says at once whether it is there
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"checking events needs jsonschema-rs, which is not installed: {INSTALL}", name="jsonschema_rs"
            ) from error
        self.events = self.conforming = self.violating = self.unchecked = self.more = 0
        self.not_covered: dict[str, int] = {}
        self.unplanned: dict[str, Unplanned] = {}
        self._plan = plan
        self._samples = samples
        self._violations: dict[tuple[str, str, str], Violation] = {}
        versions: dict[tuple[str, str], int] = {}
        for event in plan.events:
            versions[event.type, event.name] = versions.get((event.type, event.name), 0) + 1
        self.rules = [CheckedRule(_title(event, versions), event) for event in (*plan.events, *plan.common)]
        for rule in self.rules:
            rule.compile()
        self._common = self.rules[len(plan.events) :]
        self._by_name: dict[tuple[str, str], list[CheckedRule]] = {}
        for rule in self.rules[: len(plan.events)]:
            self._by_name.setdefault((rule.event.type, rule.event.name), []).append(rule)

    @property
    def violations(self) -> list[Violation]:
        """Returns the violations, those of most events first."""
        return sorted(self._violations.values(), key=lambda one: -one.events)

    @property
    def unplanned_events(self) -> int:
        """Returns the number of events whose name or version the plan does not have."""
        known = self.conforming + self.violating + self.unchecked + sum(self.not_covered.values())
        return self.events - known

    def take(self, event: Event, label: str) -> bool:
        """Checks one event.

        Args:
            event: The event.
            label: Its line or item in the input.

        Returns:
            Whether it follows the plan. An event that the plan has no rules for does.
        """
        self.events += 1
        given = event.get("type")
        kind = _cut(given) if isinstance(given, str) else ""
        rules, name = self._rules_for(event, kind)
        applied = (*rules, *self._common)
        violated = [self._apply(rule, event, label) for rule in applied]
        if True in violated:
            self.violating += 1
        elif name is not None:
            self._note_unplanned(name, event, label)
        elif not rules and kind not in self._plan.types:
            shown = kind if len(self.not_covered) < _MAX_VIOLATIONS or kind in self.not_covered else "…"
            self.not_covered[shown] = self.not_covered.get(shown, 0) + 1
            return True
        elif any(rule.problem for rule in applied):
            self.unchecked += 1
        else:
            self.conforming += 1
            return True
        return False

    def _rules_for(self, event: Event, kind: str) -> tuple[list[CheckedRule], str | None]:
        """Returns the rules of an event; for an unplanned one, the name that the plan does not have."""
        if kind not in self._plan.types:
            return [], None
        name = event.get("event" if kind == "track" else "name")
        name = name if isinstance(name, str) else ""
        found = self._by_name.get((kind, name))
        if found is None and kind != "track":
            return self._by_name.get((kind, ""), []), None
        if found is None:
            return [], name
        wanted = _version_of(event)
        exact = [rule for rule in found if rule.event.version == wanted]
        if not exact and wanted is not None:
            return [], f"{name} (version {wanted})"
        return exact[:1] or [min(found, key=lambda rule: (rule.event.version != 1, rule.event.version))], None

    def _apply(self, rule: CheckedRule, event: Event, label: str) -> bool:
        rule.events += 1
        found = rule.violations(event)
        if not found:
            return False
        rule.violating += 1
        for (path, message), keys in found.items():
            one = self._violations.get((rule.title, path, message))
            if one is None:
                if len(self._violations) >= _MAX_VIOLATIONS:
                    self.more += 1
                    continue
                one = self._violations[rule.title, path, message] = Violation(rule.title, path, message)
            one.events += 1
            if len(one.samples) < self._samples:
                one.samples.append(_sample(event, label, keys))
        return True

    def _note_unplanned(self, name: str, event: Event, label: str) -> None:
        name = _cut(name)
        one = self.unplanned.get(name)
        if one is None:
            if len(self.unplanned) >= _MAX_VIOLATIONS:
                self.more += 1
                return
            closest = get_close_matches(name, self._plan.names, n=1)
            one = self.unplanned[name] = Unplanned(name, closest[0] if closest else "")
        one.events += 1
        if len(one.samples) < self._samples:
            one.samples.append(_sample(event, label))

    def to_json(self) -> dict[str, Any]:
        """Returns all counts and samples as JSON."""
        return {
            "events": self.events,
            "conforming": self.conforming,
            "violating": self.violating,
            "unchecked": self.unchecked,
            "unplanned": self.unplanned_events,
            "notCovered": self.not_covered,
            "rules": [_rule_as_json(rule) for rule in self.rules],
            "violations": [
                {
                    "rule": one.rule,
                    "path": one.path,
                    "message": one.message,
                    "events": one.events,
                    "samples": [{**_sample_as_json(sample), "found": sample.found} for sample in one.samples],
                }
                for one in self.violations
            ],
            "unplannedEvents": [
                {
                    "event": one.name,
                    "closest": one.closest or None,
                    "events": one.events,
                    "samples": list(map(_sample_as_json, one.samples)),
                }
                for one in sorted(self.unplanned.values(), key=lambda it: -it.events)
            ],
            "more": self.more,
        }


def _rule_as_json(rule: CheckedRule) -> dict[str, Any]:
    return {
        "rule": rule.title,
        "type": rule.event.type,
        "event": rule.event.name or None,
        "version": rule.event.version,
        "events": rule.events,
        "violating": rule.violating,
        "problem": rule.problem or None,
    }


def _sample_as_json(sample: Sample) -> dict[str, Any]:
    return {"record": sample.label, "messageId": sample.message_id or None}


def _title(event: PlannedEvent, versions: dict[tuple[str, str], int]) -> str:
    named = f"{event.type} {event.name}" if event.name and event.type != "track" else event.title
    return f"{named} (version {event.version})" if versions.get((event.type, event.name), 0) > 1 else named


def _version_of(event: Event) -> Any:
    """Returns the version of a rule that an event names, or None."""
    context = event.get("context")
    protocols = context.get("protocols") if isinstance(context, dict) else None
    version = protocols.get("event_version") if isinstance(protocols, dict) else None
    return int(version) if isinstance(version, str) and version.isdecimal() else version


def _path(keys: list[str | int]) -> str:
    """Writes the path of a value, with `[*]` for any item of a list: items with one fault are one violation."""
    return "$" + "".join("[*]" if isinstance(key, int) else f".{key}" for key in keys)


def _sample(event: Event, label: str, keys: list[str | int] | None = None) -> Sample:
    given = event.get("messageId")
    shown = ""
    given = _cut(given, _SHOWN_CHARACTERS) if isinstance(given, str) else ""
    if keys:
        value: Any = event
        for key in keys:
            value = value[key]
        shown = _cut(stringify(value), _SHOWN_CHARACTERS)
    return Sample(label, given, shown)


def _cut(text: str, length: int = _KEPT_CHARACTERS) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
