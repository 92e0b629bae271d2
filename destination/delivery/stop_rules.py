"""Stops a run by itself if the next event would fail in the same way."""

from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from destination.delivery.dead_letters import describe
from destination.delivery.in_flight import Job
from destination.delivery.options import ALIKE_IN_A_ROW
from destination.delivery.report import StopReason
from destination.delivery.retry import Clock, classify
from destination.errors import InvalidAuthenticationError, PayloadValidationError
from destination.late import asyncio
from destination.runtime import Outcome
from destination.runtime.acknowledged import current

REFUSED_IN_A_ROW: Final = 20
_BETWEEN_QUESTIONS_S: Final = 10.0
_CREDENTIALS = (401, 403)


class StopSink(Protocol):
    """Carries out the decisions of the rules."""

    def halt(self, kind: StopReason, message: str, error: Exception) -> None:
        """Ends the run, and defers what is not sent yet with that error."""
        ...

    def finished(self, job: Job, outcome: Outcome, *, deferred: bool) -> None:
        """Records the outcome of a job."""
        ...

    def hold(self, job: Job) -> None:
        """Notes that a job waits for a decision."""
        ...

    def released(self, job: Job) -> None:
        """Notes that a job does not wait any longer; its outcome follows."""
        ...


class Refusals:
    """Events that the partner refused (401, 403), until it is known whether it refuses these events or the credentials.

    The credentials are refused if `test_authentication` fails so, if twenty events in a row are refused, or if all
    events are. Then the run ends and the events are deferred. If another event is taken meanwhile, the refused events
    have failed.

    Args:
        ask: Tests the credentials (`Instance.test_authentication`).
        clock: The clock.
        sink: Carries out the decisions.
        wait_s: The longest time that an event is held, in seconds, before the run ends. None: until the input ends.

    Attributes:
        held: The events that wait for a decision, with their outcomes.
    """

    def __init__(
        self, ask: Callable[[], Awaitable[None]], clock: Clock, sink: StopSink, wait_s: float | None = None
    ) -> None:
        self.held: list[tuple[Job, Outcome]] = []
        self._ask = ask
        self._clock = clock
        self._sink = sink
        self._wait_s = wait_s
        self._waiting: asyncio.Task[None] | None = None
        self._asked: float | None = None
        self._asking: asyncio.Task[Exception | None] | None = None

    async def question(self, error: Exception) -> None:
        """Tests the credentials after a refusal, at most every ten seconds; ends the run if they are refused."""
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
            message = f"the partner refuses the credentials ({refusal}): check the settings; unsent events are deferred"
            self.end("credentials", message, error)

    async def _answer(self) -> Exception | None:
        current.set(None)  # the test is not a request of the perform that was refused
        try:
            await self._ask()
        except Exception as error:  # noqa: BLE001  without an answer, or with a faulty test, there is no decision
            return error if _is_refusal(error) else None
        return None

    def add(self, job: Job, outcome: Outcome) -> None:
        """Holds an event that was refused; ends the run if it is the twentieth."""
        self.held.append((job, outcome))
        self._sink.hold(job)
        if len(self.held) >= REFUSED_IN_A_ROW:
            self._end_in_a_row()
        elif self._wait_s is not None and self._waiting is None:
            self._waiting = asyncio.ensure_future(self._end_after(self._wait_s))

    async def _end_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._waiting = None
        self._end_in_a_row()

    def taken(self) -> None:
        """Fails the held events, because the partner took another one."""
        self._release(deferred=False)

    def end_of_input(self, *, has_taken: bool) -> None:
        """Decides about the held events, since no further event can be taken.

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
        """Ends the run; the held events are deferred."""
        self._sink.halt(kind, message, error)

    def defer(self) -> None:
        """Defers the held events, since the run ends."""
        self._release(deferred=True)

    async def close(self) -> None:
        """Cancels a running test of the credentials."""
        self._stop_waiting()
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait((self._asking,))

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _end_in_a_row(self) -> None:
        error = self.held[-1][1].error
        assert error is not None  # noqa: S101  only failures are held
        count = len(self.held)
        row = "the only event was" if count == 1 else f"{count} events in a row were"
        message = f"{row} refused and none was taken ({describe(error)}): check the settings"
        self.end("credentials", message, error)

    def _release(self, *, deferred: bool) -> None:
        self._stop_waiting()
        held, self.held = self.held, []
        for job, outcome in held:
            self._sink.released(job)
            self._sink.finished(job, outcome, deferred=deferred)


def _is_refusal(error: Exception) -> bool:
    """Returns whether a test failed because the credentials are refused, and not for another reason."""
    cause = error.__cause__
    if isinstance(error, InvalidAuthenticationError) and isinstance(cause, Exception):
        return classify(cause) == "refused"
    return classify(error) == "refused"


class FailuresAlike:
    """Counts final failures in a row with the same status, and ends the run after a hundred.

    Args:
        sink: Ends the run.
        limit: The number of failures that end the run. Failures beyond it are deferred; if it is 0, the first one is.
    """

    def __init__(self, sink: StopSink, limit: int = ALIKE_IN_A_ROW) -> None:
        self._sink = sink
        self._limit = limit
        self._last: tuple[int, int] | None = None  # its status, and the number of successes before it
        self._count = 0

    def add(self, error: Exception, successes: int) -> bool:
        """Counts an event that has failed for good.

        Args:
            error: Its failure.
            successes: The number of attempts that succeeded before. Failures are in a row while it does not change.

        Returns:
            Whether the run had ended before, so that the event is to be deferred.
        """
        status = getattr(error, "status", None)
        if not isinstance(status, int) or isinstance(error, PayloadValidationError):
            return False  # the partner did not answer it
        self._count = self._count + 1 if (status, successes) == self._last else 1
        self._last = status, successes
        if self._count == max(self._limit, 1):
            row = "an event failed" if self._count == 1 else f"{self._count} events in a row failed alike"
            message = (
                f"{row} ({describe(error)}) and none was taken: check the settings and the mappings, or give "
                "--keep-going"
            )
            self._sink.halt("alike", message, error)
        return self._count > self._limit
