"""What is wrong with a subscription, found when it is compiled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from destination.definition import Action, Subscription
from destination.fql import Trigger
from destination.mapping import CompiledMapping
from destination.values import real_type_of

# Keys of a mapping that Segment itself puts there; they are no fields of the action.
_RESERVED_PREFIX = "__segment_internal_"
_RESERVED_KEYS = frozenset({"batch_keys", "batch_size", "enable_batching", "onMappingSave", "retlOnMappingSave"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding.

    Attributes:
        subscription: The subscription's name, or its number where it has none.
        pointer: What in it: `subscribe`, `partnerAction`, `mapping`, or a JSON pointer into the mapping.
        message: What was found.
        remedy: What to do.
        severity: `error`: events are lost or fail; `warning`: it works, but perhaps not as meant.
    """

    subscription: str
    pointer: str
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return f"{self.subscription}: {self.pointer}: {self.message} ({self.remedy})"


def is_reserved(key: str) -> bool:
    """Whether a key of a mapping is Segment's own, and no field of the action."""
    return key in _RESERVED_KEYS or key.startswith(_RESERVED_PREFIX)


NO_OBJECT_REMEDY = "give the object itself; JSON that stands in a text is to be parsed first"


def no_object(mapping: Any) -> str | None:
    """What is wrong with a mapping that is no JSON object; None where it is one."""
    if isinstance(mapping, Mapping):
        return None
    return f"a mapping is a JSON object, but this is: {real_type_of(mapping)}; none of it is a field of the action"


def label(subscription: Subscription, index: int) -> str:
    """How a subscription is called in messages."""
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
    """Everything that makes a subscription fail or match nothing."""
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
        yield Problem(name, pointer, problem.message, "mend the directive: every event that it matches fails")


def find_warnings(name: str, mapping: Mapping[str, Any], action: Action[Any, Any] | None) -> Iterable[Problem]:
    """A mapping that is no object; keys that the action has no field for, and required fields that are left out."""
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
