"""The coverage of several instances and processes, together."""

import json
from typing import Any

from destination.catalog.absmartly import absmartly
from destination.mapping import path
from destination.runtime import Destination, Instance
from destination.runtime.instance import watching
from destination.workbench.coverage import CollectedCoverage

DEMO: Destination[Any] = Destination(name="Demo", slug="demo", actions={})


def pages(mapping: Any, name: str = "Pages") -> dict[str, Any]:
    return {"name": name, "subscribe": 'type = "page"', "partnerAction": "x", "mapping": mapping}


def collect(*subscriptions: dict[str, Any]) -> tuple[CollectedCoverage, list[Instance[Any]]]:
    collected = CollectedCoverage()
    with watching(collected.watch):
        return collected, [DEMO.instance({}, [each]) for each in subscriptions]


def shown(collected: CollectedCoverage) -> list[tuple[str, int, int]]:
    return [(item.name, item.reached, item.total) for item in collected.coverage().subscriptions]


def test_subscriptions_of_one_name_and_content_count_as_one() -> None:
    collected, (first, second) = collect(pages({}), pages({}))
    first.plan({"type": "page"})
    second.plan({"type": "track"})
    assert shown(collected) == [("demo: Pages", 2, 2)]
    assert collected.coverage().events == 2


def test_another_content_or_name_is_another_subscription() -> None:
    collected, _ = collect(pages({}), pages({"a": path("$.a")}), pages({}, "Others"), pages({"a": 1}))
    assert [name for name, *_ in shown(collected)] == [
        "demo: Pages",
        "demo: Pages (2)",
        "demo: Others",
        "demo: Pages (3)",
    ]


def test_an_instance_that_takes_no_event_counts_too() -> None:
    collected, _ = collect(pages({"a": path("$.a")}))
    assert shown(collected) == [("demo: Pages", 0, 4)]


def test_what_processes_saw_adds_up() -> None:
    one, (first,) = collect(pages({"a": path("$.a")}))
    other, (second, third) = collect(pages({"a": path("$.a")}), pages({}, "Others"))
    first.plan({"type": "page", "a": 1})
    second.plan({"type": "page"})
    third.plan({"type": "track"})
    one.add(json.loads(json.dumps(other.to_data())))
    assert shown(one) == [("demo: Pages", 3, 4), ("demo: Others", 1, 2)]
    assert one.events == 3


def test_a_mapping_that_no_json_can_hold_stays_in_its_process() -> None:
    collected, (instance,) = collect(pages({"a": {1, 2}}))
    instance.plan({"type": "page"})
    assert shown(collected) == [("demo: Pages", 1, 2)]
    assert collected.to_data() == {"events": 1, "items": [], "secrets": []}


def test_the_secrets_of_all_instances_and_processes_are_hidden() -> None:
    one, other = CollectedCoverage(), CollectedCoverage()
    for collected, secret in ((one, "s3cr3t"), (other, "t0k3n")):
        with watching(collected.watch):
            absmartly.instance({"collectorEndpoint": "https://h.test", "apiKey": secret, "environment": "test"}, [])
    one.add(json.loads(json.dumps(other.to_data())))
    assert one.hide('name != "s3cr3t", t0k3n, test') == 'name != "<redacted>", <redacted>, test'
