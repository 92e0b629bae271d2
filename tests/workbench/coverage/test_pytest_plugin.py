"""`pytest --mapping-coverage`, in real runs."""

import subprocess
import sys
from pathlib import Path

import pytest

QUICKLY = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:syrupy")
TESTS = """
from destination import Action, Destination

ping = Action(title="Ping", description="", perform=lambda request, data: request("https://h.test/"))
demo = Destination(name="Demo", slug="demo", actions={"ping": ping})
shown = {"@if": {"exists": {"@path": "$.name"}, "then": "yes", "else": "no"}}
pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "ping", "mapping": {"shown": shown}}


def instance():
    return demo.instance({}, [pages])


def test_a_page_is_taken():
    assert instance().plan({"type": "page", "name": "s3cr3t"}).outcomes[0].matched


def test_a_track_is_not():
    assert not instance().plan({"type": "track"}).outcomes[0].matched
"""


def run(folder: Path, *options: str) -> tuple[int, str]:
    (folder / "test_pages.py").write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", *QUICKLY, *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_summary_tells_what_the_tests_reach(tmp_path: Path) -> None:
    page = tmp_path / "out" / "coverage.html"
    status, output = run(tmp_path, "--mapping-coverage=50", f"--mapping-coverage-html={page}")
    assert status == 0, output
    assert "demo: Pages        6        4   66.6 %" in output
    assert "  demo: Pages  mapping/shown  @if: else" in output
    assert "66.6 % reached: 4 of 6 points, by 2 events" in output
    assert "s3cr3t" not in output + page.read_text(encoding="utf-8")


@pytest.mark.thorough
def test_too_little_fails_the_run(tmp_path: Path) -> None:
    status, output = run(tmp_path, "--mapping-coverage=70")
    assert status == 1
    assert "FAILED mapping coverage: 66.6 % of the points are reached, less than 70 %" in output
    assert "2 passed" in output


def test_without_the_option_nothing_is_imported_nor_told(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import sys\n\n\ndef pytest_configure():\n"
        "    assert not [name for name in sys.modules if name.startswith('destination.workbench.coverage')]\n"
        "    assert 'destination.runtime' not in sys.modules\n",
        encoding="utf-8",
    )
    status, output = run(tmp_path)
    assert status == 0, output
    assert "mapping coverage" not in output


def test_what_is_no_percentage_is_told(tmp_path: Path) -> None:
    status, output = run(tmp_path, "--mapping-coverage", "tests")
    assert status == 4
    assert (
        "'tests' is not a percentage; write one, as in --mapping-coverage=90, or put the option after the files"
        in output
    )


@pytest.mark.thorough
def test_tests_that_make_no_instance_do_not_pass_for_covered(tmp_path: Path) -> None:
    status, output = run(tmp_path, "--mapping-coverage=1", "-k", "track", "--deselect", "test_pages.py")
    assert status != 0
    assert "no test makes an instance of a destination" in output
