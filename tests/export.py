"""The files of this project that git has or would take, written into a new folder."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def project_files() -> list[str]:
    """The files and links of the checkout that git does not ignore, as paths from the root.

    The test is skipped where this is no checkout of git.
    """
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("this is not a checkout of git")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [
        name for name in sorted(set(shown.split("\0")) - {""}) if (ROOT / name).is_symlink() or (ROOT / name).exists()
    ]


def export(folder: Path, *, links: bool = True) -> Path:
    """Writes these files into a folder: no build and no cache is among them.

    Args:
        folder: The folder to be written.
        links: False writes a link as a text file, as git does with `core.symlinks=false`.
    """
    for name in project_files():
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if links or not source.is_symlink():
            shutil.copy2(source, target, follow_symlinks=False)
        else:
            target.write_text(source.readlink().as_posix(), encoding="utf-8")
    return folder
