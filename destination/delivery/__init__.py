"""Sends many events: in parallel, in batches, in order, with retries, a ledger and a file of failed events."""

from typing import TYPE_CHECKING

from destination.late import late_names

if TYPE_CHECKING:
    from destination.delivery.dead_letters import DeadLetters, Failure, dead_letters_of, describe
    from destination.delivery.engine import DEFAULT_CONCURRENCY, Delivery
    from destination.delivery.errors import InputError, LedgerError, RecordingError, UnreadableRecordError
    from destination.delivery.identity import RunIdentity
    from destination.delivery.in_flight import AttemptMade, match_failed, message_id
    from destination.delivery.intake_rules import MAX_IDS, IntakeRules, NotSent
    from destination.delivery.ledger import Ledger, Row
    from destination.delivery.loop import run_delivery
    from destination.delivery.options import DeliveryOptions
    from destination.delivery.reading import STANDARD_INPUT, ByteInput
    from destination.delivery.record import MAX_RECORD_BYTES, FailedSubscription, Record
    from destination.delivery.recorder import FailureLog
    from destination.delivery.report import Pause, Report, SubscriptionCount, Verdict
    from destination.delivery.retry import Clock, LoopClock, RetryPolicy
    from destination.delivery.scheduling import (
        DEFAULT_BATCH_BYTES,
        DEFAULT_BATCH_SIZE,
        DEFAULT_BATCHES,
        DEFAULT_LINGER_S,
    )
    from destination.delivery.source import EventSource, Share, Source
    from destination.runtime.acknowledged import AcknowledgingTransport

__getattr__ = late_names(
    globals(),
    {
        "destination.delivery.dead_letters": "DeadLetters Failure dead_letters_of describe",
        "destination.delivery.engine": "DEFAULT_CONCURRENCY Delivery",
        "destination.delivery.errors": "InputError LedgerError RecordingError UnreadableRecordError",
        "destination.delivery.identity": "RunIdentity",
        "destination.delivery.in_flight": "AttemptMade match_failed message_id",
        "destination.delivery.intake_rules": "MAX_IDS IntakeRules NotSent",
        "destination.delivery.ledger": "Ledger Row",
        "destination.delivery.loop": "run_delivery",
        "destination.delivery.options": "DeliveryOptions",
        "destination.delivery.reading": "STANDARD_INPUT ByteInput",
        "destination.delivery.record": "MAX_RECORD_BYTES FailedSubscription Record",
        "destination.delivery.recorder": "FailureLog",
        "destination.delivery.report": "Pause Report SubscriptionCount Verdict",
        "destination.delivery.retry": "Clock LoopClock RetryPolicy",
        "destination.delivery.scheduling": "DEFAULT_BATCH_BYTES DEFAULT_BATCH_SIZE DEFAULT_BATCHES DEFAULT_LINGER_S",
        "destination.delivery.source": "EventSource Share Source",
        "destination.runtime.acknowledged": "AcknowledgingTransport",
    },
)

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
    "FailedSubscription",
    "Failure",
    "FailureLog",
    "InputError",
    "IntakeRules",
    "Ledger",
    "LedgerError",
    "LoopClock",
    "NotSent",
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
    "dead_letters_of",
    "describe",
    "match_failed",
    "message_id",
    "run_delivery",
]
