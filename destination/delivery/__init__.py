"""Sending many events: concurrency, batches, retries, order, a ledger of what is settled, and a file of what failed."""

from destination.delivery.byte_input import STANDARD_INPUT, ByteInput
from destination.delivery.dead_letters import DeadLetters, Failure, describe, letters_of
from destination.delivery.engine import DEFAULT_CONCURRENCY, Delivery
from destination.delivery.envelope import Owed
from destination.delivery.errors import InputError, LedgerError, RecordingError, UnreadableRecordError
from destination.delivery.identity import RunIdentity
from destination.delivery.in_flight import AttemptMade, find_owed, message_id
from destination.delivery.intake import Source
from destination.delivery.intake_rules import MAX_IDS, IntakeRules, NotSent
from destination.delivery.ledger import Ledger, Row
from destination.delivery.loop import run_delivery
from destination.delivery.options import DeliveryOptions
from destination.delivery.record import Record
from destination.delivery.recorder import FailureLog
from destination.delivery.report import Pause, Report, SubscriptionCount, Verdict
from destination.delivery.retry import Clock, LoopClock, RetryPolicy
from destination.delivery.scheduling import DEFAULT_BATCH_BYTES, DEFAULT_BATCH_SIZE, DEFAULT_BATCHES, DEFAULT_LINGER_S
from destination.delivery.source import EventSource, Share
from destination.delivery.splitters import MAX_RECORD_BYTES
from destination.runtime.acknowledged import AcknowledgingTransport

__all__ = [
    "DEFAULT_BATCHES",
    "DEFAULT_BATCH_BYTES",
    "DEFAULT_BATCH_SIZE",
    "DEFAULT_CONCURRENCY",
    "DEFAULT_LINGER_S",
    "MAX_IDS",
    "MAX_RECORD_BYTES",
    "STANDARD_INPUT",
    "AcknowledgingTransport",
    "AttemptMade",
    "ByteInput",
    "Clock",
    "DeadLetters",
    "Delivery",
    "DeliveryOptions",
    "EventSource",
    "Failure",
    "FailureLog",
    "InputError",
    "IntakeRules",
    "Ledger",
    "LedgerError",
    "LoopClock",
    "NotSent",
    "Owed",
    "Pause",
    "Record",
    "RecordingError",
    "Report",
    "RetryPolicy",
    "Row",
    "RunIdentity",
    "Share",
    "Source",
    "SubscriptionCount",
    "UnreadableRecordError",
    "Verdict",
    "describe",
    "find_owed",
    "letters_of",
    "message_id",
    "run_delivery",
]
