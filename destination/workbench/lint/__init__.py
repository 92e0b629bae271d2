"""Checks subscriptions: `destination lint`.

Each `*_rules` module has the rules of one family, `catalogue` lists them all, `run` applies them to a `subject`, and
`formats` writes the findings for code scanners. Some rules need a tracking plan.
"""

from typing import TYPE_CHECKING

from destination.late import late_names
from destination.workbench.lint.catalogue import RULES, all_rules
from destination.workbench.lint.run import Disjoint, Finding, LintReport, lint

if TYPE_CHECKING:
    from destination.workbench.lint.fix import Fix, fix_trigger
    from destination.workbench.lint.formats import Locate, to_github, to_sarif
    from destination.workbench.tracking_plan import PlannedEvent, TrackingPlan, read_tracking_plan

__getattr__ = late_names(
    globals(),
    {
        "destination.workbench.lint.fix": "Fix fix_trigger",
        "destination.workbench.lint.formats": "Locate to_github to_sarif",
        "destination.workbench.tracking_plan": "PlannedEvent TrackingPlan read_tracking_plan",
    },
)

__all__ = [
    "RULES",
    "Disjoint",
    "Finding",
    "Fix",
    "LintReport",
    "Locate",
    "PlannedEvent",
    "TrackingPlan",
    "all_rules",
    "fix_trigger",
    "lint",
    "read_tracking_plan",
    "to_github",
    "to_sarif",
]
