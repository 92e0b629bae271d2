"""Draws what `destination diff` found as lines for a terminal."""

from collections.abc import Callable, Iterator
from typing import Final

from rich.text import Text

from destination.values import MISSING
from destination.workbench.diff import DiffReport, Group, SubscriptionDiff, Versions

_SHOWN_GROUPS: Final = 20
_SHOWN_LINES: Final = 30
_SHOWN_NAMES: Final = 8

Clean = Callable[[str], str]


def diff_lines(report: DiffReport, versions: Versions, clean: Clean) -> Iterator[Text]:
    """Draws the versions, each subscription with its text diff, groups and samples, and the sum.

    Args:
        report: What was found.
        versions: What was compared.
        clean: Removes secrets and control characters from a text.
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
    yield from _source(item, clean)
    if item.runs and not item.groups:
        yield Text("  every event ends as before")
    for kind, (events, _) in item.counts.items():
        groups = [group for group in item.groups if group.kind == kind]
        yield from _kind(kind, events, groups, clean)
    if item.unsteady:
        yield Text(
            f"  {_events(item.unsteady)}: the old version makes other requests the second time; these differences were "
            "left out"
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
            f"    {group.events:,} × ", (clean(group.detail or "other locations"), "cyan"), _allowed(group)
        )
        yield from _samples(group, clean)
    yield from _more(fields or requests)
    if fields and requests:
        named = ", ".join(f"{clean(group.detail or '')} {group.events:,}" for group in requests[:_SHOWN_GROUPS])
        more = len(requests) - _SHOWN_GROUPS
        yield Text(f"    shows in {named}" + (f", and {more} other locations" if more > 0 else ""), style="dim")


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
    if len(group.names) > 1 or not group.samples:
        yield Text(f"      {clean(_names(group))}", style="dim")
    for sample in group.samples:
        yield Text(f"      {clean(sample.heading(group.detail))}", style="dim")
        sides = zip("-+", group.sides(sample), ("red", "green"), group.fails, strict=True)
        for value, (mark, text, style, failed) in zip((sample.before, sample.after), sides, strict=True):
            style = "dim" if value is MISSING else "bold red" if failed else style
            yield Text(f"        {mark} {clean(text)}", style=style)


def _names(group: Group) -> str:
    shown = [f"{count:,} × {'other events' if name is None else name}" for name, count in group.names[:_SHOWN_NAMES]]
    more = len(group.names) - _SHOWN_NAMES
    return ", ".join(shown) + (f", and {more} more names" if more > 0 else "")


def _source(item: SubscriptionDiff, clean: Clean) -> Iterator[Text]:
    styles = {"-": "red", "+": "green"}
    for line in item.source[:_SHOWN_LINES]:
        yield Text(f"  {clean(line)}".rstrip(), style=styles.get(line[0], "dim"))
    if len(item.source) > _SHOWN_LINES:
        yield Text(f"  … and {len(item.source) - _SHOWN_LINES} more lines: see --json or --html", style="dim")


def _sum(report: DiffReport) -> Text:
    parts = [f"{_events(report.events)} compared"]
    if report.opted_out:
        parts.append(f"{_events(report.opted_out)} opted out by `integrations` and not compared")
    same = sum(item.is_quiet for item in report.subscriptions)
    if same:
        parts.append(f"{same} subscription{' is' if same == 1 else 's are'} equal in both versions")
    if report.unreadable:
        lines = f"{report.unreadable:,} line{' holds' if report.unreadable == 1 else 's hold'}"
        parts.append(f"{lines} no event{' (allowed)' if report.unreadable_allowed else ''}")
    line = Text(f"{', '.join(parts)}: ")
    if not report.changed:
        return line.append("every event ends as before.", "green")
    line.append(f"{report.changed:,} {'ends' if report.changed == 1 else 'end'} differently", "bold")
    if not report.allows:
        return line.append(".")
    return line.append(
        f", {report.not_allowed:,} of them not allowed." if report.not_allowed else ", all of them allowed."
    )
