"""Draws an explanation on a terminal; every colour has a word beside it."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from destination.cli.events import opted_out_text, title_of
from destination.values import MISSING, stringify
from destination.values.printable import indent_json
from destination.workbench.explain import (
    Explanation,
    FieldExplanation,
    SubscriptionExplanation,
    TracedValue,
    TriggerExplanation,
    TriggerNode,
)
from destination.workbench.explain.locations import write_position

_STATES: Final = {
    "matches": "bold green",
    "does not match": "bold yellow",
    "fails": "bold red",
    "disabled": "bold bright_black",
    "opted out": "bold yellow",
}
_VERDICTS: Final = {
    "given": "green",
    "coerced": "cyan",
    "default": "blue",
    "fixed": "blue",
    "absent": "yellow",
    "removed": "yellow",
    "failed": "red",
}
_QUIET: Final = "bright_black"
_STAGES: Final = {"trigger": "the trigger", "mapping": "the mapping", "fields": "the payload", "perform": "perform"}
_NOTHING: Final = "nothing at "
_LONGEST: Final = 60
_MOST_LOCATIONS: Final = 4


class Drawing:
    """Draws an explanation; iterating over it yields what rich can print.

    Args:
        explanation: The explanation.
        clean: Masks secrets and removes control characters; every text goes through it.
    """

    def __init__(self, explanation: Explanation, clean: Callable[[str], str]) -> None:
        self._explanation = explanation
        self._mask = explanation.redactor
        self._clean = clean

    def __iter__(self) -> Iterator[Any]:
        yield self._text(title_of(self._explanation.event), "bold")
        if self._explanation.opted_out is not None:
            yield self._text(opted_out_text(self._explanation.opted_out, self._explanation.destination), "yellow")
        for item in self._explanation.subscriptions:
            yield Text()
            yield from self._subscription(item)

    def _subscription(self, item: SubscriptionExplanation) -> Iterator[Any]:
        heading = self._text(f"{item.name} ({item.action}): ", "bold")
        heading.append(item.state, _STATES[item.state])
        yield heading
        if item.trigger is not None:
            yield from self._trigger(item.trigger)
        if item.fields:
            yield Text("  fields" + "   * is required" * any(field.required for field in item.fields), _QUIET)
            yield self._fields(item)
        if item.unmapped:
            yield self._text(f"  not mapped: {', '.join(item.unmapped)}", _QUIET)
        for failure in item.failures:
            if any(failure.message in field.note for field in item.fields):
                continue  # it is shown with its field
            at = f" ({failure.where})" if failure.where.strip("$") else ""
            yield self._text(f"  error in {_STAGES[failure.stage]}{at}: {failure.message}", "red")
            if failure.remedy:
                yield self._text(f"    {failure.remedy}")
        for request in item.requests:
            yield Text("  request", _QUIET)
            yield from self._request(self._mask.request(request))
        if item.incomplete:
            yield self._text("  … and requests that depend on the answer", _QUIET)

    # --- the trigger ---

    def _trigger(self, trigger: TriggerExplanation) -> Iterator[Text]:
        if trigger.tree is not None:
            yield from self._node(trigger.tree, "  ", "  ")
        if trigger.error is not None:
            for line in trigger.error.splitlines():
                yield self._text(f"  {line}", "red")
        for note in trigger.notes:
            yield self._text(f"  note: {note}", "yellow")
        if trigger.changes:
            changes = "; ".join(map(self._change, trigger.changes))
            yield Text().append("  it would match with: ", "bold").append(changes)
        if trigger.impossible is not None:
            yield self._text(f"  {trigger.impossible}", "yellow")

    def _node(self, node: TriggerNode, first: str, further: str) -> Iterator[Text]:
        line = Text().append(first, _QUIET)
        word, style = {True: ("true", "green"), False: ("false", "red"), None: ("fails", "red")}[node.verdict]
        line.append(f"{word:<6}" if node.asked else "      ", style if node.asked else _QUIET)
        line.append(self._clean(node.text), "" if node.asked else _QUIET)
        if not node.children:
            there = f"it is {self._value(node.value)}" if node.value is not MISSING else "it is absent"
            line.append(f"   {there}", _QUIET)
        if not node.asked:
            would = {True: "it would be true", False: "it would be false", None: "it would fail"}[node.verdict]
            line.append(f"   not evaluated; {would}", _QUIET)
        yield line
        for child in node.children:
            last = child is node.children[-1]
            yield from self._node(child, further + ("└─ " if last else "├─ "), further + ("   " if last else "│  "))

    def _change(self, change: Any) -> str:
        path = self._clean(write_position(change.path))
        if change.after is MISSING:
            return f"{path} removed"
        return f"{path} = {self._value(change.after)}"

    # --- the fields ---

    def _fields(self, item: SubscriptionExplanation) -> Padding:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(overflow="fold")  # in a narrow terminal, nothing may be cut off
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for field in item.fields:
            name = self._text(field.name)
            name.append("*" * field.required, "bold")
            table.add_row(name, Text(field.verdict, _VERDICTS[field.verdict]), self._field(field))
        return Padding(table, (0, 0, 0, 4))

    def _field(self, field: FieldExplanation) -> Text:
        drawn = Text("\n").join(part for part in (self._field_value(field), self._way(field)) if part)
        return drawn or Text("–", _QUIET)

    def _field_value(self, field: FieldExplanation) -> Text:
        if field.raw is MISSING:
            drawn = Text()
        elif field.verdict == "coerced":
            drawn = Text(f"{self._value(field.raw)} → {self._value(field.value)}")
        else:
            drawn = Text().append(self._value(field.raw), "strike" if field.value is MISSING else "")
        if field.note and not field.note.startswith(_NOTHING):  # that shows beside the path
            drawn.append("  " * bool(drawn) + self._clean(field.note), "yellow")
        return drawn

    def _way(self, field: FieldExplanation) -> Text:
        """Draws where the value comes from, and where it goes."""
        drawn = self._source(field)
        if len(field.traced) == 1:
            return drawn.append(" → ", _QUIET).append_text(self._destination(field.traced[0]))
        for part in field.traced[:_MOST_LOCATIONS]:
            path = write_position(part.position[len(field.position) :])
            drawn.append(f"\n{self._clean(path)} → ", _QUIET).append_text(self._destination(part))
        if len(field.traced) > _MOST_LOCATIONS:
            drawn.append(f"\n… {len(field.traced) - _MOST_LOCATIONS} more; see --json", _QUIET)
        return drawn

    def _source(self, field: FieldExplanation) -> Text:
        if field.directive is None and not field.reads:
            return Text().append("the mapping" if field.mapping_path else "", _QUIET)
        drawn = Text(f"{field.directive} " if field.directive else "")
        found = {read.path: read.value is not MISSING for read in field.reads}
        for number, (path, there) in enumerate(found.items()):
            drawn.append(", " * bool(number) + self._clean(path))
            if not there:
                drawn.append(" absent", "yellow")
        return drawn

    def _destination(self, part: TracedValue) -> Text:
        if part.state in ("unused", "unknown"):
            return Text("nowhere" if part.state == "unused" else "unknown", _QUIET)
        shown = ", ".join(map(str, part.locations[:_MOST_LOCATIONS]))
        more = len(part.locations) - _MOST_LOCATIONS
        text = f"{shown} and {more} more" if more > 0 else shown
        return self._text(f"changes {text}" if part.state == "computed" else text, "cyan")

    # --- the requests ---

    def _request(self, request: dict[str, Any]) -> Iterator[Text]:
        yield self._text(f"    {request['method']} {request['url']}", "bold")
        for name, value in request["headers"].items():
            yield self._text(f"    {name}: {value}")
        if request["body"] is not None:
            yield Text()
            yield from (self._text(f"    {line}") for line in _lines(request["body"]))

    # --- texts ---

    def _text(self, text: str, style: str = "") -> Text:
        return Text(self._clean(text), style)

    def _value(self, value: Any) -> str:
        try:
            text = str(
                stringify(self._mask(value))
            )  # masked before it is written: JSON may write a secret with escapes
        except (ValueError, RecursionError):
            return "(nested too deeply to be shown)"
        text = self._clean(text)
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _lines(body: Any) -> list[str]:
    if isinstance(body, str):
        return body.splitlines()
    try:
        return indent_json(stringify(body)).split("\n")
    except ValueError as error:
        return [f"cannot be shown: {error}"]
