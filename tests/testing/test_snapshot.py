"""Snapshots of requests, plans and traces."""

from collections.abc import Callable, Mapping

import pytest

from destination import MockTransport, Request
from destination.mapping import compile_mapping
from destination.runtime import Redactor
from destination.testing import RequestSnapshotExtension, create_test_integration, review_text
from tests.testing.example import Example
from tests.testing.shop import shop

SETTINGS = {"apiKey": "s3cr3t-key"}
ORDERS = {
    "name": "Orders",
    "subscribe": 'type = "track"',
    "partnerAction": "send",
    "mapping": {"name": {"@path": "$.e"}},
}
PAGES = {**ORDERS, "name": "Pages", "subscribe": 'type = "page"'}
TEST = """\
from tests.testing.test_snapshot import ORDERS, PAGES, SETTINGS, shop

def test_order(snapshot_requests):
    instance = shop.instance(SETTINGS, [ORDERS, PAGES])
    assert instance.plan({"type": "track", "e": "NAME"}) == snapshot_requests(instance)
    assert instance.plan({"type": "page"}) == snapshot_requests(instance)
    other = shop.instance({"apiKey": "NAME"}, [PAGES])
    assert other.plan({"type": "page", "e": "NAME"}).requests == snapshot_requests(other)
"""


def test_a_plan_is_text_with_sorted_keys_and_without_secrets() -> None:
    instance = shop.instance(SETTINGS, [ORDERS, PAGES])
    plan = instance.plan({"type": "track", "e": "key s3cr3t-key"})
    assert review_text(plan, instance.redactor) == (
        """\
# Orders: matches
payload
{
  "name": "key <redacted>"
}

POST https://shop.test/v1/events
content-type: application/json
user-agent: Segment (Actions)
x-api-key: <redacted>
x-token: None

{
  "name": "key <redacted>"
}

# Pages: does not match"""
    )


def test_a_failure_is_its_message() -> None:
    instance = shop.instance(SETTINGS, [ORDERS])
    assert review_text(instance.plan({"type": "track", "e": "Refused"}), instance.redactor) == (
        '# Orders: fails\nIntegrationError: the shop is closed\npayload\n{\n  "name": "Refused"\n}'
    )


async def test_a_batch_tells_of_each_event() -> None:
    instance = shop.instance(SETTINGS, [ORDERS], transport=MockTransport())
    text = review_text(await instance.on_batch([{"type": "track", "e": "A"}, {"type": "track"}]), instance.redactor)
    assert text.startswith("# Orders: 2 of 2 event(s) match\npayload of event 0\n")
    assert "result of event 1\n" in text
    assert text.count("POST https://shop.test/v1/batch") == 1


async def test_a_test_integration_is_what_it_sent() -> None:
    integration = create_test_integration(shop, SETTINGS)
    await integration.test_action("send", use_default_mappings=True)
    assert integration.instance is not None
    text = review_text(integration, integration.instance.redactor)
    assert text == review_text(integration.requests[0], integration.instance.redactor)


def test_a_trace_tells_what_was_read() -> None:
    mapping = {"name": {"@path": "$.event"}, "fixed": 1, "none": {"@path": "$.none"}}
    _, trace = compile_mapping(mapping).trace({"event": "s3cr3t"})
    assert review_text(list(trace), Redactor({"key": "s3cr3t"}, ["key"])).splitlines() == [
        '/name = "<redacted>"  (@path)',
        '  $.event is "<redacted>"',
        "/fixed = 1  (as it stands)",
        "/none = nothing  (@path)",
        "  $.none is nothing",
    ]


def test_other_values_are_json_and_other_bodies_text() -> None:
    assert review_text([{"b": 1, "a": "é"}], Redactor({}, ())) == '[\n  {\n    "a": "é",\n    "b": 1\n  }\n]'
    request = Request("POST", "https://h/", body=b"b=1&a=2")
    assert review_text([request], Redactor({}, ())) == "POST https://h/\n\nb=1&a=2"


def test_without_anything_to_mask_by_there_is_no_snapshot() -> None:
    with pytest.raises(TypeError, match="say whose secrets to mask"):
        RequestSnapshotExtension().serialize([])


def test_a_test_integration_is_compared_after_a_call(example: Callable[[Mapping[str, str]], Example]) -> None:
    test = """\
import asyncio
from destination.testing import create_test_integration
from tests.testing.test_snapshot import SETTINGS, shop

def test_send(snapshot_requests):
    integration = create_test_integration(shop, SETTINGS)
    for name in ("A", "B s3cr3t-key"):
        asyncio.run(integration.test_action("send", mapping={"name": name}))
        assert integration == snapshot_requests(integration)
"""
    changed = example({"test_shop.py": test}).run_pytest("--snapshot-update").changed
    folder = "__snapshots__/test_shop/"
    assert list(changed) == [f"{folder}test_send.1.txt", f"{folder}test_send.txt"]
    assert '"name": "B <redacted>"' in changed[f"{folder}test_send.1.txt"]


def test_each_assertion_has_a_file_and_a_change_shows(example: Callable[[Mapping[str, str]], Example]) -> None:
    project = example({"test_shop.py": TEST.replace("NAME", "Bought")})
    first = project.run_pytest()
    assert first.outcomes["failed"] == 1
    assert first.changed == {}
    written = project.run_pytest("--snapshot-update")
    folder = "__snapshots__/test_shop/"
    assert list(written.changed) == [
        folder + name for name in ("test_order-2.txt", "test_order.1.txt", "test_order.txt")
    ]
    assert written.changed[folder + "test_order.txt"].startswith(
        '# Orders: matches\npayload\n{\n  "name": "Bought"\n}\n'
    )
    assert "<redacted>" in written.changed[folder + "test_order-2.txt"]
    project = example({**project.files, **written.changed})
    again = project.run_pytest()
    assert (again.outcomes, again.status, again.changed) == ({"passed": 1}, 0, {})
    changed = example({**project.files, "test_shop.py": TEST.replace("NAME", "Sold")}).run_pytest()
    assert changed.outcomes["failed"] == 1
    assert '"name": "Sold"' in changed.output


def test_without_syrupy_the_fixture_says_what_to_install(example: Callable[[Mapping[str, str]], Example]) -> None:
    done = example({"test_shop.py": TEST}).run_pytest("-p", "no:syrupy")
    assert done.outcomes == {"errors": 1}
    assert 'snapshot_requests needs syrupy: install "destination-actions[test]"' in done.output
