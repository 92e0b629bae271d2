"""Stand-ins for a partner's API, so that a shipped destination can be tried without an account."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from types import TracebackType
from typing import Any, Protocol, Self


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived at a stand-in, as a table.

    Attributes:
        columns: The table's headings.
        rows: What arrived first, in order.
        total: How much arrived in all.
        records: The same as `rows`, as JSON.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    total: int
    records: Sequence[Any] = field(default=())


class DemoServer(Protocol):
    """A partner's API on the loopback interface, in this process; a context manager."""

    @property
    def name(self) -> str:
        """What it is, such as `embedded collector`."""
        ...

    @property
    def address(self) -> str:
        """Where it listens."""
        ...

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a destination that sends there."""
        ...

    def arrivals(self) -> Arrivals:
        """What arrived so far."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


_SERVERS = {"actions-absmartly": "destination.catalog.absmartly.demo:AbsmartlyDemo"}


def demo_server(slug: str) -> DemoServer | None:
    """The stand-in of a destination, not yet started; None where it has none.

    Example:
        >>> demo_server("something-else") is None
        True
        >>> with demo_server("actions-absmartly") as server:
        ...     server.name, server.arrivals().total
        ('embedded collector', 0)
    """
    place = _SERVERS.get(slug)
    if place is None:
        return None
    module, _, name = place.partition(":")
    make: Callable[[], DemoServer] = getattr(import_module(module), name)
    return make()
