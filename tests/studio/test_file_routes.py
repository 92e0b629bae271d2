"""Save, export, tests, new events, sending and live calls over HTTP, as the page uses them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from destination.catalog.absmartly import EmbeddedCollector
from destination.studio import create_studio
from destination.studio.corpus import open_corpus
from destination.studio.session import Forwarder, Studio
from tests.studio.opened import PAGES, draft_of, studio_of

URL = "http://localhost"
EVENT = {"text": json.dumps({"type": "page", "name": "Home", "userId": "u", "timestamp": "2026-03-01T10:00:00.000Z"})}


class Page:
    """The page of a studio."""

    def __init__(self, studio: Studio) -> None:
        studio.corpus = open_corpus(None)
        self._app = create_studio(studio, token="t0k3n")

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._call("GET", path))

    def post(self, path: str, body: Any) -> httpx.Response:
        return asyncio.run(self._call("POST", path, json.dumps(body)))

    async def _call(self, method: str, path: str, content: str = "") -> httpx.Response:
        headers = {"x-studio-token": "t0k3n", "origin": URL}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=URL) as client:
            return await client.request(method, f"/api/{path}", content=content, headers=headers)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "shop.json"
    file.write_text(json.dumps([PAGES], indent=2))
    return file


def test_the_session_has_the_file_and_a_save_has_the_new_version(path: Path) -> None:
    page = Page(studio_of(path))
    opened = page.get("session").json()["document"]
    assert (opened["kind"], opened["saveable"], opened["whyNot"]) == ("json", True, None)
    draft = opened["subscriptions"]
    draft[0]["name"] = "Seiten"
    answer = page.post("save", {"draft": draft, "version": opened["version"]})
    assert (answer.status_code, page.get("session").json()["document"]) == (200, answer.json()["document"])
    assert path.read_text() == json.dumps([{**PAGES, "name": "Seiten"}], indent=2)


def test_a_conflict_is_a_409_with_its_lines(path: Path) -> None:
    studio = studio_of(path)
    page, draft, version = Page(studio), draft_of(studio), studio.document.version
    path.write_text(json.dumps([{**PAGES, "name": "Theirs"}], indent=2))
    answer = page.post("save", {"draft": draft, "version": version})
    assert (answer.status_code, answer.json()["error"]) == (409, f"{path} changed on disk since the studio read it.")
    assert '-    "name": "Theirs",' in answer.json()["conflict"]
    assert page.post("save", {"draft": draft, "version": version, "overwrite": True}).status_code == 200
    assert path.read_text() == json.dumps([PAGES], indent=2)


def test_a_save_that_does_not_name_the_version_overwrites_nothing(path: Path) -> None:
    before = path.read_text()
    answer = Page(studio_of(path)).post("save", {"draft": []})
    assert (answer.status_code, path.read_text()) == (409, before)


@pytest.mark.parametrize("draft", [None, {}, [7], "x"])
def test_what_is_no_draft_is_refused(path: Path, draft: Any) -> None:
    assert Page(studio_of(path)).post("save", {"draft": draft}).status_code == 400


def test_half_a_character_can_be_saved_and_read_again(path: Path) -> None:
    """The page can post it: JSON of a browser has it as an escape."""
    studio = studio_of(path)
    draft = draft_of(studio)
    draft[0]["mapping"]["name"] = "\ud83c"
    page = Page(studio)
    assert page.post("save", {"draft": draft, "version": studio.document.version, "preview": True}).status_code == 200
    assert page.post("save", {"draft": draft, "version": studio.document.version}).status_code == 200
    assert json.loads(path.read_text())[0]["mapping"]["name"] == "\ud83c"


def test_exports_cases_and_new_events_are_answered(path: Path) -> None:
    studio = studio_of(path)
    page, draft = Page(studio), draft_of(studio)
    for form in ("json", "public-api", "terraform"):
        assert "Pages" in page.post("export", {"draft": draft, "form": form}).json()["text"]
    case = page.post("test-case", {"draft": draft, "event": EVENT, "form": "yaml"}).json()
    assert case["name"] == "page-home.cases.yaml"
    for kind in ("spec", "match", "outside"):
        found = page.post("new-events", {"draft": draft, "selected": "s0", "kind": kind}).json()
        assert found["error"] is None
        assert all(json.loads(one["text"])["type"] and one["title"] for one in found["events"])
    wrongs: tuple[Any, ...] = ("xml", None, [], {})
    for wrong in wrongs:
        assert page.post("export", {"draft": draft, "form": wrong}).status_code == 400
        assert page.post("test-case", {"draft": draft, "event": EVENT, "form": wrong}).status_code == 400
        assert page.post("new-events", {"draft": draft, "selected": wrong, "kind": wrong}).status_code == 400
        assert page.post("new-events", {"draft": draft, "selected": wrong, "kind": "match"}).status_code == 400
        assert page.post("save", {"draft": draft, "version": wrong, "path": wrong or 7}).status_code == 400


def test_send_is_locked_unless_it_was_allowed(path: Path) -> None:
    with EmbeddedCollector() as collector:
        studio = studio_of(path, settings=collector.settings)
        page, body = Page(studio), {"draft": draft_of(studio), "selected": "s0", "event": EVENT}
        assert (page.post("send", body).status_code, collector.received) == (403, [])
        studio.allow_send = True
        (outcome,) = page.post("send", body).json()["outcomes"]
        assert (outcome["responses"][0]["status"], len(collector.received)) == (200, 1)


def test_live_calls_say_that_there_is_no_forwarder_or_that_it_is_away(path: Path) -> None:
    studio = studio_of(path)
    page = Page(studio)
    paths = ("live/status", "live/events?after=0", "live/dead-letters?destination=shop")
    assert [page.get(one).status_code for one in paths] == [404] * 3
    studio.forwarder = Forwarder("http://127.0.0.1:9", "s3cr3t-t0k3n")
    for one in paths:
        answer = page.get(one)
        assert (answer.status_code, answer.json()["error"][-32:]) == (502, "cannot be reached. Is it running?"[-32:])
        assert "s3cr3t" not in answer.text
    replay = {"destination": "shop", "ids": ["x"]}
    assert page.post("live/replay", replay).status_code == 403
    checked = page.post("live/check", {"draft": draft_of(studio), "events": [json.loads(EVENT["text"])]})
    assert checked.json() == {"verdicts": [{"state": "pass", "reason": "Pages: the payload is valid."}]}
