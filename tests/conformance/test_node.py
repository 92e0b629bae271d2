"""Where Segment's runtime cannot run, the live test says why."""

from pathlib import Path

import pytest

from tests.conformance.node import OracleUnavailableError, node_modules


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all there is on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_no_node_is_named(commands: Path) -> None:
    with pytest.raises(OracleUnavailableError, match="node is not installed"):
        node_modules()


def test_another_release_of_node_is_named(commands: Path) -> None:
    script(commands / "node", "echo v18.20.4")
    with pytest.raises(OracleUnavailableError, match=r"pinned to Node 20, found v18\.20\.4"):
        node_modules()


def test_packages_installed_elsewhere_are_taken(commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(commands / "node", "echo v20.1.0")
    monkeypatch.setenv("CONFORMANCE_NODE_MODULES", "/somewhere/node_modules")
    assert node_modules() == Path("/somewhere/node_modules")


def test_failed_installation_is_named(commands: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(commands / "node", "echo v20.1.0")
    script(commands / "npm", "echo 'npm error network' >&2; exit 1")
    monkeypatch.delenv("CONFORMANCE_NODE_MODULES", raising=False)
    (commands / "package.json").write_text("{}")
    monkeypatch.setattr("tests.conformance.node.ORACLE", commands)
    with pytest.raises(OracleUnavailableError, match="npm install failed: npm error network"):
        node_modules()
