import asyncio
from typing import Any

import pytest

from destination import (
    DestinationError,
    EventOptions,
    HTTPError,
    IntegrationError,
    InvalidAuthenticationError,
    MockTransport,
    MultiStatusResponse,
    Request,
    Response,
)
from destination.runtime.auth import is_unauthorised
from tests.runtime.oauth import EVENT, SETTINGS, Partner, oauth_destination, send, subscription


def test_oauth_is_taken_out_of_the_settings() -> None:
    instance = oauth_destination().instance({**SETTINGS, "dynamicAuthSettings": 1}, [])
    assert instance.settings == {"dynamicAuthSettings": 1}
    assert dict(instance.tokens.auth) == {"accessToken": "old-token", "refreshToken": "refresh-1"}


@pytest.mark.parametrize("oauth", [None, "text", 5, [], {}])
def test_oauth_that_is_none_gives_no_tokens(oauth: Any) -> None:
    assert dict(oauth_destination().instance({"oauth": oauth}, []).tokens.auth) == {}


def test_tokens_are_there_for_every_scheme() -> None:
    instance = oauth_destination(scheme="custom").instance(SETTINGS, [subscription()])
    [request] = instance.plan(EVENT).requests
    assert request.headers["authorization"] == "Bearer old-token"


@pytest.mark.parametrize("scheme", ["oauth2", "oauth-managed"])
async def test_401_refreshes_and_the_event_goes_once_more(scheme: Any) -> None:
    partner = Partner()
    instance = oauth_destination(scheme=scheme).instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    told: list[Any] = []
    result = await instance.on_event(EVENT, EventOptions(on_token_refresh=told.append))
    assert result.errors == []
    assert result.results[-1] == {"data": {"ok": True}, "output": "Action Executed"}
    assert partner.taken == ["https://api.test/send"]
    assert partner.refreshes == [{"refresh_token": "refresh-1"}]
    assert told == [{"accessToken": "token-1", "refreshToken": "refresh-2"}]
    [outcome] = result.outcomes
    assert [response.status for response in outcome.responses] == [401, 200]
    assert [request.headers["authorization"] for request in outcome.requests] == ["Bearer old-token", "Bearer token-1"]


async def test_new_tokens_stay_for_the_events_that_follow() -> None:
    partner = Partner()
    instance = oauth_destination().instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    await instance.on_event(EVENT)
    await instance.on_event(EVENT)
    assert (partner.refused, len(partner.refreshes), len(partner.taken)) == (1, 1, 2)
    assert instance.tokens.auth["refreshToken"] == "refresh-2"


async def test_custom_scheme_refreshes_nothing() -> None:
    partner = Partner()
    instance = oauth_destination(scheme="custom").instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    [error] = (await instance.on_event(EVENT)).errors
    assert isinstance(error, HTTPError)
    assert partner.refreshes == []


async def test_only_the_subscription_that_failed_runs_again() -> None:
    def open_to_all(request: Any, data: Any) -> Any:
        return request("https://open.test/send", "post", json={}, headers={"authorization": "Bearer token-1"})

    partner = Partner()
    demo = oauth_destination(other=open_to_all)
    instance = demo.instance(SETTINGS, [subscription("other"), subscription()], transport=MockTransport(partner))
    assert (await instance.on_event(EVENT)).errors == []
    assert sorted(partner.taken) == ["https://api.test/send", "https://open.test/send"]


async def test_second_attempt_sends_nothing_that_was_taken() -> None:
    async def three(request: Any, data: Any) -> Any:
        token = data.auth["accessToken"]
        await request(f"https://api.test/first?token={token}", "post", json={"by": token}, headers=good)
        await request("https://api.test/look", headers=good)
        return await request("https://api.test/second", "post", json={})

    good = {"authorization": "Bearer token-1"}
    partner = Partner()
    instance = oauth_destination(three=three).instance(
        SETTINGS, [subscription("three")], transport=MockTransport(partner)
    )
    [outcome] = (await instance.on_event(EVENT)).outcomes
    assert outcome.error is None
    # What only asks is asked again.
    assert partner.taken == [
        "https://api.test/first?token=old-token",
        "https://api.test/look",
        "https://api.test/look",
        "https://api.test/second",
    ]
    assert [response.status for response in outcome.responses] == [200, 200, 401, 200, 200]
    assert len(outcome.requests) == 5


async def test_only_the_same_request_counts_as_taken() -> None:
    attempts: list[str] = []

    def two(request: Any, data: Any) -> Any:
        attempts.append("attempt")
        # the first request has another body, or method, each time
        first = request("https://api.test/1", ("post", "put")[len(attempts) - 1], json={}, headers=good)
        return first, request("https://api.test/2", "post", json={})

    good = {"authorization": "Bearer token-1"}
    partner = Partner()
    # a token this short could be part of anything: it is not looked for
    settings = {"oauth": {"access_token": "t"}}
    instance = oauth_destination(two=two).instance(settings, [subscription("two")], transport=MockTransport(partner))
    assert (await instance.on_event(EVENT)).errors == []
    assert partner.taken == ["https://api.test/1", "https://api.test/1", "https://api.test/2"]


async def test_same_request_twice_is_sent_twice() -> None:
    def twice(request: Any, data: Any) -> Any:
        return tuple(request("https://api.test/same", "post", json={}) for _ in range(2))

    answers = [200, 401]

    def answer(request: Request) -> Any:
        if request.url == "https://auth.test/token":
            return {"access_token": "t"}
        sent.append(request)
        return answers.pop(0) if answers else 200

    sent: list[Request] = []
    instance = oauth_destination(twice=twice).instance(
        SETTINGS, [subscription("twice")], transport=MockTransport(answer)
    )
    assert (await instance.on_event(EVENT)).errors == []
    assert len(sent) == 3


async def test_second_401_refreshes_again_but_is_the_result() -> None:
    partner = Partner(good="never")
    instance = oauth_destination().instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    [error] = (await instance.on_event(EVENT)).errors
    assert isinstance(error, HTTPError)
    assert (partner.refused, len(partner.refreshes)) == (2, 2)
    assert instance.tokens.auth["accessToken"] == "token-2"


async def test_one_refresh_at_a_time() -> None:
    gate = asyncio.Event()
    partner = Partner()

    async def answer(request: Request) -> Any:
        if request.url == "https://auth.test/token":
            await gate.wait()
        elif partner.refused == 9:
            gate.set()
        return partner(request)

    instance = oauth_destination().instance(SETTINGS, [subscription()], transport=MockTransport(answer))
    results = await asyncio.gather(*(instance.on_event(EVENT) for _ in range(10)))
    assert [result.errors for result in results] == [[]] * 10
    assert (partner.refused, len(partner.refreshes), len(partner.taken)) == (10, 1, 10)


async def test_401_for_a_token_that_another_event_replaced_asks_for_none() -> None:
    partner = Partner()
    late = asyncio.Event()

    async def answer(request: Request) -> Any:
        if request.json() == {"name": "late"} and partner.refused == 0:
            status = 401
            partner.refused += 1
            await late.wait()
            return status
        return partner(request)

    instance = oauth_destination().instance(SETTINGS, [subscription()], transport=MockTransport(answer))
    slow = asyncio.create_task(instance.on_event({**EVENT, "event": "late"}))
    await asyncio.sleep(0)
    await instance.on_event(EVENT)
    late.set()
    assert (await slow).errors == []
    assert len(partner.refreshes) == 1


async def test_refresh_is_finished_when_the_event_that_began_it_is_cancelled() -> None:
    asked, go = asyncio.Event(), asyncio.Event()
    partner = Partner()

    async def answer(request: Request) -> Any:
        if request.url == "https://auth.test/token":
            asked.set()
            await go.wait()
        return partner(request)

    instance = oauth_destination().instance(SETTINGS, [subscription()], transport=MockTransport(answer))
    first = asyncio.create_task(instance.on_event(EVENT))
    await asked.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    second = asyncio.create_task(instance.on_event(EVENT))
    await asyncio.sleep(0)
    go.set()
    assert (await second).errors == []
    assert len(partner.refreshes) == 1


@pytest.mark.parametrize("given", [None, {}, {"accessToken": ""}, "token", {"refreshToken": "r"}])
async def test_refresh_without_a_token_fails(given: Any) -> None:
    def refresh(request: Any, data: Any) -> Any:
        return given

    instance = oauth_destination(refresh).instance(SETTINGS, [subscription()], transport=MockTransport(Partner()))
    [error] = (await instance.on_event(EVENT)).errors
    assert isinstance(error, InvalidAuthenticationError)
    assert (str(error), error.code, error.status) == ("Failed to refresh access token", "OAUTH_REFRESH_FAILED", 401)


async def test_destination_that_cannot_refresh_fails_with_the_same_error() -> None:
    instance = oauth_destination(None).instance(SETTINGS, [subscription()], transport=MockTransport(Partner()))
    [error] = (await instance.on_event(EVENT)).errors
    assert str(error) == "Failed to refresh access token"
    assert await instance.refresh_access_token() is None


async def test_failed_refresh_is_the_error() -> None:
    def refuse(request: Any, data: Any) -> Any:
        return request("https://auth.test/refuse", "post")

    def answer(request: Request) -> int:
        return 400 if request.url == "https://auth.test/refuse" else 401

    instance = oauth_destination(refuse).instance(SETTINGS, [subscription()], transport=MockTransport(answer))
    [outcome] = (await instance.on_event(EVENT)).outcomes
    assert isinstance(outcome.error, HTTPError)
    assert outcome.error.status == 400
    assert [response.status for response in outcome.responses] == [401]


async def test_callback_that_fails_fails_the_event_but_the_tokens_are_kept() -> None:
    async def lose(tokens: dict[str, str]) -> None:
        raise OSError("disk full")

    partner = Partner()
    instance = oauth_destination().instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    [error] = (await instance.on_event(EVENT, EventOptions(on_token_refresh=lose))).errors
    assert str(error) == "disk full"
    assert (await instance.on_event(EVENT)).errors == []
    assert len(partner.refreshes) == 1


async def test_callers_are_in_step_before_a_refresh() -> None:
    steps: list[str] = []

    async def synchronize() -> None:
        steps.append("synchronised")

    def refresh(request: Any, data: Any) -> Any:
        steps.append("refreshed")
        return {"accessToken": "token-1"}

    instance = oauth_destination(refresh).instance(SETTINGS, [subscription()], transport=MockTransport(Partner()))
    await instance.on_event(EVENT, EventOptions(synchronize_refresh_access_token=synchronize))
    assert steps == ["synchronised", "refreshed"]
    # a refresh token that is not given anew stays
    assert dict(instance.tokens.auth) == {"accessToken": "token-1", "refreshToken": "refresh-1"}


async def test_refresh_sees_the_credentials_and_its_requests_no_token() -> None:
    seen: list[Any] = []

    async def refresh(request: Any, data: Any) -> Any:
        seen.append(dict(data.auth))
        await request("https://auth.test/token", "post")
        return {"accessToken": "token-1"}

    transport = MockTransport(Partner())
    settings = {"oauth": {**SETTINGS["oauth"], "refresh_token_url": "https://auth.test/token"}}
    await oauth_destination(refresh).instance(settings, [subscription()], transport=transport).on_event(EVENT)
    assert seen == [
        {
            "accessToken": "old-token",
            "refreshToken": "refresh-1",
            "refreshTokenUrl": "https://auth.test/token",
            "clientId": "c",
            "clientSecret": "sec",
        }
    ]
    assert transport.requests[1].headers["authorization"] == "Bearer None"


async def test_refreshed_tokens_count_where_there_were_none() -> None:
    partner = Partner()
    instance = oauth_destination().instance({}, [subscription()], transport=MockTransport(partner))
    assert (await instance.on_event(EVENT)).errors == []


async def test_refresh_by_hand_gives_the_tokens_and_keeps_the_old() -> None:
    instance = oauth_destination().instance(SETTINGS, [], transport=MockTransport(Partner()))
    assert await instance.refresh_access_token() == {"accessToken": "token-1", "refreshToken": "refresh-2"}
    assert instance.tokens.auth["accessToken"] == "old-token"


async def test_refresh_by_hand_is_only_for_oauth() -> None:
    with pytest.raises(
        IntegrationError, match=r"^refreshAccessToken is only valid with oauth2 authentication scheme$"
    ) as caught:
        await oauth_destination(scheme="basic").instance({}, []).refresh_access_token()
    assert (caught.value.code, caught.value.status) == ("NotImplemented", 501)


async def test_perform_may_say_itself_that_it_was_not_let_in() -> None:
    attempts: list[str] = []

    def perform(request: Any, data: Any) -> Any:
        attempts.append(data.auth["accessToken"])
        if len(attempts) == 1:
            raise InvalidAuthenticationError("expired")
        return send(request, data)

    partner = Partner()
    instance = oauth_destination(send=perform).instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    assert (await instance.on_event(EVENT)).errors == []
    assert attempts == ["old-token", "token-1"]


def test_what_counts_as_not_let_in() -> None:
    assert is_unauthorised(InvalidAuthenticationError())
    assert is_unauthorised(IntegrationError("no", "X", 401))
    assert not is_unauthorised(DestinationError())
    assert not is_unauthorised(IntegrationError("no", "X", 403))


def test_instance_works_in_one_loop_after_another() -> None:
    partner = Partner()
    instance = oauth_destination().instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    assert asyncio.run(instance.on_event(EVENT)).errors == []
    partner.good = "token-2"
    assert asyncio.run(instance.on_event(EVENT)).errors == []
    assert len(partner.refreshes) == 2


async def test_tokens_are_never_shown() -> None:
    instance = oauth_destination().instance(SETTINGS, [subscription()], transport=MockTransport(Partner()))
    assert instance.redactor.text("old-token refresh-1") == "<redacted> <redacted>"
    await instance.on_event(EVENT)
    assert instance.redactor.text("old-token token-1 refresh-2") == "<redacted> <redacted> <redacted>"


async def test_test_authentication_sees_the_tokens() -> None:
    demo = oauth_destination()
    seen: list[Any] = []
    authentication = demo.authentication
    assert authentication is not None
    object.__setattr__(authentication, "test_authentication", lambda request, data: seen.append(dict(data.auth)))
    await demo.instance(SETTINGS, []).test_authentication()
    assert seen == [{"accessToken": "old-token", "refreshToken": "refresh-1"}]


# --- batches ---------------------------------------------------------------------------------------------

EVENTS = [{**EVENT, "event": name} for name in "abc"]


async def test_rejected_batch_goes_once_more() -> None:
    partner = Partner()
    instance = oauth_destination().instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    result = await instance.on_batch(EVENTS)
    assert [node["status"] for node in result.results[0]["multistatus"]] == [200, 200, 200]
    assert (partner.refused, len(partner.refreshes), len(partner.taken)) == (1, 1, 1)
    assert len(result.requests) == 2


def multistatus(statuses: dict[str, list[int]], sent: list[list[str]]) -> Any:
    async def perform_batch(request: Any, data: Any) -> Any:
        names = [payload["name"] for payload in data.payload]
        sent.append(names)
        answer = MultiStatusResponse()
        for name in names:
            status = statuses[name].pop(0)
            if status == 200:
                answer.push_success_response({"status": 200, "sent": {"name": name}, "body": {}})
            else:
                answer.push_error_response({"status": status, "errormessage": f"{name} {status}"})
        return answer

    return perform_batch


async def test_only_events_whose_node_is_a_401_go_once_more() -> None:
    sent: list[list[str]] = []
    statuses = {"a": [200], "b": [401, 200], "c": [401, 500]}
    demo = oauth_destination()
    object.__setattr__(demo.actions["send"], "perform_batch", multistatus(statuses, sent))
    partner = Partner()
    instance = demo.instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    result = await instance.on_batch([*EVENTS, {"type": "page"}])
    assert sent == [["a", "b", "c"], ["b", "c"]]
    assert [node["status"] for node in result.results[0]["multistatus"]] == [200, 200, 500, 400]
    assert [str(error) for error in result.event(2).errors] == ["c 500"]
    assert result.event(1).errors == []
    assert len(partner.refreshes) == 1


async def test_second_401_of_a_batch_is_the_result() -> None:
    sent: list[list[str]] = []
    demo = oauth_destination()
    object.__setattr__(demo.actions["send"], "perform_batch", multistatus({"a": [401, 401]}, sent))
    partner = Partner()
    instance = demo.instance(SETTINGS, [subscription()], transport=MockTransport(partner))
    result = await instance.on_batch(EVENTS[:1])
    assert [node["status"] for node in result.results[0]["multistatus"]] == [401]
    assert (len(sent), len(partner.refreshes)) == (2, 2)


async def test_failed_refresh_of_a_batch_keeps_what_was_delivered() -> None:
    demo = oauth_destination(None)
    object.__setattr__(demo.actions["send"], "perform_batch", multistatus({"a": [200], "b": [401]}, []))
    instance = demo.instance(SETTINGS, [subscription()], transport=MockTransport(Partner()))
    result = await instance.on_batch(EVENTS[:2])
    assert [node["status"] for node in result.results[0]["multistatus"]] == [200, 401]
    assert [str(error) for error in result.event(1).errors] == ["Failed to refresh access token"]
    assert result.event(0).errors == []
    rejected = oauth_destination(None).instance(SETTINGS, [subscription()], transport=MockTransport(Partner()))
    assert [str(error) for error in (await rejected.on_batch(EVENTS)).errors] == ["Failed to refresh access token"]


async def test_second_attempt_that_rejects_fails_its_events_alone() -> None:
    calls: list[int] = []

    async def perform_batch(request: Any, data: Any) -> Any:
        calls.append(len(data.payload))
        if len(calls) == 2:
            raise IntegrationError("gone", "GONE", 410)
        answer = MultiStatusResponse()
        answer.push_success_response({"status": 200, "sent": {}, "body": {}})
        answer.push_error_response({"status": 401, "errormessage": "expired"})
        return answer

    demo = oauth_destination()
    object.__setattr__(demo.actions["send"], "perform_batch", perform_batch)
    instance = demo.instance(SETTINGS, [subscription()], transport=MockTransport(Partner()))
    result = await instance.on_batch(EVENTS[:2])
    assert result.errors == []
    assert [[str(error) for error in event.errors] for event in result] == [[], ["gone"]]


async def test_chunk_of_a_batch_that_was_taken_is_not_sent_again() -> None:
    async def perform_batch(request: Any, data: Any) -> Any:
        for index, payload in enumerate(data.payload):
            answer = await request(f"https://api.test/{index}", "post", json=dict(payload))
        return answer

    answers = iter([Response(200), Response(401), Response(200)])

    def answer(request: Request) -> Any:
        if request.url == "https://auth.test/token":
            return {"access_token": "t"}
        sent.append(request.url)
        return next(answers)

    sent: list[str] = []
    demo = oauth_destination()
    object.__setattr__(demo.actions["send"], "perform_batch", perform_batch)
    instance = demo.instance(SETTINGS, [subscription()], transport=MockTransport(answer))
    assert (await instance.on_batch(EVENTS[:2])).errors == []
    assert sent == ["https://api.test/0", "https://api.test/1", "https://api.test/1"]


async def test_tokens_in_the_answer_to_a_refused_refresh_are_never_shown() -> None:
    answered = {"errors": [{"refresh_token": "issued-1"}], "accessToken": "issued-2", "note": "expired"}

    def answer(request: Request) -> Any:
        return Response(400, json=answered) if request.url == "https://auth.test/refuse" else 401

    def refuse(request: Any, data: Any) -> Any:
        return request("https://auth.test/refuse", "post")

    instance = oauth_destination(refuse).instance(SETTINGS, [subscription()], transport=MockTransport(answer))
    [error] = (await instance.on_event(EVENT)).errors
    assert isinstance(error, HTTPError)
    assert error.response.data == answered
    assert instance.redactor.text("issued-1 issued-2 expired") == "<redacted> <redacted> expired"
