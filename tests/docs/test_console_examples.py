"""Every command in the `console` blocks of docs/ runs, in order, and prints what the page says.

Lines that begin with `$ ` are commands; what follows is what they print on both streams, `...` standing for
anything. A command that shows no output may print what it likes. Each must succeed, unless `$ echo $?` follows.
A page's commands run in one folder, which holds `examples/` and the files that the page shows: a block after
`<!-- file: NAME -->`. The ABsmartly account of the page is an embedded collector. The two lines for a fresh
machine, in README.md, are run by `.ci/run`.
"""

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from destination.catalog.absmartly import EmbeddedCollector
from destination.catalog.absmartly.collector import API_KEY
from tests.thorough import rarely

ROOT = Path(__file__).parents[2]
ACCOUNT = "https://your-subdomain.absmartly.io/v1"
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MARK = "--8<--"
_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
QUICK = {"delivery", "formats", "lint"}
"""The pages whose commands run in any run; those of the others are thorough."""

PAGES = [page for page in sorted((ROOT / "docs").rglob("*.md")) if _BLOCK.search(page.read_text(encoding="utf-8"))]


def _commands(block: str) -> list[tuple[str, str]]:
    """The commands of a block, each with what it prints."""
    found: list[tuple[str, str]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            command, output = found.pop()
            found.append((command, output + line + "\n"))
    return found


def _run(commands: list[str], folder: Path) -> list[tuple[str, int]]:
    """What each command prints, and its status."""
    script = "".join(
        f"{command}\n__status=$?; echo; echo '{_MARK}' $__status; (exit $__status)\n" for command in commands
    )
    environment = {
        **os.environ,
        "ABSMARTLY_API_KEY": API_KEY,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    parts = re.split(rf"\n{_MARK} (\d+)\n", done.stdout.decode())
    return [(parts[index], int(parts[index + 1])) for index in range(0, len(parts) - 1, 2)]


@pytest.mark.parametrize(
    "page",
    [page if page.stem in QUICK else rarely(page) for page in PAGES],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_commands_of_page_run(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    with EmbeddedCollector() as collector:
        for name, content in _FILE.findall(text):
            (tmp_path / name).write_text(content.replace(ACCOUNT, collector.endpoint), encoding="utf-8")
        for block in _BLOCK.findall(text):
            commands = _commands(block)
            results = _run([command for command, _ in commands], tmp_path)
            followers = [command for command, _ in commands[1:]] + [""]
            for (command, expected), (printed, status), follower in zip(commands, results, followers, strict=True):
                printed = printed.replace(collector.endpoint, ACCOUNT)
                assert status == 0 or follower == "echo $?", f"{command}: status {status}\n{printed}"
                if expected:
                    assert doctest.OutputChecker().check_output(expected, printed, _FLAGS), f"{command}\n{printed}"
