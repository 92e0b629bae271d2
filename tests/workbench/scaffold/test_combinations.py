"""Every kind of new destination works as it stands: its tests, its lint, its types, and where it is found."""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest

from destination.runtime import Destination
from destination.testing import create_test_event
from destination.workbench.scaffold import Authentication, Scaffold, files_of, write_files
from tests.workbench.scaffold.installed import write_metadata

ROOT = Path(__file__).parents[3]
KINDS = [(auth, batch) for auth in get_args(Authentication) for batch in (False, True)]
SETTINGS: dict[str, dict[str, Any]] = {
    "custom": {"apiKey": "k3y-of-custom"},
    "basic": {"username": "ann", "password": "s3cr3t-word"},
    "oauth": {"accountId": "a1", "oauth": {"access_token": "t0k3n-of-oauth"}},
}
AUTHORIZATION = {
    "custom": "Bearer k3y-of-custom",
    "basic": "Basic YW5uOnMzY3IzdC13b3Jk",
    "oauth": "Bearer t0k3n-of-oauth",
}


def name_of(auth: str, batch: bool) -> str:
    return f"made_{auth}_{'batch' if batch else 'single'}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project of each kind."""
    folder = tmp_path_factory.mktemp("made")
    for auth, batch in KINDS:
        name = name_of(auth, batch)
        write_files(folder / name, files_of(Scaffold(name=name, auth=auth, batch=batch)))
    return folder


def run(*command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment: Mapping[str, str] = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.thorough
def test_its_own_tests_pass(made: Path) -> None:
    done = run("-m", "pytest", "-p", "no:cacheprovider", folder=made / name_of("oauth", True))
    assert done.returncode == 0, done.stdout
    assert "2 snapshots passed" in done.stdout
    assert "11 passed" in done.stdout


@pytest.mark.parametrize(("auth", "batch"), KINDS)
def test_the_address_of_the_api_is_written_once_in_its_code(auth: Any, batch: bool) -> None:
    texts = files_of(Scaffold(name="my_crm", auth=auth, batch=batch))
    holders = [path for path, text in texts.items() if path.endswith(".py") and "https://" in text]
    assert holders == ["my_crm/settings.py"]
    assert "from my_crm.settings import BASE_URL" in texts["tests/test_send_event.py"]


def test_its_lint_and_its_format_are_clean(made: Path) -> None:
    for command in (["check"], ["format", "--check"]):
        done = run("-m", "ruff", *command, "--no-cache", ".", folder=made)
        assert done.returncode == 0, done.stdout


@pytest.mark.thorough
def test_its_types_are_right(made: Path) -> None:
    last = made / name_of("oauth", True)
    packages = [str(made / name_of(*kind) / name_of(*kind)) for kind in KINDS]
    paths = os.pathsep.join([str(ROOT), *(str(made / name_of(*kind)) for kind in KINDS)])
    cache = str(ROOT / ".mypy_cache" / "scaffold")
    done = run("-m", "mypy", "--cache-dir", cache, *packages, str(last / "tests"), folder=last, MYPYPATH=paths)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("auth", "batch"), KINDS)
def test_it_plans_an_event(made: Path, monkeypatch: pytest.MonkeyPatch, auth: str, batch: bool) -> None:
    name = name_of(auth, batch)
    monkeypatch.syspath_prepend(str(made / name))
    destination = getattr(import_module(f"{name}.definition"), name)
    assert isinstance(destination, Destination)
    instance = destination.instance(SETTINGS[auth])
    plan = instance.plan(create_test_event("track", event="Signed Up"))
    plan.raise_for_errors()
    (request,) = plan.requests
    assert request.json()["name"] == "Signed Up"
    assert request.headers["authorization"] == AUTHORIZATION[auth]
    planned = instance.plan_batch([create_test_event(), create_test_event()])
    assert len([request for outcome in planned.outcomes for request in outcome.requests]) == int(batch)


def test_the_command_line_finds_it_once_it_is_installed(made: Path) -> None:
    name = name_of("custom", False)
    folder = made / name
    write_metadata(folder)
    done = run(
        "-c",
        "from destination.cli import main; main(['show', 'actions-made-custom-single'])",
        folder=ROOT,
        PYTHONPATH=str(folder),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Made Custom Single (actions-made-custom-single, cloud mode)")
