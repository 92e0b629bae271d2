"""Events that are settled without being sent: opted out, or duplicates."""

import json
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import Delivery, DeliveryOptions, Ledger, Report, RunIdentity
from destination.delivery.intake_rules import MAX_IDS, IntakeRules, RecentIds
from destination.delivery.ledger import ACKNOWLEDGED, DUPLICATE, OPTED_OUT, WHOLE_EVENT, Row
from destination.delivery.record import Piece, Record
from destination.event import opted_out_by
from destination.request import Request
from tests.delivery.shop import shop_instance, source_of, subscription, track

pytestmark = pytest.mark.anyio

ONE = (subscription("A", "a"),)
IDENTITY = RunIdentity("events", 1, "s", "shop", "m")


class Wire:
    """Counts what arrives, and answers."""

    def __init__(self, *statuses: int) -> None:
        self.arrived: list[str] = []
        self._statuses = list(statuses)

    def __call__(self, request: Request) -> int:
        self.arrived.append(f"{request.url.rpartition('/')[2]}:{request.json()['id']}")
        return self._statuses.pop(0) if self._statuses else 200


async def _deliver(wire: Wire, *events: Any, ledger: Ledger | None = None, **options: Any) -> Report:
    instance = shop_instance(wire, *ONE)
    delivery = Delivery(instance, concurrency=1, options=DeliveryOptions(**options), ledger=ledger)
    return await delivery.run(source_of(*events))


def _record(position: int, event: Any) -> Record:
    return Record("line", Piece(position, json.dumps(event).encode(), True), ordinal=position)


# --- integrations --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("integrations", "key"),
    [
        ({"Shop": False}, "Shop"),
        ({"All": True, "Shop": False}, "Shop"),
        ({"All": False}, "All"),
        ({"All": False, "Shop": False}, "Shop"),
        ({"All": False, "shop": True, "SHOP": True, "Other": True}, "All"),
        ({"All": False, "Shop": True}, None),
        ({"All": False, "Shop": {}}, None),
        ({"All": False, "Shop": {"region": "eu"}}, None),
        ({"All": False, "Shop": None}, None),
        ({"All": False, "Shop": 0}, None),
        ({"All": False, "Shop": ""}, None),
        ({"All": 0}, None),
        ({"All": None}, None),
        ({"All": "false"}, None),
        ({"all": False}, None),
        ({"Shop": "false"}, None),
        ({"Shop": 0}, None),
        ({"Other": False}, None),
        ({}, None),
        (None, None),
        (False, None),
        ([False], None),
        ("All", None),
    ],
)
def test_integrations_exclude_a_destination_with_false_and_nothing_else(integrations: Any, key: str | None) -> None:
    assert opted_out_by({"type": "track", "integrations": integrations}, "Shop") == key
    assert opted_out_by({"type": "track"}, "Shop") is None


async def test_events_that_are_opted_out_are_not_sent_and_counted_by_themselves() -> None:
    wire = Wire()
    events = [track(1), track(2, integrations={"Shop": False}), {"type": "page", "integrations": {"All": False}}]
    report = await _deliver(wire, *events, {"type": "page"})
    assert wire.arrived == ["a:m1"]
    assert (report.events, report.opted_out, report.unmatched, report.failed) == (4, 2, 1, 0)
    assert report.ok
    assert (report.subscriptions[0].matched, report.subscriptions[0].sent) == (1, 1)


async def test_integrations_may_be_ignored() -> None:
    wire = Wire()
    report = await _deliver(wire, track(1, integrations={"All": False}), ignore_integrations=True)
    assert wire.arrived == ["a:m1"]
    assert report.opted_out == 0


async def test_opted_out_events_are_settled_in_the_ledger(tmp_path: Path) -> None:
    wire = Wire()
    events = [track(1, integrations={"All": False}), track(2), track(3, integrations={"Shop": False})]
    with Ledger(tmp_path / "ledger", IDENTITY) as ledger:
        await _deliver(wire, *events, ledger=ledger)
        assert ledger.counts() == {"acknowledged": 1, "dead": 0}
    with Ledger(tmp_path / "ledger", IDENTITY, resume=True) as ledger:
        found = ledger.settled(1)
        assert found is not None
        assert found.subscriptions == {WHOLE_EVENT}
    with Ledger(tmp_path / "ledger", IDENTITY, resume=True) as ledger:
        report = await _deliver(wire, *events, ledger=ledger, ignore_integrations=True)
    assert (report.skipped, report.events) == (3, 0)
    assert wire.arrived == ["a:m2"]


async def test_what_is_not_sent_waits_for_no_event_of_its_key() -> None:
    events = [track(1, userId="u"), track(2, userId="u", integrations={"All": False}), track(3, userId="u")]
    report = await _deliver(Wire(), *events, ordered_by="userId")
    assert (report.sent, report.opted_out) == (2, 1)


async def test_all_events_may_be_opted_out(tmp_path: Path) -> None:
    """More of them than places: none may wait for a place that nothing frees."""
    events = [track(number, integrations={"All": False}) for number in range(500)]
    with Ledger(tmp_path / "ledger", IDENTITY) as ledger:
        report = await _deliver(Wire(), *events, ledger=ledger)
    assert (report.opted_out, report.sent, report.in_flight) == (500, 0, 0)


def test_an_event_without_integrations_costs_one_look() -> None:
    looks: list[Any] = []

    class Watched(dict[str, Any]):
        def __contains__(self, key: object) -> bool:
            looks.append(key)
            return super().__contains__(key)

        def get(self, key: str, default: Any = None) -> Any:
            looks.append(key)
            return super().get(key, default)

    record = _record(1, track(1))
    record.event = Watched(track(1))
    assert IntakeRules("Shop").reason(record) is None
    assert looks == ["integrations"]


# --- duplicates ----------------------------------------------------------------------------------------------


async def test_a_message_id_is_sent_once() -> None:
    wire = Wire()
    report = await _deliver(wire, track(1), track(2), track(1, event="Other"), track(1), dedupe=True)
    assert wire.arrived == ["a:m1", "a:m2"]
    assert (report.events, report.duplicates, report.unmatched) == (4, 2, 0)


async def test_duplicates_are_sent_unless_they_are_asked_away() -> None:
    wire = Wire()
    await _deliver(wire, track(1), track(1))
    assert wire.arrived == ["a:m1", "a:m1"]


@pytest.mark.parametrize("event", [{}, {"messageId": None}, {"messageId": 7}, {"messageId": ""}, {"messageId": {}}])
def test_events_without_a_message_id_are_never_duplicates(event: dict[str, Any]) -> None:
    rules = IntakeRules("Shop", dedupe=True)
    assert [rules.reason(_record(position, event)) for position in (1, 2)] == [None, None]


def test_an_event_that_is_not_sent_does_not_make_the_next_one_a_duplicate() -> None:
    rules = IntakeRules("Shop", dedupe=True)
    assert rules.reason(_record(1, track(1, integrations={"All": False}))) == "opted_out"
    assert rules.reason(_record(2, track(1))) is None


def test_the_oldest_ids_are_forgotten() -> None:
    ids = RecentIds(limit=3)
    assert all(ids.add(f"m{number}") for number in range(100))
    assert [f"m{number}" in ids for number in (0, 96, 97, 98, 99)] == [False, False, True, True, True]
    assert MAX_IDS == 1_000_000


def test_ids_that_no_utf_8_can_hold_are_told_apart() -> None:
    rules = IntakeRules("Shop", dedupe=True)
    ids = ["m\ud800", "m\ud801", "m\ud800"]
    found = [
        rules.reason(_record(position, {"type": "track", "messageId": text})) for position, text in enumerate(ids, 1)
    ]
    assert found == [None, None, "duplicate"]


def _letter(number: int, *names: str) -> dict[str, Any]:
    failures = [{"subscription": name, "index": index} for index, name in enumerate("AB") if name in names]
    return {"deadLetter": 1, "failures": failures, "event": track(number)}


def test_two_lines_of_failed_events_with_one_id_keep_the_subscriptions_that_only_one_of_them_is_for() -> None:
    rules = IntakeRules("Shop", dedupe=True)
    letters = [_letter(1, "A"), _letter(1, "A", "B"), _letter(1, "B"), _letter(1, "A", "B"), _letter(2, "A")]
    records = [_record(position, letter) for position, letter in enumerate(letters, 1)]
    assert [rules.reason(record) for record in records] == [None, None, "duplicate", "duplicate", None]
    assert [[failed.name for failed in record.retry_only or ()] for record in records[:2]] == [["A"], ["B"]]


def test_a_line_of_failed_events_after_the_event_itself_is_a_duplicate() -> None:
    rules = IntakeRules("Shop", dedupe=True)
    assert rules.reason(_record(1, track(1))) is None
    assert rules.reason(_record(2, _letter(1, "B"))) == "duplicate"


# --- duplicates and --resume ---------------------------------------------------------------------------------


async def test_duplicates_are_settled_and_what_came_before_a_stop_is_remembered(tmp_path: Path) -> None:
    wire = Wire()
    with Ledger(tmp_path / "ledger", IDENTITY) as ledger:
        await _deliver(wire, track(1), track(1), dedupe=True, ledger=ledger)
    with Ledger(tmp_path / "ledger", IDENTITY, resume=True) as ledger:
        report = await _deliver(wire, track(1), track(1), track(1), track(2), dedupe=True, ledger=ledger)
    assert wire.arrived == ["a:m1", "a:m2"]
    assert (report.skipped, report.duplicates) == (2, 1)


async def test_an_event_whose_duplicate_was_settled_and_that_was_not_sent_itself_is_sent(tmp_path: Path) -> None:
    """A run that was killed with line 1 in flight, and line 2 settled as its duplicate."""
    wire = Wire()
    with Ledger(tmp_path / "ledger", IDENTITY) as ledger:
        ledger.add([Row(2, WHOLE_EVENT, 0, DUPLICATE, "m1"), Row(3, WHOLE_EVENT, 0, OPTED_OUT, "m3")])
    with Ledger(tmp_path / "ledger", IDENTITY, resume=True) as ledger:
        report = await _deliver(wire, track(1), track(1), track(3), dedupe=True, ledger=ledger)
    assert wire.arrived == ["a:m1"]
    assert (report.sent, report.skipped) == (1, 2)


async def test_what_an_earlier_run_had_acknowledged_further_on_is_not_sent_again(tmp_path: Path) -> None:
    """The earlier run kept duplicates: line 2 was acknowledged, and line 1 was not."""
    wire = Wire()
    with Ledger(tmp_path / "ledger", IDENTITY) as ledger:
        ledger.add([Row(2, 0, 0, ACKNOWLEDGED, "m1")])
    with Ledger(tmp_path / "ledger", IDENTITY, resume=True) as ledger:
        report = await _deliver(wire, track(1), track(1), track(1), dedupe=True, ledger=ledger)
    assert wire.arrived == []
    assert (report.duplicates, report.sent) == (2, 0)


async def test_a_new_run_over_a_finished_ledger_remembers_nothing(tmp_path: Path) -> None:
    wire = Wire()
    for _ in range(2):
        with Ledger(tmp_path / "ledger", IDENTITY) as ledger:
            await _deliver(wire, track(1), track(1), dedupe=True, ledger=ledger)
    assert wire.arrived == ["a:m1", "a:m1"]


async def test_a_ledger_that_cannot_be_read_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from destination.delivery import LedgerError

    def broken(*_: Any) -> Any:
        raise LedgerError("ledger: cannot be read: disk I/O error")

    wire = Wire()
    with Ledger(tmp_path / "ledger", IDENTITY) as ledger:
        monkeypatch.setattr(Ledger, "acknowledged", broken)
        report = await _deliver(wire, track(1), dedupe=True, ledger=ledger)
    assert (report.stop, wire.arrived) == ("recording", [])


def test_reports_of_several_processes_add_up() -> None:
    one, other = Report(["A"]), Report(["A"])
    one.add_not_sent("opted_out")
    other.add_not_sent("opted_out")
    other.add_not_sent("duplicate")
    whole = Report.merged([one, other])
    assert (whole.events, whole.opted_out, whole.duplicates, whole.ok) == (3, 2, 1, True)
