"""Compares two versions of the mappings by running real events through both."""

from destination.workbench.diff.allow import UNREADABLE, Allow
from destination.workbench.diff.comparison import Comparison, PairComparison, compare
from destination.workbench.diff.groups import Change, Group, Sample
from destination.workbench.diff.markdown import render_markdown
from destination.workbench.diff.pairing import Pair, make_pair, pair_subscriptions
from destination.workbench.diff.reading import KINDS, Kind, Reading, Readings, read
from destination.workbench.diff.report import DiffReport, SubscriptionDiff, Versions, render_page

__all__ = [
    "KINDS",
    "UNREADABLE",
    "Allow",
    "Change",
    "Comparison",
    "DiffReport",
    "Group",
    "Kind",
    "Pair",
    "PairComparison",
    "Reading",
    "Readings",
    "Sample",
    "SubscriptionDiff",
    "Versions",
    "compare",
    "make_pair",
    "pair_subscriptions",
    "read",
    "render_markdown",
    "render_page",
]
