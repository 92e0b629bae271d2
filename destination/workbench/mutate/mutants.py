"""All mutants of some subscriptions, or a sample of them."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from destination.definition import Action, Subscription
from destination.fql import compile_trigger
from destination.mapping import compile_mapping
from destination.values import write_json
from destination.workbench.mutate.equivalence import Equivalence
from destination.workbench.mutate.mapping_changes import mapping_changes
from destination.workbench.mutate.mutant import Mutant
from destination.workbench.mutate.trigger_changes import trigger_changes


@dataclass(frozen=True, slots=True)
class Mutants:
    """What is to be tried.

    Attributes:
        subscriptions: The subscriptions, as they are.
        tried: The mutants that tests can notice, as far as is known.
        equivalent: Those that none can, each with the reason.
        left_out: How many more there are beyond the limit; of these it is not known whether tests can notice them.
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
) -> Mutants:
    """The mutants of subscriptions, in their order; disabled ones have none.

    Args:
        subscriptions: The subscriptions.
        actions: The destination's actions.
        limit: So many at most; a sample is drawn.
        seed: For the sample: the same seed draws the same.

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
            found += _mutants_of(index, subscription)
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


def _mutants_of(index: int, subscription: Subscription) -> Iterator[Mutant]:
    name = subscription.name or f"subscription {index}"
    yield Mutant(index, name, "subscription", (), "the subscription is taken out")
    known = {write_json(subscription.subscribe)}
    for change in trigger_changes(compile_trigger(subscription.subscribe)):
        if _is_new(change.value, known):
            yield Mutant(index, name, "trigger", change.path, change.text, change.value)
    if compile_mapping(subscription.mapping).problems:
        return
    known.add(write_json(subscription.mapping))
    for change in mapping_changes(subscription.mapping):
        # What is not valid would be noticed for the wrong reason.
        if _is_new(change.value, known) and not compile_mapping(change.value).problems:
            yield Mutant(index, name, "mapping", ("mapping", *change.path), change.text, change.value)


def _is_new(value: Any, known: set[bytes]) -> bool:
    written = write_json(value)
    if written in known:
        return False
    known.add(written)
    return True
