"""Finds an event that some triggers match and others do not, or proves that there is none.

Read in this order: `solve` is the entry point and `search` turns triggers into a logical formula and that into
lists of requirements. `event_tree` builds an event for one such list, and `scalars` finds a single text or
number. `requirement` is one condition that must hold. `boundary` finds events on both sides of each condition.
"""

from destination.fql.satisfy.boundary import BoundaryEvent, boundary_events
from destination.fql.satisfy.solve import Change, Impossible, Undecided, Witness, satisfy

__all__ = ["BoundaryEvent", "Change", "Impossible", "Undecided", "Witness", "boundary_events", "satisfy"]
