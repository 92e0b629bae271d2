"""How the process of the command ends."""

import subprocess
import sys

import pytest

from destination import cli

CODE = """
import atexit, sys
from destination.cli.process import end_process
atexit.register(print, "taken down")
{before}
sys.stdout.write("written")
end_process(3)
"""


@pytest.mark.parametrize(
    ("before", "shown"), [("", "writtentaken down\n"), ("sys.modules['pyreqwest'] = sys", "written")]
)
def test_the_interpreter_is_not_taken_down_where_pyreqwest_was_used(before: str, shown: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(before=before)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, shown, "")


def test_ctrl_c_while_the_command_is_imported_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "main", interrupted)
    monkeypatch.setattr("destination.cli.process.end_process", sys.exit)
    with pytest.raises(SystemExit) as ended:
        cli.command()
    assert ended.value.code == 130
