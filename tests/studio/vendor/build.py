"""Builds what the studio uses of CodeMirror: python -m tests.studio.vendor.build

It needs Node and npm. The versions are those of package.json; the licences of what is bundled are written beside it.
"""

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE.parents[2] / "destination" / "studio" / "static" / "vendor"
FILES = ("package.json", "entry.js", "bundle.js")
INSTALL = ("npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund")


def build(target: Path, workshop: Path) -> None:
    """Installs the packages in a folder, and writes `codemirror.js` and `LICENSES.txt` to another."""
    for name in FILES:
        shutil.copy(HERE / name, workshop)
    subprocess.run(INSTALL, cwd=workshop, check=True)
    subprocess.run(["node", "bundle.js", str(target)], cwd=workshop, check=True)


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as made:
        build(VENDOR, Path(made))
    sys.stdout.write(f"written: {VENDOR}\n")
