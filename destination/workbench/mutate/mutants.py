"""Finds the mutants of subscriptions, or a sample of them, and collects the verdicts."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Literal, TypeAlias

from destination.definition import Action, Subscription
from destination.fql import compile_trigger
from destination.mapping import compile_mapping
from destination.records import dataclass
from destination.workbench.coverage import percent
from destination.workbench.mutate.equivalence import Equivalence, distinguishing_event
from destination.workbench.mutate.mapping_changes import ValidMapping, mapping_changes
from destination.workbench.mutate.mutant import Mutant, shortened
from destination.workbench.mutate.trigger_changes import trigger_changes

Verdict: TypeAlias = Literal["noticed", "survived", "timeout"]


@dataclass(frozen=True, slots=True)
class Mutants:
    """The mutants of some subscriptions.

    Attributes:
        subscriptions: The unchanged subscriptions.
        tried: The mutants to try: no reason is known why no test could notice them.
        equivalent: The mutants that no test can notice, each with the reason.
        left_out: The number of mutants beyond the limit; these were not examined.

    Example:
        >>> pages = Subscription(name="Pages", subscribe='type = "page"', partner_action="x", mapping={"a": 1})
        >>> mutants = find_mutants([pages], {})
        >>> len(mutants.tried) > 0, mutants.left_out
        (True, 0)
    """

    subscriptions: tuple[Subscription, ...]
    tried: tuple[Mutant, ...]
    equivalent: tuple[tuple[Mutant, str], ...]
    left_out: int = 0


def find_mutants(
    subscriptions: Sequence[Subscription],
    actions: Mapping[str, Action[Any, Any]],
    *,
    limit: int | None = None,
    seed: int = 0,
    mask: Callable[[str], str] | None = None,
) -> Mutants:
    """Finds the mutants of subscriptions, in order; disabled subscriptions have none.

    Args:
        subscriptions: The subscriptions.
        actions: The destination's actions.
        limit: The maximum number of mutants to try, drawn at random; all if None.
        seed: The seed of the draw.
        mask: Masks secrets in the text of a change before the text is shortened; None masks nothing.

    Example:
        >>> pages = Subscription(name="Pages", subscribe='type = "page"', partner_action="x", mapping={"a": True})
        >>> [str(mutant) for mutant in find_mutants([pages], {}).tried]
        ['Pages: the subscription is taken out',
         'Pages: subscribe: type = "page" becomes type != "page"',
         'Pages: subscribe: type = "page" becomes type = "page_"',
         'Pages: mapping/a: the key "a" is left out',
         'Pages: mapping/a: true becomes false']
    """
    found: list[Mutant] = []
    equivalences: dict[int, Equivalence] = {}
    for index, subscription in enumerate(subscriptions):
        if subscription.enabled:
            action = actions.get(subscription.partner_action)
            fields = frozenset(action.input_fields) if action is not None and action.input_fields else None
            equivalences[index] = Equivalence(subscription, fields)
            found += _mutants_of(index, subscription, mask)
    order = list(range(len(found)))
    if limit is not None:
        random.Random(seed).shuffle(order)  # noqa: S311  nothing secret is drawn
    tried: list[int] = []
    equivalent: dict[int, str] = {}
    for number in order:
        if len(tried) == limit:
            break
        reason = equivalences[found[number].index].reason(found[number])
        if reason is None:
            tried.append(number)
        else:
            equivalent[number] = reason
    return Mutants(
        tuple(subscriptions),
        tuple(found[number] for number in sorted(tried)),
        tuple((found[number], equivalent[number]) for number in sorted(equivalent)),
        len(found) - len(tried) - len(equivalent),
    )


def _mutants_of(index: int, subscription: Subscription, mask: Callable[[str], str] | None) -> Iterator[Mutant]:
    name = subscription.name or f"subscription {index}"
    yield Mutant(index, name, "subscription", (), "the subscription is taken out")
    known = {subscription.subscribe}
    for change in trigger_changes(compile_trigger(subscription.subscribe)):
        if change.value not in known:
            known.add(change.value)
            yield Mutant(index, name, "trigger", change.path, change.text, change.value)
    if compile_mapping(subscription.mapping).problems:
        return
    mapping = ValidMapping(subscription.mapping)
    for change in mapping_changes(subscription.mapping):
        # A mapping that is not valid would be noticed for the wrong reason.
        if mapping.accepts(change):
            # Masked before it is shortened: half a secret would not be recognised.
            text = change.text if mask is None else mask(change.text)
            yield Mutant(index, name, "mapping", ("mapping", *change.path), shortened(text), change.value)


@dataclass(slots=True)
class MutationReport:
    """Which mutants were noticed.

    Attributes:
        mutants: The mutants.
        verdicts: The mutants that were tried, each with its verdict. A `timeout` counts as noticed.

    Example:
        >>> from destination.definition import Subscription
        >>> pages = Subscription(name="Pages", subscribe='type = "page"', partner_action="x")
        >>> report = MutationReport(find_mutants([pages], {}))
        >>> report.add(report.mutants.tried[0], "noticed")
        >>> report.add(report.mutants.tried[1], "survived")
        >>> report.score, [str(mutant) for mutant in report.survivors]
        (50.0, ['Pages: subscribe: type = "page" becomes type != "page"'])
    """

    mutants: Mutants
    verdicts: list[tuple[Mutant, Verdict]] = field(default_factory=list)

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        """Adds the verdict on a mutant."""
        self.verdicts.append((mutant, verdict))

    @property
    def survivors(self) -> list[Mutant]:
        """The mutants that no test noticed, in the order of the mappings."""
        found = {id(mutant) for mutant, verdict in self.verdicts if verdict == "survived"}
        return [mutant for mutant in self.mutants.tried if id(mutant) in found]

    @property
    def noticed(self) -> int:
        """The number of mutants that were noticed."""
        return sum(verdict != "survived" for _, verdict in self.verdicts)

    @property
    def score(self) -> float:
        """The share of the tried mutants that were noticed, in percent."""
        return percent(self.noticed, len(self.verdicts))

    def by_subscription(self) -> list[tuple[str, int, int, int]]:
        """Returns for each subscription its name, and the numbers of tried, noticed and equivalent mutants."""
        rows: dict[int, tuple[str, int, int, int]] = {}
        for mutant, verdict in self.verdicts:
            name, tried, noticed, same = rows.get(mutant.index, (mutant.name, 0, 0, 0))
            rows[mutant.index] = (name, tried + 1, noticed + (verdict != "survived"), same)
        for mutant, _ in self.mutants.equivalent:
            name, tried, noticed, same = rows.get(mutant.index, (mutant.name, 0, 0, 0))
            rows[mutant.index] = (name, tried, noticed, same + 1)
        return [rows[index] for index in sorted(rows)]

    def hint(self, mutant: Mutant) -> dict[str, Any] | None:
        """Returns an event that would notice a changed trigger; None if none is found."""
        if mutant.part != "trigger":
            return None
        return distinguishing_event(self.mutants.subscriptions[mutant.index].subscribe, mutant.value)

    def to_json(self) -> dict[str, Any]:
        """Returns the report as `destination mutate --json` prints it."""
        return {
            "tried": len(self.verdicts),
            "noticed": self.noticed,
            "score": self.score,
            "timeouts": sum(verdict == "timeout" for _, verdict in self.verdicts),
            "notTried": self.mutants.left_out + len(self.mutants.tried) - len(self.verdicts),
            "survivors": [
                {
                    **_as_json(mutant),
                    "diff": mutant.diff(self.mutants.subscriptions[mutant.index]),
                    **({} if (event := self.hint(mutant)) is None else {"noticedBy": event}),
                }
                for mutant in self.survivors
            ],
            "equivalent": [{**_as_json(mutant), "reason": reason} for mutant, reason in self.mutants.equivalent],
        }


def _as_json(mutant: Mutant) -> dict[str, Any]:
    return {"subscription": mutant.name, "place": "/".join(mutant.path), "change": mutant.change}
