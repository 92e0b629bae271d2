"""Migrates from ABsmartly Classic to ABsmartly (Actions): subscriptions, known differences, comparison on events."""

from destination.catalog.absmartly.migration.cutover import cutover_filters
from destination.catalog.absmartly.migration.differences import Difference, Naming, differences_for
from destination.catalog.absmartly.migration.subscriptions import migrate
from destination.catalog.absmartly.migration.verification import Sample, Verification, Verifier

__all__ = [
    "Difference",
    "Naming",
    "Sample",
    "Verification",
    "Verifier",
    "cutover_filters",
    "differences_for",
    "migrate",
]
