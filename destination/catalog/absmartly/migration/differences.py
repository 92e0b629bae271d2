"""The known differences between ABsmartly Classic and the migrated subscriptions, and when each can matter."""

from collections.abc import Callable
from enum import Enum
from typing import Literal, TypeAlias

from destination.catalog.absmartly.classic import ClassicSettings
from destination.records import dataclass

Naming: TypeAlias = Literal["title", "pageview"]
"""How page and screen goals are named: `Page: Home`, or `home_pageview`."""


@dataclass(frozen=True, slots=True)
class _Entry:
    code: str
    sentence: str
    counts: Callable[[ClassicSettings, Naming], bool]


def _always(settings: ClassicSettings, naming: Naming) -> bool:
    return True


def _views(settings: ClassicSettings, naming: Naming) -> bool:
    return bool(settings.enable_page_view_tracking or settings.enable_app_screen_view_tracking)


def _exposures(settings: ClassicSettings, naming: Naming) -> bool:
    return bool(settings.enable_exposure_tracking)


class Difference(Enum):
    """A known difference between what classic and ABsmartly (Actions) send.

    Example:
        >>> Difference.NO_UNITS.code, Difference.NO_UNITS.sentence
        ('no-units', 'An event without usable units: classic sends nothing, Actions sends `units: []`.')
    """

    TIMES = _Entry(
        "times",
        "Classic takes its times from `originalTimestamp` and `sentAt`. Actions takes both from `timestamp`, adds "
        "`historic: true`, and fails on an event whose `timestamp` is not a date.",
        _always,
    )
    NO_UNITS = _Entry(
        "no-units", "An event without usable units: classic sends nothing, Actions sends `units: []`.", _always
    )
    BLANK_UNITS = _Entry("blank-units", "A unit whose text is blank: classic sends it, Actions drops it.", _always)
    NO_PROPERTIES = _Entry(
        "no-properties",
        "An event without `properties`: classic sends the goal, Actions fails because the field is required.",
        _always,
    )
    VIEW_NAME = _Entry(
        "view-name",
        "A page or screen whose name is not text: classic fails, Actions turns the name into text (`Page: ` if there "
        "is none).",
        _views,
    )
    OWN_UNITS = _Entry(
        "own-units",
        "An event with `properties.absmartly.units`: classic sends these units, Actions those of the unit mapping. "
        "`units` is a list, and no directive of Segment's turns it into the object that Actions needs.",
        _always,
    )
    ABSMARTLY_STAYS = _Entry(
        "absmartly-stays",
        "An event with `properties.absmartly.units`: Actions leaves `absmartly` in the goal's properties, classic "
        "takes it out.",
        _always,
    )
    EXPOSURES = _Entry(
        "exposures",
        "Actions checks exposures, fails on one that is malformed or holds goals, and shifts their times. Classic "
        "sends them unchanged.",
        _exposures,
    )
    NAMING = _Entry(
        "naming",
        "Page and screen goals have the older names that you chose, such as `home_pageview`.",
        lambda settings, naming: naming == "pageview" and _views(settings, naming),
    )
    # The following were found by comparing generated events.
    EVENT_NAME = _Entry(
        "event-name",
        "A track event whose name is empty or not text: classic sends the name as it is, Actions sends a number as "
        "text and fails on anything else.",
        _always,
    )
    ODD_PROPERTIES = _Entry(
        "odd-properties",
        "`properties` is a list: classic sends it, Actions fails. `properties.absmartly` is not an object: classic "
        "fails, Actions sends the goal. `properties` or `traits` of an exposure is not an object: classic fails, "
        "Actions ignores the event.",
        _always,
    )
    UNIT_ORDER = _Entry(
        "unit-order",
        "Units whose names are whole numbers: Actions sends them first, classic in the order of the unit mapping.",
        lambda settings, naming: any(str(unit).isdigit() for unit in settings.unit_mapping.values()),
    )
    PROTO = _Entry(
        "proto", "Keys called `__proto__` in the properties of a goal: classic sends them, Actions drops them.", _always
    )
    NULL_CONTEXT = _Entry(
        "null-context",
        "`context` or `context.personas` is null: classic ignores that, Actions fails on each such event that a "
        "trigger matches.",
        _always,
    )

    @property
    def code(self) -> str:
        """The short name; it is stable across versions."""
        return self.value.code

    @property
    def sentence(self) -> str:
        """What differs, in a sentence or two."""
        return self.value.sentence

    def counts(self, settings: ClassicSettings, naming: Naming) -> bool:
        """Returns whether it can affect events with these settings.

        Example:
            >>> settings = ClassicSettings(
            ...     collector_endpoint="https://h/v1", api_key="", environment="", unit_mapping={}
            ... )
            >>> Difference.VIEW_NAME.counts(settings, "title")
            False
        """
        return self.value.counts(settings, naming)


def differences_for(settings: ClassicSettings, naming: Naming) -> tuple[Difference, ...]:
    """Lists the differences that can affect events with these settings.

    Example:
        >>> settings = ClassicSettings(collector_endpoint="https://h/v1", api_key="", environment="", unit_mapping={})
        >>> [entry.code for entry in differences_for(settings, "title")]
        ['times', 'no-units', 'blank-units', 'no-properties', 'own-units', 'absmartly-stays', 'event-name',
         'odd-properties', 'proto', 'null-context']
    """
    return tuple(entry for entry in Difference if entry.counts(settings, naming))
