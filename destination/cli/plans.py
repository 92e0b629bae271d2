"""Reads the tracking plan that is named on the command line."""

from pathlib import Path

from destination.cli.output import Output
from destination.definition.given.files import parse_json, read_file
from destination.errors import DefinitionError
from destination.usage_problem import UsageProblem
from destination.workbench.tracking_plan import TrackingPlan, read_tracking_plan

_MAX_NOTES = 10


def read_plan(path: Path, output: Output) -> TrackingPlan:
    """Reads a tracking plan, and writes its remarks to standard error.

    Args:
        path: The file.
        output: Takes the remarks: rules that are left out, further pages that are missing.

    Raises:
        UsageProblem: The file cannot be read, or is not a tracking plan.
    """
    try:
        plan = read_tracking_plan(
            parse_json(read_file(path, "tracking plan", "a JSON file with a tracking plan"), path)
        )
    except DefinitionError as error:
        raise UsageProblem(f"{path}: {error}") from None
    for remark in plan.remarks[:_MAX_NOTES]:
        output.note(f"{path}: {remark}")
    if len(plan.remarks) > _MAX_NOTES:
        output.note(f"{path}: … and {len(plan.remarks) - _MAX_NOTES:,} more remarks; --json has all of them")
    return plan
