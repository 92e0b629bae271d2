"""Defines the parts of an explanation: plain values, each with a `to_json`."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from destination.event import Event
from destination.fql import Change
from destination.mapping import Read
from destination.records import dataclass
from destination.request import Request
from destination.runtime import Redactor
from destination.values import MISSING
from destination.workbench.explain.locations import Position, write_position
from destination.workbench.explain.traced_values import TracedValue

State = Literal["matches", "does not match", "fails", "disabled", "opted out"]
Verdict = Literal["given", "coerced", "default", "fixed", "absent", "removed", "failed"]


@dataclass(frozen=True, slots=True)
class TriggerNode:
    """A condition of a trigger, or a group of them.

    Attributes:
        text: The condition in FQL; for a group its operator.
        verdict: Whether it is true for the event; None if Segment's runtime would fail on it.
        asked: Whether it is evaluated. Once one condition decides its group, the rest of the group is not.
        path: For a condition: the path that it reads in the event.
        value: For a condition: the value at that path, or `MISSING`.
        children: For a group: its conditions, in order.
        offsets: The start and end in the trigger's text, in characters; for a group those of its conditions together.
        condition: For a condition: its node in the AST; None for a group whose words all vanished.

    Example:
        >>> node = TriggerNode('type = "track"', verdict=False, asked=True, path=("type",), value="page")
        >>> node.text, node.verdict, node.value
        ('type = "track"', False, 'page')
    """

    text: str
    verdict: bool | None
    asked: bool
    path: tuple[str, ...] = ()
    value: Any = MISSING
    children: "tuple[TriggerNode, ...]" = ()
    offsets: tuple[int, int] = (0, 0)
    condition: Any = None

    def deciding(self) -> "Iterator[TriggerNode]":
        """Yields the conditions that decide that it is false: those that were evaluated, and would have to be true.

        Example:
            >>> from destination.fql import compile_trigger
            >>> from destination.workbench.explain.trigger import explain_trigger
            >>> source = 'type = "track" and (event = "A" or event = "B")'
            >>> tree = explain_trigger(source, compile_trigger(source), {"type": "track", "event": "C"}).tree
            >>> [node.text for node in tree.deciding()]
            ['event = "A"', 'event = "B"']
        """
        if self.verdict is False and self.asked:
            if not self.children:
                yield self
            for child in self.children:
                yield from child.deciding()

    def to_json(self) -> dict[str, Any]:
        """Returns the node and its children as JSON, without `value` if it is `MISSING`."""
        shared = {"verdict": self.verdict, "asked": self.asked}
        if self.children:
            return {"operator": self.text, **shared, "children": [child.to_json() for child in self.children]}
        value = {} if self.value is MISSING else {"value": self.value}
        return {"condition": self.text, **shared, "path": ".".join(self.path), **value}


@dataclass(frozen=True, slots=True)
class TriggerExplanation:
    """Why a trigger is true or false for the event.

    Attributes:
        source: The FQL text.
        tree: Its conditions with their verdicts; None if it cannot be parsed or evaluated.
        error: Why there is no tree, with the column marked under the text; or None.
        notes: How Segment reads the trigger, if that differs from what its text seems to say.
        changes: The smallest change of the event that was found to make a false trigger true.
        impossible: Why no event makes it true, or why that is not known; or None.

    Example:
        >>> from destination.fql import compile_trigger
        >>> from destination.workbench.explain.trigger import explain_trigger
        >>> source = 'type = "track"'
        >>> explained = explain_trigger(source, compile_trigger(source), {"type": "page"})
        >>> explained.tree.verdict, explained.changes
        (False, (Change(path=('type',), before='page', after='track'),))
    """

    source: str
    tree: TriggerNode | None
    error: str | None = None
    notes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    impossible: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns the explanation as JSON, under the names of the attributes."""
        return {
            "source": self.source,
            "tree": None if self.tree is None else self.tree.to_json(),
            "error": self.error,
            "notes": list(self.notes),
            "changes": [_change(change) for change in self.changes],
            "impossible": self.impossible,
        }


def _change(change: Change) -> dict[str, Any]:
    values = {"before": change.before, "after": change.after}
    return {"path": list(change.path), **{key: value for key, value in values.items() if value is not MISSING}}


@dataclass(frozen=True, slots=True)
class FieldExplanation:
    """Where one value of a payload comes from, and where it goes.

    Attributes:
        position: The position in the mapping's result: keys of objects, indexes of lists.
        verdict: `given`: the value comes from the event; `coerced`: its field changed it; `default`: the event has no
            value, so the mapping's own is used; `fixed`: it is written in the mapping; `absent`: there is no value;
            `removed`: the fields removed it; `failed`: it is not valid.
        note: The reason as a sentence, or empty.
        directive: The directive that made the value, such as `@path`, or None.
        mapping_path: The keys of the directive or value in the mapping.
        reads: The paths of the event that the directive read, those of conditions included, with their values.
        raw: The value that the mapping made, or `MISSING`.
        value: The value that perform gets, or `MISSING`.
        required: Whether a missing value is an error.
        traced: Where the value is in the requests: one entry for the whole value, or one for each of its parts.
        branch: The branch that a directive with branches took, such as `then`, or None.
        conditions: Those of `reads` that only decided which branch it took.
        payload_position: The position in the payload that perform gets, or None if it is not in there.

    Example:
        >>> name = FieldExplanation(("goals", 0, "name"), "given", "", "@path", ("name",), (), "Home", "Home")
        >>> name.name, name.verdict
        ('goals[0].name', 'given')
    """

    position: Position
    verdict: Verdict
    note: str
    directive: str | None
    mapping_path: tuple[str, ...]
    reads: tuple[Read, ...]
    raw: Any
    value: Any
    required: bool = False
    traced: tuple[TracedValue, ...] = ()
    branch: str | None = None
    conditions: tuple[Read, ...] = ()
    payload_position: Position | None = None

    @property
    def name(self) -> str:
        """Returns the position as text, such as `units.userId`; `(payload)` for the whole payload."""
        return write_position(self.position) or "(payload)"

    def to_json(self) -> dict[str, Any]:
        """Returns the explanation as JSON, without `raw` and `value` if they are `MISSING`."""
        values = {"raw": self.raw, "value": self.value}
        return {
            "field": self.name,
            "position": list(self.position),
            "verdict": self.verdict,
            "note": self.note,
            "required": self.required,
            "directive": self.directive,
            **({} if self.branch is None else {"branch": self.branch}),
            "mapping": "/" + "/".join(self.mapping_path),
            "reads": [_read(read) for read in self.reads],
            **{key: value for key, value in values.items() if value is not MISSING},
            "places": [value.to_json() for value in self.traced],
        }


def _read(read: Read) -> dict[str, Any]:
    record: dict[str, Any] = {"path": read.path, "found": read.value is not MISSING}
    if read.value is not MISSING:
        record["value"] = read.value
    if read.derived:
        record["derived"] = True
    return record


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of one subscription.

    Attributes:
        stage: The stage that failed: `trigger`, `mapping`, `fields` or `perform`.
        type: The name of the error's class.
        message: The error's message.
        where: A pointer into the mapping or the payload; for an error in the code of a perform, its file and line.
        remedy: What to do about it, or empty.

    Example:
        >>> failure = Failure("fields", "PayloadValidationError", "Name must be a string.", "/name", "Give a string.")
        >>> failure.stage, failure.where
        ('fields', '/name')
    """

    stage: Literal["trigger", "mapping", "fields", "perform"]
    type: str
    message: str
    where: str = ""
    remedy: str = ""

    def to_json(self) -> dict[str, str]:
        """Returns the error as JSON."""
        return {
            "stage": self.stage,
            "type": self.type,
            "message": self.message,
            "place": self.where,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class SubscriptionExplanation:
    """What one subscription does with the event.

    Attributes:
        name: The subscription's name.
        action: The slug of its action.
        state: `matches`, `does not match`, `fails`, `disabled`, or `opted out` if the event's `integrations` exclude
            the destination, whatever the trigger says.
        trigger: The trigger; None for a disabled subscription.
        fields: The values of the payload; empty if the trigger does not match (`explain_subscription` may fill them).
        unmapped: Optional fields of the action that the mapping does not have.
        payload: The payload that perform gets, or `MISSING`.
        failures: The errors.
        requests: The requests that would be sent.
        incomplete: Whether more requests may follow the first answer.

    Example:
        >>> goals = SubscriptionExplanation("Goals", "trackGoal", "disabled")
        >>> goals.state, goals.requests
        ('disabled', ())
    """

    name: str
    action: str
    state: State
    trigger: TriggerExplanation | None = None
    fields: tuple[FieldExplanation, ...] = ()
    unmapped: tuple[str, ...] = ()
    payload: Any = MISSING
    failures: tuple[Failure, ...] = ()
    requests: tuple[Request, ...] = ()
    incomplete: bool = False

    def to_json(self, redactor: Redactor) -> dict[str, Any]:
        """Returns the explanation as JSON, with secrets masked."""
        shown: dict[str, Any] = redactor(
            {
                "name": self.name,
                "action": self.action,
                "state": self.state,
                "trigger": None if self.trigger is None else self.trigger.to_json(),
                "fields": [field.to_json() for field in self.fields],
                "unmapped": list(self.unmapped),
                "payload": None if self.payload is MISSING else self.payload,
                "failures": [failure.to_json() for failure in self.failures],
            }
        )
        shown["requests"] = [redactor.request(request) for request in self.requests]
        if self.incomplete:
            shown["incomplete"] = True
        return shown


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the subscriptions of an instance do with an event.

    Attributes:
        event: The event.
        subscriptions: One entry for each subscription, disabled ones included, in order.
        redactor: Masks the instance's secrets in `to_json`.
        destination: The destination's name.
        opted_out: The key of the event's `integrations` that excludes the destination, or None.

    Example:
        >>> from destination.runtime import Destination
        >>> from destination.workbench.explain import explain_event
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "x", "mapping": {}}
        >>> demo = Destination(name="Demo", slug="demo", actions={}).instance({}, [pages])
        >>> [(item.name, item.state) for item in explain_event(demo, {"type": "track"}).subscriptions]
        [('Pages', 'does not match')]
    """

    event: Event
    subscriptions: Sequence[SubscriptionExplanation]
    redactor: Redactor
    destination: str = ""
    opted_out: str | None = None

    @property
    def fails(self) -> bool:
        """Whether any subscription fails."""
        return any(item.state == "fails" for item in self.subscriptions)

    def to_json(self) -> dict[str, Any]:
        """Returns the explanation as `destination explain --json` prints it, with secrets masked."""
        return {
            "messageId": self.event.get("messageId") if isinstance(self.event, dict) else None,
            **({} if self.opted_out is None else {"optedOut": True}),
            "subscriptions": [item.to_json(self.redactor) for item in self.subscriptions],
        }
