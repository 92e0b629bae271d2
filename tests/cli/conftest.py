"""A command line in this process, a collector to send to, and certificates."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from destination.catalog.absmartly import EmbeddedCollector
from destination.catalog.absmartly.collector import API_KEY
from destination.cli.app import app
from tests.request.tls_server import ca, ca_file, client_cert, usual_certificates

__all__ = ["ca", "ca_file", "client_cert", "usual_certificates"]  # fixtures from elsewhere

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Runs a command; the API key must never show, whatever it does, nor a traceback."""
    monkeypatch.setenv("ABSMARTLY_API_KEY", API_KEY)
    runner = CliRunner()

    def run(*arguments: Any, stdin: bytes | str | None = None) -> Result:
        result = runner.invoke(app, [str(argument) for argument in arguments], input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert API_KEY not in result.output
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def collector() -> Iterator[EmbeddedCollector]:
    with EmbeddedCollector() as running:
        yield running


def write_settings(path: Path, endpoint: str) -> Path:
    path.write_text(
        f'collectorEndpoint = "{endpoint}"\napiKey = {{ env = "ABSMARTLY_API_KEY" }}\nenvironment = "test"\n'
    )
    return path


@pytest.fixture
def settings(tmp_path: Path, collector: EmbeddedCollector) -> Path:
    """A settings file that leads to the collector."""
    return write_settings(tmp_path / "settings.toml", collector.endpoint)


def track(number: int, **more: Any) -> dict[str, Any]:
    event = {
        "type": "track",
        "event": f"Goal {number}",
        "messageId": f"m{number}",
        "userId": "u1",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "properties": {"n": number},
    }
    return {**event, **more}


def write_events(path: Path, *events: Any) -> Path:
    """Events, or raw lines, as NDJSON."""
    lines = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def goal_names(collector: EmbeddedCollector) -> list[str]:
    return sorted(item["event"]["goals"][0]["name"] for item in collector.received)
