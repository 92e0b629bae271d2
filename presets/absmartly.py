"""The presets of ABsmartly (Actions)."""

from actions.absmartly import track_exposure, track_goal
from destination import Preset, template

EXPERIMENT_VIEWED = "Experiment Viewed"

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
        mapping={**track_goal.default_values(), "name": template("Page: {{ name }}")},
    ),
    Preset(
        name="Screen Calls",
        subscribe='type = "screen"',
        partner_action="trackGoal",
        mapping={**track_goal.default_values(), "name": template("Screen: {{ name }}")},
    ),
    Preset(
        name="Exposures (Verbatim)",
        subscribe=f'type = "track" and event = "{EXPERIMENT_VIEWED}"',
        partner_action="trackExposure",
        mapping=track_exposure.default_values(),
    ),
)
