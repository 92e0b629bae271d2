"""Keeps accepted events in a file until each of their destinations has settled them."""

from destination.forwarding.accepted import Accepted, QueueFullError, QueueUnavailableError
from destination.forwarding.queue.cursors import Depth
from destination.forwarding.queue.duplicates import DEFAULT_DEDUPE_ROWS
from destination.forwarding.queue.file import QueueFileError
from destination.forwarding.queue.queue import DEFAULT_MAX_BYTES, DEFAULT_MAX_ROWS, Queue
from destination.forwarding.queue.source import QueuedRecord, QueueSource

__all__ = [
    "DEFAULT_DEDUPE_ROWS",
    "DEFAULT_MAX_BYTES",
    "DEFAULT_MAX_ROWS",
    "Accepted",
    "Depth",
    "Queue",
    "QueueFileError",
    "QueueFullError",
    "QueueSource",
    "QueueUnavailableError",
    "QueuedRecord",
]
