"""What a delivery writes down: without secrets, for its owner alone, and no longer than it is needed."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from destination.definition import Action, Authentication
from destination.delivery import (
    AcknowledgingTransport,
    DeadLetters,
    Delivery,
    DeliveryOptions,
    Failure,
    InputError,
    Ledger,
    Report,
    RunIdentity,
)
from destination.delivery.report import short_reason
from destination.delivery.sealing import Seal, sealing_secrets
from destination.delivery.statistics import ErrorSamples
from destination.errors import HTTPError, IntegrationError
from destination.pages import write_page
from destination.private_files import open_private
from destination.request import MockTransport, Request, Response
from destination.runtime import Destination, Instance, Redactor
from tests.delivery.shop import source_of, track

pytestmark = pytest.mark.anyio

KEY = "sk_live+0123456789/abc="
SESSION = "session-token-that-only-the-partner-knows"
FIELDS: dict[str, Any] = {
    "host": {"label": "Host", "description": "", "type": "string"},
    "key": {"label": "Key", "description": "", "type": "password"},
}
posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such rights: a file has those of its folder")


async def _two_steps(request: Any, data: Any) -> Any:
    """Needs the answer to the first request for the second one."""
    number = data.raw_data["messageId"]
    key = data.settings.get("key")
    made = await request(f"https://h.test/a/{number}", "post", search_params={"key": key}, json={"key": key})
    return await request(f"https://h.test/b/{number}", "post", json={"session": made.data["session"]})


def _instance(handler: Any, settings: dict[str, Any] | None = None, *, scheme: str = "custom") -> Instance[Any]:
    authentication: Authentication[Any] = Authentication(scheme=scheme, fields=FIELDS)  # type: ignore[arg-type]
    action = Action(title="S", description="", perform=_two_steps)
    demo = Destination(name="Two", slug="two", authentication=authentication, actions={"send": action})
    given = [{"name": "A", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": {}}]
    values = {"key": KEY} if settings is None else settings
    return demo.instance(values, given, transport=AcknowledgingTransport(MockTransport(handler)))


def _answering(second: int, urls: list[str] | None = None) -> Any:
    def handler(request: Request) -> Any:
        if urls is not None:
            urls.append(request.url.partition("?")[0])
        if "/a/" in request.url:
            return {"session": SESSION, "echo": KEY}
        return second

    return handler


def _files(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.parent.iterdir() if one.name.startswith(path.name)}


def _sealed(path: Path) -> list[bytes]:
    with closing(sqlite3.connect(path)) as connection:
        return [sealed for (sealed,) in connection.execute("SELECT sealed FROM answers")]


async def _first_run(path: Path, instance: Instance[Any], events: int = 3) -> None:
    """A run that ends after the first step of each event."""
    identity = RunIdentity.of("events", None, instance)
    with Ledger(path, identity) as ledger:
        options = DeliveryOptions(keep_going=True)
        await Delivery(instance, ledger=ledger, options=options).run(source_of(*map(track, range(events))))


# --- the ledger ----------------------------------------------------------------------------------------------


async def test_a_ledger_shows_neither_secrets_nor_answers_and_still_lets_a_perform_go_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    await _first_run(path, _instance(_answering(500)))
    assert len(_sealed(path)) == 3
    for content in _files(path).values():
        for secret in (KEY, SESSION, "session", "sk_live", "h.test", "0123456789"):
            assert secret.encode() not in content
    urls: list[str] = []
    again = _instance(_answering(200, urls))
    with Ledger(path, RunIdentity.of("events", None, again), resume=True) as ledger:
        report = await Delivery(again, ledger=ledger).run(source_of(*map(track, range(3))))
        assert report.ok
    assert sorted(urls) == [f"https://h.test/b/m{number}" for number in range(3)]


async def test_answers_are_overwritten_in_the_file_when_their_event_is_settled(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    await _first_run(path, _instance(_answering(500)), 400)
    sealed = _sealed(path)
    assert len(sealed) == 400
    whole = b"".join(_files(path).values())
    assert all(one[:48] in whole for one in sealed)
    again = _instance(_answering(200))
    ledger = Ledger(path, RunIdentity.of("events", None, again), resume=True)
    report = await Delivery(again, ledger=ledger).run(source_of(*map(track, range(400))))
    assert report.ok
    # While it is open still: the log beside it has been emptied, too.
    whole = b"".join(_files(path).values())
    ledger.close()
    assert _sealed(path) == []
    assert not [one for one in sealed if one[:48] in whole or one[-48:] in whole]
    assert not [one for one in sealed if one[16:48] in path.read_bytes()]


async def test_answers_of_what_is_dead_lettered_are_gone(tmp_path: Path) -> None:
    path, instance = tmp_path / "ledger", _instance(_answering(400))
    with Ledger(path, RunIdentity.of("events", None, instance)) as ledger:
        letters = DeadLetters(tmp_path / "failed", redact=instance.redactor, run=ledger.run)
        await Delivery(instance, ledger=ledger, failures=letters).run(source_of(*map(track, range(20))))
        letters.close()
        assert ledger.counts() == {"acknowledged": 0, "dead": 20}
    assert _sealed(path) == []


async def test_answers_that_a_killed_run_left_behind_are_gone_when_it_goes_on(tmp_path: Path) -> None:
    path, instance = tmp_path / "ledger", _instance(_answering(500))
    await _first_run(path, instance)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO settled VALUES (1, -1, 0, 2, 'm0'), (2, 0, 0, 1, 'm1'), (3, 7, 0, 1, 'm2')")
        connection.commit()
    Ledger(path, RunIdentity.of("events", None, instance), resume=True).close()
    assert len(_sealed(path)) == 1


async def test_other_secrets_fail_the_event_rather_than_to_send_a_part_of_it_twice(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    await _first_run(path, _instance(_answering(500)))
    urls: list[str] = []
    other = _instance(_answering(200, urls), {"key": "another key"})
    with Ledger(path, RunIdentity.of("events", None, other), resume=True) as ledger:
        report = await Delivery(other, ledger=ledger).run(source_of(*map(track, range(4))))
    assert sorted(urls) == ["https://h.test/a/m3", "https://h.test/b/m3"]
    assert (report.failed, report.sent) == (3, 1)
    assert "sealed in the ledger with other secrets" in next(iter(report.reasons))[1]
    assert len(_sealed(path)) == 3  # nothing is lost for whoever finds the settings of that run
    right = _instance(_answering(200, urls))
    with Ledger(path, RunIdentity.of("events", None, right), resume=True) as ledger:
        assert (await Delivery(right, ledger=ledger).run(source_of(*map(track, range(4))))).ok
    assert sum("/a/" in url for url in urls) == 1


async def test_a_new_run_is_refused_while_answers_wait_for_their_events(tmp_path: Path) -> None:
    from destination.delivery import LedgerError

    path = tmp_path / "ledger"
    instance = _instance(_answering(401))
    await _first_run(path, instance, 1)
    with pytest.raises(LedgerError, match="did not end"):
        Ledger(path, RunIdentity.of("events", None, instance))


def test_an_identity_neither_writes_nor_shows_its_secrets() -> None:
    identity = RunIdentity.of("events", None, _instance(None))
    assert identity.secrets == (KEY,)
    assert KEY not in repr(identity)
    assert KEY not in repr(identity.to_json())
    assert identity == RunIdentity.of("events", None, _instance(None, {"key": "another key"}))


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"key": KEY, "host": "h.test"}, (KEY,)),
        ({"key": KEY, "oauth": {"access_token": "t", "clientSecret": "client"}}, (KEY, "client")),
        ({"host": "h.test", "oauth": {"access_token": "t", "refresh_token": "r"}}, ("r", "t")),
        ({"host": "h.test"}, ("h.test",)),
        ({}, ()),
    ],
)
def test_answers_are_sealed_with_what_outlives_a_run(settings: dict[str, Any], found: tuple[str, ...]) -> None:
    assert sealing_secrets(_instance(None, settings, scheme="oauth2")) == found


def test_a_seal_opens_only_what_was_sealed_with_the_same_secrets_and_name() -> None:
    seal, text = Seal(["b", "a"], "run"), b"\x00answer\xff" * 50
    sealed = seal.close(text)
    assert seal.close(text) != sealed
    assert b"answer" not in sealed
    assert Seal(["a", "b"], "run").open(sealed) == text
    for other in (Seal(["ab"], "run"), Seal(["a"], "run"), Seal([], "run"), Seal(["a", "b"], "other")):
        assert other.open(sealed) is None
    for index in (0, 20, 60, len(sealed) - 1):
        damaged = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        assert seal.open(damaged) is None
    assert seal.open(b"") is None
    assert seal.open(seal.close(b"")) == b""


# --- masking before cutting ----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [1_975, 1_990, 1_999])
@pytest.mark.parametrize("as_json", [False, True])
def test_a_secret_that_ends_behind_the_cut_is_masked(tmp_path: Path, before: int, *, as_json: bool) -> None:
    text = "x" * before + KEY + "y" * 500
    error = HTTPError(
        Response(500, json=[text]) if as_json else Response(500, text.encode()), Request("GET", "https://h/")
    )
    letters = DeadLetters(tmp_path / "failed", redact=Redactor({"key": KEY}, ["key"]))
    (record,) = source_of(track(1))
    letters.add(record, [Failure(error)])
    letters.close()
    written = (tmp_path / "failed").read_text()
    assert "sk_" not in written
    assert "x" * 1_900 in written


@pytest.mark.parametrize("before", [280, 290, 299])
def test_reasons_are_masked_before_they_are_cut(before: int) -> None:
    redactor = Redactor({"key": KEY}, ["key"])
    failure = Failure(IntegrationError("x" * before + KEY, "BAD", 400), "A", 0)
    report, samples = Report(["A"], redactor.text), ErrorSamples(redactor)
    (record,) = source_of(track(1))
    report.add([], [failure])
    samples.add(record, failure)
    ((_, reason),) = report.reasons
    assert "sk_" not in reason
    assert list(samples.kept) == list(report.reasons)
    assert len(reason) <= 300


def test_a_report_takes_no_secrets_to_another_process() -> None:
    import pickle

    report = Report(["A"], Redactor({"key": KEY}, ["key"]).text)
    raw = pickle.dumps(report)
    assert b"sk_live" not in raw
    assert short_reason(InputError("x"), None) == "x"


def test_what_a_partner_echoes_of_basic_auth_is_not_in_the_dead_letters(tmp_path: Path) -> None:
    from destination.request.prepare import basic_auth

    header = basic_auth(f"user:{KEY}")
    error = HTTPError(Response(401, json={"why": f"bad {header}"}), Request("GET", "https://h/"))
    letters = DeadLetters(tmp_path / "failed", redact=Redactor({"key": KEY}, ["key"]))
    (record,) = source_of(track(1))
    letters.add(record, [Failure(error), Failure(ValueError(f"no {header!r}"))])
    letters.close()
    written = (tmp_path / "failed").read_text()
    assert header.removeprefix("Basic ")[:12] not in written
    assert '"bad Basic <redacted>"' in written


# --- files ---------------------------------------------------------------------------------------------------


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@posix
@pytest.mark.usefixtures("open_umask")
async def test_a_ledger_and_the_files_beside_it_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    for name in ("ledger", "ledger-wal", "ledger-shm"):
        (tmp_path / name).touch(0o666)
    instance = _instance(_answering(500))
    with Ledger(path, RunIdentity.of("events", None, instance)) as ledger:
        await Delivery(instance, ledger=ledger).run(source_of(track(1)))
        assert {name: _mode(tmp_path / name) for name in _files(path)} == dict.fromkeys(
            ("ledger", "ledger-wal", "ledger-shm"), 0o600
        )


@posix
@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize("existing", [False, True])
def test_dead_letters_and_pages_are_the_owners_alone(tmp_path: Path, *, existing: bool) -> None:
    files = [tmp_path / "failed", tmp_path / "appended", tmp_path / "page.html"]
    if existing:
        for file in files:
            file.write_text("{}\n")
            file.chmod(0o644)
    if existing:
        files[0].write_bytes(b"")  # one that holds something is not written anew
    DeadLetters(files[0]).close()
    DeadLetters(files[1], append=True).close()
    write_page(files[2], "<p>\ud800")
    assert [_mode(file) for file in files] == [0o600] * 3
    assert files[1].read_text() == ("{}\n" if existing else "")
    assert files[2].read_text() == "<p>?"


@posix
def test_a_link_a_device_and_a_pipe_are_written_as_they_are(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target", tmp_path / "link", tmp_path / "pipe"
    target.touch(0o644)
    link.symlink_to(target)
    os.mkfifo(pipe, 0o644)
    open_private(link).close()
    assert link.is_symlink()
    assert _mode(target) == 0o600
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    open_private(pipe).close()
    os.close(reader)
    assert _mode(pipe) == 0o644
    before = _mode(Path(os.devnull))
    open_private(os.devnull).close()
    assert _mode(Path(os.devnull)) == before
