"""Spark: sends the events of a DataFrame to a destination, and tests mappings over a lake.

Spark finds `DefaultSource` by itself, because the name of the package begins with `pyspark_`. Everything is imported
when it is first used: a Python worker that sends events needs nothing of what a driver needs.
"""

from typing import TYPE_CHECKING

from destination.late import late_names

if TYPE_CHECKING:
    from pyspark_destination.columns import events_from_columns
    from pyspark_destination.lake import coverage, diff, explain, plan
    from pyspark_destination.source import DefaultSource
    from pyspark_destination.tables import read_report, without_settled

__getattr__ = late_names(
    globals(),
    {
        "pyspark_destination.columns": "events_from_columns",
        "pyspark_destination.lake": "coverage diff explain plan",
        "pyspark_destination.source": "DefaultSource",
        "pyspark_destination.tables": "read_report without_settled",
    },
)

__all__ = [
    "DefaultSource",
    "coverage",
    "diff",
    "events_from_columns",
    "explain",
    "plan",
    "read_report",
    "without_settled",
]
