"""Names the files of snapshots; a module of its own, because the plugin needs it in every run with syrupy."""

import re
from typing import Final

FILE_EXTENSION: Final = "suite"
"""The end of the files' names. It is not `ambr`, because syrupy would delete these files as unused."""

_NO_FILE_NAME: Final = re.compile(r"[^\w .()+-]+")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST: Final = 100  # bytes


def file_name(subscription: str) -> str:
    """Makes a name that every file system accepts; two subscriptions with the same name share the file.

    Example:
        >>> file_name("Orders: EU/US"), file_name("CON"), file_name("..")
        ('Orders_ EU_US', '_CON', 'suite')
    """
    name = _NO_FILE_NAME.sub("_", subscription).encode()[:_LONGEST].decode(errors="ignore").strip(" .")
    return f"_{name}" if _RESERVED.match(name) else name or "suite"
