"""`destination dead-letters`: lists, shows, sends again and removes events that failed for good."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from destination.delivery import DeadLetters
from destination.forwarding.dead_letter_file import read_dead_letters
from destination.listening import open_socket
from tests.cli.conftest import Invoke, goal_names, track, write_settings


def dead_letter(number: int, subscription: str = "Track Calls", index: int = 0) -> str:
    failure = {"subscription": subscription, "index": index, "error": f"400 reason {number}", "type": "HTTPError"}
    line = {"deadLetter": 1, "source": "queue", "at": f"event {number}", "failures": [failure], "event": track(number)}
    return json.dumps(line) + "\n"


@pytest.fixture
def config(tmp_path: Path, collector: EmbeddedCollector) -> Path:
    """A configuration with two destinations, the first of which has three dead letters."""
    write_settings(tmp_path / "settings.toml", collector.endpoint)
    (tmp_path / "dead.ndjson").write_text("".join(map(dead_letter, (1, 2, 3))))
    path = tmp_path / "forward.toml"
    destination = '[[destinations]]\nname = "{}"\nslug = "actions-absmartly"\nsettings = "settings.toml"\n'
    first = destination.format("shop") + 'dead_letters = "dead.ndjson"\n'
    path.write_text(first + destination.format("other") + 'dead_letters = "other.ndjson"\n')
    return path


def names(config: Path) -> list[str | None]:
    return [one.message_id for one in read_dead_letters(config.parent / "dead.ndjson")]


def id_of(config: Path, number: int) -> str:
    return list(read_dead_letters(config.parent / "dead.ndjson"))[number - 1].id


def test_they_are_listed_with_their_reasons(invoke: Invoke, config: Path) -> None:
    result = invoke("dead-letters", "list", config)
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines() if "reason 2" in line]
    assert lines == [[id_of(config, 2), "shop", "m2", "Track", "Calls", "400", "reason", "2"]]
    shown = [json.loads(line) for line in invoke("dead-letters", "list", config, "--json").stdout.splitlines()]
    assert [(one["destination"], one["messageId"]) for one in shown] == [("shop", "m1"), ("shop", "m2"), ("shop", "m3")]
    assert "event" not in shown[0]


def test_a_file_is_enough(invoke: Invoke, config: Path) -> None:
    file = config.parent / "dead.ndjson"
    assert len(invoke("dead-letters", "list", file, "--json").stdout.splitlines()) == 3
    assert json.loads(invoke("dead-letters", "show", file, "m2").stdout)["event"]["messageId"] == "m2"
    assert invoke("dead-letters", "drop", file, "m2").exit_code == 0
    assert names(config) == ["m1", "m3"]


def test_none_is_no_fault(invoke: Invoke, config: Path) -> None:
    result = invoke("dead-letters", "list", config, "--name", "other")
    assert (result.exit_code, result.stdout) == (0, "There are no dead letters.\n")


def test_one_is_shown_with_its_event(invoke: Invoke, config: Path) -> None:
    shown = json.loads(invoke("dead-letters", "show", config, id_of(config, 3)).stdout)
    assert shown["event"]["properties"] == {"n": 3}
    assert shown["failures"][0]["error"] == "400 reason 3"
    result = invoke("dead-letters", "show", config, "nobody")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no dead letter has the id nobody" in result.stderr


def test_those_that_are_named_are_sent_once_and_removed(
    invoke: Invoke, config: Path, collector: EmbeddedCollector
) -> None:
    result = invoke("dead-letters", "replay", config, id_of(config, 1), "m3")
    assert (result.exit_code, result.stdout) == (0, "2 delivered, 0 failed again, 0 not finished.\n")
    assert goal_names(collector) == ["Goal 1", "Goal 3"]
    assert names(config) == ["m2"]
    result = invoke("dead-letters", "replay", config, "--all", "--json")
    assert json.loads(result.stdout) == {"acknowledged": 1, "failed": 0, "deferred": 0, "missing": []}
    assert goal_names(collector) == ["Goal 1", "Goal 2", "Goal 3"]
    assert names(config) == []


def test_one_that_fails_again_stays_with_the_new_reason(invoke: Invoke, config: Path) -> None:
    file = config.parent / "dead.ndjson"
    file.write_text(dead_letter(1, "Gone") + dead_letter(2))
    result = invoke("dead-letters", "replay", config, "--all")
    assert (result.exit_code, result.stdout) == (1, "1 delivered, 1 failed again, 0 not finished.\n")
    (found,) = read_dead_letters(file)
    assert "there is no enabled subscription 'Gone'" in found.failures[0]["error"]


def test_an_unknown_id_is_named_and_the_others_are_sent(invoke: Invoke, config: Path) -> None:
    result = invoke("dead-letters", "replay", config, "m1", "nobody")
    assert result.exit_code == 1
    assert "no dead letter has the id nobody" in result.stderr
    assert names(config) == ["m2", "m3"]


def test_those_that_are_named_are_removed_without_being_sent(
    invoke: Invoke, config: Path, collector: EmbeddedCollector
) -> None:
    result = invoke("dead-letters", "drop", config, id_of(config, 1), "nobody")
    assert (result.exit_code, result.stdout) == (1, "Removed: 1 dead letter.\n")
    assert "nobody" in result.stderr
    assert names(config) == ["m2", "m3"]
    shown = json.loads(invoke("dead-letters", "drop", config, "--all", "--json").stdout)
    assert shown == {"dropped": 2, "missing": []}
    assert names(config) == []
    assert collector.received == []


@pytest.mark.parametrize("command", [("drop", "m1"), ("replay", "m1")])
def test_a_file_that_a_forwarder_writes_is_not_touched(invoke: Invoke, config: Path, command: Any) -> None:
    writing = DeadLetters(config.parent / "dead.ndjson", append=True)
    try:
        result = invoke("dead-letters", command[0], config, command[1])
    finally:
        writing.close()
    assert result.exit_code == 2
    assert "another run is writing failed events there" in result.stderr
    assert "stop" in result.stderr
    assert names(config) == ["m1", "m2", "m3"]


def test_an_admin_port_that_does_not_answer_or_refuses_is_named(invoke: Invoke, config: Path) -> None:
    with open_socket("127.0.0.1", 0) as found:
        port = found.getsockname()[1]
    table = f'[admin]\nlisten = "127.0.0.1:{port}"\ntoken = "t0k3n-hidden"\nevents = true\n'
    config.write_text(table + config.read_text())
    writing = DeadLetters(config.parent / "dead.ndjson", append=True)
    try:
        result = invoke("dead-letters", "replay", config, "--all")
        assert f"the admin port http://127.0.0.1:{port} does not answer: ConnectError" in result.stderr
        server = HTTPServer(("127.0.0.1", port), _Refusing)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        result = invoke("dead-letters", "replay", config, "m1")
        thread.join()
        server.server_close()
    finally:
        writing.close()
    assert result.exit_code == 2
    assert "refuses: this needs the token" in result.stderr
    assert "t0k3n-hidden" not in result.output
    assert names(config) == ["m1", "m2", "m3"]


class _Refusing(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(401)
        self.end_headers()
        self.wfile.write(b'{"ok": false, "error": "this needs the token"}')

    def log_message(self, *_: Any) -> None: ...


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["drop", "{}"], "name the dead letters by their ids, or give --all, or --queued NAME"),
        (["drop", "{}", "m1", "--all"], "name the dead letters by their ids, or give --all, or --queued NAME"),
        (["replay", "{}"], "name the dead letters by their ids, or give --all"),
        (["replay", "{}", "m1", "--all"], "name the dead letters by their ids, or give --all"),
        (["list", "{}", "--name", "none"], "--name none: takes one of shop, other"),
        (["list", "none.ndjson"], "none.ndjson: there is no such file of failed events"),
        (["drop", "{}", "--queued", "shop"], "--queued shop: is still in the configuration"),
        (["drop", "{}", "--queued", "gone"], "queue.db: there is no such queue"),
    ],
)
def test_what_cannot_be_used_is_named(invoke: Invoke, config: Path, arguments: list[str], message: str) -> None:
    result = invoke("dead-letters", *(one.format(config) for one in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert names(config) == ["m1", "m2", "m3"]


def test_a_configuration_without_dead_letters_is_named(invoke: Invoke, config: Path) -> None:
    config.write_text(config.read_text().replace("dead_letters", "# dead_letters"))
    result = invoke("dead-letters", "list", config)
    assert result.exit_code == 2
    assert "no destination keeps dead letters" in result.stderr
