"""Applies the rules to subscriptions, and leaves out the findings that a subscription ignores: `# ignore CODES`.

FQL and JSON have no comments, and Segment must get every subscription back as it was. Two texts of a subscription may
say it: the end of its name, which people see in Segment's app, and the `_metadata` beside a directive, which Segment
stores and its runtime skips.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from functools import cached_property
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from destination.definition import DestinationDefinition, LintFinding, LintRule, Subscription
from destination.definition.lint_rule import Severity
from destination.fql import Impossible
from destination.mapping.validate import is_directive
from destination.records import dataclass
from destination.runtime.problems import label
from destination.workbench.lint.catalogue import UNKNOWN, USELESS, all_rules
from destination.workbench.lint.subject import Subject, make_subject

if TYPE_CHECKING:
    from destination.workbench.tracking_plan import TrackingPlan

_IN_NAME = re.compile(r"#\s*ignore\s+([A-Z]+[0-9]*(?:[,\s]+[A-Z]+[0-9]*)*)\s*$")
_Found: TypeAlias = tuple[LintRule[Any], LintFinding]
_BySubscription: TypeAlias = dict[int | None, list[tuple[int, _Found]]]
_SHOWN = 4
_CLOSE = 0.8
"""How alike two pointers are that may mean one field, from 0 to 1."""

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
        others: The names of other subscriptions that have a part in it.
        follows_from: The findings that it may follow from, each as its code, and the subscription's name where that
            is another one. Mend those first.

    Example:
        >>> finding = Finding("T007", "error", "Orders", 0, "subscribe", "single quotes stay", "use double quotes")
        >>> f"{finding.code} {finding.message}: {finding.remedy}"
        'T007 single quotes stay: use double quotes'
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
    others: tuple[str, ...] = ()
    follows_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disjoint:
    """A proof that no event matches two subscriptions.

    Attributes:
        one: The first one's name.
        other: The second one's.
        reason: The proof, as a sentence.

    Example:
        >>> proof = Disjoint("Pages", "Tracks", 'no event passes type = "page" and type = "track"')
        >>> proof.reason
        'no event passes type = "page" and type = "track"'
    """

    one: str
    other: str
    reason: str


@dataclass(frozen=True)
class LintReport:
    """The result of a run.

    Attributes:
        findings: In the order of the subscriptions, and of the rules.
        ignored: The number of findings that a subscription ignores.
        subscriptions: The number of subscriptions.
        disabled: The number of those that are disabled, and were not checked.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> report = lint(absmartly, absmartly.preset_subscriptions())
        >>> report.subscriptions, [finding.code for finding in report.findings if finding.severity == "error"]
        (4, [])
    """

    findings: tuple[Finding, ...]
    ignored: int
    subscriptions: int
    disabled: int
    _subject: Subject = field(repr=False, compare=False)

    @cached_property
    def disjoint(self) -> tuple[Disjoint, ...]:
        """The proofs that two subscriptions of one action match no event in common; made when first read.

        Their number is the square of that of the subscriptions.
        """
        return tuple(
            Disjoint(one.name, other.name, found.reason)
            for one, other, found in self._subject.all_pairs
            if isinstance(found, Impossible)
        )


def lint(
    definition: DestinationDefinition[Any],
    subscriptions: Sequence[Subscription] | None = None,
    *,
    plan: "TrackingPlan | None" = None,
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
    found: list[_Found] = []
    for rule in rules:
        given_to_rule = enabled if rule in definition.lint_rules else subject
        found += [(rule, finding) for finding in rule.check(given_to_rule)]
    comments = [(index, comment) for index, item in enumerate(enabled) for comment in ignored_by(item)]
    used = {id(comment): False for _, comment in comments}
    kept = [pair for pair in found if not _is_ignored(pair[0].code, pair[1], comments, used)]
    ignored = len(found) - len(kept)
    known = [rule.code for rule in all_rules(definition)]
    applied = {rule.code for rule in rules}
    kept += [pair for pair in _about_comments(comments, used, known, applied) if pair[0] in rules]
    order = {rule.code: number for number, rule in enumerate(all_rules(definition))}
    kept = _by_subscription(kept, names)
    kept.sort(key=lambda pair: (-1 if pair[1].subscription is None else pair[1].subscription, order[pair[0].code]))
    by_subscription: _BySubscription = {}
    for number, pair in enumerate(kept):
        by_subscription.setdefault(pair[1].subscription, []).append((number, pair))
    return LintReport(
        findings=tuple(_finding(rule, finding, subject, indexes, by_subscription) for rule, finding in kept),
        ignored=ignored,
        subscriptions=len(given),
        disabled=len(given) - len(enabled),
        _subject=subject,
    )


def _is_selected(code: str, select: Iterable[str], ignore: Iterable[str]) -> bool:
    selected = list(select)
    if any(covers(given, code) for given in ignore):
        return False
    return not selected or any(covers(given, code) for given in selected)


def _by_subscription(kept: list[_Found], names: list[str]) -> list[_Found]:
    """Joins the findings about pairs: those of one rule and one subscription become one that names all others."""
    joined: dict[tuple[str, int | None], _Found] = {}
    singles = []
    for rule, finding in kept:
        if not finding.others:
            singles.append((rule, finding))
            continue
        known = joined.get((rule.code, finding.subscription))
        others = finding.others if known is None else (*known[1].others, *finding.others)
        joined[rule.code, finding.subscription] = (rule, replace((known or (rule, finding))[1], others=others))
    return [*singles, *((rule, _named(finding, names)) for rule, finding in joined.values())]


def _named(finding: LintFinding, names: list[str]) -> LintFinding:
    more = [repr(names[other]) for other in finding.others[1:]]
    if not more:
        return finding
    shown = ", ".join(more[:_SHOWN]) + (f" and {len(more) - _SHOWN} more" if len(more) > _SHOWN else "")
    return replace(finding, message=f"{finding.message}; the same is true of {shown}")


def _finding(
    rule: LintRule[Any], finding: LintFinding, subject: Subject, indexes: list[int], kept: _BySubscription
) -> Finding:
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
        others=tuple(subject.checked[other].name for other in finding.others),
        follows_from=tuple(dict.fromkeys(_causes(rule, finding, subject, kept))),
    )


def _causes(rule: LintRule[Any], finding: LintFinding, subject: Subject, kept: _BySubscription) -> Iterator[str]:
    """Yields the findings that one may follow from: a trigger that is not read as it is meant, a mistyped key."""
    if finding.subscription is None:
        return
    concerned = {finding.subscription, *finding.others}
    for _, (other, cause) in sorted(chain(*(kept.get(index, ()) for index in concerned)), key=itemgetter(0)):
        if cause is finding or not _may_cause(other.code, rule.code):
            continue
        if rule.code == "M004" and not _is_close(cause.pointer, finding.pointer):
            continue
        is_own = cause.subscription == finding.subscription
        yield other.code if is_own else f"{other.code} of {subject.checked[cause.subscription or 0].name!r}"


def _may_cause(cause: str, code: str) -> bool:
    if (cause, code) in {("M003", "M004"), ("E007", "E002")}:
        return True
    is_misread = cause.startswith("T") and cause < "T020"
    return is_misread and (code.startswith(("O", "E")) or code in {"T020", "T021", "F003", "F004"})


def _is_close(one: str, other: str) -> bool:
    """Whether an unknown key may be meant for a field that is left out."""
    from difflib import get_close_matches

    return bool(get_close_matches(one.lower(), [other.lower()], cutoff=_CLOSE))


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
