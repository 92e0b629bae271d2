"""What is installed is `destination`, which a project's own `actions` and `presets` do not meet, and that of Spark."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.export import ROOT, export, project_files

pytestmark = pytest.mark.thorough  # test_import_names.py looks at the checkout

AT_THE_TOP = ("destination", "pyspark_destination")
INSTALLED = (*AT_THE_TOP, "actions", "presets")
LINKS = ("destination/actions", "destination/presets")
TEST_OF_THE_PROJECT = """\
import actions
import presets
import destination.actions.absmartly.wire
from destination.catalog.absmartly import absmartly
from destination.testing import Collector, create_test_event

SETTINGS = {"collectorEndpoint": "https://demo.absmartly.io/v1", "apiKey": "k-123456", "environment": "test"}

def test_each_package_is_its_own():
    assert (actions.OWNER, presets.OWNER) == ("the project", "the project")
    assert destination.actions.absmartly.wire.__name__ == "destination.actions.absmartly.wire"

def test_a_goal_is_planned():
    event = create_test_event("track", event=actions.GOAL, userId="u-1")
    (request,) = absmartly.instance(SETTINGS).plan(event).requests
    assert request.json()["goals"][0]["name"] == "Signed Up"

def test_the_fixtures_are_those_of_the_wheel(collector):
    assert isinstance(collector, Collector)
"""


@dataclass(frozen=True)
class Builder:
    """Builds wheels without asking a package index each time.

    Attributes:
        tools: The folder that holds the build backend.
    """

    tools: Path

    def wheel(self, checkout: Path) -> Path:
        """Builds the wheel of a checkout, and returns its file."""
        target = checkout.with_name(f"{checkout.name}-wheel")
        _pip("wheel", "--no-deps", "--no-build-isolation", "-w", target, checkout, PYTHONPATH=str(self.tools))
        (file,) = target.glob("*.whl")
        return file


@pytest.fixture(scope="module")
def builder(tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """The builder; tests are skipped where pip is absent or reaches no package index."""
    tools = tmp_path_factory.mktemp("tools")
    try:
        _pip("install", "--target", tools, "setuptools>=77")
    except AssertionError as error:
        pytest.skip(f"pip cannot get setuptools, which builds the wheel: {str(error).strip().splitlines()[-1]}")
    return Builder(tools)


@pytest.fixture(scope="module")
def wheel(builder: Builder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of an ordinary checkout."""
    return builder.wheel(export(tmp_path_factory.mktemp("build") / "checkout"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has the wheel; what it depends on is that of the tests."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    interpreter = scripts / Path(sys.executable).name
    _pip("--python", interpreter, "install", "--no-deps", wheel)
    asked = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(
        subprocess.run([interpreter, "-c", asked], capture_output=True, check=True, text=True).stdout.strip()
    )
    # Files with .pth in these folders are not read, so that an editable install in them has no effect.
    others = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (packages / "others.pth").write_text("".join(f"{path}\n" for path in others), encoding="utf-8")
    return interpreter


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that has packages named `actions` and `presets`."""
    for name in ("actions", "presets"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text('OWNER = "the project"\nGOAL = "Signed Up"\n', encoding="utf-8")
    (tmp_path / "test_shop.py").write_text(TEST_OF_THE_PROJECT, encoding="utf-8")
    shutil.copy(ROOT / "examples/events.ndjson", tmp_path)
    return tmp_path


def test_the_wheel_has_every_file_of_the_project_under_one_name(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/top_level.txt"))
        assert archive.read(metadata).decode().split() == list(AT_THE_TOP)
    assert names == expected_names()
    assert "destination/actions/absmartly/wire.py" in names


def test_a_checkout_without_links_builds_the_same_wheel(builder: Builder, tmp_path: Path) -> None:
    with ZipFile(builder.wheel(export(tmp_path / "checkout", links=False))) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == expected_names()


@pytest.mark.parametrize("command", [("destination",), ("python", "-m", "destination")])
def test_the_main_job_runs_beside_a_project_with_such_packages(
    python: Path, project: Path, command: tuple[str, ...]
) -> None:
    shown = _run(python.with_name(command[0]), *command[1:], "run", "events.ndjson", cwd=project)
    assert "nothing left this machine" in shown
    assert " 0 failed" in shown


def test_its_tests_run_too(python: Path, project: Path) -> None:
    assert "3 passed" in _run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=project)


def test_what_is_installed_is_imported_from_there(python: Path, project: Path) -> None:
    shown = _run(python, "-c", "import destination.actions as found; print(found.__file__)", cwd=project)
    assert Path(shown.strip()).is_relative_to(python.parents[1])


def expected_names() -> set[str]:
    """The files of the wheel, from those of the project; without the links."""
    inside = (name for name in project_files() if name.partition("/")[0] in INSTALLED and name not in LINKS)
    return {name if name.partition("/")[0] in AT_THE_TOP else f"destination/{name}" for name in inside}


def _pip(*arguments: str | Path, **environment: str) -> None:
    _run(Path(sys.executable), "-m", "pip", "-q", *arguments, cwd=ROOT.parent, **environment)


def _run(program: Path, *arguments: str | Path, cwd: Path, **environment: str) -> str:
    """Runs a command that must succeed, and returns what it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST_"))}
    done = subprocess.run(
        [program, *arguments], cwd=cwd, env={**clean, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout + done.stderr
