"""Handles the result of a `perform`: finds the requests in it, sends them, and finds dropped ones."""

import inspect
from collections.abc import Callable, Coroutine
from typing import Any

from destination.errors import DroppedRequestError
from destination.late import asyncio
from destination.records import dataclass
from destination.request.client import RequestClient
from destination.request.message import Response
from destination.request.pending import PendingRequest


def requests_of(result: Any) -> tuple[PendingRequest, ...]:
    """Returns the pending requests in the result of a `perform`: the result itself, or the items of a tuple or list.

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
    """Sends the requests that a `perform` returned, one after the other and in order.

    Returns the result with responses instead of requests: a request becomes its response, and a tuple or list one of
    responses. An awaitable is awaited first, and its result is handled in this way. Anything else is returned
    unchanged. A request that was sent before is not sent again.

    Raises:
        DestinationError: The first failing request raised it; later requests are not sent.

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
    """Returns the requests that the client made and that are neither sent nor in `result`.

    Example:
        >>> request = RequestClient()
        >>> kept, lost = request("https://h/1"), request("https://h/2")
        >>> dropped(request, kept)
        (<PendingRequest GET https://h/2 (not sent)>,)
    """
    returned = requests_of(result)
    return tuple(made for made in client.made if not made.sent and made not in returned)


def check_dropped(client: RequestClient, result: Any = None) -> None:
    """Refuses dropped requests, which the reference would send (divergence 8).

    Raises:
        DroppedRequestError: There are dropped requests; the error names all of them.

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
    """Calls `function(request, data)`, sends the requests that it returns, and returns their answers instead.

    Raises:
        DroppedRequestError: The function made a request that it neither returned nor awaited.
        Exception: The function raised it, or sending did.

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
    """Returns a response as the reference records it: its JSON, else its text. Anything else is unchanged.

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
    """The state of a coroutine that was run without sending anything.

    Attributes:
        complete: Whether it ended before it waited for anything.
        result: The coroutine's result, if it is complete.

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

    Use it to see the requests without sending: call the perform with a client without a transport, then read
    `client.made`.

    Raises:
        Exception: The coroutine itself raised it before that point.

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
        # asyncio.gather and similar functions need a running loop, even if nothing runs in it.
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
    # A cancelled asyncio.gather ends with an exception, which asyncio logs unless it is retrieved.
    if not future.cancelled():
        future.exception()
