"""How the files of snapshots are called; light, because the plugin asks for it in every run with syrupy."""

import re
from typing import Final

FILE_EXTENSION: Final = "suite"
"""It is no `ambr`: syrupy looks after those itself, and would delete ours, see `SuiteSnapshotExtension`."""

_NO_FILE_NAME: Final = re.compile(r"[^\w .()+-]+")
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST: Final = 100  # bytes


def file_name(subscription: str) -> str:
    """A name that every file system takes; where two subscriptions have the same, they share the file.

    Example:
        >>> file_name("Orders: EU/US"), file_name("CON"), file_name("..")
        ('Orders_ EU_US', '_CON', 'suite')
    """
    name = _NO_FILE_NAME.sub("_", subscription).encode()[:_LONGEST].decode(errors="ignore").strip(" .")
    return f"_{name}" if _RESERVED.match(name) else name or "suite"
