"""What a `perform` gave back: which requests it holds, sending them, and finding the ones that were dropped."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from destination.errors import DroppedRequestError
from destination.request.client import RequestClient
from destination.request.message import Response
from destination.request.pending import PendingRequest


def requests_of(result: Any) -> tuple[PendingRequest, ...]:
    """The pending requests in what a `perform` returned: itself, or the items of a tuple or list.

    Example:
        >>> request = RequestClient()
        >>> requests_of((request("https://h/1"), request("https://h/2")))
        (<PendingRequest GET https://h/1 (not sent)>, <PendingRequest GET https://h/2 (not sent)>)
    """
    if isinstance(result, PendingRequest):
        return (result,)
    if isinstance(result, (tuple, list)):
        return tuple(item for item in result if isinstance(item, PendingRequest))
    return ()


async def settle(result: Any) -> Any:
    """Sends what a `perform` returned, several requests one after the other in their order.

    A request becomes its response; a tuple or list keeps its form, with responses in the places of the
    requests; an awaitable is awaited first, and what it gives is settled; anything else stays as it is. A
    request that was sent before is not sent again.

    Raises:
        DestinationError: What the first failing request raised; those behind it are not sent.

    Example:
        >>> import asyncio
        >>> from destination.request import MockTransport
        >>> request = RequestClient(transport=MockTransport())
        >>> asyncio.run(settle((request("https://h/1"), request("https://h/2"))))
        (<Response 200 OK>, <Response 200 OK>)
    """
    if isinstance(result, PendingRequest):
        return await result
    if isinstance(result, (tuple, list)):
        items = [await item if isinstance(item, PendingRequest) else item for item in result]
        return items if isinstance(result, list) else tuple(items)
    if inspect.isawaitable(result):
        return await settle(await result)
    return result


def dropped(client: RequestClient, result: Any = None) -> tuple[PendingRequest, ...]:
    """The requests that the client made and that are neither sent nor in `result`.

    Example:
        >>> request = RequestClient()
        >>> kept, lost = request("https://h/1"), request("https://h/2")
        >>> dropped(request, kept)
        (<PendingRequest GET https://h/2 (not sent)>,)
    """
    returned = requests_of(result)
    return tuple(made for made in client.made if not made.sent and made not in returned)


def check_dropped(client: RequestClient, result: Any = None) -> None:
    """Refuses dropped requests: in TypeScript they would be sent all the same (divergence 8).

    Raises:
        DroppedRequestError: There is one; the error names all of them.

    Example:
        >>> client = RequestClient()
        >>> _ = client("https://h/lost")
        >>> check_dropped(client)
        Traceback (most recent call last):
        destination.errors.DroppedRequestError: ...
    """
    lost = dropped(client, result)
    if lost:
        raise DroppedRequestError(lost)


async def call(function: Callable[[Any, Any], Any], client: RequestClient, data: Any) -> Any:
    """Calls `function(request, data)`, sends what it returns, and returns the answers in its place.

    Raises:
        DroppedRequestError: It made a request that it neither returned nor awaited.
        Exception: What it raised, or what sending did.

    Example:
        >>> import asyncio
        >>> from destination.request import MockTransport
        >>> client = RequestClient(transport=MockTransport(lambda _: {"id": 1}))
        >>> asyncio.run(call(lambda request, data: request("https://h.test/"), client, None))
        <Response 200 OK>
    """
    output = function(client, data)
    if inspect.iscoroutine(output):
        output = await output
    check_dropped(client, output)
    return await settle(output)


def result_data(output: Any) -> Any:
    """Returns a response as the reference records it: its JSON, else its text; anything else as it is.

    Example:
        >>> result_data((Response(200, b"ok"), 5))
        ['ok', 5]
    """
    if isinstance(output, Response):
        return output.value
    if isinstance(output, (list, tuple)):
        return [result_data(item) for item in output]
    return output


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where a coroutine came to without sending anything.

    Attributes:
        complete: Whether it ended before it waited for anything.
        result: What it returned, when it is complete.

    Example:
        >>> async def perform():
        ...     return "done"
        >>> run_to_first_request(perform())
        Stopped(complete=True, result='done')
    """

    complete: bool
    result: Any = None


def run_to_first_request(work: Coroutine[Any, Any, Any]) -> Stopped:
    """Runs an `async def perform` until it first waits for something, and ends it there.

    For looking without sending: give the perform a client without a transport, then read `client.made`.

    Raises:
        Exception: What the coroutine itself raised before that point.

    Example:
        >>> async def perform(request):
        ...     first = await request("https://h/1")
        ...     return request(f"https://h/{first.data}")
        >>> request = RequestClient()
        >>> run_to_first_request(perform(request)), request.made
        (Stopped(complete=False, result=None), [<PendingRequest GET https://h/1 (not sent)>])
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        # asyncio.gather and the like want a running loop, even though none of it runs.
        with asyncio.Runner() as runner:
            return runner.run(_step_in_loop(work))
    return _step(work)


async def _step_in_loop(work: Coroutine[Any, Any, Any]) -> Stopped:
    return _step(work)


def _step(work: Coroutine[Any, Any, Any]) -> Stopped:
    try:
        waits_for = work.send(None)
    except StopIteration as stop:
        return Stopped(complete=True, result=stop.value)
    if isinstance(waits_for, asyncio.Future):
        waits_for.add_done_callback(_forget)
        waits_for.cancel()
    work.close()
    return Stopped(complete=False)


def _forget(future: "asyncio.Future[Any]") -> None:
    # asyncio.gather, when cancelled, ends with an exception, which asyncio logs unless someone asked for it.
    if not future.cancelled():
        future.exception()
