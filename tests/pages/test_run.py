import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from destination.delivery import ByteInput, EventSource, Failure, Record, Report
from destination.delivery.statistics import RunStatistics
from destination.errors import HTTPError, IntegrationError
from destination.pages import render_run
from destination.request import Request, Response
from destination.runtime import Redactor

NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\"&\u0001"
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """What a browser would make of a page: elements, attributes, text by id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.by_id: dict[str, str] = {}
        self._id: str | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._id = dict(attrs).get("id")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._id is not None:
            self.by_id.setdefault(self._id, data)
            self._id = None


def records(*lines: bytes) -> list[Record]:
    return list(EventSource(ByteInput(io.BytesIO(b"\n".join(lines)))))


def an_event(name: str = "Goal") -> Record:
    return records(json.dumps({"type": "track", "event": name}).encode())[0]


class Finished:
    """A delivery, by what came of each event."""

    def __init__(self, *names: str, mask: Callable[[Any], Any] | None = None) -> None:
        self.now = 0.0
        self.report = Report(list(names))
        self.statistics = RunStatistics(mask, clock=lambda: self.now)

    def event(self, record: Record, error: Exception | None = None, index: int = 0, seconds: float = 0.01) -> None:
        count = self.report.subscriptions[index]
        self.now += seconds
        self.statistics.answered(seconds)
        failures = [] if error is None else [Failure(error, count.name, index)]
        self.report.add([], failures)
        self.report.unmatched = 0
        count.matched += 1
        count.sent += error is None
        count.failed += error is not None
        self.statistics.settled(self.report, record, failures)

    def page(self, mask: Callable[[str], str] | None = None, **more: Any) -> str:
        facts = self.statistics.facts(
            self.report,
            destination="Demo",
            source="events.ndjson",
            started=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            seconds=self.now,
            **more,
        )
        return render_run(facts, mask)


def test_page_shows_counts_and_plots() -> None:
    run = Finished("Track Calls", "Page Calls")
    for number in range(1500):
        run.event(an_event(), IntegrationError("Boom", "X", 400) if number % 100 == 0 else None, number % 2)
    page = Page(run.page())
    assert page.open == []
    assert page.tags.count("svg") == 1
    assert {name: page.by_id[name] for name in ("events", "delivered", "failed", "unmatched", "rate")} == {
        "events": "1,500",
        "delivered": "1,485",
        "failed": "15",
        "unmatched": "0",
        "rate": "100",
    }
    assert page.tags.count("details") == 1
    assert page.tags.count("li") == 10
    assert "2026-01-02 03:04:05 UTC" in "".join(page.text)


def test_page_has_no_scripts_and_loads_nothing() -> None:
    run = Finished("A")
    run.event(an_event(), HTTPError(Response(500, b"down"), Request("PUT", "https://h/")))
    page = Page(run.page())
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not any(name in ("src", "srcset") or name.startswith("on") for name, _ in page.attributes)
    assert not any(name.endswith("href") and not (value or "").startswith("#") for name, value in page.attributes)
    assert "@import" not in "".join(page.text)
    policy = [value for name, value in page.attributes if name == "content" and "default-src 'none'" in (value or "")]
    assert policy


def test_texts_from_outside_are_escaped_everywhere() -> None:
    run = Finished(NASTY)
    response = Response(400, NASTY.encode(), {"content-type": "text/html"}, status_text=NASTY)
    run.event(an_event(NASTY), HTTPError(response, Request("PUT", "https://h/")))
    run.event(records(NASTY.encode())[0], IntegrationError(NASTY, NASTY, 400))
    run.report.warnings[NASTY, NASTY] += 1
    page = Page(run.page(stopped=NASTY))
    assert not {"script", "img"} & set(page.tags)
    assert page.open == []
    assert sum(text.count("alert(1)") for text in page.text) >= 6


def test_same_run_has_the_same_page() -> None:
    pages = []
    for _ in range(2):
        run = Finished("A")
        for number in range(50):
            run.event(an_event(f"Goal {number}"), IntegrationError("Boom", "X", 400))
        pages.append(run.page())
    assert pages[0] == pages[1]


def test_run_without_events_has_a_page_too() -> None:
    html = Finished("A").page(stopped="stopped before the end of the input")
    page = Page(html)
    assert "svg" not in page.tags
    assert "Nothing failed." in html
    assert "Ended before its input" in html


def test_secrets_are_masked_in_samples_reasons_and_names() -> None:
    redactor = Redactor({"key": "s3cr3t"}, ["key"])
    run = Finished("A s3cr3t", mask=redactor)
    run.event(an_event("with s3cr3t"), HTTPError(Response(400, json={"key": "s3cr3t"}), Request("PUT", "https://h/")))
    run.event(an_event(), IntegrationError("bad s3cr3t", "X", 400))
    html = run.page(redactor.text)
    assert "s3cr3t" not in html
    assert html.count("redacted") >= 4


def test_failures_beyond_the_bound_are_told_as_many_different_ones() -> None:
    run = Finished("A")
    for number in range(1_001):
        run.event(an_event(), IntegrationError(f"Error {number}", "X", 400))
    run.report.reasons[None, "(other reasons)"] += 100  # the most frequent reasons are shown
    html = run.page()
    assert html.count("Many different reasons: no events were kept.") == 1
    assert "No events were kept." not in html.replace("Many different reasons: no events were kept.", "")


def test_lines_that_are_no_events_have_samples_under_their_reason() -> None:
    run = Finished("A")
    for record in records(b"{", b'{"a" 1}', b'{"aaa" 1}'):
        assert record.error is not None
        run.report.add_unreadable(record)
        run.statistics.settled(run.report, record, [Failure(record.error)])
    page = Page(run.page())
    assert page.tags.count("li") == 3
    assert page.by_id["unreadable"] == "3"


def test_events_and_deliveries_have_a_row_each_and_events_add_up() -> None:
    run = Finished("A", "B")
    run.event(an_event())
    run.event(an_event(), IntegrationError("Boom", "X", 400))
    run.report.subscriptions[1].sent += 1  # the first event went to B as well
    run.report.add(
        [],
        [Failure(IntegrationError("Boom", "X", 400), "A", 0)],
        deferred=[Failure(IntegrationError("x", "X", 400), "A", 0)],
    )
    run.report.add_not_sent("opted_out")
    run.report.add_not_sent("duplicate")
    run.report.events += 3
    run.report.unmatched += 3
    run.report.add_unreadable(records(b"{")[0])
    page = Page(run.page())
    parts = {
        name: int(page.by_id[name])
        for name in ("delivered", "failed", "deferred", "unmatched", "opted-out", "duplicates")
    }
    assert parts == {"delivered": 1, "failed": 1, "deferred": 1, "unmatched": 3, "opted-out": 1, "duplicates": 1}
    assert int(page.by_id["events"]) == sum(parts.values()) == 8
    assert (page.by_id["sent"], page.by_id["undelivered"], page.by_id["unreadable"]) == ("2", "1", "1")


def test_failed_events_are_drawn_on_top_of_the_others() -> None:
    run = Finished("A")
    for number in range(100):
        run.event(an_event(), IntegrationError("Boom", "X", 400) if number % 4 == 0 else None)
    html = run.page()
    bars = [
        re.findall(r"<rect[^>]*?height=\"([\d.]+)\"[^>]*?>", part) for part in html.split('class="series serie-')[1:3]
    ]
    good, bad = (sum(map(float, heights)) for heights in bars)
    assert 2 < good / bad < 4, "an area that is filled down to zero would cover both"
