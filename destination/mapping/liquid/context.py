"""The state of one rendering: variables, counters, limits; and what it takes from the world around."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from destination.mapping.bounds import FREE, MAX_TEXT_LENGTH, check_length, spend
from destination.mapping.liquid.coerce import property_key, text_of
from destination.mapping.liquid.drops import BlockDrop, Drop, plain
from destination.mapping.liquid.problems import MEMORY_IS_UP, Unplaced
from destination.mapping.liquid.scope import Scope, as_scope
from destination.values import MISSING, utf16_length

MEMORY_LIMIT: Final = 100_000_000
"""Units that one rendering may use; filters and ranges count about one a character or item."""


def _shuffled(items: list[Any]) -> list[Any]:
    return random.sample(items, len(items))


class _Now:
    """What time it is: by the system's clock, or by one that a test put in its place."""

    def __init__(self) -> None:
        self.clock: Callable[[], float] = time.time

    def __call__(self) -> float:
        return self.clock()


_NOW: Final = _Now()


@contextmanager
def frozen_now(clock: Callable[[], float]) -> Iterator[None]:
    """While the block lasts, every template in every thread takes the time from `clock`; for tests.

    Args:
        clock: Gives seconds since 1970.

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
    """What a template takes from outside its event; tests put fixed values here.

    Attributes:
        now_s: Seconds since 1970, for `"now" | date`.
        shuffled: The items in random order, for `sample`.
    """

    now_s: Callable[[], float] = _NOW
    shuffled: Callable[[list[Any]], list[Any]] = _shuffled


SURROUNDINGS: Final = Surroundings()


class Context:
    """One rendering of a template for one event.

    Attributes:
        event: The event, or the item that a directive such as `@arrayPath` resolves for, as a scope.
        assigned: What `assign` and `capture` set.
        counters: What `increment` and `decrement` set. liquidjs writes these into the event.
        blocks: The `block` values of the blocks around, innermost last.
        cycles: How far each `cycle` is.
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
            Unplaced: The limit is exceeded.
            MappingError: It is more work than is left.
        """
        if units > 0:
            if self.memory + units > MEMORY_LIMIT:
                raise Unplaced(MEMORY_IS_UP)
            self.memory += units
            if units > FREE:
                spend(units)

    def text(self, value: Any) -> str:
        """The text of a filter's input or argument, counted as memory.

        Raises:
            Unplaced: The memory limit is exceeded.
        """
        text = value if type(value) is str else text_of(value)
        memory = self.memory + (len(text) if text.isascii() else utf16_length(text))
        if memory > MEMORY_LIMIT:
            raise Unplaced(MEMORY_IS_UP)
        self.memory = memory
        return text

    def named(self, name: str) -> Any:
        """The variable `name`: of a block, assigned, a counter, or of the event."""
        if self.blocks and name == "block":
            return self.blocks[-1]
        for scope in (self.assigned, self.counters, self.event):
            if name in scope:
                return scope[name]
        # liquidjs: then it is a property of an empty object (test_size_of_nothing_is_zero)
        return 0 if name == "size" else MISSING

    def variable(self, key: Any) -> Any:
        """The variable that a computed key names.

        Example:
            >>> context = Context({"a": 1, "2": "b"}, SURROUNDINGS)
            >>> context.assigned["a"] = 3
            >>> context.variable("a"), context.variable(2), context.variable("c"), context.variable("size")
            (3, 'b', MISSING, 0)
        """
        if not isinstance(key, Drop):
            return self.named(property_key(key))
        # liquidjs looks for a drop as `[object Object]`, but then reads the value it stands for.
        name = property_key(key)
        for scope in (self.assigned, self.counters, self.event):
            if name in scope:
                return scope.get(property_key(plain(key)), MISSING)
        return MISSING

    def nested(self, item: Any) -> "Context":
        """A context whose variables are those of `item`; it shares the limits up to now."""
        inner = Context(as_scope(item), self.surroundings)
        inner.memory = self.memory
        return inner


class Buffer:
    """Collects what is written and refuses more than a text may have.

    Attributes:
        parts: What was written.
    """

    __slots__ = ("length", "parts")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0

    def write(self, text: str) -> None:
        """Adds text.

        Raises:
            MappingError: Together it is longer than a text may be.
        """
        self.length += len(text)
        if self.length > MAX_TEXT_LENGTH:
            check_length(self.length, "@liquid")
        self.parts.append(text)
