"""The nodes of a parsed template. They are immutable, and the compiled template keeps them."""

from typing import Any, TypeAlias

from destination.records import dataclass


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a quoted text or one of true, false, nil, null, empty, blank.

    Attributes:
        value: The value.
        kind: `number`, `quoted` or `literal`.
        text: As written.
    """

    value: Any
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A bare name between dots; also the empty name of `[]`."""

    name: str


@dataclass(frozen=True, slots=True)
class Range:
    """`(low..high)`."""

    low: "Value"
    high: "Value"
    text: str


@dataclass(frozen=True, slots=True)
class Access:
    """A path such as `a.b[c]`.

    Attributes:
        root: The constant or range at which the path starts, or None if `keys[0]` names a variable.
        keys: The steps.
        text: As written.
        line_and_column: Where it begins, as messages write it.
    """

    root: "Constant | Range | None"
    keys: tuple["Value | Word", ...]
    text: str
    line_and_column: str


Value: TypeAlias = Constant | Range | Access


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator of an expression in postfix order."""

    name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A named argument of a filter, such as `allow_false: true`."""

    key: str
    value: Value | None


@dataclass(frozen=True, slots=True)
class FilterCall:
    """`| name: argument, …`."""

    name: str
    arguments: tuple[Value | Pair, ...]


@dataclass(frozen=True, slots=True)
class Filtered:
    """An expression with its filters.

    Attributes:
        postfix: Operands and operators; the first operand left at the end is the result.
        filters: In the order of writing.
    """

    postfix: tuple[Value | Operator, ...]
    filters: tuple[FilterCall, ...]


# --- actions ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Text:
    """Text that is written unchanged."""

    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """`{{ … }}` or `{% echo … %}`."""

    value: Filtered


@dataclass(frozen=True, slots=True)
class Assign:
    """`{% assign name = … %}`."""

    name: str
    value: Filtered


@dataclass(frozen=True, slots=True)
class Capture:
    """`{% capture name %} … {% endcapture %}`."""

    name: str
    body: "Body"


@dataclass(frozen=True, slots=True)
class Counter:
    """`{% increment name %}` (step 1) or `{% decrement name %}` (step -1)."""

    name: str
    step: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """`{% cycle group: a, b %}`."""

    group: Value | None
    candidates: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition, the value for which the branch is taken, and the nodes of the branch."""

    condition: Filtered
    expected: bool
    body: "Body"


@dataclass(frozen=True, slots=True)
class Choice:
    """`if` and `unless`: the first branch whose condition holds, or else `otherwise`."""

    branches: tuple[Branch, ...]
    otherwise: "Body"


@dataclass(frozen=True, slots=True)
class Block:
    """`{% block name %} … {% endblock %}`; without a layout it renders its body in place."""

    name: str
    body: "Body"


@dataclass(frozen=True, slots=True)
class Group:
    """The statements of a `{% liquid … %}` tag."""

    body: "Body"


@dataclass(frozen=True, slots=True)
class Stop:
    """`{% break %}` or `{% continue %}`: outside a loop both end the output."""


Action: TypeAlias = Text | Output | Assign | Capture | Counter | Cycle | Choice | Block | Group | Stop


@dataclass(frozen=True, slots=True)
class Node:
    """One action, and its line and column as messages write them."""

    action: Action
    line_and_column: str


Body: TypeAlias = tuple[Node, ...]
