"""How the process ends."""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def end_process(status: int) -> NoReturn:
    """Ends the process with a status; where pyreqwest was used, without taking the interpreter down.

    Its threads run on when its client is closed. One that asks for the interpreter's lock while that is being taken
    down aborts the process: status 134 after a run in which all went well, seen on a busy machine.
    """
    if "pyreqwest" not in sys.modules:
        sys.exit(status)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # closed, or nobody reads it any more
            stream.flush()
    os._exit(status)
