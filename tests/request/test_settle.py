import asyncio

import pytest

from destination.errors import DroppedRequestError, HTTPError
from destination.request import (
    MockTransport,
    PendingRequest,
    Request,
    RequestClient,
    Response,
    check_dropped,
    dropped,
    requests_of,
    run_to_first_request,
    settle,
)


def make() -> tuple[RequestClient, MockTransport]:
    transport = MockTransport(lambda request: {"url": request.url})
    return RequestClient(transport=transport), transport


def urls(transport: MockTransport) -> list[str]:
    return [request.url for request in transport.requests]


def test_one_request_becomes_its_response() -> None:
    request, _ = make()
    assert asyncio.run(settle(request("https://h/1"))).data == {"url": "https://h/1"}


def test_several_requests_are_sent_in_the_order_returned() -> None:
    request, transport = make()
    first, second = request("https://h/1"), request("https://h/2")
    responses = asyncio.run(settle((second, "kept", first)))
    assert isinstance(responses, tuple)
    assert [second.response, "kept", first.response] == list(responses)
    assert urls(transport) == ["https://h/2", "https://h/1"]
    assert isinstance(asyncio.run(settle([first])), list)


def test_first_failure_stops_those_behind_it() -> None:
    transport = MockTransport(lambda request: 500 if request.url.endswith("1") else 200)
    request = RequestClient(transport=transport)
    with pytest.raises(HTTPError):
        asyncio.run(settle((request("https://h/1"), request("https://h/2"))))
    assert urls(transport) == ["https://h/1"]


def test_coroutine_is_awaited_and_its_result_settled() -> None:
    request, transport = make()

    async def perform() -> PendingRequest:
        first = await request("https://h/1")
        return request(f"{first.data['url']}/2")

    assert asyncio.run(settle(perform())).data == {"url": "https://h/1/2"}
    assert urls(transport) == ["https://h/1", "https://h/1/2"]


def test_request_that_was_awaited_and_returned_is_sent_once() -> None:
    request, transport = make()

    async def perform() -> PendingRequest:
        pending = request("https://h/1")
        await pending
        return pending

    asyncio.run(settle(perform()))
    assert urls(transport) == ["https://h/1"]


@pytest.mark.parametrize("value", [None, 5, "text", {"a": 1}, (), [1]])
def test_anything_else_stays_as_it_is(value: object) -> None:
    assert asyncio.run(settle(value)) == value
    assert requests_of(value) == ()


def test_dropped_request_is_an_error_that_names_it() -> None:
    request, _ = make()
    sent, returned, lost = (
        request("https://h/1"),
        request("https://h/2"),
        request("https://me:secret@h/3?secret", "put"),
    )
    asyncio.run(settle(sent))
    assert dropped(request, [returned]) == (lost,)
    with pytest.raises(DroppedRequestError) as caught:
        check_dropped(request, returned)
    assert str(caught.value) == (
        "requests were made but neither returned nor awaited: <PendingRequest PUT https://h/3?… (not sent)>. "
        "Return them from perform (several as a tuple), or await them"
    )
    assert caught.value.requests == (lost,)
    check_dropped(request, (returned, lost))


def test_coroutine_is_run_to_its_first_request() -> None:
    request = RequestClient()
    after: list[Response] = []

    async def perform() -> None:
        after.append(await request("https://h/1"))

    assert not run_to_first_request(perform()).complete
    assert [pending.url for pending in request.made] == ["https://h/1"]
    assert after == []


def test_coroutine_that_awaits_nothing_is_complete() -> None:
    request = RequestClient()

    async def perform() -> PendingRequest:
        return request("https://h/1")

    stopped = run_to_first_request(perform())
    assert stopped.complete
    assert requests_of(stopped.result) == tuple(request.made)


def test_gathered_requests_are_all_seen() -> None:
    request = RequestClient()

    async def perform() -> None:
        await asyncio.gather(request("https://h/1"), request("https://h/2"))

    assert not run_to_first_request(perform()).complete
    assert len(request.made) == 2


def test_looking_works_inside_a_running_loop() -> None:
    request = RequestClient()

    async def perform() -> None:
        await asyncio.gather(request("https://h/1"), asyncio.sleep(1))

    async def main() -> bool:
        stopped = run_to_first_request(perform())
        await asyncio.sleep(0)
        return stopped.complete

    assert asyncio.run(main()) is False
    assert len(request.made) == 1


def test_error_before_the_first_request_comes_through() -> None:
    async def perform() -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match=r"^mine$"):
        run_to_first_request(perform())


def test_handler_of_a_mock_may_be_async() -> None:
    async def handler(request: Request) -> Response:
        return Response(json=request.method)

    async def main() -> Response:
        return await RequestClient(transport=MockTransport(handler))("https://h/")

    assert asyncio.run(main()).data == "GET"
