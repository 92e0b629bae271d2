"""The thread in which events go through mappings, so that the server answers others meanwhile."""

import asyncio
import threading
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any, TypeVar

from destination.request import Request, Response, Transport

_Result = TypeVar("_Result")


async def run_apart(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Runs a coroutine in the event loop of the worker thread, which all testers of a process share.

    Cancelling it cancels the work. The interpreter gives the server its turn every 5 ms, but in the middle of one
    long call into C.

    Raises:
        Exception: What the work raised.

    Example:
        >>> async def name() -> str:
        ...     return threading.current_thread().name
        >>> asyncio.run(run_apart(name()))
        'destination-tester'
    """
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, _worker_loop()))


@lru_cache(maxsize=1)
def _worker_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    # Nobody waits for it at the end: a mapping that runs does not keep the process.
    threading.Thread(target=loop.run_forever, name="destination-tester", daemon=True).start()
    return loop


class HomeTransport:
    """Sends for the worker thread in the loop that it was made in: connections belong to one loop.

    Args:
        transport: What sends, in the running loop.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._home = asyncio.get_running_loop()

    async def send(self, request: Request) -> Response:
        """Sends a request and reads its answer.

        Raises:
            DestinationError: As the transport inside.
        """
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._transport.send(request), self._home))

    async def aclose(self) -> None:
        """Closes nothing: the transport inside belongs to who made it."""
