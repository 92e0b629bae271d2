"""Sending many events: reading them, bounded concurrency, counts, and a file of what failed."""

from destination.delivery.byte_input import STANDARD_INPUT, ByteInput
from destination.delivery.dead_letters import DeadLetters, Failure, Owed, describe
from destination.delivery.engine import DEFAULT_CONCURRENCY, Delivery, FailureLog, find_owed
from destination.delivery.errors import InputError, RecordingError, UnreadableRecordError
from destination.delivery.report import Report, SubscriptionCount
from destination.delivery.source import EventSource, Record
from destination.delivery.splitters import MAX_RECORD_BYTES

__all__ = [
    "DEFAULT_CONCURRENCY",
    "MAX_RECORD_BYTES",
    "STANDARD_INPUT",
    "ByteInput",
    "DeadLetters",
    "Delivery",
    "EventSource",
    "Failure",
    "FailureLog",
    "InputError",
    "Owed",
    "Record",
    "RecordingError",
    "Report",
    "SubscriptionCount",
    "UnreadableRecordError",
    "describe",
    "find_owed",
]
