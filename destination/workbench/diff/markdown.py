"""Writes what a comparison found as Markdown, for a comment on a pull request."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from destination.values.printable import printable
from destination.workbench.diff.groups import Group
from destination.workbench.diff.report import DiffReport, SubscriptionDiff, Versions

MAX_CHARACTERS: Final = 60_000
"""The maximum length of the text; GitHub accepts 65,536 characters in a comment."""

_GROUPS: Final = 20
_LINES: Final = 60
_NAMES: Final = 5

Mask = Callable[[str], str]


def render_markdown(report: DiffReport, versions: Versions, mask: Mask = str) -> str:
    """Renders the report as GitHub's Markdown, with at most 60,000 characters.

    It begins with the sum and a table of the subscriptions. Then each subscription has its text diff, its groups, and
    its samples in a part that opens with a click. Subscriptions that do not fit are named at the end. What comes from
    events and mappings is in code spans and code blocks, so that it cannot mention anyone or add markup.

    Args:
        report: What was found.
        versions: What was compared.
        mask: Takes the secrets out of names; samples are masked when they are made.

    Example:
        >>> empty = DiffReport(5, 0, 0, 0, False, (), ())
        >>> print(render_markdown(empty, Versions("Demo", "old.json", "new.json", "events.ndjson")))
        ### `old.json` → `new.json`
        <BLANKLINE>
        No event of 5 in `events.ndjson` ends differently.
        <BLANKLINE>
    """
    shown = [item for item in report.subscriptions if not item.is_quiet]
    lines = [f"### {_code(mask(versions.old))} → {_code(mask(versions.new))}", "", _sum(report, versions, mask), ""]
    if shown:
        lines += ["| subscription | differs in | events before | events now | outcome |", "|---|---|--:|--:|---|"]
        lines += [*(_row(item, mask) for item in shown), ""]
    text = "\n".join(lines)
    left_out = []
    for item in shown:
        part = "\n".join(_subscription(item, mask))
        if len(text) + len(part) > MAX_CHARACTERS - 1_000:
            left_out.append(_code(mask(item.name)))
        else:
            text += f"\n{part}\n"
    if left_out:
        text += f"\nToo long to show here: {', '.join(left_out)[:800]}. Use `--html` or `--json`.\n"
    return text


def _sum(report: DiffReport, versions: Versions, mask: Mask) -> str:
    source = _code(mask(versions.source))
    if report.changed:
        text = f"**{report.changed:,} of {_events(report.events)} in {source} end differently"
        text += f", {report.not_allowed:,} of them not allowed.**" if report.allows else ".**"
    else:
        text = f"No event of {report.events:,} in {source} ends differently."
    if report.opted_out:
        were = "was" if report.opted_out == 1 else "were"
        text += (
            f" {_events(report.opted_out)} {were} not compared, because their `integrations` exclude the destination."
        )
    if report.unreadable:
        text += f" {report.unreadable:,} line{' holds' if report.unreadable == 1 else 's hold'} no event."
    return text


def _row(item: SubscriptionDiff, mask: Mask) -> str:
    name = _code(mask(item.name))
    if item.old_name is not None:
        name += f" (was {_code(mask(item.old_name))})"
    differs = item.state if item.state in ("added", "removed") else ", ".join(item.differs)
    before, now = (f"{count:,}" for count in item.taken) if item.runs else ("", "")
    outcome = ", ".join(f"{events:,} {kind}" for kind, (events, _) in item.counts.items())
    return _cells(name, differs, before, now, outcome or ("as before" if item.runs else "not run"))


def _subscription(item: SubscriptionDiff, mask: Mask) -> Iterator[str]:
    yield f"#### {_code(mask(item.name))}"
    if item.source:
        more = len(item.source) - _LINES
        left_out = [f"… and {more} more lines"] if more > 0 else []
        yield from ("", *_block((mask(line) for line in (*item.source[:_LINES], *left_out)), "diff"))
    if not item.groups:
        return
    yield from ("", "| events | what | by event |", "|--:|---|---|")
    shown = item.groups[:_GROUPS]
    for group in shown:
        yield _cells(f"{group.events:,}", _what(group), _names(group))
    if len(item.groups) > _GROUPS:
        yield _cells("", f"… and {len(item.groups) - _GROUPS} more groups", "")
    # What changed in payloads shows in requests: one sample of it is enough.
    payload = any(group.kind == "changed" and not group.is_of_requests for group in shown)
    samples = [line for group in shown if not (payload and group.is_of_requests) for line in _samples(group)]
    if samples:
        yield from ("", "<details><summary>Samples</summary>", "", *_block(samples, "diff"), "", "</details>")


def _what(group: Group) -> str:
    detail = " (further groups)" if group.detail is None else f" {_code(group.detail)}" if group.detail else ""
    allowed = " (allowed)" if group.not_allowed == 0 else ""
    return f"{group.kind}{detail}{allowed}"


def _names(group: Group) -> str:
    names = group.names
    shown = [f"{count:,} {'others' if name is None else _code(name)}" for name, count in names[:_NAMES]]
    return ", ".join(shown) + (f", and {len(names) - _NAMES} more names" if len(names) > _NAMES else "")


def _samples(group: Group) -> Iterator[str]:
    for sample in group.samples:
        before, after = group.sides(sample)
        yield f"@@ {group.kind}{f' {group.detail}' if group.detail else ''}: {sample.heading(group.detail)} @@"
        yield f"- {before}"
        yield f"+ {after}"


def _events(count: int) -> str:
    return f"{count:,} event{'' if count == 1 else 's'}"


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    r"""Writes a text as a code span that also keeps a cell of a table.

    Example:
        >>> print(_code("a|b"), _code("`a`\n@me"), _code(" "))
        `a\|b` `` `a`\n@me `` `(blank)`
    """
    text = printable(text).replace("|", r"\|") if text.strip() else "(blank)"
    if "`" not in text:
        return f"`{text}`"
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence} {text} {fence}"


def _block(lines: Iterable[str], language: str) -> list[str]:
    shown = [printable(line) for line in lines]
    fence = "`" * max(3, _longest_run("\n".join(shown)) + 1)
    return [f"{fence}{language}", *shown, fence]


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
