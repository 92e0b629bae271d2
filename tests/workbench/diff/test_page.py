import re
from html.parser import HTMLParser

from destination.workbench.diff import Versions, compare, render_page
from tests.workbench.diff.post import API_KEY, subscription, version

_VERSIONS = Versions("Post", "old.json", "new.json", f"events <{API_KEY}>")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action")]


def _page() -> str:
    old = version(
        subscription("<b>A</b>", {"name": "<script>alert(1)</script>", "list": [1, 2]}),
        subscription("Same", {}),
        subscription("Gone", {"fail": {"@path": "$.fail"}}),
    )
    new = version(
        subscription("<b>A</b>", {"name": {"a": "</pre><img src=x>"}, "list": [1, 3]}),
        subscription("Same", {}),
        subscription("Came", {}, 'type = "page"'),
    )
    events = [{"type": "track", "messageId": "<i>m</i>"}, {"type": "track", "fail": "<u>x</u>"}, {"type": "page"}]
    return render_page(compare(old, new, events), _VERSIONS, lambda text: text.replace(API_KEY, "<redacted>"))


def test_the_page_is_one_file_of_text() -> None:
    reader = _Reader()
    reader.feed(_page())
    assert not reader.links
    assert not {"script", "img", "i", "u", "link", "iframe"} & set(reader.tags)


def test_the_page_shows_groups_with_samples_side_by_side_and_no_secrets() -> None:
    page = _page()
    assert API_KEY not in page
    assert '<b id="events">3</b>' in page
    assert '<b id="changed">3</b>' in page
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    assert "/list/* 2 × track track · event 1 · &lt;i&gt;m&lt;/i&gt; · /list/1 before 2 after 3" in text
    assert "No longer failing: 1 event 1 × refused: &lt;u&gt;x&lt;/u&gt; by &lt;redacted&gt;" in text
    assert "before fails: refused" in text
    assert "after not sent" in text
    assert "No event was run through Same." in text


def test_a_page_of_nothing_says_so() -> None:
    page = render_page(compare(version(), version(), []), _VERSIONS)
    assert "Every event ends as before." in page


def test_a_deep_value_is_shown() -> None:
    deep = "[" * 400 + "]" * 400
    old, new = subscription("A", {"x": 1}), subscription("A", {"x": {"@json": {"mode": "decode", "value": deep}}})
    assert "[[[[" in re.sub(r"\s", "", render_page(compare(version(old), version(new), [{"type": "track"}]), _VERSIONS))
