"""The smallest change of an event that makes a trigger true."""

from destination.event import Event
from destination.fql import Trigger
from destination.workbench.explain.model import Edit


def nearest_change(trigger: Trigger, event: Event) -> tuple[tuple[Edit, ...], str | None]:
    """The changes, or why there are none."""
    return (), None
