"""Finds what is wrong with a subscription when it is compiled."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from destination.definition import Action, Subscription
from destination.fql import Trigger
from destination.mapping import CompiledMapping
from destination.records import dataclass
from destination.values import real_type_of

# Keys that Segment itself adds to a mapping; they are not fields of the action.
_RESERVED_PREFIX = "__segment_internal_"
_RESERVED_KEYS = frozenset({"batch_keys", "batch_size", "enable_batching", "onMappingSave", "retlOnMappingSave"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    Attributes:
        subscription: The subscription's name, or its number if it has none.
        pointer: The part at fault: `subscribe`, `partnerAction`, `mapping`, or a JSON pointer into the mapping.
        message: What is wrong.
        remedy: What to do.
        severity: `error`: events are lost or fail; `warning`: it works, but perhaps not as intended.

    Example:
        >>> from destination.runtime import Destination
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "send", "mapping": {}}
        >>> instance = Destination(name="Demo", slug="demo", actions={}).instance({}, [pages])
        >>> [(problem.subscription, problem.pointer, problem.severity) for problem in instance.problems]
        [('Pages', 'partnerAction', 'error')]
    """

    subscription: str
    pointer: str
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.subscription}: {self.pointer}: {self.message} ({self.remedy})"


def is_reserved(key: str) -> bool:
    """Returns whether a key of a mapping is Segment's own and not a field of the action."""
    return key in _RESERVED_KEYS or key.startswith(_RESERVED_PREFIX)


NO_OBJECT_REMEDY = "give the object itself; parse JSON that is in a string first"


def no_object(mapping: Any) -> str | None:
    """Returns what is wrong with a mapping that is not a JSON object; None if it is one."""
    if isinstance(mapping, Mapping):
        return None
    return f"a mapping is a JSON object, but this is: {real_type_of(mapping)}; none of it is a field of the action"


def label(subscription: Subscription, index: int) -> str:
    """Returns a subscription's name in messages."""
    return subscription.name or f"subscription {index}"


def find_key_remarks(name: str, subscription: Subscription) -> Iterable[Problem]:
    """Keys of the subscription's JSON that are unknown or have a wrong type."""
    for remark in subscription.remarks:
        yield Problem(name, remark.key, remark.message, remark.remedy, remark.severity)


def find_problems(
    name: str,
    subscription: Subscription,
    trigger: Trigger | None,
    mapping: CompiledMapping,
    action: Action[Any, Any] | None,
    slugs: Iterable[str],
) -> Iterable[Problem]:
    """Yields everything that makes a subscription fail or match nothing."""
    if trigger is None:
        yield Problem(name, "subscribe", "Failed to validate subscription", "give the trigger as FQL text")
    elif trigger.error is not None:
        yield Problem(
            name, "subscribe", f"Invalid subscription : {trigger.error}", 'mend the FQL, for example type = "track"'
        )
    if action is None:
        known = ", ".join(slugs)
        yield Problem(
            name,
            "partnerAction",
            f"there is no action {subscription.partner_action!r}: its events yield no result at all",
            f"use one of: {known}",
        )
    for problem in mapping.problems:
        pointer = "/".join(("mapping", *problem.path))
        remedy = "mend the directive: every event that the subscription matches fails"
        yield Problem(name, pointer, problem.message, remedy)


def find_warnings(name: str, mapping: Mapping[str, Any], action: Action[Any, Any] | None) -> Iterable[Problem]:
    """Yields a mapping that is not an object, keys without a field of the action, and unmapped required fields."""
    wrong = no_object(mapping)
    if wrong is not None:
        yield Problem(name, "mapping", wrong, NO_OBJECT_REMEDY)
    if action is None or not isinstance(mapping, dict) or "__segment_internal_directive" in mapping:
        return
    if any(key.startswith("@") for key in mapping):
        return  # the whole payload comes from a directive: its keys show only with an event
    fields = action.input_fields
    for key in mapping:
        if key not in fields and not is_reserved(key):
            known = ", ".join(fields)
            yield Problem(
                name,
                f"mapping/{key}",
                f"the action has no field {key!r}: it is removed from every payload",
                f"use one of: {known}",
                "warning",
            )
    for key, field in fields.items():
        if field.required is True and key not in mapping:
            yield Problem(
                name,
                f"mapping/{key}",
                f"the required field {key!r} is left out: every event it matches fails",
                "map it, for example from the action's defaults",
            )
