from typing import Any

import pytest

from destination import (
    CollectorRejectedError,
    HTTPError,
    InvalidAuthenticationError,
    MockTransport,
    Outcome,
    PartnerUnavailableError,
    Request,
    RequestOptions,
    Response,
    is_unavailable,
)
from destination.actions.absmartly import read_answer
from destination.catalog.absmartly import absmartly
from tests.kit import SETTINGS


async def send(event: dict[str, Any], response: Response) -> Outcome:
    async with absmartly.instance(SETTINGS, transport=MockTransport(lambda _: response)) as instance:
        [outcome] = (await instance.on_event(event)).matched
    return outcome


def refused(response: Response) -> CollectorRejectedError:
    with pytest.raises(CollectorRejectedError) as caught:
        read_answer(Request("PUT", "https://h/"), RequestOptions(), response)
    return caught.value


@pytest.mark.parametrize("status", [200, 400])
def test_error_in_the_answer_fails_the_event(status: int) -> None:
    item = {"batchIndex": 0, "eventIndex": 0, "subject": "goals.0.name", "message": "unknown goal"}
    error = refused(Response(status, json={"ok": False, "errors": [item], "warnings": []}))
    assert (str(error), error.subject, error.status) == ("goals.0.name: unknown goal", "goals.0.name", 400)


def test_ok_false_without_errors_fails_the_event() -> None:
    assert "ok: false" in str(refused(Response(200, json={"ok": False, "errors": []})))


def test_errors_fail_the_event_even_when_ok() -> None:
    assert str(refused(Response(200, json={"ok": True, "errors": ["text", {"message": "m"}]}))) == "text; m"


async def test_refused_event_is_on_the_outcome(goal_event: dict[str, Any]) -> None:
    outcome = await send(goal_event, Response(200, json={"ok": False}))
    assert isinstance(outcome.error, CollectorRejectedError)


async def test_warnings_are_kept_and_are_no_failure(goal_event: dict[str, Any]) -> None:
    answer = {"ok": True, "errors": [], "warnings": [{"subject": "units", "message": "unknown unit"}]}
    outcome = await send(goal_event, Response(200, json=answer))
    assert (outcome.error, outcome.warnings) == (None, ("units: unknown unit",))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"text"])
async def test_unreadable_answer_of_200_is_delivered_with_a_warning(goal_event: dict[str, Any], body: bytes) -> None:
    outcome = await send(goal_event, Response(200, body, {"content-type": "application/json"}))
    assert outcome.error is None
    assert outcome.warnings == ("the collector answered 200 with a body that cannot be read",)


PAGE = b"<!DOCTYPE html>\n<html><head><TITLE lang=en>Back\n soon</TITLE></head></html>"


@pytest.mark.parametrize("status", [200, 201, 202, 203, 299])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PAGE, "text/html"),
        (PAGE, "application/json"),
        (PAGE, None),
        (b"\r\n \t" + PAGE, "text/plain"),
        (b"\xef\xbb\xbf" + PAGE, "text/plain"),
        (PAGE.decode().encode("utf-16"), "text/plain"),
        (PAGE.decode().encode("utf-16-be"), "text/plain"),
        (b"<?xml version='1.0'?><error/>", "application/xml"),
        (b"We are back soon.", "Text/HTML; charset=utf-8"),
        (b"", "application/xhtml+xml"),
        (b'{"ok": true}', "text/html"),
    ],
)
async def test_page_is_no_acknowledgement(
    goal_event: dict[str, Any], status: int, body: bytes, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    outcome = await send(goal_event, Response(status, body, headers))
    assert isinstance(outcome.error, PartnerUnavailableError)
    assert is_unavailable(outcome.error)
    assert outcome.retryable
    assert not outcome.delivered
    kind = (content_type or "no content type").partition(";")[0].lower()
    assert f"a page came instead of the collector's answer: {status}" in str(outcome.error)
    assert f", {kind}" in str(outcome.error)
    assert ('"Back soon"' in str(outcome.error)) == (b"TITLE" in body.replace(b"\0", b""))


@pytest.mark.parametrize("body", [b"", b" \n", b"ok", b'"<html>"', b"{<"])
async def test_text_that_is_no_page_stays_delivered(goal_event: dict[str, Any], body: bytes) -> None:
    outcome = await send(goal_event, Response(200, body, {"content-type": "text/plain"}))
    assert (outcome.error, len(outcome.warnings)) == (None, 1)


async def test_page_with_a_status_of_failure_is_an_http_error(goal_event: dict[str, Any]) -> None:
    outcome = await send(goal_event, Response(400, PAGE, {"content-type": "text/html"}))
    assert isinstance(outcome.error, HTTPError)


async def test_page_is_no_proof_of_the_key() -> None:
    page = Response(200, PAGE, {"content-type": "text/html"})
    async with absmartly.instance(SETTINGS, transport=MockTransport(lambda _: page)) as instance:
        with pytest.raises(InvalidAuthenticationError) as caught:
            await instance.test_authentication()
    assert isinstance(caught.value.__cause__, PartnerUnavailableError)


async def test_400_without_findings_is_an_http_error(goal_event: dict[str, Any]) -> None:
    outcome = await send(goal_event, Response(400, json={"code": 400, "message": "malformed"}))
    assert isinstance(outcome.error, HTTPError)


async def test_other_statuses_are_http_errors(goal_event: dict[str, Any]) -> None:
    outcome = await send(goal_event, Response(503, json={"ok": False}))
    assert isinstance(outcome.error, HTTPError)
    assert outcome.error.status == 503


async def test_answer_that_is_too_large_is_delivered_with_a_warning(goal_event: dict[str, Any]) -> None:
    outcome = await send(goal_event, Response(200, bytes(10_000_001)))
    assert outcome.error is None
    assert outcome.warnings == ("the answer is larger than 10,000,000 bytes and was not read",)


@pytest.mark.parametrize("status", [400, 503])
async def test_refusal_that_is_too_large_is_the_http_error_of_its_status(
    goal_event: dict[str, Any], status: int
) -> None:
    outcome = await send(goal_event, Response(status, bytes(10_000_001)))
    assert isinstance(outcome.error, HTTPError)
    assert outcome.error.status == status
