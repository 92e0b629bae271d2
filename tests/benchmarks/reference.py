"""The reference's side of a benchmark: Segment's runtime in a Node process that times itself."""

import base64
import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.conformance.node import node_modules

SentRequest = tuple[str, str, list[tuple[str, str]], bytes]
"""Method, URL, header pairs sorted by name, and body."""


class Reference:
    """A running reference; a context manager that ends it.

    Raises:
        OracleUnavailableError: Node 20 or the packages are not there.
    """

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "NODE_PATH": str(node_modules()), "TZ": "UTC", "NODE_ENV": "production"}
        self._folder = folder
        self._process = subprocess.Popen(
            ["node", str(Path(__file__).with_name("reference.js"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )

    def __enter__(self) -> "Reference":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def load(self, **work: Any) -> None:
        """Hands over what the next rounds work on."""
        file = self._folder / "work.json"
        file.write_text(json.dumps(work), encoding="utf-8")
        self._ask("load", {"file": str(file)})

    def deliver(self, keep: int) -> float:
        """Sends all events through `onEvent`, one after the other, and gives the seconds it took.

        Args:
            keep: So many requests are kept, the last ones.
        """
        return float(self._ask("deliver", {"keep": keep}))

    def sent(self) -> list[SentRequest]:
        """The requests of the last `deliver`."""
        return [
            (method, url, sorted((name, value) for name, value in headers), base64.b64decode(body))
            for method, url, headers, body in self._ask("sent")
        ]

    def map(self) -> float:
        """Runs `transform` over all events, and gives the seconds it took."""
        return float(self._ask("map"))

    def mapped(self) -> list[Any]:
        """What `transform` gives for each event."""
        return [json.loads(text) for text in self._ask("mapped")]

    def _ask(self, op: str, args: dict[str, Any] | None = None) -> Any:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"op": op, "args": args or {}}).encode() + b"\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"the reference ended with status {process.wait()}")
        return json.loads(line)["answer"]
