"""What the tests of the intake share: an intake with a queue in memory, and ways to send to it."""

import asyncio
import contextlib
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import orjson
from starlette.applications import Starlette

from destination.forwarding.accepted import Accepted
from destination.forwarding.http import IntakeOptions, RefusedLog, WriteKeys, create_intake, make_server
from tests.kit import PATIENCE_S

KEY: Final = "write-key-1"
OTHER_KEY: Final = "write-key-2"
NOW_S: Final = 1_672_531_200.25
NOW: Final = "2023-01-01T00:00:00.250Z"
CLIENT: Final = "203.0.113.7"


@dataclass
class Counts:
    """Counts as a service does."""

    accepted_by_key: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    refused_by_reason: Counter[str] = field(default_factory=Counter)

    def accepted(self, write_key: str, count: int) -> None:
        self.accepted_by_key[write_key] += count

    def duplicate(self, count: int) -> None:
        self.duplicates += count

    def refused(self, reason: str, count: int) -> None:
        self.refused_by_reason[reason] += count


class Intake:
    """An intake, its queue in memory, and what it counted."""

    def __init__(self, *, keys: Sequence[str] = (KEY, OTHER_KEY), refused: RefusedLog | None = None, **options: Any):
        self.kept: list[Accepted] = []
        self.error: Exception | None = None
        self.behind_s: float | None = None
        self.counts = Counts()
        self.keys = WriteKeys(keys)
        self.app: Starlette = create_intake(
            self._put,
            keys=self.keys,
            behind=lambda _key: self.behind_s,
            refused=refused,
            counts=self.counts,
            options=IntakeOptions(**options),
            clock=lambda: NOW_S,
        )

    async def _put(self, events: Sequence[Accepted]) -> int:
        if self.error is not None:
            raise self.error
        known = {(one.write_key, one.message_id) for one in self.kept}
        new = [one for one in events if (one.write_key, one.message_id) not in known]
        self.kept += new
        return len(new)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events as stored."""
        return [orjson.loads(one.body) for one in self.kept]

    @property
    def event(self) -> dict[str, Any]:
        """The one event that was stored."""
        (event,) = self.events
        return event

    def request(self, method: str, path: str, *, client: str = CLIENT, **request: Any) -> httpx.Response:
        """Answers one request."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, client=(client, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url="http://events.example.com") as session:
                return await session.request(method, path, **request)

        return asyncio.run(ask())

    def post(self, path: str, body: Any, *, key: str | None = KEY, **request: Any) -> httpx.Response:
        """Posts a body: as it is if it is bytes, else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        auth = None if key is None else (key, "")
        return self.request("POST", path, content=content, auth=auth, **request)


def track(**members: Any) -> dict[str, Any]:
    """A track call that lacks nothing."""
    return {"type": "track", "event": "Paid", "userId": "u-1", "messageId": "m-1", **members}


@contextlib.contextmanager
def serving(app: Starlette, **limits: Any) -> Iterator[int]:
    """Serves an intake with uvicorn on a free port of the loopback address."""
    server = make_server(app, **limits)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(PATIENCE_S)
        listening.close()
        assert not thread.is_alive()
