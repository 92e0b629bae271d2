"""A partner that misbehaves by a seed, a delivery to it by the same seed, and what must hold of the two."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from destination.definition import (
    Action,
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    Authentication,
    MultiStatusResponse,
)
from destination.delivery import (
    AcknowledgingTransport,
    Delivery,
    DeliveryOptions,
    Failure,
    Ledger,
    LedgerError,
    Record,
    RecordingError,
    Report,
    RetryPolicy,
    RunIdentity,
)
from destination.delivery.record import Piece
from destination.errors import ConnectionError as ClientConnectionError
from destination.request import MockTransport, Request, Response
from destination.runtime import Destination, Instance
from destination.values import write_json
from tests.delivery.virtual_time import VirtualClock

_TEXT = {"label": "Text", "description": "", "type": "string", "required": True}
_FIELDS = {"to": _TEXT, "id": _TEXT}
_PASSING = (429, 500, 502, 503, "lost", "refused", "slow")
_FINAL = (400, 401, 403, 404, 413, 422)
_SOMETIMES = (
    "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "soon", "0", "7", "90", "-1",
)  # fmt: skip


def _one(request: Any, data: Any) -> Any:
    return request(f"https://h/{data.payload['to']}", "post", json=[dict(data.payload)])


async def _three(request: Any, data: Any) -> Any:
    for part in (1, 2, 3):
        await request(f"https://h/{data.payload['to']}/{part}", "post", json=[dict(data.payload)])


def _many(request: Any, data: Any, more: str = "") -> Any:
    to = data.payload[0]["to"]
    return request(f"https://h/{to}{more}", "post", json=[dict(item) for item in data.payload])


async def _many_each(request: Any, data: Any) -> Any:
    """Each event has its node: what the partner says of it."""
    said = (await _many(request, data, "?each")).data
    answer = MultiStatusResponse()
    for place, item in enumerate(data.payload):
        status = said.get(item["id"], 200)
        if status == 200:
            answer.set_success_response_at_index(place, ActionDestinationSuccessResponse(200, {}, {}))
        else:
            answer.set_error_response_at_index(
                place, ActionDestinationErrorResponse(status=status, errormessage=f"it is a {status}")
            )
    return answer


def _action(perform: Any, **more: Any) -> Action[Any, Any]:
    return Action(title="S", description="", perform=perform, fields=_FIELDS, **more)


async def _ask(request: Any, _input: Any) -> Any:
    return await request("https://h/test")


_DESTINATION: Destination[Any] = Destination(
    name="Simulated",
    slug="simulated",
    actions={
        "one": _action(_one),
        "three": _action(_three),
        "many": _action(_one, perform_batch=_many),
        "atomic": _action(_one, perform_batch=_many, batch_is_atomic=True),
        "each": _action(_one, perform_batch=_many_each),
    },
    authentication=Authentication(scheme="custom", test_authentication=_ask),
)


class Partner:
    """Answers at random.

    Attributes:
        taken: How often each event was taken by each request of a subscription, `(subscription's place, id)`.
        uncertain: Those of them that may come again: their answer was lost.
        is_healed: From then on everything is taken.
    """

    def __init__(self, chance: random.Random, ids: Iterable[str]) -> None:
        self.taken: Counter[tuple[str, str]] = Counter()
        self.uncertain: set[str] = set()
        self.is_healed = False
        self.order: list[tuple[str, str]] = []
        self._chance = chance
        self._trouble = chance.choice((0.0, 0.02, 0.2, 0.5))
        self._test = chance.choice((200, 200, 401, 500))
        ids = list(ids)
        share = chance.choice((0.0, 0.05, 0.3, 1.0))
        fates = chance.choice((_FINAL, _FINAL + _PASSING[:4], (chance.choice(_FINAL),), _PASSING[:4]))
        self.fates = {name: chance.choice(fates) for name in ids if chance.random() < share}
        self._asked = {name: chance.choice(_SOMETIMES) for name in self.fates if chance.random() < 0.3}
        length = chance.choice((0.5, 30.0, 1_000.0, 20_000.0))
        self._outages = [
            (begin, begin + chance.random() * length)
            for begin in (chance.random() * 60 for _ in range(chance.choice((0, 0, 1, 2))))
        ]
        self._outage = chance.choice((429, 502, 503, "refused", "slow"))
        self._most = chance.choice((1, 3, 1_000, 1_000))
        self._latency = chance.choice((0.0, 0.01, 2.0))

    async def answer(self, request: Request) -> Any:
        chance = self._chance
        place, _, mode = request.url.removeprefix("https://h/").partition("?")
        if self._latency:
            await asyncio.sleep(chance.random() * self._latency)
        if place == "test":
            return 200 if self.is_healed else self._test
        ids = [item["id"] for item in request.json()]
        if self.is_healed:
            return self._take(place, ids)
        now = asyncio.get_running_loop().time()
        fault: Any = None
        if any(begin <= now < end for begin, end in self._outages):
            fault = self._outage
        elif chance.random() < self._trouble:
            fault = chance.choice(_PASSING)
        elif len(ids) > self._most:
            fault = 413
        if fault is None:
            return await self._answer_each(place, ids, is_asked_for_each=mode == "each")
        return await self._fail(fault, place, ids, chance.choice(_SOMETIMES) if chance.random() < 0.3 else None)

    async def _answer_each(self, place: str, ids: list[str], *, is_asked_for_each: bool) -> Any:
        bad = {name: self.fates[name] for name in ids if name in self.fates}
        if not bad:
            return self._take(place, ids)
        if is_asked_for_each:
            self._take(place, [name for name in ids if name not in bad])
            return bad
        name, fault = next(iter(bad.items()))
        return await self._fail(fault, place, ids, self._asked.get(name))

    async def _fail(self, fault: Any, place: str, ids: list[str], asked: str | None) -> Any:
        if fault == "lost":
            self._take(place, ids)
            self.uncertain.update(ids)
            raise ClientConnectionError("broke off")
        if fault == "refused":
            raise ClientConnectionError("refused")
        if fault == "slow":
            await asyncio.sleep(9.0)
            raise ClientConnectionError("too slow")
        return Response(fault, headers={} if asked is None else {"retry-after": asked})

    def _take(self, place: str, ids: list[str]) -> Any:
        for name in ids:
            self.taken[place, name] += 1
            self.order.append((place, name))
        return {}


class _Source:
    """Records in lists of random length, and perhaps an end that comes too early."""

    def __init__(self, chance: random.Random, lines: list[bytes]) -> None:
        self._chance = chance
        self._records = [Record("line", Piece(at, line, True), ordinal=at) for at, line in enumerate(lines, 1)]
        self._closed = False

    async def next(self) -> list[Record] | None:
        await asyncio.sleep(self._chance.choice((0.0, 0.0, 0.5)))
        if self._closed or not self._records:
            return None
        count = self._chance.randint(1, 12)
        found, self._records = self._records[:count], self._records[count:]
        return found

    def close(self) -> None:
        self._closed = True


class _Letters:
    """Keeps failed events; it may be full at some time."""

    def __init__(self, kept: dict[tuple[str, int], int], room: float) -> None:
        self._kept = kept
        self._room = room
        self.deferred: set[tuple[str, int]] = set()

    def add(self, record: Record, failures: list[Failure]) -> None:
        self._room -= 1
        if self._room < 0:
            raise RecordingError("no space left")
        for failure in failures:
            place = -1 if failure.index is None else failure.index
            name = record.event["messageId"] if record.event is not None else record.label
            if failure.deferred:
                self.deferred.add((name, place))
            else:
                self._kept[name, place] = self._kept.get((name, place), 0) + 1


class _FullLedger(Ledger):
    """A ledger on a disk that is full after some rows."""

    room: float = float("inf")

    def add(self, rows: Any) -> None:
        self.room -= len(rows)
        if self.room < 0 and self.error is None:
            self.error = LedgerError("no space left")
        super().add(rows)


class Simulation:
    """Events, an instance and options by a seed; `run` sends them, again and again, the last time to a good partner."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = chance = random.Random(seed)
        self._folder = folder
        count = chance.choice((1, 3, 30, 120))
        self.events: dict[str, dict[str, Any]] = {}
        lines: list[bytes] = []
        for number in range(1, count + 1):
            if chance.random() < 0.02:
                lines.append(b"oops")
                continue
            event: dict[str, Any] = {
                "type": chance.choice(("track", "track", "track", "page")),
                "messageId": f"m{number}",
                "userId": f"u{chance.randint(1, 4)}" if chance.random() < 0.9 else None,
            }
            if chance.random() < 0.05:
                event["integrations"] = {"Simulated": False}
            self.events[f"m{number}"] = event
            lines.append(write_json(event))
        self.lines = lines
        self.partner = Partner(chance, self.events)
        kinds = chance.choices(("one", "three", "many", "atomic", "each"), k=chance.choice((1, 1, 2, 3)))
        mappings = [
            {
                "name": f"{kind} {at}",
                "subscribe": 'type = "track"' if at or chance.random() < 0.5 else 'type = "track" or type = "page"',
                "partnerAction": kind,
                "mapping": {"to": f"{kind}{at}", "id": {"@path": "$.messageId"}},
            }
            for at, kind in enumerate(kinds)
        ]
        self.places = [(f"{kind}{at}", kind) for at, kind in enumerate(kinds)]
        self.instance: Instance[Any] = _DESTINATION.instance(
            {}, mappings, transport=AcknowledgingTransport(MockTransport(self.partner.answer))
        )
        self.has_ledger = chance.random() < 0.8
        self.has_letters = chance.random() < 0.8
        self.options = DeliveryOptions(
            retry=RetryPolicy(
                attempts=chance.choice((1, 2, 5)),
                retry_for_s=chance.choice((None, 60.0, 3_600.0, 14_400.0)),
                random=chance.random,
            ),
            rate=chance.choice((None, None, 2.0, 100.0)),
            batch_size=chance.choice((None, 2, 7, 500)),
            linger_s=chance.choice((0.0, 0.2)),
            ordered_by=chance.choice((None, None, "userId")),
            batch_bytes=chance.choice((60, 200, 1_000_000)),
            keep_going=chance.random() < 0.3,
            memory_bytes=chance.choice((1, 5_000, 64 << 20)),
            look_ahead=chance.choice((1, 5, 10_000)),
            dedupe=chance.random() < 0.2,
        )
        self.concurrency = chance.choice((None, 1, 2, 8))
        self.dead: dict[tuple[str, int], int] = {}
        self.described = (kinds, self.options, self.concurrency, self.has_ledger, self.has_letters)

    def run(self, execute: Callable[[Any], Any]) -> list[Report]:
        """One run with trouble, some continued ones, and one after the partner was mended."""
        rounds = self.chance.choice((1, 2, 3)) if self.has_ledger else 1
        reports = [execute(self._round(number, healed=False)) for number in range(rounds)]
        self.partner.is_healed = True
        if self.has_ledger:
            reports.append(execute(self._round(rounds, healed=True)))
        return reports

    async def _round(self, number: int, *, healed: bool) -> Report:
        chance = self.chance
        ledger = None
        if self.has_ledger:
            identity = RunIdentity("events", 1, "aa", "simulated", "bb")
            ledger = _FullLedger(self._folder / "ledger", identity, resume=number > 0)
            if not healed and chance.random() < 0.2:
                ledger.room = chance.randint(0, 100)
        room = float(chance.randint(0, 20)) if not healed and chance.random() < 0.1 else float("inf")
        letters = _Letters(self.dead, room) if self.has_letters else None
        verdicts: dict[str, list[str]] = {}
        observed: Counter[str] = Counter()
        delivery = Delivery(
            self.instance,
            concurrency=self.concurrency,
            failures=letters,
            observe=lambda _report, record, _failures: observed.update([record.label]),
            options=self.options,
            ledger=ledger,
            attempts=(lambda _made: None) if chance.random() < 0.5 else None,
            clock=VirtualClock(),
            settled=lambda record, verdict: verdicts.setdefault(record.label, []).append(verdict),
            notify=lambda _line: None,
        )
        stops = [] if healed else sorted(chance.random() * 30 for _ in range(chance.choice((0, 0, 1, 2))))
        stopping = [asyncio.get_running_loop().call_later(at, delivery.stop) for at in stops]
        try:
            report = await delivery.run(_Source(chance, self.lines))
        finally:
            for handle in stopping:
                handle.cancel()
            if ledger is not None:
                ledger.close()
        uncertain = {f"m{place.removeprefix('line ')}" for place in report.unrecorded}
        if len(stops) == 2:
            uncertain |= {f"m{place.removeprefix('line ')}" for place, found in verdicts.items() if "deferred" in found}
        self.partner.uncertain |= uncertain
        self._check_round(report, verdicts, observed, letters, healed=healed)
        return report

    # --- what must hold --------------------------------------------------------------------------------------

    def _check_round(
        self,
        report: Report,
        verdicts: dict[str, list[str]],
        observed: Counter[str],
        letters: _Letters | None,
        *,
        healed: bool,
    ) -> None:
        for place, found in verdicts.items():
            assert len(found) == 1, (place, found)
        assert set(observed) == set(verdicts)
        assert set(observed.values()) <= {1}
        assert report.in_flight == 0
        assert report.pause is None
        told = Counter(found[0] for found in verdicts.values())
        nothing_left = len(verdicts) - report.events - report.unreadable  # settled before, seen when asked for its rest
        assert 0 <= nothing_left <= report.skipped
        if not report.unrecorded:
            assert told["deferred"] == report.deferred
            assert told["dead"] == report.failed
            delivered = report.events - report.unmatched - (report.failed - report.unreadable) - report.deferred
            assert told["acknowledged"] == delivered + report.unmatched + nothing_left
        for count in report.subscriptions:
            assert count.matched == count.sent + count.failed + count.deferred, vars(count)
        if report.stop is None:
            assert not report.deferred
            assert len(verdicts) + report.skipped >= len(self.lines)
        if letters is not None:
            assert not letters.deferred  # they stay with the ledger, or with whoever gets the verdicts
        if healed:
            assert report.stop is None, report.stop_message
            assert not report.deferred
            assert not report.unrecorded

    def check_end(self) -> None:
        """Every event was taken once or is dead, for each subscription, after the last run."""
        for at, (to, kind) in enumerate(self.places):
            names = [f"{to}/{part}" for part in (1, 2, 3)] if kind == "three" else [to]
            item = self.instance.subscriptions[at]
            for name, event in self.events.items():
                wanted = "integrations" not in event and item.match(event).matched
                dead = self.dead.get((name, at), 0) + self.dead.get((name, -1), 0)
                for place in names:
                    taken = self.partner.taken[place, name]
                    if not wanted:
                        assert not taken
                        assert not dead
                    elif name in self.partner.uncertain:
                        assert taken or dead, (place, name, "lost")
                    elif kind == "three" and dead:
                        assert taken <= 1, (place, name, taken)
                    else:
                        assert taken + dead == 1, (place, name, taken, dead, self.partner.fates.get(name))
