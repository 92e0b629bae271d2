"""docs/forwarding.md, from its configuration to an event of a browser, and the examples of docs/deploying.md."""

import base64
import json
import re
import shlex
import signal
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

from destination.forwarding.config import DestinationTable, ForwardConfig, load_config
from tests.forwarding.running import running

DOCS = Path(__file__).parents[2] / "docs"
FORWARDING = (DOCS / "forwarding.md").read_text(encoding="utf-8")
DEPLOYING = (DOCS / "deploying.md").read_text(encoding="utf-8")


def file_of(page: str, name: str) -> str:
    """The content of a file that a page shows."""
    found = re.search(rf"^<!-- file: {re.escape(name)} -->\n```\w*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


def on_free_ports(config: str) -> str:
    return re.sub(r'listen = "127\.0\.0\.1:\d+"', 'listen = "127.0.0.1:0"', config)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a POSIX signal here")
def test_five_minutes_lead_to_events_of_a_browser_in_the_embedded_collector(tmp_path: Path) -> None:
    config = tmp_path / "forward.toml"
    config.write_text(on_free_ports(file_of(FORWARDING, "forward.toml")))
    page = file_of(FORWARDING, "page.html")
    found = re.search(r'load\(\{ writeKey: "([^"]+)", cdnURL: "([^"]+)" \}\)', page)
    assert found
    key, address = found.groups()
    assert address == "http://" + tomllib.loads(file_of(FORWARDING, "forward.toml"))["http"]["listen"]
    with running(config, "--drain", "600") as forwarder:
        _send_as_the_page_says(forwarder.http, address, forwarder.client)
        # What analytics-next does: it asks for the settings, and posts text from another origin.
        origin = {"origin": "http://localhost:8000"}
        settings = forwarder.client.get(f"{forwarder.http}/v1/projects/{key}/settings", headers=origin)
        assert settings.headers["access-control-allow-origin"] in ("*", origin["origin"])
        found_settings = settings.json()["integrations"]["Segment.io"]
        url = f"{found_settings['protocol']}://{found_settings['apiHost']}/t"
        preflight = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
        assert forwarder.client.options(url, headers={**origin, **preflight}).is_success
        event = {
            "type": "track",
            "event": "Button Pressed",
            "messageId": "ajs-next-1",
            "anonymousId": "a1",
            "properties": {"page": "demo"},
            "writeKey": key,
            "timestamp": "2026-01-01T00:00:00.000Z",
            "sentAt": "2026-01-01T00:00:00.100Z",
        }
        basic = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        headers = {**origin, "content-type": "text/plain", "authorization": basic}
        assert forwarder.client.post(url, content=json.dumps(event), headers=headers).json() == {"success": True}
        forwarder.await_line("delivered", messageId="ajs-next-1")
        status, output = forwarder.end(signal.SIGINT)
    assert status == 0
    arrived = json.loads(output)["arrived"]
    assert arrived["total"] == 2
    for name in ("Order Completed", "Button Pressed"):
        assert json.dumps(arrived["records"]).count(f'"{name}"') >= 1


def _send_as_the_page_says(http: str, address: str, client: httpx.Client) -> None:
    """Sends what the page's curl sends."""
    shown = re.search(r"^<!-- request -->\n```\n(.*?)^```", FORWARDING, re.MULTILINE | re.DOTALL)
    assert shown
    words = shlex.split(shown[1])
    assert words[0] == "curl"
    assert words[1] == f"{address}/v1/track"
    user = words[words.index("-u") + 1].removesuffix(":")
    body = words[words.index("-d") + 1]
    name, value = words[words.index("-H") + 1].split(": ")
    answer = client.post(f"{http}/v1/track", content=body, headers={name: value}, auth=(user, ""))
    assert answer.json() == {"success": True}


def test_the_page_names_every_key_of_the_configuration() -> None:
    tables = {"http": ForwardConfig, "queue": ForwardConfig, "admin": ForwardConfig, "log": ForwardConfig}
    names = {name for table in tables for name in _keys(table)} | set(DestinationTable.model_fields)
    missing = [name for name in sorted(names) if f"`{name}`" not in FORWARDING]
    assert missing == []


def _keys(table: str) -> list[str]:
    config = ForwardConfig.model_validate(
        {"destinations": [{"name": "shop", "slug": "x"}], "http": {}, "queue": {}, "admin": {}, "log": {}}
    )
    return list(type(getattr(config, table)).model_fields)


def test_the_page_names_every_metric() -> None:
    from destination.forwarding.admin import Metrics

    text = Metrics(dict).text().decode()
    names = re.findall(r"^# TYPE (destination_\w+) (?:counter|gauge|histogram)$", text, re.MULTILINE)
    known = [name for name in names if not name.endswith("_created")]
    assert len(known) > 10
    assert [name for name in known if f"`{name}`" not in FORWARDING] == []


def test_the_page_names_every_line_of_the_log() -> None:
    package = DOCS.parent / "destination" / "forwarding"
    found = {
        what
        for path in package.rglob("*.py")
        for what in re.findall(
            r"(?:log\.(?:debug|info|warning)|log_fields|^ +write)\(\s*\"([a-z ]+)\"", path.read_text(), re.MULTILINE
        )
    }
    assert {"delivered", "dead", "refused", "paused", "reloaded", "note"} <= found
    table = FORWARDING.partition("| `what` | level | fields |\n")[2].partition("\n\n")[0]
    named = {what for row in table.splitlines() for what in re.findall(r"`([a-z ]+)`", row.split("|")[1])}
    assert found - {"listening"} == named  # an example of a docstring


def test_the_configuration_of_the_examples_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WRITE_KEY", "ADMIN_TOKEN", "ABSMARTLY_API_KEY"):
        monkeypatch.setenv(name, f"{name}-value")
    path = tmp_path / "forward.toml"
    path.write_text(file_of(DEPLOYING, "forward.toml").replace("/var/lib/forward", str(tmp_path)))
    config = load_config(path)
    unit = file_of(DEPLOYING, "forward.service")
    grace = int(re.search(r"TimeoutStopSec=(\d+)", unit)[1])  # type: ignore[index]
    assert grace > config.queue.drain_s
    reloads = re.findall(r"^ExecReload=(.*)$", unit, re.MULTILINE)
    assert "--check" in reloads[0]  # a mistake makes `systemctl reload` fail
    assert reloads[-1] == "/bin/kill -HUP $MAINPID"
    assert "STOPSIGNAL SIGTERM" in file_of(DEPLOYING, "Dockerfile")


def test_the_kubernetes_example_asks_the_ports_that_are_there() -> None:
    yaml = pytest.importorskip("yaml")
    config = tomllib.loads(file_of(DEPLOYING, "forward.toml"))
    stateful, service = yaml.safe_load_all(file_of(DEPLOYING, "forward.yaml"))
    pod = stateful["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    assert ports["http"] == int(config["http"]["listen"].rpartition(":")[2])
    assert ports["admin"] == int(config["admin"]["listen"].rpartition(":")[2])
    assert pod["metadata"]["annotations"]["prometheus.io/port"] == str(ports["admin"])
    assert pod["spec"]["terminationGracePeriodSeconds"] > config["queue"]["drain_s"]
    assert {one["mountPath"] for one in container["volumeMounts"]} == {"/etc/forward", "/var/lib/forward"}
    assert service["spec"]["ports"][0]["targetPort"] == "http"
