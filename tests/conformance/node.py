"""The oracle process: Segment's runtime on Node, asked in JSON lines.

`Oracle` starts `oracle/oracle.js`. The pinned packages are installed once into `oracle/node_modules` (which
git ignores); `CONFORMANCE_NODE_MODULES` names a folder that already has them.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

ORACLE = Path(__file__).parent / "oracle"
NODE_MAJOR = 20
"""Messages, dates and Unicode tables differ from one release of V8 to the next."""
INSTALL = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"]


class OracleUnavailableError(Exception):
    """Segment's runtime cannot run here; the message says why."""


def node_modules() -> Path:
    """The folder with the pinned packages, installed first where they are not there yet.

    Raises:
        OracleUnavailableError: No Node 20, no npm, or the installation failed.
    """
    if shutil.which("node") is None:
        raise OracleUnavailableError("node is not installed")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if not version.startswith(f"v{NODE_MAJOR}."):
        raise OracleUnavailableError(f"the reference is pinned to Node {NODE_MAJOR}, found {version or 'none'}")
    given = os.environ.get("CONFORMANCE_NODE_MODULES")
    if given:
        return Path(given)
    folder = ORACLE / "node_modules"
    mark = folder / ".installed"
    pins = hashlib.sha256((ORACLE / "package.json").read_bytes()).hexdigest()
    if not _has(mark, pins):
        with _alone():
            if not _has(mark, pins):  # another process of the tests may have installed them meanwhile
                _install()
                mark.write_text(pins)
    return folder


def _has(mark: Path, pins: str) -> bool:
    return mark.exists() and mark.read_text() == pins


@contextmanager
def _alone() -> Iterator[None]:
    """Holds a lock between processes, on every system: that of an empty database of SQLite."""
    with closing(sqlite3.connect(ORACLE / ".installing", timeout=1200, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


def _install() -> None:
    if shutil.which("npm") is None:
        raise OracleUnavailableError("npm is not installed")
    try:
        done = subprocess.run(INSTALL, cwd=ORACLE, capture_output=True, text=True, check=False, timeout=600)
    except subprocess.TimeoutExpired:
        raise OracleUnavailableError("npm install took more than 10 minutes") from None
    if done.returncode:
        raise OracleUnavailableError(f"npm install failed: {done.stderr.strip() or done.stdout.strip()}")


class Oracle:
    """A running oracle; a context manager that ends it.

    Raises:
        OracleUnavailableError: It cannot run here.
    """

    def __init__(self) -> None:
        environment = {
            **os.environ,
            "NODE_PATH": str(node_modules()),
            "TZ": "UTC",
            "LC_ALL": "en_US.UTF-8",  # liquidjs writes month names in the locale
        }
        self._process = subprocess.Popen(
            ["node", str(ORACLE / "oracle.js")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )

    def __enter__(self) -> "Oracle":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def ask(self, questions: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
        """The answers to pairs of op and args, in their order.

        Raises:
            OracleUnavailableError: The process died.
        """
        lines = [json.dumps({"id": index, "op": op, "args": args}) for index, (op, args) in enumerate(questions)]
        # A thread writes, so that neither side waits for the other with both pipes full.
        writer = threading.Thread(target=self._write, args=("".join(f"{line}\n" for line in lines),))
        writer.start()
        answers = [self._read() for _ in lines]
        writer.join()
        return answers

    def _write(self, text: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(text.encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the reader reports the death

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OracleUnavailableError(f"the oracle ended with status {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        del answer["id"]
        return answer
