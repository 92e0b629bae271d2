"""Lint rules: a code, a severity and a function that finds problems."""

from collections.abc import Callable, Iterable
from typing import Generic, Literal, TypeAlias, TypeVar

from destination.records import dataclass

T = TypeVar("T")
Severity: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class LintFinding:
    """A problem that a rule found.

    Attributes:
        subscription: The index of the subscription; None if it is a problem of all of them together.
        pointer: The part of the subscription: `subscribe`, `partnerAction`, `mapping`, or a JSON pointer in it that
            begins with `mapping/`.
        message: What was found, in one sentence.
        remedy: What to do.
        span: The characters of the trigger, from the first to the one after the last.
        others: The indexes of other subscriptions that are involved.

    Example:
        >>> LintFinding(0, "mapping/name", "The name is empty.", "Give the goal a name.").pointer
        'mapping/name'
    """

    subscription: int | None
    pointer: str
    message: str
    remedy: str
    span: tuple[int, int] | None = None
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LintRule(Generic[T]):
    """One kind of problem, and the function that finds it.

    A destination ships rules of its own in `lint_rules`. Their `check` is called with the enabled subscriptions, and
    their findings have indexes into that list.

    Attributes:
        code: Its short name: letters for its family and a number, such as `ABS001`.
        severity: `error`: events are lost, fail, or are sent although they should not be. `warning`: probably not
            intended. `info`: good to know.
        finds: What it finds, for the table of all rules.
        check: Returns the findings.

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
