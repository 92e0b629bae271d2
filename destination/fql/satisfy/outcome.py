"""What the search for a value comes to."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from destination.fql.satisfy.requirement import Requirement


@dataclass(frozen=True, slots=True)
class Found:
    """A value that does.

    Attributes:
        value: It; `MISSING` where nothing must stand.
    """

    value: Any


@dataclass(frozen=True, slots=True)
class Barred:
    """A proof that there is none.

    Attributes:
        requirements: Those that exclude each other, with others perhaps.
    """

    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class Unsure:
    """Neither.

    Attributes:
        reason: Why.
    """

    reason: str


Outcome: TypeAlias = Found | Barred | Unsure
