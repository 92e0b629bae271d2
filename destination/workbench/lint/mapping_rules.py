"""Rules M and P: invalid, unknown and missing parts of a mapping, and directives that Segment does not have."""

from collections.abc import Iterator

from destination.definition import LintFinding, LintRule
from destination.mapping import extensions_used
from destination.mapping.directives import DIRECTIVES
from destination.runtime.problems import NO_OBJECT_REMEDY, is_reserved, no_object
from destination.workbench.lint.subject import Subject


def _invalid(subject: Subject) -> Iterator[LintFinding]:
    for item in subject.checked:
        wrong = no_object(item.subscription.mapping)
        if wrong is not None:
            yield LintFinding(item.index, "mapping", wrong, NO_OBJECT_REMEDY)
        for problem in item.problems:
            pointer = "/".join(("mapping", *problem.path))
            yield LintFinding(
                item.index, pointer, problem.message, "correct the directive: every event that matches fails"
            )


def _no_action(subject: Subject) -> Iterator[LintFinding]:
    known = ", ".join(subject.definition.actions)
    for item in subject.checked:
        if item.action is None:
            yield LintFinding(
                item.index,
                "partnerAction",
                f"there is no action {item.subscription.partner_action!r}: events that match have no result at all",
                f"use one of: {known}",
            )


def _no_field(subject: Subject) -> Iterator[LintFinding]:
    for item in subject.checked:
        for key in item.fields_by_key if item.action is not None else ():
            if item.action is not None and key not in item.action.input_fields and not is_reserved(key):
                yield LintFinding(
                    item.index,
                    f"mapping/{key}",
                    f"the action has no field {key!r}: it is removed from every payload",
                    f"use one of: {', '.join(item.action.input_fields)}",
                )


def _left_out(subject: Subject) -> Iterator[LintFinding]:
    for item in subject.checked:
        if item.action is None or not item.has_fields_by_key:
            continue
        for key, field in item.action.input_fields.items():
            if field.required is True and key not in item.fields_by_key:
                yield LintFinding(
                    item.index,
                    f"mapping/{key}",
                    f"the required field {key!r} is left out: every event that matches fails",
                    "map it, for example from the action's defaults",
                )


def _mistyped_keys(subject: Subject) -> Iterator[LintFinding]:
    yield from _key_remarks(subject, "error")


def _unknown_keys(subject: Subject) -> Iterator[LintFinding]:
    yield from _key_remarks(subject, "warning")


def _key_remarks(subject: Subject, severity: str) -> Iterator[LintFinding]:
    for item in subject.checked:
        for remark in item.subscription.remarks:
            if remark.severity == severity:
                yield LintFinding(item.index, remark.key, remark.message, remark.remedy)


def _extensions(subject: Subject) -> Iterator[LintFinding]:
    for item in subject.checked:
        for pointer, name in extensions_used(item.subscription.mapping):
            yield LintFinding(
                item.index,
                f"mapping{pointer}",
                f"{name} is an extension of this framework: the subscription cannot be given to Segment",
                "use Segment's own directives, or keep the subscription here and ignore P001",
            )


_EXTENSIONS = ", ".join(f"`{name}`" for name, directive in DIRECTIVES.items() if not directive.portable)

RULES: tuple[LintRule[Subject], ...] = (
    LintRule("M001", "error", "An invalid directive, or a mapping that is not an object.", _invalid),
    LintRule("M002", "error", "An action that the destination does not have.", _no_action),
    LintRule("M003", "warning", "A key that the action has no field for.", _no_field),
    LintRule("M004", "error", "A required field that is left out.", _left_out),
    LintRule(
        "M005", "error", "A key of a subscription that is mistyped, or whose value has a wrong type.", _mistyped_keys
    ),
    LintRule("M006", "warning", "A key of a subscription that Segment does not know.", _unknown_keys),
    LintRule("P001", "warning", f"A directive that Segment does not know: {_EXTENSIONS}.", _extensions),
)
