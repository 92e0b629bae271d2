"""`destination studio` in a process of its own, and what it refuses."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from destination.listening import open_socket
from tests.cli.conftest import Invoke
from tests.kit import PATIENCE_S

EVENTS = Path(__file__).parents[2] / "examples" / "events.ndjson"


def test_it_serves_its_page_until_ctrl_c() -> None:
    command = [sys.executable, "-m", "destination", "studio", str(EVENTS), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        found = re.fullmatch(
            r"ABsmartly \(Actions\): the studio is at (http://127\.0\.0\.1:\d+) \(Ctrl-C ends it\)\n", first
        )
        assert found, first
        page = httpx.get(found[1], trust_env=False).text
        (token,) = re.findall(r'name="studio-token" content="([^"]+)"', page)
        session = httpx.get(f"{found[1]}/api/session", headers={"X-Studio-Token": token}, trust_env=False).json()
        assert session["destination"] == {"slug": "actions-absmartly", "name": "ABsmartly (Actions)"}
        assert session["placeholders"] is True
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "200 GET /api/session" in rest
    assert token not in rest + errors
    assert errors.startswith("destination: no --settings given; nothing is sent, and placeholders are used:")


def test_a_port_in_use_is_named(invoke: Invoke) -> None:
    with open_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        result = invoke("studio", "--port", port)
    assert result.exit_code == 2
    assert f"port {port} of 127.0.0.1 is in use: end what listens there, or give another --port" in result.stderr


def lines_of(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if "placeholders are used" not in line]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mappings", "none.json"], "none.json: there is no such mappings file"),
        (["--settings", "none.toml"], "none.toml: there is no such settings file"),
        (["--destination", "nope"], "there is no destination 'nope'"),
        (["--allow-send"], "missing settings for actions-absmartly (--allow-send): "),
        (["--forward", "localhost:8081"], "--forward takes an address such as http://127.0.0.1:8081, not "),
        (["--forward-token-env", "A"], "--forward-token-env is the token of a forwarder: give its address with "),
        (
            ["--forward", "http://localhost:8081", "--forward-token-env", "NOT_SET_1"],
            "--forward-token-env names the environment variable NOT_SET_1, which is not set",
        ),
        (
            ["--forward", "http://localhost:8081", "--forward-token-file", "none"],
            "--forward-token-file names the file none, which does not exist",
        ),
        (
            ["--forward", "http://localhost:1", "--forward-token-file", "f", "--forward-token-env", "A"],
            "--forward-token-env and --forward-token-file exclude each other",
        ),
        (["none.ndjson"], "none.ndjson: "),
    ],
)
def test_what_it_cannot_start_with_is_one_line(
    arguments: list[str], message: str, invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke("studio", "--port", 0, *arguments)
    assert result.exit_code == 2, result.stdout
    (line,) = lines_of(result.stderr)
    assert line.startswith(f"destination: {message}"), line
    assert "Traceback" not in result.stderr


def test_a_setting_that_is_empty_is_named(invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.toml").write_text('collectorEndpoint = "https://a.test"\napiKey = ""\nenvironment = "e"\n')
    result = invoke("studio", "--port", 0, "--settings", "settings.toml")
    assert result.exit_code == 2
    assert "settings.toml: missing or empty: apiKey" in result.stderr


def test_serving_others_is_remarked(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    from destination import local_server

    class Interrupted:
        def run(self, sockets: object) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(local_server, "make_server", lambda _app, _name: Interrupted())
    result = invoke("studio", "--host", "0.0.0.0", "--port", 0)
    assert result.exit_code == 0
    assert "destination: whoever reaches 0.0.0.0 can use this page" in result.stderr


def test_the_page_opens_in_a_browser_only_on_request(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    import webbrowser

    from destination import local_server

    class Interrupted:
        def run(self, sockets: object) -> None:
            raise KeyboardInterrupt

    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(local_server, "make_server", lambda _app, _name: Interrupted())
    assert invoke("studio", "--port", 0).exit_code == 0
    assert opened == []
    result = invoke("studio", "--port", 0, "--open")
    assert opened == re.findall(r"http://127\.0\.0\.1:\d+", result.stdout)
