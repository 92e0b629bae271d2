"""Time limit and certificates of the commands that send."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from destination.catalog.absmartly import EmbeddedCollector
from destination.request import MockTransport, Request
from tests.cli.conftest import Invoke, track, write_events, write_settings
from tests.request.loopback import answer
from tests.request.tls_server import HOST, saying, self_signed, server_context, tls_server

PAGE = answer(
    b"<html><head><title>Down for\n maintenance</title></head></html>", "content-type: text/html", "connection: close"
)


pytestmark = pytest.mark.usefixtures("usual_certificates")


@pytest.fixture
def server(ca: trustme.CA) -> Iterator[str]:
    with tls_server(server_context(ca.issue_cert(HOST))) as url:
        yield url


@pytest.fixture
def wanting(ca: trustme.CA) -> Iterator[str]:
    """A server that wants a client certificate."""
    context = server_context(ca.issue_cert(HOST), verify_mode=ssl.CERT_REQUIRED)
    ca.configure_trust(context)
    with tls_server(context) as url:
        yield url


class Commands:
    """`check-auth` and a short `run` against one address."""

    def __init__(self, invoke: Invoke, folder: Path) -> None:
        self._invoke = invoke
        self._folder = folder

    def both(self, url: str, *options: Any) -> list[tuple[int, str]]:
        settings = write_settings(self._folder / "settings.toml", url)
        events = write_events(self._folder / "events.ndjson", track(1))
        run = ("run", events, "-s", settings, "--no-ledger", "--retry-for", 0)
        results = [self._invoke(*command, *options) for command in (("check-auth", "-s", settings), run)]
        return [(result.exit_code, result.stderr) for result in results]


@pytest.fixture
def commands(invoke: Invoke, tmp_path: Path) -> Commands:
    return Commands(invoke, tmp_path)


def test_both_trust_what_ssl_cert_file_names(
    commands: Commands, server: str, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    assert [status for status, _ in commands.both(server)] == [0, 0]


def test_both_trust_a_ca_file(commands: Commands, server: str, ca_file: Path) -> None:
    assert [status for status, _ in commands.both(server, "--ca-file", ca_file)] == [0, 0]


def test_both_show_a_client_certificate(commands: Commands, wanting: str, ca_file: Path, client_cert: Path) -> None:
    options = ("--ca-file", ca_file, "--client-cert", client_cert)
    assert [status for status, _ in commands.both(wanting, *options)] == [0, 0]
    assert [status for status, _ in commands.both(wanting, *options, "--client-key", client_cert)] == [0, 0]


def test_both_name_an_unknown_issuer(commands: Commands, server: str) -> None:
    (checked, said), (sent, told) = commands.both(server)
    assert (checked, sent) == (2, 1)
    for text in (said, told):
        assert "the certificate's issuer is not trusted here" in text
    assert "if you trust its issuer, give the issuer's certificate with --ca-file" in said


def test_both_name_a_self_signed_certificate(commands: Commands, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path, is_ca=True))
    with tls_server(context) as url:
        for _, text in commands.both(url):
            assert "self-signed certificate, which is not trusted here" in text


def test_both_name_a_wanted_client_certificate(commands: Commands, wanting: str, ca_file: Path) -> None:
    (checked, said), (sent, told) = commands.both(wanting, "--ca-file", ca_file)
    assert (checked, sent) == (2, 1)
    for text in (said, told):
        assert "the server wants a client certificate" in text
    assert "give the client's certificate with --client-cert" in said


def test_both_name_an_environment_that_leads_to_no_certificate(
    commands: Commands, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere"))
    for _, text in commands.both(server):
        assert f"no certificate can be read from SSL_CERT_FILE ({tmp_path / 'nowhere'})" in text


def test_a_server_that_speaks_only_http_2_is_named(commands: Commands) -> None:
    with saying(bytes((0x15, 3, 3, 0, 2, 2, 120))) as url:
        for _, text in commands.both(url):
            assert "the server does not speak HTTP/1.1, perhaps only HTTP/2" in text


def test_a_page_is_named_and_is_no_delivery(commands: Commands, ca: trustme.CA, ca_file: Path) -> None:
    with tls_server(server_context(ca.issue_cert(HOST)), PAGE) as url:
        (checked, said), (sent, told) = commands.both(url, "--ca-file", ca_file)
    assert (checked, sent) == (2, 1)
    for text in (said, told):
        assert 'a page came instead of the collector\'s answer: 200 OK, text/html, "Down for maintenance"' in text


def test_a_partner_that_is_unavailable_says_nothing_of_the_key(
    invoke: Invoke, tmp_path: Path, ca: trustme.CA, ca_file: Path
) -> None:
    reply = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    with tls_server(server_context(ca.issue_cert(HOST)), reply) as url:
        settings = write_settings(tmp_path / "settings.toml", url)
        result = invoke("check-auth", "-s", settings, "--ca-file", ca_file, "--json")
    assert result.exit_code == 2
    found = json.loads(result.stdout)
    assert found["state"] == "unreachable"
    assert "503 Service Unavailable; try again later" in found["message"]


@pytest.mark.thorough
def test_workers_get_the_options(
    invoke: Invoke, tmp_path: Path, wanting: str, ca_file: Path, client_cert: Path
) -> None:
    settings = write_settings(tmp_path / "settings.toml", wanting)
    events = write_events(tmp_path / "events.ndjson", *map(track, range(4)))
    options = ("--ca-file", ca_file, "--client-cert", client_cert, "--timeout", 60)
    result = invoke("run", events, "-s", settings, "--no-ledger", "--retry-for", 0, "--workers", 2, *options)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--ca-file", "nowhere.pem"], "CA file nowhere.pem cannot be read: No such file or directory"),
        (["--client-cert", "nowhere.pem"], "client certificate nowhere.pem cannot be read: No such file or directory"),
        (["--client-key", "nowhere.pem"], "--client-key goes with --client-cert"),
    ],
)
def test_options_that_cannot_be_used_stop_a_command_at_once(
    options: list[str], message: str, commands: Commands, collector: EmbeddedCollector
) -> None:
    assert commands.both(collector.endpoint, *options) == [(2, f"destination: {message}\n")] * 2
    assert collector.received == []


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "nan", "ten"])
def test_a_time_limit_out_of_range_is_bad_usage(seconds: str, commands: Commands) -> None:
    assert [status for status, _ in commands.both("http://127.0.0.1:9", "--timeout", seconds)] == [2, 2]


def test_timeout_is_the_limit_of_each_request(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float | None] = []

    def taken(request: Request) -> dict[str, bool]:
        limits.append(request.timeout_ms)
        return {"ok": True}

    monkeypatch.setattr("destination.request.delivery_transport", lambda *_, **__: MockTransport(taken))
    assert [status for status, _ in commands.both("http://h.test", "--timeout", "90")] == [0, 0]
    assert [status for status, _ in commands.both("http://h.test")] == [0, 0]
    assert limits == [90_000, 90_000, 10_000, 10_000]
