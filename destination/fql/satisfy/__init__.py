"""Whether any event can match some triggers and not others: a witness, a proof, or neither.

`formula` makes a logical formula of triggers, `search` takes it apart into sets of requirements, `place`
finds what must stand in an event for one such set (`numbers`, `texts`: for one value), `changes` says what
differs, `solve` is what others call. `boundary` gives the events on both sides of each condition.
"""

from destination.fql.satisfy.boundary import BoundaryEvent, boundary_events
from destination.fql.satisfy.changes import Change
from destination.fql.satisfy.solve import Impossible, Undecided, Witness, satisfy

__all__ = ["BoundaryEvent", "Change", "Impossible", "Undecided", "Witness", "boundary_events", "satisfy"]
