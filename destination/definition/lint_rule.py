"""What a linter looks for: a code, how bad it is, and a function that finds it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeAlias, TypeVar

T = TypeVar("T")
Severity: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class LintFinding:
    """Something that a rule found.

    Attributes:
        subscription: The place in the list of the subscription that it is about; None for all of them together.
        place: What in it: `subscribe`, `partnerAction`, `mapping`, or a JSON pointer that begins with `mapping/`.
        message: What was found, one sentence.
        remedy: What to do.
        span: Where in the text of the trigger, from its first character to behind its last.
        others: The places of other subscriptions that have a part in it.
    """

    subscription: int | None
    place: str
    message: str
    remedy: str
    span: tuple[int, int] | None = None
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LintRule(Generic[T]):
    """One kind of finding.

    A destination ships rules of its own in `lint_rules`: there `check` takes the enabled subscriptions, and a
    finding names one by its place in that list.

    Attributes:
        code: What people name it by: letters for its family and a number, such as `ABS001`.
        severity: `error`: events are lost, fail or are sent that should not be; `warning`: probably not as
            meant; `info`: good to know.
        finds: What it finds, for the table of all rules.
        check: Gives the findings.

    Example:
        >>> unnamed = LintRule("DEMO001", "info", "a subscription without a name", lambda subscriptions: [
        ...     LintFinding(index, "name", "the subscription has no name", "give it one")
        ...     for index, item in enumerate(subscriptions) if not item.name])
        >>> from destination.definition import Subscription
        >>> [finding.message for finding in unnamed.check([Subscription(subscribe="", partner_action="a")])]
        ['the subscription has no name']
    """

    code: str
    severity: Severity
    finds: str
    check: Callable[[T], Iterable[LintFinding]]
