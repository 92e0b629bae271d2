import asyncio
import builtins
import gc
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from destination.errors import ConnectionError as ClientConnectionError
from destination.errors import (
    DefinitionError,
    DestinationError,
    EngineTypeError,
    HTTPError,
    RequestClientError,
    RequestTimeoutError,
)
from destination.errors import TimeoutError as ClientTimeoutError
from destination.request import (
    AbortSignal,
    MockTransport,
    PendingRequest,
    Request,
    RequestClient,
    RequestOptions,
    Response,
)
from destination.values import MISSING

URL = "https://h/v1"


def client(handler: Callable[[Request], Any] | None = None, **options: Any) -> tuple[RequestClient, MockTransport]:
    transport = MockTransport(handler)
    return RequestClient(RequestOptions(**options), transport), transport


def run(pending: Awaitable[Response]) -> Response:
    async def main() -> Response:
        return await pending

    return asyncio.run(main())


async def forever(_request: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


def test_making_sends_nothing_and_awaiting_sends() -> None:
    request, transport = client()
    pending = request(URL, "put", json={"a": 1})
    assert (transport.requests, pending.sent, pending.response) == ([], False, None)
    response = run(pending)
    assert transport.requests == [pending.request]
    assert transport.requests[0].body == b'{"a":1}'
    assert pending.sent
    assert pending.response is response
    assert repr(pending) == "<PendingRequest PUT https://h/v1 (200)>"


def test_awaited_twice_it_is_sent_once() -> None:
    request, transport = client()
    pending = request(URL)

    async def main() -> tuple[Response, Response]:
        return await pending, await pending

    first, second = asyncio.run(main())
    assert first is second
    assert len(transport.requests) == 1


def test_awaited_twice_it_fails_with_the_same_error() -> None:
    request, transport = client(lambda _: 500)
    pending = request(URL)
    errors = []
    for _ in range(2):
        with pytest.raises(HTTPError) as caught:
            run(pending)
        errors.append(caught.value)
    assert errors[0] is errors[1] is pending.error
    assert len(transport.requests) == 1
    assert repr(pending) == "<PendingRequest GET https://h/v1 (failed)>"


def test_awaited_by_two_tasks_at_once_it_is_sent_once() -> None:
    release = asyncio.Event()

    async def slow(_request: Request) -> dict[str, int]:
        await release.wait()
        return {"a": 1}

    request, transport = client(slow)
    pending = request(URL)

    async def main() -> list[Response]:
        tasks = [asyncio.ensure_future(pending) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert repr(pending) == "<PendingRequest GET https://h/v1 (being sent)>"
        tasks[2].cancel()
        release.set()
        return await asyncio.gather(*tasks[:2])

    first, second = asyncio.run(main())
    assert first is second
    assert len(transport.requests) == 1


def test_cancelled_request_is_not_sent_again() -> None:
    request, transport = client(forever)
    pending = request(URL)

    async def main() -> None:
        first, second = asyncio.ensure_future(pending), asyncio.ensure_future(pending)
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        for waiting in (second, pending):
            with pytest.raises(RequestClientError, match=r"^Request was aborted$"):
                await waiting

    asyncio.run(main())
    assert len(transport.requests) == 1


def test_answer_that_is_not_2xx_is_an_http_error() -> None:
    request, _ = client(lambda _: Response(404, json={"why": "gone"}))
    pending = request(URL, "put", json={})
    with pytest.raises(HTTPError, match=r"^Not Found$") as caught:
        run(pending)
    assert caught.value.status == 404
    assert caught.value.response is pending.response
    assert caught.value.response.data == {"why": "gone"}
    assert caught.value.request is pending.request


def test_http_errors_can_be_switched_off() -> None:
    request, _ = client(lambda _: 404)
    assert run(request(URL, throw_http_errors=False)).status == 404
    request, _ = client(lambda _: 404, throw_http_errors=False)
    assert run(request(URL)).status == 404
    with pytest.raises(HTTPError):
        run(request(URL, throw_http_errors=True))


def test_error_of_the_transport_comes_through() -> None:
    error = ClientConnectionError("request to https://h/ failed, reason: socket hang up", code="ECONNRESET")

    def fail(_request: Request) -> Response:
        raise error

    request, _ = client(fail)
    with pytest.raises(ClientConnectionError) as caught:
        run(request(URL))
    assert caught.value is error


def test_limit_of_time() -> None:
    request, _ = client(forever)
    pending = request(URL, timeout_ms=5)
    with pytest.raises(ClientTimeoutError, match=r"^Request timed out after 5ms$") as caught:
        run(pending)
    assert (caught.value.code, caught.value.request) == ("ETIMEDOUT", pending.request)


def test_limit_of_time_is_written_as_in_javascript() -> None:
    assert str(ClientTimeoutError(Request("GET", URL), 10_000_000)) == "Request timed out after 10000000ms"
    assert str(ClientTimeoutError(Request("GET", URL), 0.5)) == "Request timed out after 0.5ms"


def test_no_limit_of_time() -> None:
    request, transport = client()
    run(request(URL, timeout_ms=None))
    run(request(URL))
    assert [one.timeout_ms for one in transport.requests] == [None, 10_000]


def test_limit_of_nothing_and_of_forever() -> None:
    request, _ = client(forever)
    with pytest.raises(ClientTimeoutError, match=r"^Request timed out after 0ms$"):
        run(request(URL, timeout_ms=0))
    request, _ = client()
    assert run(request(URL, timeout_ms=float("inf"))).ok


def test_timeout_of_the_transport_s_own_is_not_taken_for_the_client_s() -> None:
    def fail(_request: Request) -> Response:
        raise builtins.TimeoutError("mine")

    request, _ = client(fail)
    with pytest.raises(builtins.TimeoutError, match="mine"):
        run(request(URL))


def test_signal_that_fired_before_stops_the_request_unsent() -> None:
    signal = AbortSignal()
    signal.abort()
    request, transport = client(signal=signal)
    with pytest.raises(RequestClientError, match=r"^Request was aborted$") as caught:
        run(request(URL))
    assert (caught.value.code, caught.value.status) == ("REQUESTCLIENTERROR", 408)
    assert transport.requests == []


def test_signal_stops_a_request_on_its_way() -> None:
    signal = AbortSignal()
    request, _ = client(forever, signal=signal)

    async def main() -> None:
        pending = asyncio.ensure_future(request(URL))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        signal.abort()
        signal.abort()
        await pending

    with pytest.raises(RequestClientError):
        asyncio.run(main())


def test_signal_of_time_is_a_request_timeout() -> None:
    async def main() -> None:
        request, _ = client(forever, signal=AbortSignal.timeout(5))
        await request(URL)

    with pytest.raises(RequestTimeoutError, match=r"^Request timed out before receiving a response$") as caught:
        asyncio.run(main())
    assert (caught.value.code, caught.value.status) == ("REQUESTTIMEOUTERROR", 408)


def test_limit_of_time_beside_a_signal() -> None:
    request, _ = client(forever, signal=AbortSignal(), timeout_ms=5)
    with pytest.raises(ClientTimeoutError):
        run(request(URL))


def test_signal_that_fires_during_the_timeout_changes_nothing_more() -> None:
    signal = AbortSignal()

    async def stubborn(request: Request) -> Response:
        try:
            return await forever(request)
        finally:
            signal.abort()

    request, _ = client(stubborn, signal=signal, timeout_ms=5)
    with pytest.raises(RequestClientError):
        run(request(URL))


def test_signal_forgets_a_request_that_ended() -> None:
    signal = AbortSignal()
    request, _ = client(signal=signal)
    run(request(URL))
    signal.abort()
    assert request.made[0].response is not None


def test_hook_before_changes_the_request() -> None:
    async def later(options: RequestOptions) -> RequestOptions:
        assert isinstance(options.headers, dict) or options.headers is not None
        return RequestOptions(headers={"x-second": "2", "x-first": MISSING}, json={"b": 2})

    request, transport = client(
        before_request=(lambda _: RequestOptions(method="post", headers={"x-first": "1"}), lambda _: None, later)
    )
    pending = request(f"{URL}?q=1", "put", json={"a": 1}, search_params={"q": "2"})
    assert pending.method == "PUT"
    run(pending)
    sent = transport.requests[0]
    assert (sent.method, sent.url) == ("POST", f"{URL}?q=2")
    assert sent.headers == {"content-type": "application/json", "user-agent": "Segment (Actions)", "x-second": "2"}
    assert sent.body == b'{"a":1,"headers":{},"b":2}'
    assert (pending.request, pending.method, pending.body) == (sent, "POST", sent.body)


def test_hook_before_sees_all_options() -> None:
    seen: list[RequestOptions] = []
    request, _ = client(before_request=(seen.append,), headers={"X-A": "1"}, username="u")
    run(request(URL, "put", json={"a": 1}))
    assert (seen[0].method, seen[0].json, seen[0].timeout_ms) == ("PUT", {"a": 1}, 10_000)
    assert seen[0].throw_http_errors is True
    assert seen[0].headers == {
        "authorization": "Basic dTo=",
        "content-type": "application/json",
        "user-agent": "Segment (Actions)",
        "x-a": "1",
    }


def test_hook_before_may_change_the_limit_of_time_and_the_errors() -> None:
    request, transport = client(
        lambda _: 404, before_request=(lambda _: RequestOptions(timeout_ms=7, throw_http_errors=False),)
    )
    assert run(request(URL)).status == 404
    assert transport.requests[0].timeout_ms == 7


def test_hook_before_that_gives_no_options_fails_the_request() -> None:
    request, transport = client(before_request=(lambda _: {"method": "put"},))
    with pytest.raises(EngineTypeError):
        run(request(URL))
    assert transport.requests == []


def test_hooks_after_see_and_may_replace_each_response() -> None:
    seen: list[tuple[str, str | object, int]] = []

    def note(request: Request, options: RequestOptions, response: Response) -> None:
        seen.append((request.url, options.method, response.status))

    async def mend(_request: Request, _options: RequestOptions, _response: Response) -> Response:
        return Response(200, json="mended")

    request, _ = client(lambda _: 500, after_response=(note, mend, note))
    pending = request(URL)
    assert run(pending).data == "mended"
    assert seen == [(URL, "GET", 500), (URL, "GET", 200)]
    assert pending.response is not None
    assert pending.response.status == 200


def test_hooks_after_see_the_options_that_hooks_before_made() -> None:
    methods: list[object] = []
    request, _ = client(
        before_request=(lambda _: RequestOptions(method="post"),),
        after_response=(lambda _request, options, _response: methods.append(options.method),),
    )
    run(request(URL))
    assert methods == ["post"]


def test_hook_after_may_raise() -> None:
    def refuse(_request: Request, _options: RequestOptions, _response: Response) -> None:
        raise DestinationError("no")

    request, _ = client(after_response=(refuse,))
    pending = request(URL)
    with pytest.raises(DestinationError, match=r"^no$"):
        run(pending)
    assert isinstance(pending.error, DestinationError)


def test_request_without_a_transport_cannot_be_sent() -> None:
    pending = RequestClient()(URL)
    with pytest.raises(DefinitionError, match=r"cannot be sent: its client has no transport$"):
        run(pending)
    waiting = pending.__await__()
    assert next(waiting) is pending
    with pytest.raises(DefinitionError, match="no transport"):
        next(waiting)


def test_mock_transport_turns_what_a_handler_gives_into_a_response() -> None:
    def send(given: Any) -> Response:
        return run(client(lambda _: given, throw_http_errors=False)[0](URL))

    assert send(404).status == 404
    assert send({"a": 1}).data == {"a": 1}
    assert send([1]).data == [1]
    assert send(None).data is None
    assert send(True).data is True
    assert send(Response(201, url="https://other/")).url == "https://other/"
    assert send(Response(201)).url == URL
    assert run(client()[0](URL)).data == {}
    asyncio.run(MockTransport().aclose())


def test_made_requests_are_freed_without_the_collector() -> None:
    class Json(dict[str, int]):
        """A dict that can be watched."""

    gc.disable()
    try:
        value = Json()
        watched = weakref.ref(value)
        request, _ = client()
        request.fresh()(URL, "put", json=value)
        del value
        assert watched() is None
    finally:
        gc.enable()


def test_pending_is_a_value_that_knows_its_parts() -> None:
    pending = RequestClient()(URL, "put", {"x": 1}, json=[1])
    assert isinstance(pending, PendingRequest)
    assert (pending.json, pending.options.method, pending.error) == ([1], "PUT", None)
