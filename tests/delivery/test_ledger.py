import json
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from destination.delivery import (
    DeadLetters,
    Delivery,
    Failure,
    InputError,
    Ledger,
    LedgerError,
    Row,
    RunIdentity,
    dead_letters_of,
)
from destination.delivery.ledger import ACKNOWLEDGED, DEAD, WHOLE_EVENT, storable
from destination.errors import ResponseTooLargeError
from destination.request import MockTransport, Request, Response, TooLargeResponse
from destination.runtime.acknowledged import Exchange
from tests.delivery.shop import shop, shop_instance, source_of, subscription, track

_RUN = RunIdentity("events.ndjson", 100, "aa", "shop", "bb")


def test_an_answer_that_was_not_read_is_given_again_as_such() -> None:
    left = TooLargeResponse(201, {"a": "b"}, limit=5, url="https://h/")
    again = Exchange.read(Exchange.of(Request("POST", "https://h/"), left).to_bytes()).response()
    assert (again.status, again.too_large, again.headers["a"], again.url) == (201, True, "b", "https://h/")
    with pytest.raises(ResponseTooLargeError, match="larger than 5 bytes"):
        _ = again.data


def test_what_was_added_is_settled_when_the_run_goes_on(tmp_path: Path) -> None:
    exchange = Exchange.of(
        Request("POST", "https://h/", body=b"\xff"), Response(201, b"\x00\xfe", {"a": "b"}, url="https://h/")
    )
    with Ledger(tmp_path / "ledger", _RUN) as ledger:
        ledger.add([Row(1, 0, 0, ACKNOWLEDGED, "m1"), Row(1, 1, 1, ACKNOWLEDGED, "m1", exchange.to_bytes())])
        ledger.add([Row(2, WHOLE_EVENT, 0, DEAD), Row(5_000, 3, 0, DEAD, "m5000")])
        assert ledger.settled(1) is None
        name = ledger.run
    with Ledger(tmp_path / "ledger", _RUN, resume=True) as again:
        assert again.run == name
        first, second, far = again.settled(1), again.settled(2), again.settled(5_000)
        assert first is not None
        assert (first.message_id, first.subscriptions, first.exchanges) == ("m1", {0}, {1: [exchange]})
        assert exchange.response().body == b"\x00\xfe"
        assert second is not None
        assert second.subscriptions == {WHOLE_EVENT}
        assert far is not None
        assert again.settled(5_001) is None
        assert again.counts() == {"acknowledged": 1, "dead": 2}


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (replace(_RUN, size=101), "belongs to another input"),
        (replace(_RUN, sample="cc"), "belongs to another input"),
        (replace(_RUN, destination="other"), "belongs to a run to shop, not to other"),
        (replace(_RUN, mappings="cc"), "belongs to a run with other mappings"),
    ],
)
def test_only_the_same_run_goes_on(tmp_path: Path, other: RunIdentity, message: str) -> None:
    Ledger(tmp_path / "ledger", _RUN).close()
    with pytest.raises(LedgerError, match=message):
        Ledger(tmp_path / "ledger", other, resume=True)
    Ledger(tmp_path / "ledger", replace(_RUN, input="moved.ndjson"), resume=True).close()


def test_a_run_that_did_not_end_is_not_thrown_away(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger", _RUN) as ledger:
        ledger.add([Row(1, 0, 0, ACKNOWLEDGED, "m1")])
    with pytest.raises(LedgerError, match="did not end; continue it with --resume"):
        Ledger(tmp_path / "ledger", _RUN)
    with Ledger(tmp_path / "ledger", _RUN, resume=True) as ledger:
        ledger.finish()
    with Ledger(tmp_path / "ledger", _RUN) as ledger:
        assert ledger.counts() == {"acknowledged": 0, "dead": 0}


def test_a_ledger_in_use_is_refused(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger", _RUN) as ledger:
        code = (
            "import sys; from destination.delivery import Ledger, LedgerError, RunIdentity\n"
            "try: Ledger(sys.argv[1], RunIdentity('events.ndjson', 100, 'aa', 'shop', 'bb'), resume=True)\n"
            "except LedgerError as error: print(error)"
        )
        command = [sys.executable, "-c", code, str(tmp_path / "ledger")]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "another run is writing this ledger" in shown
        ledger.share()
        with Ledger(tmp_path / "ledger", _RUN, shared=True) as worker:
            worker.add([Row(1, 0, 0, ACKNOWLEDGED)])
        assert ledger.counts()["acknowledged"] == 1


def test_what_cannot_be_a_ledger_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger of a run to continue"):
        Ledger(tmp_path / "ledger", _RUN, resume=True)
    with pytest.raises(LedgerError, match="cannot be opened: no such file"):
        Ledger(tmp_path / "no" / "ledger", _RUN)
    other = tmp_path / "events"
    other.write_text("no ledger " * 100)
    other.chmod(0o644)
    with pytest.raises(LedgerError, match="cannot be used as a ledger"):
        Ledger(other, _RUN)
    assert other.read_text() == "no ledger " * 100
    assert other.stat().st_mode & 0o777 == 0o644


def test_an_identity_tells_inputs_and_mappings_apart(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"a" * 200_000)
    two.write_bytes(b"a" * 199_999 + b"b")
    instance = shop_instance()
    first = RunIdentity.of("one", one, instance)
    assert first == RunIdentity.of("one", one, shop_instance())
    assert first.sample != RunIdentity.of("one", two, instance).sample
    assert first.mappings != RunIdentity.of("one", one, shop_instance(None, subscription("A", "c"))).mappings
    assert RunIdentity.of("standard input", None, instance).size is None
    with pytest.raises(InputError, match="cannot be read"):
        RunIdentity.of("x", tmp_path / "x", instance)


def test_letters_of_a_killed_run_are_found_again(tmp_path: Path) -> None:
    path = tmp_path / "failed"
    letters = DeadLetters(path, "events", run="r1")
    record, unreadable = source_of(track(1), b"oops")
    letters.add(record, [Failure(InputError("x"), "A", 0), Failure(InputError("x"), "B", 1)])
    letters.add(unreadable, [Failure(InputError("y"))])
    letters.close()
    whole = path.read_bytes()
    path.write_bytes(whole + b"no letter\n[]\n" + b'{"deadLetter":1,"fail')
    found = [(position, index) for position, index, _ in dead_letters_of(path, "r1")]
    assert found == [(1, 0), (1, 1), (2, None)]
    assert path.read_bytes() == whole + b"no letter\n[]\n"
    assert list(dead_letters_of(path, "r2")) == []
    assert list(dead_letters_of(tmp_path / "none", "r1")) == []
    appended = DeadLetters(path, "events", run="r1", append=True)
    appended.add(record, [Failure(InputError("x"), "A", 0)])
    appended.close()
    assert json.loads(path.read_text().splitlines()[-1])["position"] == 1


def test_a_ledger_that_cannot_grow_says_so(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ledger = Ledger(tmp_path / "ledger", _RUN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, limits[1]))
        with pytest.raises(LedgerError, match="cannot be written"):
            ledger.add([Row(number, 0, 0, ACKNOWLEDGED, "m" * 100) for number in range(5_000)])
        with pytest.raises(LedgerError, match="cannot be written"):
            ledger.add([Row(5_000, 0, 0, ACKNOWLEDGED)])
        assert ledger.counts()["acknowledged"] == 0
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        ledger.close()


def test_text_that_is_no_unicode_is_kept_written_out(tmp_path: Path) -> None:
    odd = replace(_RUN, input="e\udcff.ndjson")
    with Ledger(tmp_path / "ledger", odd) as ledger:
        ledger.add([Row(1, 0, 0, ACKNOWLEDGED, storable("m\ud800"))])
    with Ledger(tmp_path / "ledger", odd, resume=True) as again:
        settled = again.settled(1)
    assert settled is not None
    assert settled.message_id == storable("m\ud800") == "m\\ud800"


async def test_an_event_whose_message_id_is_no_unicode_is_delivered_once(tmp_path: Path) -> None:
    transport = MockTransport()
    instance = shop.instance({}, [subscription("A", "a")], transport=transport)
    lines = [b'{"type":"track","messageId":"m\\ud800"}', b'{"type":"track","messageId":"m2"}']
    for resume in (False, True):
        with Ledger(tmp_path / "ledger", _RUN, resume=resume) as ledger:
            report = await Delivery(instance, ledger=ledger).run(source_of(*lines))
            assert (report.events, report.skipped, report.failed) == ((0, 2, 0) if resume else (2, 0, 0))
            assert ledger.counts() == {"acknowledged": 2, "dead": 0}
    assert len(transport.requests) == 2


@pytest.mark.parametrize("odd", [Row(2**70, 0, 0, ACKNOWLEDGED), Row(1, 0, 0, ACKNOWLEDGED, "\ud800")])
def test_what_sqlite_has_no_type_for_is_an_error_of_the_ledger(tmp_path: Path, odd: Row) -> None:
    with Ledger(tmp_path / "ledger", _RUN) as ledger, pytest.raises(LedgerError, match="cannot be written"):
        ledger.add([odd])
