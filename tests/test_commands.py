"""The two commands of README.md are the ones that `.ci/run` runs."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def command_after(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n```console\n\$ (.+)\n```", README)
    assert found, mark
    return found.group(1)


def test_each_command_is_one_line_that_sets_itself_up() -> None:
    for mark in ("main job", "tests"):
        assert command_after(mark).startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert command_after("main job").endswith(".venv/bin/destination run examples/events.ndjson")
    assert command_after("tests").endswith(" && .venv/bin/pytest -n auto")


def test_ci_takes_both_commands_from_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for mark, variable in (("main job", "main_job"), ("tests", "test_job")):
        line = next(line for line in script.splitlines() if line.startswith(f"{variable}="))
        done = subprocess.run(
            ["bash", "-c", f'{line}; printf %s "${variable}"'], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout == command_after(mark)


def test_ci_runs_what_the_tests_of_the_readme_leave_out_and_measures_coverage_with_them() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith(".venv/bin/pytest -n auto -m thorough ") for line in lines)
    assert any('-c "$test_job --cov ' in line for line in lines)
    assert ".venv/bin/pytest -n auto --thorough" in README


def test_no_registry_address_is_committed() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split() or ["constraints.txt", "pyproject.toml"]
    assert not [name for name in names if name.endswith(("package-lock.json", "uv.lock", "poetry.lock"))]
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.+!]+", line), line
