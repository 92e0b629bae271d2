"""Rules E002 to E007: triggers that do not fit the tracking plan."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from destination.definition import LintFinding, LintRule
from destination.fql import Condition, ErrorCondition, GroupCondition, generate_fql
from destination.fql.parser import RemarkKind
from destination.fql.steps import Step, make_step
from destination.mapping.paths import join_path
from destination.records import dataclass
from destination.values import MISSING, stringify, to_number, to_string
from destination.workbench.lint.subject import Checked, Planned, Subject

if TYPE_CHECKING:
    from destination.workbench.tracking_plan import PlannedEvent, TrackingPlan
    from destination.workbench.tracking_plan.schema import Allowed

_SHOWN: Final = 5
_FUNCTIONS: Final = ("contains", "starts_with", "ends_with")
"""The endings of the operators that `contains(…)` and `match(…)` become."""
_POINTER: Final = "subscribe"
_TYPE_NAMES: Final = {
    "string": "text",
    "array": "a list",
    "object": "an object",
    "boolean": "a boolean",
    "integer": "an integer",
}


# --- events ----------------------------------------------------------------------------------------------


def _unplanned(subject: Subject) -> Iterator[LintFinding]:
    for planned in subject.planned:
        item = planned.item
        if isinstance(item.condition, ErrorCondition) or item.never or planned.events or planned.uncovered:
            continue
        yield LintFinding(
            item.index,
            _POINTER,
            "the trigger matches no event of the tracking plan",
            "compare the names of events with those of the plan, letter by letter",
        )


def _uncovered(subject: Subject) -> Iterator[LintFinding]:
    without = [planned for planned in subject.planned if planned.uncovered and not planned.events]
    types = list(dict.fromkeys(kind for planned in without for kind in planned.uncovered))
    if types:
        yield LintFinding(
            None,
            "subscriptions",
            f"the tracking plan has no rules for events of the type {', '.join(types)}, so these subscriptions were "
            f"not compared with it: {_some(planned.item.name for planned in without)}",
            "add rules for these types to the plan, if it should cover them",
        )


def _unknown_names(subject: Subject) -> Iterator[LintFinding]:
    names = subject.plan.names if subject.plan is not None else ()
    for item in subject.checked if names else ():
        for condition, step, span in _conditions(item):
            if step.path != ("event",) or not isinstance(condition.value, str):
                continue
            passing = [name for name in names if step.test(name)]
            if not passing or (condition.operator.startswith(("!", "not")) and len(passing) == len(names)):
                from difflib import get_close_matches

                close = get_close_matches(condition.value, names, n=1)
                yield _found(
                    item,
                    span,
                    f"the tracking plan has no event for `{_fql(condition)}`",
                    f"did you mean {close[0]!r}?" if close else "compare the name with those of the plan",
                )


# --- paths and values ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Compared:
    """A condition with what the plan says of its path, in all planned events that the trigger may match."""

    item: Checked
    condition: Condition
    step: Step
    span: tuple[int, int] | None
    events: "list[PlannedEvent]"
    possible: "list[PlannedEvent]"
    allowed: "Allowed"

    @property
    def path(self) -> str:
        return join_path(self.step.path)


def _unknown_paths(subject: Subject) -> Iterator[LintFinding]:
    for one in _compared(subject):
        if not one.possible:
            yield _found(
                one.item,
                one.span,
                f"`{_fql(one.condition)}`: no planned event that the trigger matches has {one.path}: "
                f"{_some(event.title for event in one.events)}",
                "compare the path with those of the plan, or add it to the plan",
            )


def _wrong_types(subject: Subject) -> Iterator[LintFinding]:
    for one in _compared(subject):
        types = one.allowed.types
        verdict = _verdict(one.step, _values_of(types, one.condition)) if one.possible and types else None
        if types and verdict is not None:
            yield _found(
                one.item,
                one.span,
                f"`{_fql(one.condition)}` is {_always(verdict)}: in the tracking plan {one.path} is {_or(types)}",
                _remedy_for(types),
            )


def _wrong_values(subject: Subject) -> Iterator[LintFinding]:
    for one in _compared(subject):
        values, types = one.allowed.values, one.allowed.types
        if not one.possible or values is None:
            continue
        if types and _verdict(one.step, _values_of(types, one.condition)) is not None:
            continue  # the type alone decides
        verdict = _verdict(one.step, values)
        if verdict is not None:
            shown = [stringify(value) for value in values]
            from difflib import get_close_matches

            close = get_close_matches(to_string(one.condition.value), [it for it in values if isinstance(it, str)], n=1)
            yield _found(
                one.item,
                one.span,
                f"`{_fql(one.condition)}` is {_always(verdict)}: the tracking plan allows for {one.path} only "
                f"{_some(shown)}",
                f"did you mean {close[0]!r}?" if close else "compare with a value of the plan",
            )


def _compared(subject: Subject) -> Iterator[_Compared]:
    for planned in subject.planned:
        # A type that the plan does not cover may have any path and value.
        if planned.uncovered or subject.plan is None:
            continue
        for condition, step, span in _conditions(planned.item):
            if len(step.path) > 1:
                yield from _compare(subject.plan, planned, condition, step, span)


def _compare(
    plan: "TrackingPlan", planned: Planned, condition: Condition, step: Step, span: tuple[int, int] | None
) -> Iterator[_Compared]:
    from destination.workbench.tracking_plan.schema import Allowed

    possible = [event for event in planned.events if plan.presence(event, step.path).is_possible]
    allowed: Allowed | None = None
    for event in possible:
        bound = plan.allowed(event, step.path)
        allowed = bound if allowed is None else allowed.or_(bound)
        if allowed == Allowed():
            break
    if planned.events:
        events, allowed = list(planned.events), allowed or Allowed()
        yield _Compared(planned.item, condition, step, span, events, possible, allowed)


def _verdict(step: Step, values: Iterable[Any]) -> bool | None:
    """Returns the verdict of a condition where it is the same for all values and for a missing one; else None."""
    verdicts = {bool(step.test(value)) for value in (*values, MISSING)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _values_of(types: frozenset[str] | None, condition: Condition) -> Iterator[Any]:
    """Yields values of some types: for each verdict that a condition has on values of a type, one that has it."""
    text = to_string(condition.value)
    number = to_number(condition.value)
    numbers = (number, number - 1, number + 1, 0) if number == number else (0, 1)  # noqa: PLR0124  NaN is not itself
    for kind in types or ():
        yield from {
            "string": (text, "", f"{text}\ue000", f"\ue000{text}"),
            "number": numbers,
            "integer": numbers,
            "boolean": (True, False),
            "null": (None,),
            "array": ([], [text], [condition.value]),
            "object": ({}, {text: text}),
        }.get(kind, (MISSING, None, text, "", True, False, *numbers))


# --- conditions and their words --------------------------------------------------------------------------


def _conditions(item: Checked) -> Iterator[tuple[Condition, Step, tuple[int, int] | None]]:
    """Yields the conditions of a trigger, each compiled, with its characters in the text where they are known."""
    if isinstance(item.condition, ErrorCondition):
        return
    conditions: list[Condition] = []
    todo: list[Condition | GroupCondition | None] = [item.condition]
    while todo:
        node = todo.pop()
        if isinstance(node, GroupCondition):
            todo.extend(reversed(node.children))
        elif node is not None:
            conditions.append(node)
    compared = [one for one in conditions if not one.operator.endswith(_FUNCTIONS)]
    remarks = [remark for remark in item.remarks if remark.kind is RemarkKind.CONDITION]
    spans: dict[int, tuple[int, int]] = {}
    if len(compared) == len(remarks):  # a function's name in the place of an operator would shift them
        spans = {id(one): (it.start, it.end) for one, it in zip(compared, remarks, strict=True)}
    for one in conditions:
        yield one, make_step(one.to_json()), spans.get(id(one))


def _fql(condition: Condition) -> str:
    return generate_fql(GroupCondition("and", (condition,)))


def _always(verdict: bool) -> str:
    return "always true" if verdict else "never true"


def _or(types: frozenset[str]) -> str:
    return " or ".join(sorted(_TYPE_NAMES.get(kind, kind if kind == "null" else f"a {kind}") for kind in types))


def _remedy_for(types: frozenset[str]) -> str:
    if "boolean" in types:
        return "write true or false without quotes"
    if types & {"number", "integer"}:
        return "compare with a number, by = != < <= > or >="
    if "array" in types:
        return "a trigger compares one item of a list, such as properties.tags[0]; test the whole list in the mapping"
    return "compare with text in double quotes, by =, !=, contains(…) or match(…)"


def _some(names: Iterable[str]) -> str:
    shown = list(dict.fromkeys(names))
    more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more


def _found(item: Checked, span: tuple[int, int] | None, message: str, remedy: str) -> LintFinding:
    return LintFinding(item.index, _POINTER, message, remedy, span)


RULES: tuple[LintRule[Subject], ...] = (
    LintRule("E002", "warning", "A trigger that matches no event of the tracking plan.", _unplanned),
    LintRule("E003", "info", "Types of events that the tracking plan does not cover.", _uncovered),
    LintRule("E004", "warning", "A condition on a path that no planned event has.", _unknown_paths),
    LintRule("E005", "warning", "A condition that does not fit the planned type of its path.", _wrong_types),
    LintRule("E006", "warning", "A condition on a value that the tracking plan does not allow.", _wrong_values),
    LintRule("E007", "warning", "A condition on the name of an event that the tracking plan lacks.", _unknown_names),
)
