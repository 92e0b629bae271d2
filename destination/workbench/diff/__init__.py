"""Compares two versions of the mappings by running real events through both."""

from destination.workbench.diff.allow import UNREADABLE, Allow
from destination.workbench.diff.comparison import Comparison, compare
from destination.workbench.diff.groups import Group, Sample
from destination.workbench.diff.markdown import render_markdown
from destination.workbench.diff.pairing import Pair, pair_subscriptions
from destination.workbench.diff.reading import KINDS, Kind
from destination.workbench.diff.report import DiffReport, SubscriptionDiff, Versions, render_page

__all__ = [
    "KINDS",
    "UNREADABLE",
    "Allow",
    "Comparison",
    "DiffReport",
    "Group",
    "Kind",
    "Pair",
    "Sample",
    "SubscriptionDiff",
    "Versions",
    "compare",
    "pair_subscriptions",
    "render_markdown",
    "render_page",
]
