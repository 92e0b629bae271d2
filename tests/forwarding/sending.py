"""Clients that send batches as Segment's own do: each again, until it is answered 200, whatever happens meanwhile."""

import random
import threading
from collections.abc import Sequence
from typing import Any

import httpx

from tests.forwarding.running import WRITE_KEY
from tests.kit import PATIENCE_S

_AGAIN_S = 0.02


def numbered_events(count: int) -> list[dict[str, Any]]:
    """Track events whose messageId, `m1` and so on, becomes the `id` of their goal (tests/delivery/faulty.py)."""
    return [
        {
            "type": "track",
            "event": "Goal",
            "messageId": f"m{number}",
            "userId": f"u{number % 97}",
            "timestamp": "2026-01-01T00:00:00.000Z",
            "properties": {"n": number},
        }
        for number in range(1, count + 1)
    ]


class Clients:
    """Some clients at once, each with a part of the events. Use it as a context manager; it waits for their end.

    Args:
        url: Where the forwarder accepts events; it may be away for a while.
        events: The events.
        seed: Decides about the sizes of the batches.
        count: The number of clients.
        largest: The largest batch.

    Attributes:
        accepted: The messageIds of the events that were answered 200.
        refusals: The statuses other than 200.
    """

    def __init__(self, url: str, events: Sequence[dict[str, Any]], *, seed: int, count: int = 4, largest: int = 60):
        self.accepted: set[str] = set()
        self.refusals: list[int] = []
        self._url = url
        self._changed = threading.Condition()
        self._is_cancelled = False
        self._error: Exception | None = None
        generator = random.Random(seed)
        self._threads = []
        for number in range(count):
            own, batches = list(events[number::count]), []
            while own:
                size = generator.randint(1, largest)
                batches.append(own[:size])
                del own[:size]
            self._threads.append(threading.Thread(target=self._send_all, args=(batches,)))

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._is_cancelled = kind is not None
        self.join()

    def join(self) -> None:
        """Waits until everything is answered 200."""
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
        if self._error is not None:
            raise self._error

    def await_accepted(self, count: int) -> None:
        """Waits until so many events are answered 200."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.accepted) >= count or self._error, PATIENCE_S)
        if self._error is not None:
            raise self._error

    def _send_all(self, batches: list[list[dict[str, Any]]]) -> None:
        try:
            with httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
                for batch in batches:
                    while not self._is_cancelled and not self._is_accepted(client, batch):
                        threading.Event().wait(_AGAIN_S)
        except Exception as error:  # noqa: BLE001  the test raises it
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _is_accepted(self, client: httpx.Client, batch: list[dict[str, Any]]) -> bool:
        try:
            answer = client.post(f"{self._url}/v1/batch", json={"writeKey": WRITE_KEY, "batch": batch})
        except httpx.TransportError:  # it was killed, or is not there yet
            return False
        with self._changed:
            if answer.status_code == 200:
                self.accepted.update(event["messageId"] for event in batch)
            else:
                assert answer.status_code in (429, 503), answer.text
                self.refusals.append(answer.status_code)
            self._changed.notify_all()
        return answer.status_code == 200
