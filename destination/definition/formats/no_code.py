"""What stands in the place of code where a destination was loaded without any."""

from dataclasses import dataclass
from typing import Any, NoReturn

from destination.errors import DefinitionError


@dataclass(frozen=True, slots=True)
class NoCode:
    """A function that always refuses, and says why.

    Attributes:
        what: What would have been called, such as `perform of the action 'trackGoal'`.
        slug: The destination.

    Example:
        >>> NoCode("perform of the action 'trackGoal'", "actions-absmartly")(None, None)
        Traceback (most recent call last):
        destination.errors.DefinitionError: actions-absmartly was loaded from its public definition, ...
    """

    what: str
    slug: str

    def __call__(self, *_arguments: Any) -> NoReturn:
        raise DefinitionError(
            f"{self.slug} was loaded from its public definition, which has no code for {self.what}: "
            "triggers, mappings and payloads can be tried, but nothing can be sent"
        )
