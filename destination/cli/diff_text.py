"""The lines for a terminal of what `destination diff` found."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from rich.text import Text

from destination.values import MISSING, write_json
from destination.workbench.diff import DiffReport, Group, Sample, SubscriptionDiff, Versions

_SHOWN_GROUPS: Final = 20
_LONGEST: Final = 160

Clean = Callable[[str], str]


def diff_lines(report: DiffReport, versions: Versions, clean: Clean) -> Iterator[Text]:
    """Draws the report as lines: the versions, each subscription with its groups and samples, and the sum.

    Args:
        report: What was found.
        versions: What was compared.
        clean: Removes what must not reach a terminal.
    """
    yield Text.assemble(
        (clean(versions.old), "bold"), " → ", (clean(versions.new), "bold"), f", events of {clean(versions.source)}"
    )
    for item in report.subscriptions:
        if not item.is_quiet:
            yield Text()
            yield from _subscription(item, clean)
    yield Text()
    yield _sum(report)


def _subscription(item: SubscriptionDiff, clean: Clean) -> Iterator[Text]:
    states: list[str] = [item.state]
    if item.old_name is not None:
        states = ["renamed", *(states if item.state != "same" else [])]
    if item.state == "changed":
        states[-1] = f"{' and '.join(part for part in item.differs if part != 'name')} changed"
    title = Text.assemble((clean(item.name), "bold"), f": {', '.join(states)}")
    if item.old_name is not None:
        title.append(f" (was {clean(item.old_name)})")
    if item.runs:
        before, after = item.taken
        title.append(f"; takes {_events(after)}" if before == after else f"; takes {before:,} → {_events(after)}")
    else:
        title.append("; nothing else differs, so no event was run")
    yield title
    if item.runs and not item.groups:
        yield Text("  no event has another outcome")
    for kind, (events, _) in item.counts.items():
        groups = [group for group in item.groups if group.kind == kind]
        yield from _kind(kind, events, groups, clean)
    if item.unsteady:
        yield Text(
            f"  {_events(item.unsteady)}: requests are not the same when made twice; what differs so was left out"
        )


def _kind(kind: str, events: int, groups: list[Group], clean: Clean) -> Iterator[Text]:
    if kind != "changed":
        for group in groups[:_SHOWN_GROUPS]:
            why = " for other reasons" if group.detail is None else f": {clean(group.detail)}" if group.detail else ""
            yield Text.assemble("  ", (f"{group.events:,} × {kind}", _style(group)), why, _allowed(group))
            yield from _samples(group, clean)
        yield from _more(groups)
        return
    yield Text(f"  {events:,} × changed", style="yellow")
    fields = [group for group in groups if not group.is_of_requests]
    requests = [group for group in groups if group.is_of_requests]
    # What changed in payloads shows in requests: there it is enough to name what changed.
    for group in (fields or requests)[:_SHOWN_GROUPS]:
        yield Text.assemble(
            f"    {group.events:,} × ", (clean(group.detail or "other places"), "cyan"), _allowed(group)
        )
        yield from _samples(group, clean)
    yield from _more(fields or requests)
    if fields and requests:
        named = ", ".join(f"{clean(group.detail or '')} {group.events:,}" for group in requests[:_SHOWN_GROUPS])
        more = len(requests) - _SHOWN_GROUPS
        yield Text(f"    shows in {named}" + (f", and {more} other places" if more > 0 else ""), style="dim")


def _events(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"


def _more(groups: list[Group]) -> Iterator[Text]:
    if len(groups) > _SHOWN_GROUPS:
        yield Text(f"    … and {len(groups) - _SHOWN_GROUPS} more groups: see --json or --html", style="dim")


def _style(group: Group) -> str:
    return {"newly-sent": "green", "no-longer-failing": "green", "newly-failing": "bold red"}.get(group.kind, "yellow")


def _allowed(group: Group) -> str:
    if group.not_allowed == 0:
        return " (allowed)"
    return "" if group.not_allowed == group.events else f" ({group.events - group.not_allowed:,} allowed)"


def _samples(group: Group, clean: Clean) -> Iterator[Text]:
    for sample in group.samples:
        heading = [sample.line, *([sample.message_id] if sample.message_id else [])]
        if sample.at and sample.at != group.detail:
            heading.append(sample.at)
        yield Text(f"      {clean(', '.join(heading))}", style="dim")
        yield from _sides(sample, group.fails, clean)


def _sides(sample: Sample, fails: tuple[bool, bool], clean: Clean) -> Iterator[Text]:
    sides = (("-", sample.before, "red", fails[0]), ("+", sample.after, "green", fails[1]))
    for mark, value, style, failed in sides:
        if value is MISSING:
            style = "dim"
        elif failed:
            style = "bold red"
        shown = f"fails: {value}" if failed else _shown(value, whole=not sample.at)
        yield Text(f"        {mark} {clean(_cut(shown))}", style=style)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _shown(value: Any, *, whole: bool) -> str:
    if value is MISSING:
        return "(not sent)" if whole else "(absent)"
    if whole and isinstance(value, str):  # the requests, of which the beginning was kept
        return value
    if whole and isinstance(value, list):
        return "; ".join(map(_request, value)) or "(no request)"
    return _json(value)


def _request(request: Any) -> str:
    return f"{request['method']} {request['url']} {_json(request['body'])}"


def _json(value: Any) -> str:
    return write_json(value).decode("utf-8", "replace")


def _sum(report: DiffReport) -> Text:
    parts = [f"{_events(report.events)} compared"]
    if report.opted_out:
        parts.append(f"{_events(report.opted_out)} opted out by `integrations` and not compared")
    same = sum(item.is_quiet for item in report.subscriptions)
    if same:
        parts.append(f"{same} subscription{' is' if same == 1 else 's are'} the same and not run")
    if report.unreadable:
        lines = f"{report.unreadable:,} line{' holds' if report.unreadable == 1 else 's hold'}"
        parts.append(f"{lines} no event{' (allowed)' if report.unreadable_allowed else ''}")
    line = Text(f"{', '.join(parts)}: ")
    if not report.changed:
        return line.append("no event has another outcome.", "green")
    line.append(f"{report.changed:,} {'has' if report.changed == 1 else 'have'} another outcome", "bold")
    if report.not_allowed == report.changed:
        return line.append(".")
    return line.append(
        f", {report.not_allowed:,} of them not allowed." if report.not_allowed else ", all of it allowed."
    )
