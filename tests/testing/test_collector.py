import re
from typing import Any

import pytest

from destination import ConnectionError as NetworkError
from destination import HTTPError, RequestClient, Response
from destination import TimeoutError as NoAnswerError
from destination.request import create_request_client
from destination.testing import Collector, create_test_integration
from tests.testing.shop import shop


async def post(collector: Collector, url: str = "https://h.test/v1", **options: Any) -> Response:
    client: RequestClient = create_request_client(transport=collector)
    return await client(url, "post", **{"throw_http_errors": False, **options})


async def test_without_a_rule_every_answer_is_an_empty_object() -> None:
    response = await post(Collector())
    assert (response.status, response.data, response.url) == (200, {}, "https://h.test/v1")


@pytest.mark.parametrize(
    ("rule", "takes"),
    [
        ({}, True),
        ({"method": "post"}, True),
        ({"method": "GET"}, False),
        ({"url": "https://h.test/v1"}, True),
        ({"url": "https://h.test/"}, False),
        ({"url": "https://*/v1"}, True),
        ({"url": "https://h.test/v1?"}, False),
        ({"url": re.compile(r"https://h\.test/v\d")}, True),
        ({"url": re.compile("h.test")}, False),
        ({"json": {"a": 1}}, True),
        ({"json": {"a": 2}}, False),
        ({"json": {"exactly": {"a": 1}}}, False),
        ({"headers": {"X-Key": "k"}}, True),
        ({"headers": {"x-key": "other"}}, False),
        ({"headers": {"x-other": {"absent": True}}}, True),
    ],
)
async def test_a_rule_is_about_requests_that_are_as_it_says(rule: dict[str, Any], takes: bool) -> None:
    collector = Collector()
    collector.on(**rule).answer(418)
    response = await post(collector, json={"a": 1, "b": 2}, headers={"x-key": "k"})
    assert response.status == (418 if takes else 200)


async def test_answers_come_one_after_the_other_and_the_last_stays() -> None:
    collector = Collector()
    collector.on().answer(503).answer(429, headers={"retry-after": "1"}).answer(body="done")
    responses = [await post(collector) for _ in range(4)]
    assert [(one.status, one.content, one.headers.get("retry-after")) for one in responses] == [
        (503, "", None),
        (429, "", "1"),
        (200, "done", None),
        (200, "done", None),
    ]


async def test_the_last_rule_that_is_about_a_request_answers() -> None:
    collector = Collector()
    collector.on().answer(500)
    collector.on("POST").answer(201)
    collector.on("PUT").answer(202)
    assert (await post(collector)).status == 201


async def test_a_rule_without_answers_gives_an_empty_object() -> None:
    collector = Collector()
    collector.on().answer(500)
    collector.on("POST")
    assert (await post(collector)).data == {}


async def test_an_answer_is_an_error_where_the_client_takes_it_for_one() -> None:
    collector = Collector()
    collector.on().answer(400, json={"why": "no"})
    with pytest.raises(HTTPError):
        await post(collector, throw_http_errors=True)


async def test_the_network_can_fail_and_answers_can_stay_away() -> None:
    collector = Collector()
    collector.on().fail(NetworkError("refused")).time_out().answer(204)
    with pytest.raises(NetworkError, match="refused"):
        await post(collector)
    with pytest.raises(NoAnswerError, match="Request timed out after 500ms"):
        await post(collector, timeout_ms=500)
    assert (await post(collector)).status == 204
    assert len(collector.received) == 3


async def test_each_request_is_asserted_once() -> None:
    collector = Collector()
    await post(collector, json={"n": 1})
    await post(collector, json={"n": 2})
    assert collector.assert_received("POST", json={"n": 2}).json() == {"n": 2}
    assert collector.assert_received().json() == {"n": 1}
    collector.assert_nothing_else()
    with pytest.raises(AssertionError, match=r"such a request was received 2 time\(s\), and each was already asserted"):
        collector.assert_received("POST")


async def test_what_comes_closest_is_told_by_path() -> None:
    collector = Collector()
    with pytest.raises(AssertionError, match="no request was received"):
        collector.assert_received()
    await post(collector, json={"other": 1})
    await post(collector, json={"user": {"id": 1, "plan": "pro"}}, headers={"x-api-key": "s3cr3t"})
    with pytest.raises(AssertionError) as caught:
        collector.assert_received("POST", json={"user": {"id": 2}}, headers={"x-api-key": "other"})
    assert str(caught.value).splitlines() == [
        "none of the 2 requests received matches; number 2 is closest:",
        "  POST https://h.test/v1",
        "  /headers/x-api-key: expected and found are masked, and differ from character 1 on",
        "  /json/user/id: expected 2, found 1",
    ]
    with pytest.raises(
        AssertionError, match='/method: expected "PUT", found "POST"\n  /url: expected "https://x", found'
    ):
        collector.assert_received("put", "https://x")


async def test_what_nothing_asserts_is_listed() -> None:
    collector = Collector()
    await post(collector, json={"n": 1})
    await post(collector, "https://me:s3cr3t@h.test/v2")
    collector.assert_received(json={"n": 1})
    with pytest.raises(AssertionError) as caught:
        collector.assert_nothing_else()
    assert str(caught.value) == ("1 of 2 requests received were not asserted:\n  POST https://h.test/v2")


async def test_a_test_integration_has_its_secrets_masked() -> None:
    collector = Collector()
    test = create_test_integration(shop, {"apiKey": "s3cr3t"}, transport=collector)
    await test.test_action("send", mapping={"name": "key s3cr3t"})
    with pytest.raises(AssertionError, match='found "key <redacted>"'):
        collector.assert_received(json={"name": "x"})


async def test_bodies_that_are_no_json_are_text() -> None:
    collector = Collector()
    await post(collector, body="a=1")
    assert collector.assert_received(json="a=1").body == b"a=1"
