"""`destination serve-tester` in a process of its own, and what it refuses."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from destination import local_server
from destination.cli.output import Output
from destination.cli.problems import OutputClosedError
from destination.cli.serving import RequestLog
from destination.server import open_socket
from tests.cli.conftest import Invoke
from tests.kit import PATIENCE_S


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a POSIX signal here")
def test_it_serves_until_ctrl_c(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "destination", "serve-tester", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        first = process.stdout.readline().decode()
        found = re.fullmatch(
            r"ABsmartly \(Actions\): listening at (http://127\.0\.0\.1:\d+) \(Ctrl-C ends it\)\n", first
        )
        assert found is not None, first
        routes = [process.stdout.readline().decode().strip() for _ in range(5)]
        assert routes[0] == "GET /manifest"
        assert routes[-1] == "POST /trackExposure"
        manifest = httpx.get(f"{found[1]}/manifest", trust_env=False).json()
        assert manifest["slug"] == "actions-absmartly"
        assert re.match(rb"200 GET /manifest \d+ ms\n", process.stdout.readline())
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, out, err) == (0, b"", b"")


def test_a_port_in_use_is_told(invoke: Invoke) -> None:
    with open_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        result = invoke("serve-tester", "--port", port)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"destination: port {port} of 127.0.0.1 is in use: end what listens there, or give another --port\n"
    )


def test_an_address_of_another_machine_is_told(invoke: Invoke) -> None:
    result = invoke("serve-tester", "--host", "192.0.2.1", "--port", 0)
    assert result.exit_code == 2
    assert result.stderr.startswith("destination: cannot listen at http://192.0.2.1:0: ")
    result = invoke("serve-tester", "--host", "2001:db8::1", "--port", 0)
    assert result.stderr.startswith("destination: cannot listen at http://[2001:db8::1]:0: ")


def test_an_unknown_destination_is_told(invoke: Invoke) -> None:
    result = invoke("serve-tester", "--destination", "actions-absmartli")
    assert result.exit_code == 2
    assert "did you mean 'actions-absmartly'?" in result.stderr


def test_serving_others_is_remarked(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        def run(self, sockets: object) -> None:
            raise KeyboardInterrupt

    monkeypatch.setattr(local_server, "make_server", lambda _app, _name: Interrupted())
    result = invoke("serve-tester", "--host", "0.0.0.0", "--port", 0)
    assert result.exit_code == 0
    assert result.stderr.startswith("destination: whoever reaches 0.0.0.0 can send with this server")


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_a_missing_extra_is_told_in_one_line(package: str, tmp_path: Path) -> None:
    code = f"import sys; sys.modules['{package}'] = None; from destination.cli import main; main(['serve-tester'])"
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False, text=True)
    assert (result.returncode, result.stdout) == (2, "")
    remedy = "pip install 'destination-actions[server]'"
    assert result.stderr == f"destination: serve-tester needs {package}, which is not installed: {remedy}\n"


def test_nobody_has_to_read_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def closed(_output: Output, text: str) -> None:
        tried.append(text)
        raise OutputClosedError

    monkeypatch.setattr(Output, "line", closed)
    RequestLog(Output())("200 GET /manifest 1 ms")
    assert tried == ["200 GET /manifest 1 ms"]
