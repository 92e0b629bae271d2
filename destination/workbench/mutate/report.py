"""What became of the mutants."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from destination.workbench.coverage import percent
from destination.workbench.mutate.equivalence import telling_event
from destination.workbench.mutate.mutant import Mutant
from destination.workbench.mutate.mutants import Mutants

Verdict: TypeAlias = Literal["noticed", "survived", "timeout"]


@dataclass(slots=True)
class MutationReport:
    """The verdicts.

    Attributes:
        mutants: What was to be tried.
        verdicts: What was tried, each with what came of it; a mutant whose tests do not end counts as noticed.

    Example:
        >>> from destination.definition import Subscription
        >>> from destination.workbench.mutate.mutants import find_mutants
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
        """Notes what came of a mutant."""
        self.verdicts.append((mutant, verdict))

    @property
    def survivors(self) -> list[Mutant]:
        """What no test noticed, in the order of the mappings."""
        found = {id(mutant) for mutant, verdict in self.verdicts if verdict == "survived"}
        return [mutant for mutant in self.mutants.tried if id(mutant) in found]

    @property
    def noticed(self) -> int:
        """How many were noticed."""
        return sum(verdict != "survived" for _, verdict in self.verdicts)

    @property
    def score(self) -> float:
        """How many of those tried were noticed, in percent."""
        return percent(self.noticed, len(self.verdicts))

    def by_subscription(self) -> list[tuple[str, int, int, int]]:
        """For each subscription its name, and how many mutants were tried, noticed and equivalent."""
        rows: dict[int, tuple[str, int, int, int]] = {}
        for mutant, verdict in self.verdicts:
            name, tried, noticed, same = rows.get(mutant.index, (mutant.name, 0, 0, 0))
            rows[mutant.index] = (name, tried + 1, noticed + (verdict != "survived"), same)
        for mutant, _ in self.mutants.equivalent:
            name, tried, noticed, same = rows.get(mutant.index, (mutant.name, 0, 0, 0))
            rows[mutant.index] = (name, tried, noticed, same + 1)
        return [rows[index] for index in sorted(rows)]

    def hint(self, mutant: Mutant) -> dict[str, Any] | None:
        """An event that a test could use to notice a change of a trigger, where one is found."""
        if mutant.part != "trigger":
            return None
        return telling_event(self.mutants.subscriptions[mutant.index].subscribe, mutant.value)

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON."""
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
    return {"subscription": mutant.name, "place": "/".join(mutant.place), "change": mutant.change}
