"""Applies the rules to subscriptions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from destination.definition import DestinationDefinition, LintFinding, LintRule, Subscription
from destination.definition.lint_rule import Severity
from destination.fql import Impossible
from destination.runtime.problems import label
from destination.workbench.lint.catalogue import UNKNOWN, USELESS, all_rules
from destination.workbench.lint.ignoring import Ignored, covers, ignored_by
from destination.workbench.lint.subject import Subject, make_subject
from destination.workbench.lint.tracking_plan import TrackingPlan


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was found.

    Attributes:
        code: The rule's code.
        severity: How bad it is.
        subscription: The subscription's name; None for all of them together.
        index: Its place in the list that was given, disabled ones counted.
        place: What in it: `name`, `subscribe`, `partnerAction`, `mapping`, or a JSON pointer that begins with
            `mapping/`.
        message: One sentence.
        remedy: What to do.
        span: Where in the trigger's text, in characters.
        source: That text.
    """

    code: str
    severity: Severity
    subscription: str | None
    index: int | None
    place: str
    message: str
    remedy: str
    span: tuple[int, int] | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Disjoint:
    """A proof that no event is taken by two subscriptions.

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
    """What came of a run.

    Attributes:
        findings: In the order of the subscriptions, and of the rules.
        ignored: How many findings a subscription had ignored.
        disjoint: The proofs that two subscriptions of one action take no event in common.
        subscriptions: How many there are.
        disabled: How many of them are disabled, and were not looked at.
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
    """Looks for everything that the rules know.

    Args:
        definition: The destination.
        subscriptions: Its subscriptions; the presets when None. Disabled ones are not looked at.
        plan: The tracking plan of the events that come.
        select: Codes, or beginnings of codes, to look for; all when empty.
        ignore: The same, not to look for.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> order = Subscription(name="Orders", subscribe="type = 'track'", partner_action="trackGoal",
        ...                      mapping=absmartly.actions["trackGoal"].default_values())
        >>> [finding.code for finding in lint(absmartly, [order], select=["T"]).findings]
        ['T007']
    """
    given = definition.preset_subscriptions() if subscriptions is None else list(subscriptions)
    places = [index for index, item in enumerate(given) if item.enabled]
    enabled = [given[index] for index in places]
    names = [label(given[index], index) for index in places]
    rules = [rule for rule in all_rules(definition) if _chosen(rule.code, select, ignore)]
    subject = make_subject(definition, list(zip(names, enabled, strict=True)), plan)
    found: list[tuple[LintRule[Any], LintFinding]] = []
    for rule in rules:
        given_to_rule = enabled if rule in definition.lint_rules else subject
        found += [(rule, finding) for finding in rule.check(given_to_rule)]
    wishes = [(index, wish) for index, item in enumerate(enabled) for wish in ignored_by(item)]
    used = {id(wish): False for _, wish in wishes}
    kept = [pair for pair in found if not _ignored(pair[0].code, pair[1], wishes, used)]
    known = [rule.code for rule in all_rules(definition)]
    told = {rule.code for rule in rules}
    kept += [pair for pair in _about(wishes, used, known, told) if pair[0] in rules]
    order = {rule.code: number for number, rule in enumerate(all_rules(definition))}
    kept.sort(key=lambda pair: (-1 if pair[1].subscription is None else pair[1].subscription, order[pair[0].code]))
    return LintReport(
        findings=tuple(_finding(rule, finding, subject, places) for rule, finding in kept),
        ignored=len(found) - sum(rule not in (USELESS, UNKNOWN) for rule, _ in kept),
        disjoint=_proofs(subject),
        subscriptions=len(given),
        disabled=len(given) - len(enabled),
    )


def _chosen(code: str, select: Iterable[str], ignore: Iterable[str]) -> bool:
    wanted = list(select)
    if any(covers(asked, code) for asked in ignore):
        return False
    return not wanted or any(covers(asked, code) for asked in wanted)


def _ignored(code: str, finding: LintFinding, wishes: list[tuple[int, Ignored]], used: dict[int, bool]) -> bool:
    """Whether a subscription that has a part in it wants it ignored; remembers whose wish that was."""
    concerned = {finding.subscription, *finding.others}
    met = [wish for index, wish in wishes if index in concerned and wish.covers(code)]
    used.update((id(wish), True) for wish in met)
    return bool(met)


def _about(
    wishes: list[tuple[int, Ignored]], used: dict[int, bool], known: list[str], told: set[str]
) -> Iterable[tuple[LintRule[Subject], LintFinding]]:
    """Findings about the wishes themselves; those of rules that were not asked are left alone."""
    for index, wish in wishes:
        meant = [code for code in known if wish.covers(code)]
        if not meant:
            yield (
                UNKNOWN,
                LintFinding(index, wish.place, f"ignore {wish.code}: there is no such code", "see docs/lint.md"),
            )
        elif not used[id(wish)] and told.issuperset(meant):
            yield USELESS, LintFinding(index, wish.place, f"ignore {wish.code} ignores nothing", "take it away")


def _finding(rule: LintRule[Any], finding: LintFinding, subject: Subject, places: list[int]) -> Finding:
    at = finding.subscription
    return Finding(
        code=rule.code,
        severity=rule.severity,
        subscription=None if at is None else subject.checked[at].name,
        index=None if at is None else places[at],
        place=finding.pointer,
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
