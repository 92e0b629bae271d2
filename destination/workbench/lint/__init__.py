"""What `destination lint` looks for in subscriptions.

Each `*_rules` module holds the rules of one family, `catalogue` lists them all, `run` applies them. `subject` is
what they look at, `tracking_plan` what some of them need, `ignoring` who asked not to be told; `sarif`, `github` and
`lines` are for what is told, and where.
"""

from destination.workbench.lint.catalogue import RULES, all_rules
from destination.workbench.lint.github import to_github
from destination.workbench.lint.lines import Lines
from destination.workbench.lint.run import Disjoint, Finding, LintReport, lint
from destination.workbench.lint.sarif import to_sarif
from destination.workbench.lint.tracking_plan import PlannedEvent, TrackingPlan, read_tracking_plan

__all__ = [
    "RULES",
    "Disjoint",
    "Finding",
    "Lines",
    "LintReport",
    "PlannedEvent",
    "TrackingPlan",
    "all_rules",
    "lint",
    "read_tracking_plan",
    "to_github",
    "to_sarif",
]
