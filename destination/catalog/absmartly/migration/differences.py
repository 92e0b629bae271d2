"""The known differences between migrated subscriptions and ABsmartly Classic, and the settings that each depends on."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal, TypeAlias

from destination.catalog.absmartly.classic import ClassicSettings

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
    """A known difference.

    Example:
        >>> Difference.NO_UNITS.code
        'no-units'
    """

    TIMES = _Entry(
        "times",
        "Moments come from `timestamp`, not from `originalTimestamp` and `sentAt`, and an event whose `timestamp` "
        "cannot be read fails; every request says `historic: true`.",
        _always,
    )
    NO_UNITS = _Entry(
        "no-units", "An event without usable units: classic sends nothing, Actions sends `units: []`.", _always
    )
    BLANK_UNITS = _Entry("blank-units", "Units of blank text: classic keeps them, Actions drops them.", _always)
    NO_PROPERTIES = _Entry(
        "no-properties",
        "An event without `properties`: classic sends the goal, Actions fails on the required field.",
        _always,
    )
    VIEW_NAME = _Entry(
        "view-name",
        "A page or screen whose name is no text: classic fails, Actions makes text of it (`Page: ` without a name).",
        _views,
    )
    OWN_UNITS = _Entry(
        "own-units",
        "`properties.absmartly.units` is a list; no portable directive makes the units object of it, so that these "
        "events keep the unit mapping.",
        _always,
    )
    ABSMARTLY_STAYS = _Entry(
        "absmartly-stays", "`properties.absmartly` with units stays in the goal's properties.", _always
    )
    EXPOSURES = _Entry(
        "exposures",
        "Exposures are checked (one that is malformed, or holds goals, fails) and their moments are shifted; classic "
        "passes them as they are.",
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
        "A track event whose name is no text, or empty: classic sends it as it is, Actions sends a number as text and "
        "fails on the rest.",
        _always,
    )
    ODD_PROPERTIES = _Entry(
        "odd-properties",
        "`properties` that are a list: classic sends them, Actions fails; `properties.absmartly` that is no object: "
        "classic fails, Actions sends the goal; an exposure whose `properties` or `traits` are no object: classic "
        "fails, Actions does not take it.",
        _always,
    )
    UNIT_ORDER = _Entry(
        "unit-order",
        "Units whose names are whole numbers come first in Actions' units object; classic keeps the order of the "
        "unit mapping.",
        lambda settings, naming: any(str(unit).isdigit() for unit in settings.unit_mapping.values()),
    )

    @property
    def code(self) -> str:
        """Its short name, stable across versions."""
        return self.value.code

    @property
    def sentence(self) -> str:
        """What differs."""
        return self.value.sentence

    def counts(self, settings: ClassicSettings, naming: Naming) -> bool:
        """Whether it can affect events with these settings.

        Example:
            >>> settings = ClassicSettings(
            ...     collector_endpoint="https://h/v1", api_key="", environment="", unit_mapping={}
            ... )
            >>> Difference.VIEW_NAME.counts(settings, "title")
            False
        """
        return self.value.counts(settings, naming)


def differences_for(settings: ClassicSettings, naming: Naming) -> tuple[Difference, ...]:
    """The differences that can affect events with these settings, in the order of the list.

    Example:
        >>> settings = ClassicSettings(collector_endpoint="https://h/v1", api_key="", environment="", unit_mapping={})
        >>> [entry.code for entry in differences_for(settings, "title")]
        ['times', 'no-units', 'blank-units', 'no-properties', 'own-units', 'absmartly-stays', 'event-name',
         'odd-properties']
    """
    return tuple(entry for entry in Difference if entry.counts(settings, naming))
