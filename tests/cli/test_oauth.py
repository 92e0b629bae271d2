"""A destination whose tokens expire, from the command line: its own scaffold, and a partner on loopback."""

import json
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from destination.workbench.scaffold import Scaffold, files_of, write_files
from tests.cli.conftest import Invoke, track, write_events

NAME = "made_for_oauth"
SLUG = "actions-made-for-oauth"


class Partner(ThreadingHTTPServer):
    """Takes the newest access token only, and hands out another pair for the newest refresh token."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.number = 1
        self.events: list[Any] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Partner

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self._with_token(lambda: None)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        partner = self.server
        if not self.path.endswith("/oauth/token"):
            self._with_token(lambda: partner.events.append(body))
        elif body["refresh_token"] != f"refresh-{partner.number}-secret" or body["client_secret"] != "client-secret":
            self._answer(400, {"error": "invalid_grant"})
        else:
            partner.number += 1
            pair = {
                name: f"{name.partition('_')[0]}-{partner.number}-secret" for name in ("access_token", "refresh_token")
            }
            self._answer(200, pair)

    def _with_token(self, take: Any) -> None:
        if self.headers["authorization"] != f"Bearer access-{self.server.number}-secret":
            self._answer(401, {"error": "expired"})
            return
        take()
        self._answer(200, {})

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def partner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Partner]:
    """A partner, and the scaffold's destination as if it were installed, whose address is the partner's."""
    with Partner() as server:
        write_files(tmp_path / "made", files_of(Scaffold(name=NAME, auth="oauth", batch=False)))
        settings = tmp_path / "made" / NAME / "settings.py"
        settings.write_text(settings.read_text().replace("https://api.example.com/v1", server.url))
        monkeypatch.syspath_prepend(str(tmp_path / "made"))
        made = getattr(import_module(f"{NAME}.definition"), NAME)
        monkeypatch.setattr("destination.runtime.given.find", lambda _slug: made)
        for name, value in (
            ("ACCESS", "access-1-secret"),
            ("REFRESH", "refresh-1-secret"),
            ("SECRET", "client-secret"),
        ):
            monkeypatch.setenv(f"MADE_{name}", value)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()
    for module in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[module]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return write_events(tmp_path / "events.ndjson", *map(track, range(3)))


ALL = """
accountId = "a1"
[oauth]
accessToken = { env = "MADE_ACCESS" }
refreshToken = { env = "MADE_REFRESH" }
clientId = "client"
clientSecret = { env = "MADE_SECRET" }
"""


def _settings(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return path


def test_the_tokens_let_in_and_send(invoke: Invoke, tmp_path: Path, partner: Partner, events: Path) -> None:
    settings = _settings(tmp_path, ALL + 'tokenFile = "tokens.json"\n')
    assert invoke("check-auth", "-d", SLUG, "-s", settings).exit_code == 0
    result = invoke("run", events, "-d", SLUG, "-s", settings)
    assert (result.exit_code, len(partner.events)) == (0, 3), result.output
    assert not (tmp_path / "tokens.json").exists()  # nothing was refreshed
    assert "secret" not in result.output


def test_expired_tokens_are_refreshed_and_kept_in_the_file_that_is_named(
    invoke: Invoke, tmp_path: Path, partner: Partner, events: Path
) -> None:
    settings = _settings(tmp_path, ALL.replace('"MADE_ACCESS"', '"MADE_REFRESH"') + 'tokenFile = "tokens.json"\n')
    before = settings.read_text()
    checked = invoke("check-auth", "-d", SLUG, "-s", settings)
    assert checked.exit_code == 0, checked.output
    tokens = tmp_path / "tokens.json"
    assert json.loads(tokens.read_text()) == {"accessToken": "access-2-secret", "refreshToken": "refresh-2-secret"}
    assert tokens.stat().st_mode & 0o077 == 0
    partner.number += 1  # the access token expires
    tokens.write_text('{"accessToken": "old-secret", "refreshToken": "refresh-3-secret"}')
    result = invoke("run", events, "-d", SLUG, "-s", settings)
    assert (result.exit_code, len(partner.events)) == (0, 3), result.output
    assert json.loads(tokens.read_text())["refreshToken"] == "refresh-4-secret"
    assert settings.read_text() == before
    assert "secret" not in checked.output + result.output


def test_a_refresh_that_nothing_would_keep_is_said_before_the_run(
    invoke: Invoke, tmp_path: Path, partner: Partner, events: Path
) -> None:
    settings = _settings(tmp_path, ALL)
    result = invoke("run", events, "-d", SLUG, "-s", settings)
    assert result.exit_code == 0
    assert "to keep it, name a file: [oauth] tokenFile" in result.stderr.splitlines()[0]
    assert "tokenFile" not in invoke("run", events, "-d", SLUG, "-s", settings, "--dry-run").stderr


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("nowhere/tokens.json", "[oauth] tokenFile"),
        ("mappings.json", "mappings.json: is not a JSON object with accessToken and refreshToken"),
    ],
)
def test_a_token_file_that_cannot_be_used_is_found_before_a_token_is_spent(
    invoke: Invoke, tmp_path: Path, partner: Partner, events: Path, file: str, message: str
) -> None:
    other = tmp_path / "mappings.json"
    other.write_text('{"subscriptions": []}')
    settings = _settings(tmp_path, ALL.replace('"MADE_ACCESS"', '"MADE_REFRESH"') + f'tokenFile = "{file}"\n')
    result = invoke("run", events, "-d", SLUG, "-s", settings)
    assert (result.exit_code, message in result.stderr) == (2, True), result.output
    assert (partner.number, partner.events) == (1, [])  # nothing was refreshed, nothing was sent
    assert other.read_text() == '{"subscriptions": []}'


def test_a_refresh_token_alone_is_enough(invoke: Invoke, tmp_path: Path, partner: Partner, events: Path) -> None:
    text = ALL.replace('accessToken = { env = "MADE_ACCESS" }\n', "") + 'token_file = "tokens.json"\n'
    settings = _settings(tmp_path, text)
    assert invoke("check-auth", "-d", SLUG, "-s", settings).exit_code == 0
    assert invoke("run", events, "-d", SLUG, "-s", settings).exit_code == 0
    assert len(partner.events) == 3


@pytest.mark.parametrize("command", ["check-auth", "run"])
@pytest.mark.parametrize("table", ["", '[oauth]\nclientId = "c"\n'])
def test_without_a_token_one_line_says_what_to_add(
    invoke: Invoke, tmp_path: Path, partner: Partner, events: Path, command: str, table: str
) -> None:
    settings = _settings(tmp_path, f'accountId = "a1"\n{table}')
    result = invoke(command, *([events] if command == "run" else []), "-d", SLUG, "-s", settings)
    assert result.exit_code == 2
    assert result.stderr == (
        f"destination: {settings}: {SLUG} needs an OAuth token; add: "
        '[oauth] accessToken = { env = "MADE_FOR_OAUTH_ACCESS_TOKEN" }\n'
    )


def test_an_expired_token_without_a_refresh_token_is_named(
    invoke: Invoke, tmp_path: Path, partner: Partner, events: Path
) -> None:
    settings = _settings(tmp_path, 'accountId = "a1"\n[oauth]\naccessToken = "old-secret"\n')
    checked = invoke("check-auth", "-d", SLUG, "-s", settings)
    assert checked.exit_code == 1
    assert checked.stderr == (
        f"destination: Credentials are invalid: 401 Unauthorized; check accountId and [oauth] in {settings}\n"
    )
    sent = invoke("run", events, "-d", SLUG, "-s", settings)
    assert sent.exit_code == 1
    assert "The access token cannot be refreshed: there is no refreshToken" in sent.output
    assert "KeyError" not in sent.output


def test_a_refresh_token_that_is_not_taken_is_named(invoke: Invoke, tmp_path: Path, partner: Partner) -> None:
    settings = _settings(tmp_path, ALL)
    partner.number = 7
    result = invoke("check-auth", "-d", SLUG, "-s", settings, "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert (answer["state"], answer["status"]) == ("invalid", 400)
    assert answer["message"].startswith("The access token cannot be refreshed: 400 Bad Request; check")


def test_workers_do_not_refresh_the_same_tokens(invoke: Invoke, tmp_path: Path, partner: Partner, events: Path) -> None:
    result = invoke("run", events, "-d", SLUG, "-s", _settings(tmp_path, ALL), "--workers", 2)
    assert result.exit_code == 2
    assert "--workers" in result.stderr
    assert partner.events == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[oauth]\nacessToken = "t"\n', "[oauth] has no key 'acessToken'; did you mean accessToken?"),
        ("[oauth]\naccessToken = 5\n", "oauth.accessToken is not a text; write it in quotes"),
        ('oauth = "t"\n', "oauth is a table; write [oauth] and below it: accessToken"),
        (
            '[oauth]\naccessToken = { env = "MADE_NOWHERE" }\n',
            "the setting oauth.accessToken names the environment variable MADE_NOWHERE, which is not set",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_named(
    invoke: Invoke, tmp_path: Path, partner: Partner, table: str, message: str
) -> None:
    settings = _settings(tmp_path, f'accountId = "a1"\n{table}')
    result = invoke("check-auth", "-d", SLUG, "-s", settings)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"destination: {settings}: {message}")


def test_a_destination_without_oauth_takes_no_tokens(invoke: Invoke, settings: Path) -> None:
    settings.write_text(settings.read_text() + '[oauth]\naccessToken = "t"\n')
    result = invoke("check-auth", "-s", settings)
    assert result.exit_code == 2
    assert result.stderr == f"destination: {settings}: actions-absmartly does not use OAuth; leave [oauth] out\n"
