"""`destination check-events`."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from destination.cli.options import AsJson
from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.cli.output import Output
    from destination.workbench.tracking_plan.check import EventCheck, Sample

_ROWS: Final = 50


def check_events(
    events: Annotated[
        str,
        Argument(metavar="EVENTS|-", help="NDJSON or a JSON array, also gzipped; - is standard input."),
    ],
    tracking_plan: Annotated[
        Path,
        Option("--tracking-plan", metavar="PLAN.json", help="The tracking plan, from Segment's Public API."),
    ],
    samples: Annotated[int, Option(min=0, max=100, metavar="N", help="Show up to N events of each violation.")] = 1,
    allow_unplanned: Annotated[
        bool, Option("--allow-unplanned", help="Accept track events that the plan does not name.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Check events against a tracking plan.

    Counts violations by rule and path, and shows examples. Nothing is sent. The file is read as a stream.

    \b
    Exit status: 0 all events follow the plan, 1 some do not, or cannot be read or checked, 2 bad usage.

    \b
    Examples:
      destination check-events events.ndjson --tracking-plan plan.json
      destination check-events events.ndjson.gz --tracking-plan plan.json --samples 3
      destination check-events - --tracking-plan plan.json --json < events.ndjson
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.events import each_event
    from destination.cli.files import reads, reads_events, refuse_shared
    from destination.cli.output import Output
    from destination.cli.plans import read_plan
    from destination.workbench.tracking_plan.check import INSTALL, EventCheck

    if importlib.util.find_spec("jsonschema_rs") is None:
        raise UsageProblem(f"check-events needs jsonschema-rs, which is not installed: {INSTALL}")
    output = Output()
    refuse_shared(reads_events("EVENTS", events), reads("--tracking-plan", tracking_plan))
    plan = read_plan(tracking_plan, output)
    check = EventCheck(plan, samples)
    for rule in check.rules:
        if rule.problem:
            output.note(
                f"{tracking_plan}: the rule {rule.title} is not checked, its schema is not valid: {rule.problem}"
            )
    unreadable = each_event(
        events, output, check.take, lambda: f"{check.violating:,} violating, {check.unplanned_events:,} unplanned"
    )
    if as_json:
        output.json({**check.to_json(), "unreadable": unreadable, "planRemarks": list(plan.remarks)})
    else:
        _show(check, output)
    failed = check.violating or check.unchecked or unreadable or (check.unplanned_events and not allow_unplanned)
    return 1 if failed else 0


def _show(check: "EventCheck", output: "Output") -> None:
    met = [rule for rule in check.rules if rule.events]
    if met:
        output.table(
            ("rule", "events", "violating"),
            [(rule.title, rule.events, rule.violating) for rule in sorted(met, key=lambda it: -it.violating)[:_ROWS]],
            more=_more(len(met)),
        )
    if check.violations:
        output.table(
            ("rule", "path", "violation", "events", "for example"),
            [
                (one.rule, one.path, one.message, one.events, "; ".join(map(_sample, one.samples)))
                for one in check.violations[:_ROWS]
            ],
            title="Violations",
            more=_more(len(check.violations)),
        )
    if check.unplanned:
        output.table(
            ("event", "events", "for example", "closest in the plan"),
            [
                (one.name or "(no name)", one.events, "; ".join(map(_sample, one.samples)), one.closest)
                for one in sorted(check.unplanned.values(), key=lambda it: -it.events)[:_ROWS]
            ],
            title="Not in the plan",
            more=_more(len(check.unplanned)),
        )
    if check.more:
        output.line(f"{check.more:,} more violations and names were only counted.")
    if check.not_covered:
        kinds = ", ".join(f"{kind or '(no type)'} {count:,}" for kind, count in check.not_covered.items())
        output.line(f"Types that the plan has no rules for: {kinds}")
    unchecked = f", {check.unchecked:,} have a rule that cannot be checked" if check.unchecked else ""
    output.line(
        f"{check.events:,} events: {check.conforming:,} follow the plan, {check.violating:,} violate it, "
        f"{check.unplanned_events:,} are not in it, {sum(check.not_covered.values()):,} are of types without rules"
        f"{unchecked}"
    )


def _more(count: int) -> str:
    return f"… and {count - _ROWS:,} more; see --json" if count > _ROWS else ""


def _sample(sample: "Sample") -> str:
    found = f": {sample.found}" if sample.found else ""
    return f"{sample.label}{f' ({sample.message_id})' if sample.message_id else ''}{found}"
