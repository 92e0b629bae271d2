"""The state of one rendering: variables, counters and limits; and its clock and its source of randomness."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

from destination.mapping.bounds import FREE, MAX_TEXT_LENGTH, check_length, spend
from destination.mapping.liquid.coerce import BlockDrop, Drop, plain, property_key, text_of
from destination.mapping.liquid.problems import MEMORY_IS_UP, Unpositioned
from destination.records import dataclass
from destination.values import MISSING, get_property, utf16_length

MEMORY_LIMIT: Final = 100_000_000
"""The maximum number of units that one rendering may use. Filters and ranges use one for each character or item."""


def _shuffled(items: list[Any]) -> list[Any]:
    return random.sample(items, len(items))


class _Now:
    """The time by the system's clock, or by the clock of a test."""

    def __init__(self) -> None:
        self.clock: Callable[[], float] = time.time

    def __call__(self) -> float:
        return self.clock()


_NOW: Final = _Now()


@contextmanager
def frozen_now(clock: Callable[[], float]) -> Iterator[None]:
    """Lets every template in every thread take the time from `clock` inside the `with` block; for tests.

    Args:
        clock: Returns seconds since 1970.

    Example:
        >>> with frozen_now(lambda: 1_767_225_600.0):
        ...     SURROUNDINGS.now_s()
        1767225600.0
    """
    before, _NOW.clock = _NOW.clock, clock
    try:
        yield
    finally:
        _NOW.clock = before


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a template reads besides its event. Tests pass fixed values.

    Attributes:
        now_s: Returns seconds since 1970, for `"now" | date`.
        shuffled: Returns the items in random order, for `sample`.
    """

    now_s: Callable[[], float] = _NOW
    shuffled: Callable[[list[Any]], list[Any]] = _shuffled


SURROUNDINGS: Final = Surroundings()


class _Members:
    """The members of a text or list, as a mapping that looks them up on demand."""

    __slots__ = ("_owner",)

    def __init__(self, owner: str | list[Any]) -> None:
        self._owner = owner

    def __contains__(self, name: str) -> bool:
        return get_property(self._owner, name) is not MISSING

    def __getitem__(self, name: str) -> Any:
        return get_property(self._owner, name)

    def get(self, name: str, default: Any) -> Any:
        """Returns the member, or `default`."""
        found = get_property(self._owner, name)
        return default if found is MISSING else found


Scope: TypeAlias = dict[str, Any] | _Members


def as_scope(value: Any) -> Scope:
    """Returns the members of a value as variables, as JavaScript's `Object(value)` has them.

    Example:
        >>> as_scope("ab").get("1", None), as_scope(["x"]).get("length", None), as_scope(5)
        ('b', 1, {})
    """
    if isinstance(value, dict):
        return value
    return _Members(value) if isinstance(value, (str, list)) else {}


class Context:
    """One rendering of a template for one event.

    Attributes:
        event: The event, or the item that a directive such as `@arrayPath` resolves for, as a scope.
        assigned: Variables that `assign` and `capture` set.
        counters: Variables that `increment` and `decrement` set. liquidjs writes these into the event.
        blocks: The `block` values of the blocks around, innermost last.
        cycles: The index of the next value of each `cycle`.
        memory: Units used so far.
    """

    __slots__ = ("assigned", "blocks", "counters", "cycles", "event", "memory", "surroundings")

    def __init__(self, event: Scope, surroundings: Surroundings) -> None:
        self.event = event
        self.surroundings = surroundings
        self.memory: float = 0
        self.assigned: dict[str, Any] = {}
        self.counters: dict[str, Any] = {}
        self.blocks: list[BlockDrop] = []
        self.cycles: dict[str, int] = {}

    def use(self, units: float) -> None:
        """Counts units of memory.

        Raises:
            Unpositioned: The limit is exceeded.
            MappingError: Not enough steps of work are left.
        """
        if units > 0:
            if self.memory + units > MEMORY_LIMIT:
                raise Unpositioned(MEMORY_IS_UP)
            self.memory += units
            if units > FREE:
                spend(units)

    def text(self, value: Any) -> str:
        """Returns the text of a filter's input or argument, and counts it as memory.

        Raises:
            Unpositioned: The memory limit is exceeded.
        """
        text = value if type(value) is str else text_of(value)
        memory = self.memory + (len(text) if text.isascii() else utf16_length(text))
        if memory > MEMORY_LIMIT:
            raise Unpositioned(MEMORY_IS_UP)
        self.memory = memory
        return text

    def named(self, name: str) -> Any:
        """Reads the variable `name`: that of a block, an assigned one, a counter, or that of the event."""
        if self.blocks and name == "block":
            return self.blocks[-1]
        for scope in (self.assigned, self.counters, self.event):
            if name in scope:
                return scope[name]
        # liquidjs: then it is a property of an empty object (test_size_of_nothing_is_zero)
        return 0 if name == "size" else MISSING

    def variable(self, key: Any) -> Any:
        """Reads the variable that a computed key names.

        Example:
            >>> context = Context({"a": 1, "2": "b"}, SURROUNDINGS)
            >>> context.assigned["a"] = 3
            >>> context.variable("a"), context.variable(2), context.variable("c"), context.variable("size")
            (3, 'b', MISSING, 0)
        """
        if not isinstance(key, Drop):
            return self.named(property_key(key))
        # liquidjs looks for a drop as `[object Object]`, but then reads its plain value.
        name = property_key(key)
        for scope in (self.assigned, self.counters, self.event):
            if name in scope:
                return scope.get(property_key(plain(key)), MISSING)
        return MISSING

    def nested(self, item: Any) -> "Context":
        """Makes a context whose variables are those of `item`. It begins with the memory used so far."""
        inner = Context(as_scope(item), self.surroundings)
        inner.memory = self.memory
        return inner


class Buffer:
    """Collects written text up to the maximum length of a text.

    Attributes:
        parts: The texts that were written.
    """

    __slots__ = ("length", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0

    def write(self, text: str) -> None:
        """Adds text.

        Raises:
            MappingError: The whole is longer than the maximum length of a text.
        """
        self.length += len(text)
        if self.length > MAX_TEXT_LENGTH:
            check_length(self.length, "@liquid")
        self.parts.append(text)
