"""The streams of a process that was started without them."""

import os
import sys


def open_missing_streams() -> None:
    """Lets what is written to a standard output or standard error that is closed (`>&-`) go nowhere.

    Python has None there then, and the next file that is opened would get the stream's number.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
