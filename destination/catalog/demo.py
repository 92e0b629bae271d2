"""Demo servers: a partner's API in this process, so that a shipped destination can be tried without an account."""

from collections.abc import Callable, Sequence
from dataclasses import field
from importlib import import_module
from types import TracebackType
from typing import Any, Protocol, Self

from destination.records import dataclass


@dataclass(frozen=True, slots=True)
class Arrivals:
    """A table of what arrived at a demo server.

    Attributes:
        columns: The table's headings.
        rows: The first items that arrived, in order.
        total: The number of all items that arrived.
        records: The items of `rows` as JSON.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: int
    records: Sequence[Any] = field(default=())


class DemoServer(Protocol):
    """A partner's API on the loopback interface, in this process; a context manager."""

    @property
    def name(self) -> str:
        """Its name for people, such as `embedded collector`."""
        ...

    @property
    def address(self) -> str:
        """Its URL."""
        ...

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of a destination that sends to it."""
        ...

    def arrivals(self) -> Arrivals:
        """Returns the items that arrived so far."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


_SERVERS = {"actions-absmartly": "destination.catalog.absmartly.collector:AbsmartlyDemo"}


def demo_server(slug: str) -> DemoServer | None:
    """Returns the demo server of a destination, not yet started; None if it has none.

    Example:
        >>> demo_server("something-else") is None
        True
        >>> with demo_server("actions-absmartly") as server:
        ...     server.name, server.arrivals().total
        ('embedded collector', 0)
    """
    target = _SERVERS.get(slug)
    if target is None:
        return None
    module, _, name = target.partition(":")
    make: Callable[[], DemoServer] = getattr(import_module(module), name)
    return make()
