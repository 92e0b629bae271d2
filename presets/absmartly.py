"""The presets of ABsmartly (Actions), and variants of them for cases that Segment's own do not cover."""

from typing import Any

from destination import Preset, if_exists, liquid_template, merge, path, template
from destination.actions.absmartly import track_exposure, track_goal

EXPERIMENT_VIEWED = "Experiment Viewed"

_EXPOSURE = f'type = "track" and event = "{EXPERIMENT_VIEWED}"'


def page_name(*, older: bool = False) -> dict[str, Any]:
    """Makes the name of a page's goal: `Page: Home`, or by the older naming `home_pageview`.

    Example:
        >>> page_name(older=True)
        {'@liquid': '{{ name | slugify | replace: "-", "_" }}_pageview'}
    """
    return _view_name("Page", older=older)


def screen_name(*, older: bool = False) -> dict[str, Any]:
    """Makes the name of a screen's goal: `Screen: Home`, or by the older naming `home_screenview`.

    Example:
        >>> screen_name()
        {'@template': 'Screen: {{ name }}'}
    """
    return _view_name("Screen", older=older)


def _view_name(kind: str, *, older: bool) -> dict[str, Any]:
    if older:
        # Runs of what is no letter and no digit become one underscore; letters of any script stay.
        return dict(liquid_template('{{ name | slugify | replace: "-", "_" }}_' + f"{kind.lower()}view"))
    return dict(template(f"{kind}: {{{{ name }}}}"))


presets = (
    Preset(
        name="Track Calls",
        subscribe=f'type = "track" and event != "{EXPERIMENT_VIEWED}"',
        partner_action="trackGoal",
        mapping=track_goal.default_values(),
    ),
    Preset(
        name="Page Calls",
        subscribe='type = "page"',
        partner_action="trackGoal",
        mapping={**track_goal.default_values(), "name": page_name()},
    ),
    Preset(
        name="Screen Calls",
        subscribe='type = "screen"',
        partner_action="trackGoal",
        mapping={**track_goal.default_values(), "name": screen_name()},
    ),
    Preset(
        name="Exposures (Verbatim)",
        subscribe=_EXPOSURE,
        partner_action="trackExposure",
        mapping=track_exposure.default_values(),
    ),
)

_IN_EXPOSURE, _IN_ABSMARTLY = path("$.properties.exposure"), path("$.properties.absmartly")

variants = (
    Preset(
        name="Page Calls (home_pageview)",
        subscribe='type = "page"',
        partner_action="trackGoal",
        mapping={**track_goal.default_values(), "name": page_name(older=True)},
    ),
    Preset(
        name="Screen Calls (home_screenview)",
        subscribe='type = "screen"',
        partner_action="trackGoal",
        mapping={**track_goal.default_values(), "name": screen_name(older=True)},
    ),
    Preset(
        name="Exposures (exposure or absmartly)",
        subscribe=_EXPOSURE,
        partner_action="trackExposure",
        mapping={
            **track_exposure.default_values(),
            "exposure": if_exists(_IN_EXPOSURE, then=_IN_EXPOSURE, else_=_IN_ABSMARTLY),
        },
    ),
    Preset(
        name="Exposures (beside the event logger)",
        subscribe=f"{_EXPOSURE} and properties.exposure != null",
        partner_action="trackExposure",
        mapping=track_exposure.default_values(),
    ),
    Preset(
        name="Track Calls (units of the SDK)",
        subscribe=f'type = "track" and event != "{EXPERIMENT_VIEWED}"',
        partner_action="trackGoal",
        mapping={
            **track_goal.default_values(),
            "units": merge(track_goal.default_values()["units"], path("$.properties.units")),
        },
    ),
)
"""Beyond Segment's definition. Each is portable: it can be made in Segment's app or through its API."""
