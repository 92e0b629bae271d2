"""Limits the cost of a JSONPath query: its parts count their work, and its regular expressions run in linear time.

The parts are objects of jsonpath-ng. Each gets a `find` around the library's own, which counts the values that it will
check, and its matches.
"""

import operator
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from destination.mapping.bounds import MAX_TEXT_LENGTH, check_length, spend, spend_on
from destination.values import is_number

_PER_CALL: Final = 15
_PER_MATCH: Final = 10
_PER_CHILD: Final = 40
"""Steps for a match that is made of each member of a value: an object that knows its path."""
_PER_SEARCH: Final = 100
"""Steps for a match that a regular expression replaces."""
_PARTS_AT_ONCE: Final = 4
"""The number of parts of a compiled expression that are checked for a character in one step."""
_ONE_BY_ONE: Final = (
    "Child",
    "Fields",
    "Index",
    "Root",
    "This",
    "Len",
    "Parent",
    "Where",
    "WhereNot",
    "_Union",
    "Path",
)
"""Parts that do not check each member of a value."""
_HALF: Final = re.compile("[\ud800-\udfff]")


class PatternError(Exception):
    """A regular expression that cannot run in linear time; the message says why."""


def count_work(expression: Any) -> None:
    """Makes the parts of a parsed query count their work.

    Raises:
        PatternError: A regular expression cannot run in linear time.
    """
    from jsonpath_ng import Root
    from jsonpath_ng.ext.filter import Expression
    from jsonpath_ng.ext.string import Sub

    nodes: list[Any] = list(nodes_of(expression))
    compared = {
        id(part)
        for node in nodes
        if isinstance(node, Expression) and node.op is not None
        for part in (node.target, node.value)
    } | {id(field) for node in nodes for field in _sort_fields(node)}
    for node in nodes:
        find: Callable[[Any], Any]
        if isinstance(node, Root):
            find = _find_root
        elif isinstance(node, Expression) and node.op == "=~":
            find = _searching(node.target, linear_pattern(node.value))
        elif isinstance(node, Sub):
            find = _substituting(linear_pattern(node.expr), node.repl)
        else:
            find = _counting(node, compared=id(node) in compared)
        vars(node)["find"] = find
        if type(node).__name__ == "Operation":
            node.op = _OPERATORS[node.op_symbol]


def nodes_of(expression: Any) -> Iterator[Any]:
    """Returns the parts of a parsed query."""
    todo = [expression]
    known: set[int] = set()
    while todo:
        node = todo.pop()
        if id(node) in known:
            continue
        known.add(id(node))
        yield node
        for name in ("left", "right", "target", "value"):
            child = getattr(node, name, None)
            if hasattr(child, "find") and not isinstance(child, str):
                todo.append(child)
        todo.extend(_sort_fields(node))
        for name in ("expressions", "operands"):
            todo.extend(part for part in getattr(node, name, None) or () if hasattr(part, "find"))


def _sort_fields(node: Any) -> list[Any]:
    return [part[0] for part in getattr(node, "expressions", None) or () if isinstance(part, tuple)]


def _counting(node: Any, *, compared: bool) -> Callable[[Any], Any]:
    find = node.find
    name = type(node).__name__
    per_member = 0 if name in _ONE_BY_ONE else _PER_CHILD

    def counted(datum: Any) -> Any:
        value = getattr(datum, "value", datum)
        spend(_PER_CALL)
        if per_member and isinstance(value, (list, dict)):
            spend(per_member * len(value))
        if name == "Descendants":
            _spend_on_children(value)
        if name in ("Split", "Sub") and isinstance(value, str):
            spend(4 * len(value))
        if name == "Str" or (name == "SortedThis" and not node.expressions):
            spend_on(value)  # its text, or its items compared with each other
        if name == "SortedThis" and isinstance(value, (list, dict)):
            spend(_PER_CALL * len(value) * len(value).bit_length())
        found = find(datum)
        if isinstance(found, list):
            spend(_PER_MATCH * len(found))
            if compared:
                for match in found:
                    spend_on(match.value)
        return found

    return counted


def _spend_on_children(value: Any) -> None:
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, (dict, list)):
            spend(_PER_CALL + _PER_CHILD * len(item))
            todo.extend(
                part for part in (item.values() if isinstance(item, dict) else item) if isinstance(part, (dict, list))
            )


def _find_root(datum: Any) -> Any:
    from jsonpath_ng import DatumInContext, Root

    steps = _PER_CALL
    if isinstance(datum, DatumInContext):
        while datum.context is not None:
            datum = datum.context
            steps += 1
        datum = datum.value
    spend(steps)
    return [DatumInContext(datum, context=None, path=Root())]


# --- regular expressions ---------------------------------------------------------------------------------


def linear_pattern(pattern: str) -> Any:
    """Compiles a regular expression with RE2, whose time is linear in the length of the text.

    Raises:
        PatternError: RE2 is not installed, or the expression needs something that RE2 does not have, such as
            references.
    """
    try:
        import re2  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        raise PatternError("its regular expression needs the package google-re2, which is not installed") from None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20  # bounds what it keeps, and the size of the compiled expression
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else error
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise PatternError(f"its regular expression {pattern!r} is none of RE2: {text}") from None


def _spend_on_search(pattern: Any, characters: int) -> None:
    spend(_PER_SEARCH + characters * pattern.programsize // _PARTS_AT_ONCE)


def _searching(target: Any, pattern: Any) -> Callable[[Any], Any]:
    from jsonpath_ng import DatumInContext

    def find(datum: Any) -> Any:
        return [match for match in target.find(DatumInContext.wrap(datum)) if _matches(pattern, match.value)]

    return find


def _matches(pattern: Any, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    _spend_on_search(pattern, len(value))
    # RE2 searches UTF-8, which has no halves of characters.
    return pattern.search(value if value.isascii() else _HALF.sub("\ufffd", value)) is not None


def _substituting(pattern: Any, replacement: str) -> Callable[[Any], Any]:
    from jsonpath_ng import DatumInContext

    def find(datum: Any) -> Any:
        value = DatumInContext.wrap(datum).value
        if not isinstance(value, str):
            raise TypeError("sub is for text")
        text = _substituted(pattern, replacement, value)
        return [] if text == value else [DatumInContext(text)]

    return find


def _substituted(pattern: Any, replacement: str, text: str) -> str:
    parts: list[str] = []
    done = length = 0
    _spend_on_search(pattern, len(text))
    for match in pattern.finditer(text):
        # Each search may read all of the rest, so the whole can be quadratic.
        _spend_on_search(pattern, len(text) - match.end())
        parts += [text[done : match.start()], match.expand(replacement)]
        length += len(parts[-1]) + len(parts[-2])
        if length > MAX_TEXT_LENGTH:
            check_length(length, "@jsonpath")
        done = match.end()
    return "".join([*parts, text[done:]])


# --- arithmetic ------------------------------------------------------------------------------------------


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, (str, list)) and isinstance(right, (str, list)):
        check_length(len(left) + len(right), "@jsonpath")
    return left + right


def _multiply(left: Any, right: Any) -> Any:
    """Multiplies numbers only: Python's `*` would also repeat text, until memory is full."""
    if not (is_number(left) and is_number(right)):
        raise TypeError("only numbers are multiplied")
    return left * right


_OPERATORS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": _add,
    "-": operator.sub,
    "*": _multiply,
    "/": operator.truediv,
}
