"""What tells apart events that a batch should not mix."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from destination.definition import Action
from destination.event import Event
from destination.mapping import compile_mapping


def batch_key_of(action: Action[Any, Any] | None, mapping: Any) -> Callable[[Event], Hashable] | None:
    """The part of the mapping that gives the action's `batch_keys`, as a function of the event; None where it has none.

    Example:
        >>> action = Action(title="A", description="", perform=print, batch_keys=("agent", "application"))
        >>> key_of = batch_key_of(action, {"agent": {"@path": "$.library"}, "name": {"@path": "$.event"}})
        >>> key_of({"library": "web", "event": "a"}), key_of({"event": "a"})
        (('web',), ())
    """
    if action is None or not isinstance(mapping, Mapping):
        return None
    part = {key: mapping[key] for key in action.batch_keys if key in mapping}
    resolve = compile_mapping(part).sharing()

    def key_of(event: Event) -> Hashable:
        try:
            return tuple([value if value.__class__ is str else str(value) for value in resolve(event).values()])
        except Exception:  # noqa: BLE001  what is wrong with the event shows when it is performed
            return None

    return key_of if part else None
