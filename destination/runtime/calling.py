"""Calling what an author wrote, and reading what came of it."""

import inspect
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from destination.errors import DestinationError
from destination.request import PendingRequest, Request, RequestClient, Response, check_dropped, settle


async def call(function: Callable[[Any, Any], Any], client: RequestClient, data: Any) -> Any:
    """Calls `function(request, data)` and sends what it returns; gives what that comes to.

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
    """A response as the reference records it: its JSON, else its text; anything else as it is.

    Example:
        >>> result_data((Response(200, b"ok"), 5))
        ['ok', 5]
    """
    if isinstance(output, Response):
        return output.value
    if isinstance(output, (list, tuple)):
        return [result_data(item) for item in output]
    return output


def requests_of(made: Iterable[PendingRequest]) -> tuple[Request, ...]:
    """The requests that were made, as a transport gets them."""
    return tuple([pending.request for pending in made])


def requests_that_can_be(made: Iterable[PendingRequest]) -> tuple[Request, ...]:
    """Those of a failed event; one that cannot be written (JSON nested too deeply) is why it failed."""
    requests = []
    for pending in made:
        with suppress(DestinationError):
            requests.append(pending.request)
    return tuple(requests)
