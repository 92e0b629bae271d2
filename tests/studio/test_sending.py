"""Sending an event from the page: real requests, real answers, no secret, and only where it was allowed."""

import asyncio
import json
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from destination.listening import open_socket
from destination.studio.sending import send
from destination.studio.session import Studio, StudioProblem
from tests.studio.opened import PAGES, studio_of

EVENT = {"type": "page", "name": "Home", "userId": "u-1", "timestamp": "2026-03-01T10:00:00.000Z"}
DRAFT = [
    {"key": "s0", **PAGES},
    {"key": "s1", **PAGES, "name": "Off", "enabled": False},
    {"key": "n1", **PAGES, "name": "Other", "subscribe": 'type = "track"'},
    {"key": "n2", **PAGES, "name": "Wrong", "mapping": {"name": 7}},
]


def sent(studio: Studio, event: Any = EVENT) -> Any:
    return asyncio.run(send(studio, DRAFT, "s0", {"text": json.dumps(event)}))


def test_what_the_partner_gets_and_answers_is_shown() -> None:
    with EmbeddedCollector() as collector:
        studio = studio_of(settings=collector.settings, allow_send=True)
        pages, other, wrong = sent(studio)["outcomes"]
        assert [item["event"]["goals"][0]["name"] for item in collector.received] == ["Home"]
    assert (pages["key"], pages["name"], pages["matched"], pages["error"]) == ("s0", "Pages", True, None)
    (request,), (response,) = pages["requests"], pages["responses"]
    assert (request["method"], request["body"]["goals"][0]["name"]) == ("PUT", "Home")
    assert (response["status"], response["statusText"]) == (200, "OK")
    assert (other["key"], other["matched"], other["requests"]) == ("n1", False, [])
    assert (wrong["key"], wrong["requests"], "SchemaValidationError" in wrong["error"]) == ("n2", [], True)


def test_an_answer_that_refuses_is_shown_and_no_secret_is() -> None:
    with EmbeddedCollector() as collector:
        settings = {**collector.settings, "apiKey": "wr0ng-s3cr3t-key"}
        found = sent(studio_of(settings=settings, allow_send=True))
    pages = found["outcomes"][0]
    assert (pages["responses"][0]["status"], pages["error"].startswith("HTTPError")) == (401, True)
    assert "wr0ng-s3cr3t-key" not in json.dumps(found)


def test_a_partner_that_cannot_be_reached_is_an_error() -> None:
    with open_socket("127.0.0.1", 0) as free:
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    settings = {"collectorEndpoint": endpoint, "apiKey": "s3cr3t-key", "environment": "test"}
    pages = sent(studio_of(settings=settings, allow_send=True))["outcomes"][0]
    assert (pages["responses"], pages["error"].split(":")[0]) == ([], "ConnectionError")


def test_nothing_is_sent_where_it_was_not_allowed() -> None:
    with EmbeddedCollector() as collector:
        with pytest.raises(StudioProblem, match="--allow-send") as caught:
            sent(studio_of(settings=collector.settings))
        assert collector.received == []
    assert caught.value.status == 403


def test_a_text_that_is_no_event_is_not_sent() -> None:
    with EmbeddedCollector() as collector:
        with pytest.raises(StudioProblem, match="not a JSON object"):
            sent(studio_of(settings=collector.settings, allow_send=True), [])
        assert collector.received == []
