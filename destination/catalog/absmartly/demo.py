"""The embedded collector as the stand-in that `destination run` starts when it is given no settings."""

import threading
from datetime import UTC, datetime
from typing import Any

from destination.catalog.absmartly.collector import EmbeddedCollector
from destination.catalog.demo import Arrivals

MAX_KEPT = 1_000
_UID_SHOWN = 12
_COLUMNS = ("at", "kind", "name", "units", "agent")


class AbsmartlyDemo(EmbeddedCollector):
    """An embedded collector that keeps what arrived first and counts the rest, so that any file can be tried."""

    name = "embedded collector"

    def __init__(self) -> None:
        super().__init__()
        self._total = 0
        self._counting = threading.Lock()

    @property
    def address(self) -> str:
        """Where it listens."""
        return self.endpoint

    def take(self, headers: dict[str, str], events: list[Any]) -> tuple[int, dict[str, Any]]:
        """Checks, counts and keeps publish requests."""
        with self._counting:  # requests come in threads of their own
            before = len(self.received)
            answer = super().take(headers, events)
            self._total += len(self.received) - before
            del self.received[MAX_KEPT:]
        return answer

    def arrivals(self) -> Arrivals:
        """One row for each publish request, by its time."""
        received = sorted(self.received[:MAX_KEPT], key=lambda item: item["event"]["publishedAt"])
        return Arrivals(_COLUMNS, [_row(item["headers"], item["event"]) for item in received], self._total, received)


def _row(headers: dict[str, str], event: dict[str, Any]) -> tuple[str, ...]:
    goals, exposures = event.get("goals") or [], event.get("exposures") or []
    kind = "exposure" if exposures else "goal"
    names = ", ".join(str(item["name"]) for item in (*goals, *exposures))
    units = ", ".join(f"{unit['type']}={_short(unit.get('uid') or '')}" for unit in event["units"])
    return _moment(event["publishedAt"]), kind, names, units or "(none)", headers.get("x-agent", "")


def _short(uid: str) -> str:
    return uid if len(uid) <= _UID_SHOWN else f"{uid[:_UID_SHOWN]}…"


def _moment(milliseconds: int) -> str:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return str(milliseconds)
