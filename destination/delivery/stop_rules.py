"""When a run stops by itself, since the next event would meet the same."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from destination.delivery.dead_letters import describe
from destination.delivery.in_flight import Job
from destination.delivery.report import StopReason
from destination.delivery.retry import Clock, classify
from destination.errors import InvalidAuthenticationError, PayloadValidationError
from destination.runtime import Outcome
from destination.runtime.acknowledged import current

REFUSED_IN_A_ROW: Final = 20
ALIKE_IN_A_ROW: Final = 100
_BETWEEN_QUESTIONS_S: Final = 10.0
_CREDENTIALS = (401, 403)


class StopSink(Protocol):
    """What carries out what the rules decide."""

    def halt(self, kind: StopReason, message: str, error: Exception) -> None:
        """Ends the run: what is not sent yet is deferred, with that error."""
        ...

    def finished(self, job: Job, outcome: Outcome, *, deferred: bool) -> None:
        """A job has its outcome."""
        ...

    def hold(self, job: Job) -> None:
        """A job waits for a decision."""
        ...

    def released(self, job: Job) -> None:
        """It does not wait any longer; its outcome follows."""
        ...


class Refusals:
    """Events that the partner refused (401, 403), until it is known whether it refuses them or the credentials.

    The credentials are refused where `test_authentication` says so, or where twenty events in a row are refused, or
    all that there are. Then the run ends and the events are deferred. Where another event is taken meanwhile, each of
    them has failed by itself.

    Args:
        ask: Asks the partner whether the credentials are valid (`Instance.test_authentication`).
        clock: The time.
        sink: Carries out what is decided.

    Attributes:
        held: The events that wait for a decision, with their outcomes.
    """

    def __init__(self, ask: Callable[[], Awaitable[None]], clock: Clock, sink: StopSink) -> None:
        self.held: list[tuple[Job, Outcome]] = []
        self._ask = ask
        self._clock = clock
        self._sink = sink
        self._asked: float | None = None
        self._asking: asyncio.Task[Exception | None] | None = None

    async def question(self, error: Exception) -> None:
        """Asks about the credentials after a refusal, at most every ten seconds; ends the run where they are bad."""
        if getattr(error, "status", None) not in _CREDENTIALS:
            return
        if self._asking is None:
            now = self._clock.time()
            if self._asked is not None and now - self._asked < _BETWEEN_QUESTIONS_S:
                return
            self._asked = now
            self._asking = asyncio.ensure_future(self._answer())
        asking = self._asking
        refusal = await asyncio.shield(asking)
        if self._asking is asking:
            self._asking = None
        if refusal is not None:
            message = f"the partner refuses the credentials ({refusal}): check the settings; what was not sent waits"
            self.end("credentials", message, error)

    async def _answer(self) -> Exception | None:
        current.set(None)  # whatever perform was refused, this question is none of its requests
        try:
            await self._ask()
        except Exception as error:  # noqa: BLE001  no answer, or a broken test, decides nothing
            return error if _is_refusal(error) else None
        return None

    def add(self, job: Job, outcome: Outcome) -> None:
        """Holds an event that was refused; ends the run where it is the last of twenty."""
        self.held.append((job, outcome))
        self._sink.hold(job)
        if len(self.held) >= REFUSED_IN_A_ROW:
            self._end_in_a_row()

    def taken(self) -> None:
        """The partner took an event: those that are held have failed by themselves."""
        self._release(deferred=False)

    def end_of_input(self, *, has_taken: bool) -> None:
        """Decides about what is held, since nothing follows that could be taken.

        Args:
            has_taken: Whether the partner took any event.
        """
        if not self.held:
            return
        if has_taken:
            self._release(deferred=False)
        else:
            self._end_in_a_row()

    def end(self, kind: StopReason, message: str, error: Exception) -> None:
        """Ends the run; what is held is deferred."""
        self._sink.halt(kind, message, error)

    def defer(self) -> None:
        """Defers what is held, since the run ends."""
        self._release(deferred=True)

    async def close(self) -> None:
        """Nobody waits for an answer about the credentials any more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait((self._asking,))

    def _end_in_a_row(self) -> None:
        error = self.held[-1][1].error
        assert error is not None  # noqa: S101  only failures are held
        count = len(self.held)
        row = "the only event was" if count == 1 else f"{count} events in a row were"
        message = f"{row} refused and none was taken ({describe(error)}): check the settings"
        self.end("credentials", message, error)

    def _release(self, *, deferred: bool) -> None:
        held, self.held = self.held, []
        for job, outcome in held:
            self._sink.released(job)
            self._sink.finished(job, outcome, deferred=deferred)


def _is_refusal(error: Exception) -> bool:
    """Whether a test of the credentials says that they are bad; not that it could not be made."""
    cause = error.__cause__
    if isinstance(error, InvalidAuthenticationError) and isinstance(cause, Exception):
        return classify(cause) == "refused"
    return classify(error) == "refused"


class FailuresAlike:
    """Counts final failures in a row that have the same status, and ends the run when there are a hundred.

    Args:
        sink: Ends it.
    """

    def __init__(self, sink: StopSink) -> None:
        self._sink = sink
        self._last: tuple[int, int] | None = None  # status, and successes before it
        self._count = 0

    def add(self, error: Exception, successes: int) -> bool:
        """The partner answered an event so that it has failed for good.

        Args:
            error: What it failed for.
            successes: The number of attempts that succeeded before; failures are in a row while it is the same.

        Returns:
            Whether the run has ended before: then it is deferred.
        """
        status = getattr(error, "status", None)
        if not isinstance(status, int) or isinstance(error, PayloadValidationError):
            return False  # it was found here
        self._count = self._count + 1 if (status, successes) == self._last else 1
        self._last = status, successes
        if self._count == ALIKE_IN_A_ROW:
            message = (
                f"{ALIKE_IN_A_ROW} events in a row failed alike ({describe(error)}) and none was taken: check the "
                "settings and the mappings, or give --keep-going"
            )
            self._sink.halt("alike", message, error)
        return self._count > ALIKE_IN_A_ROW
