"""Applies the rules to subscriptions, and leaves out the findings that a subscription ignores: `# ignore CODES`.

FQL and JSON have no comments, and Segment must get every subscription back as it was. Two texts of a subscription may
say it: the end of its name, which people see in Segment's app, and the `_metadata` beside a directive, which Segment
stores and its runtime skips.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from destination.definition import DestinationDefinition, LintFinding, LintRule, Subscription
from destination.definition.lint_rule import Severity
from destination.fql import Impossible
from destination.mapping.validate import is_directive
from destination.runtime.problems import label
from destination.workbench.lint.catalogue import UNKNOWN, USELESS, all_rules
from destination.workbench.lint.subject import Subject, make_subject
from destination.workbench.tracking_plan import TrackingPlan

_IN_NAME = re.compile(r"#\s*ignore\s+([A-Z]+[0-9]*(?:[,\s]+[A-Z]+[0-9]*)*)\s*$")
_IN_METADATA = re.compile(r"\s*ignore\s+([A-Z]+[0-9]*(?:[,\s]+[A-Z]+[0-9]*)*)\s*")


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a rule.

    Attributes:
        code: The rule's code.
        severity: `error`, `warning` or `info`.
        subscription: The subscription's name; None for a finding about all of them together.
        index: Its index in the list that was given, disabled ones counted.
        pointer: What in it: `name`, `subscribe`, `partnerAction`, `mapping`, or a JSON pointer that begins with
            `mapping/`.
        message: One sentence.
        remedy: What to do.
        span: Start and end in the trigger's text, in characters.
        source: That text.
    """

    code: str
    severity: Severity
    subscription: str | None
    index: int | None
    pointer: str
    message: str
    remedy: str
    span: tuple[int, int] | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Disjoint:
    """A proof that no event matches two subscriptions.

    Attributes:
        one: The first one's name.
        other: The second one's.
        reason: The proof, as a sentence.
    """

    one: str
    other: str
    reason: str


@dataclass(frozen=True, slots=True)
class LintReport:
    """The result of a run.

    Attributes:
        findings: In the order of the subscriptions, and of the rules.
        ignored: The number of findings that a subscription ignores.
        disjoint: The proofs that two subscriptions of one action match no event in common.
        subscriptions: The number of subscriptions.
        disabled: The number of those that are disabled, and were not checked.
    """

    findings: tuple[Finding, ...]
    ignored: int
    disjoint: tuple[Disjoint, ...]
    subscriptions: int
    disabled: int


def lint(
    definition: DestinationDefinition[Any],
    subscriptions: Sequence[Subscription] | None = None,
    *,
    plan: TrackingPlan | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> LintReport:
    """Applies every rule, or those selected, to the subscriptions that are enabled.

    Args:
        definition: The destination.
        subscriptions: Its subscriptions; the presets if None.
        plan: The tracking plan of the events that the subscriptions get.
        select: Codes, or beginnings of codes, of the rules to apply; all if empty.
        ignore: Codes, or beginnings of codes, of the rules not to apply.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> order = Subscription(name="Orders", subscribe="type = 'track'", partner_action="trackGoal",
        ...                      mapping=absmartly.actions["trackGoal"].default_values())
        >>> [finding.code for finding in lint(absmartly, [order], select=["T"]).findings]
        ['T007']
    """
    given = definition.preset_subscriptions() if subscriptions is None else list(subscriptions)
    indexes = [index for index, item in enumerate(given) if item.enabled]
    enabled = [given[index] for index in indexes]
    names = [label(given[index], index) for index in indexes]
    rules = [rule for rule in all_rules(definition) if _is_selected(rule.code, select, ignore)]
    subject = make_subject(definition, list(zip(names, enabled, strict=True)), plan)
    found: list[tuple[LintRule[Any], LintFinding]] = []
    for rule in rules:
        given_to_rule = enabled if rule in definition.lint_rules else subject
        found += [(rule, finding) for finding in rule.check(given_to_rule)]
    comments = [(index, comment) for index, item in enumerate(enabled) for comment in ignored_by(item)]
    used = {id(comment): False for _, comment in comments}
    kept = [pair for pair in found if not _is_ignored(pair[0].code, pair[1], comments, used)]
    known = [rule.code for rule in all_rules(definition)]
    applied = {rule.code for rule in rules}
    kept += [pair for pair in _about_comments(comments, used, known, applied) if pair[0] in rules]
    order = {rule.code: number for number, rule in enumerate(all_rules(definition))}
    kept.sort(key=lambda pair: (-1 if pair[1].subscription is None else pair[1].subscription, order[pair[0].code]))
    return LintReport(
        findings=tuple(_finding(rule, finding, subject, indexes) for rule, finding in kept),
        ignored=len(found) - sum(rule not in (USELESS, UNKNOWN) for rule, _ in kept),
        disjoint=_proofs(subject),
        subscriptions=len(given),
        disabled=len(given) - len(enabled),
    )


def _is_selected(code: str, select: Iterable[str], ignore: Iterable[str]) -> bool:
    selected = list(select)
    if any(covers(given, code) for given in ignore):
        return False
    return not selected or any(covers(given, code) for given in selected)


def _finding(rule: LintRule[Any], finding: LintFinding, subject: Subject, indexes: list[int]) -> Finding:
    at = finding.subscription
    return Finding(
        code=rule.code,
        severity=rule.severity,
        subscription=None if at is None else subject.checked[at].name,
        index=None if at is None else indexes[at],
        pointer=finding.pointer,
        message=finding.message,
        remedy=finding.remedy,
        span=finding.span,
        source="" if at is None else subject.checked[at].source,
    )


def _proofs(subject: Subject) -> tuple[Disjoint, ...]:
    return tuple(
        Disjoint(one.name, other.name, found.reason)
        for one, other, found in subject.pairs
        if isinstance(found, Impossible)
    )


# --- what a subscription ignores -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ignored:
    """One code that a subscription ignores.

    Attributes:
        code: A rule's code, or the beginning of several.
        pointer: What in the subscription says so: `name`, or a JSON pointer that begins with `mapping/`.
    """

    code: str
    pointer: str

    def covers(self, code: str) -> bool:
        """Whether it is this code, or the beginning of it."""
        return covers(self.code, code)


def covers(given: str, code: str) -> bool:
    """Whether a code, or a family of codes by its letters, names a rule.

    Example:
        >>> covers("T", "T001"), covers("T00", "T001"), covers("T001", "T001"), covers("A", "ABS001")
        (True, True, True, False)
    """
    if given.isalpha():
        return code.rstrip("0123456789") == given
    return code.startswith(given)


def ignored_by(subscription: Subscription) -> list[Ignored]:
    """Returns the codes that a subscription ignores.

    Example:
        >>> orders = Subscription(name="Orders # ignore O001, T", subscribe="", partner_action="")
        >>> [one.code for one in ignored_by(orders)]
        ['O001', 'T']
    """
    found = _IN_NAME.search(subscription.name)
    codes = _codes(found.group(1), "name") if found else []
    for pointer, text in _metadata(subscription.mapping):
        comment = _IN_METADATA.fullmatch(text)
        codes += _codes(comment.group(1), pointer) if comment else []
    return codes


def _codes(text: str, pointer: str) -> list[Ignored]:
    return [Ignored(code, pointer) for code in re.split(r"[,\s]+", text)]


def _metadata(mapping: Any) -> Iterator[tuple[str, str]]:
    """Yields every text under `_metadata.lint` beside a directive, with the pointer of its `_metadata`."""
    todo: list[tuple[str, Any]] = [("mapping", mapping)]
    while todo:
        pointer, value = todo.pop()
        if isinstance(value, dict):
            if is_directive(value):
                notes = value.get("_metadata")
                if isinstance(notes, dict) and isinstance(notes.get("lint"), str):
                    yield f"{pointer}/_metadata", notes["lint"]
            todo.extend((f"{pointer}/{key}", item) for key, item in reversed(value.items()) if key != "_metadata")
        elif isinstance(value, list):
            todo.extend((f"{pointer}/{index}", item) for index, item in reversed(list(enumerate(value))))


def _is_ignored(code: str, finding: LintFinding, comments: list[tuple[int, Ignored]], used: dict[int, bool]) -> bool:
    """Whether a subscription that has a part in a finding ignores it; marks the comments that say so as used."""
    concerned = {finding.subscription, *finding.others}
    covering = [comment for index, comment in comments if index in concerned and comment.covers(code)]
    used.update((id(comment), True) for comment in covering)
    return bool(covering)


def _about_comments(
    comments: list[tuple[int, Ignored]], used: dict[int, bool], known: list[str], applied: set[str]
) -> Iterable[tuple[LintRule[Subject], LintFinding]]:
    """Yields findings about the comments themselves, but not about comments for rules that were not applied."""
    for index, comment in comments:
        covered = [code for code in known if comment.covers(code)]
        if not covered:
            message = f"ignore {comment.code}: there is no such code"
            yield UNKNOWN, LintFinding(index, comment.pointer, message, "see docs/lint.md")
        elif not used[id(comment)] and applied.issuperset(covered):
            message = f"ignore {comment.code} ignores nothing"
            yield USELESS, LintFinding(index, comment.pointer, message, "take it away")
