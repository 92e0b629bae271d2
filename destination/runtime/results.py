"""What became of an event, and of a batch: by subscription, as the reference reports it, and event by event."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

from destination.availability import is_retryable
from destination.definition import PendingOperation
from destination.error_codes import error_code_from_http_status
from destination.errors import MultiStatusError
from destination.request import Request, Response
from destination.values import MISSING, Missing, to_string

OutcomeT = TypeVar("OutcomeT", bound="Outcome | BatchOutcome")


class Outcome:
    """What one subscription did with one event.

    Attributes:
        name: The subscription's name.
        matched: Whether its trigger matched.
        payload: The validated payload as a dict, `MISSING` where it did not come to one.
        requests: The requests in the order they were made.
        responses: The answers, in the same order; none in a plan.
        error: What went wrong, or None.
        warnings: What the partner remarked on a delivered event.
        incomplete: In a plan: the `async` perform awaits an answer, so more requests may follow.
        results: The reference's result records for this subscription.

    Example:
        >>> outcome = Outcome("Pages", True, error=ValueError("no name"))
        >>> outcome, outcome.delivered, outcome.retryable
        (<Outcome 'Pages' failed: no name, 0 request(s)>, False, False)
    """

    __slots__ = (
        "_operation",
        "error",
        "incomplete",
        "matched",
        "name",
        "payload",
        "requests",
        "responses",
        "results",
        "warnings",
    )

    def __init__(  # noqa: PLR0913  a plain record, made for every event
        self,
        name: str,
        matched: bool,
        *,
        payload: Any = MISSING,
        requests: tuple[Request, ...] = (),
        responses: tuple[Response, ...] = (),
        error: Exception | None = None,
        warnings: tuple[str, ...] = (),
        incomplete: bool = False,
        results: tuple[dict[str, Any], ...] = (),
    ) -> None:
        self.name = name
        self.matched = matched
        self.payload: dict[str, Any] | Missing = payload
        self.requests = requests
        self.responses = responses
        self.error = error
        self.warnings = warnings
        self.incomplete = incomplete
        self.results = results

    @property
    def delivered(self) -> bool:
        """Whether the event matched and nothing went wrong."""
        return self.matched and self.error is None

    @property
    def retryable(self) -> bool:
        """Whether it failed in a way that sending it again may help."""
        return self.error is not None and is_retryable(self.error)

    @property
    def operation(self) -> PendingOperation | None:
        """What the partner will finish later, for `Instance.poll`; None where all is done."""
        return getattr(self, "_operation", None)  # not set for every event: it would cost each of them

    @operation.setter
    def operation(self, value: PendingOperation) -> None:
        self._operation = value

    def __repr__(self) -> str:
        state = "not matched" if not self.matched else f"failed: {self.error}" if self.error else "ok"
        return f"<Outcome {self.name!r} {state}, {len(self.requests)} request(s)>"


class _Outcomes(Generic[OutcomeT]):
    """What became of an event or a batch in each enabled subscription, in order.

    Attributes:
        outcomes: One for each subscription.
    """

    __slots__ = ("outcomes",)

    def __init__(self, outcomes: tuple[OutcomeT, ...]) -> None:
        self.outcomes = outcomes

    @property
    def results(self) -> list[dict[str, Any]]:
        """The flat list that the reference's `onEvent`, or `onBatch`, resolves to."""
        return [record for outcome in self.outcomes for record in outcome.results]

    @property
    def requests(self) -> list[Request]:
        """All requests, in subscription order."""
        return [request for outcome in self.outcomes for request in outcome.requests]

    @property
    def errors(self) -> list[Exception]:
        """Every error of an outcome, in subscription order."""
        return [outcome.error for outcome in self.outcomes if outcome.error is not None]

    def raise_for_errors(self) -> Self:
        """Raises the first error in subscription order, as the reference does; else returns itself.

        Raises:
            Exception: The error of the first outcome that has one.
        """
        for outcome in self.outcomes:
            if outcome.error is not None:
                raise outcome.error
        return self


class EventResult(_Outcomes[Outcome]):
    """What became of one event: an outcome for each enabled subscription, in order.

    Example:
        >>> from destination import Action, Destination
        >>> send = Action(title="Send", description="", perform=lambda request, data: request("https://h.test/"))
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "send", "mapping": {}}
        >>> instance = Destination(name="Demo", slug="demo", actions={"send": send}).instance({}, [pages])
        >>> result = instance.plan({"type": "page"})
        >>> [outcome.name for outcome in result.matched], result.requests, result.errors
        (['Pages'], [<Request GET https://h.test/ (no body)>], [])
    """

    __slots__ = ()

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    @property
    def matched(self) -> list[Outcome]:
        """The outcomes whose trigger matched."""
        return [outcome for outcome in self.outcomes if outcome.matched]


class Plan(EventResult):
    """What an event would do: matches, payloads and requests, with nothing sent.

    Example:
        >>> from destination import Action, Destination
        >>> send = Action(title="Send", description="", perform=lambda request, data: request("https://h.test/"))
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "send", "mapping": {}}
        >>> instance = Destination(name="Demo", slug="demo", actions={"send": send}).instance({}, [pages])
        >>> instance.plan({"type": "page"}).requests, instance.plan({"type": "track"}).requests
        ([<Request GET https://h.test/ (no body)>], [])
    """

    __slots__ = ()


# --- batches ---------------------------------------------------------------------------------------------

_NO_EVENT: Mapping[int, Any] = {}


class BatchOutcome:
    """What one subscription did with a batch.

    Attributes:
        name: The subscription's name.
        size: How many events the batch has.
        matched: The indexes of the events that its trigger matched, ascending.
        payloads: The validated payloads by the index of their event.
        nodes: The node of each event, in order; none when the whole batch was rejected. In a plan, an event that
            would be sent has None.
        requests: The requests in the order in which they were made.
        responses: The answers, in the same order; none in a plan.
        error: What rejected the whole batch, or None; the reference raises it.
        warnings: What the partner remarked.
        incomplete: In a plan: `perform_batch` awaits an answer, so more requests may follow.
        results: The reference's result records.

    Example:
        >>> nodes = [{"status": 200}, {"status": 400, "errormessage": "no units"}]
        >>> outcome = BatchOutcome("Goals", 2, matched=[0, 1], nodes=nodes)
        >>> outcome.event(0).error, str(outcome.event(1).error)
        (None, 'no units')
    """

    __slots__ = (
        "_causes",
        "_matched",
        "_remarks",
        "error",
        "incomplete",
        "matched",
        "name",
        "nodes",
        "payloads",
        "requests",
        "responses",
        "results",
        "size",
        "warnings",
    )

    def __init__(  # noqa: PLR0913  a plain record
        self,
        name: str,
        size: int,
        *,
        matched: Sequence[int] = (),
        payloads: Mapping[int, Any] = _NO_EVENT,
        nodes: Sequence[dict[str, Any] | None] = (),
        requests: tuple[Request, ...] = (),
        responses: tuple[Response, ...] = (),
        error: Exception | None = None,
        warnings: tuple[str, ...] = (),
        incomplete: bool = False,
        results: tuple[dict[str, Any], ...] = (),
        causes: Mapping[int, Exception] = _NO_EVENT,
        remarks: Mapping[int, tuple[str, ...]] = _NO_EVENT,
    ) -> None:
        self.name = name
        self.size = size
        self.matched = matched
        self.payloads = payloads
        self.nodes = nodes
        self.requests = requests
        self.responses = responses
        self.error = error
        self.warnings = warnings
        self.incomplete = incomplete
        self.results = results
        self._causes = causes
        self._remarks = remarks
        self._matched: frozenset[int] | None = None

    def __repr__(self) -> str:
        state = f"rejected: {self.error}" if self.error else f"{len(self.matched)} of {self.size} events matched"
        return f"<BatchOutcome {self.name!r} {state}, {len(self.requests)} request(s)>"

    def take_over(self, indexes: Sequence[int], second: "BatchOutcome") -> None:
        """Replaces the outcomes of some events by those that they have in a retry.

        Args:
            indexes: The events that were sent again, in the order in which `second` has them.
            second: The outcome of the retry, with the requests of both.
        """
        self.requests, self.responses, self.warnings = second.requests, second.responses, second.warnings
        if second.error is not None:
            self.fail(indexes, second.error)
            return
        nodes, causes, remarks = list(self.nodes), dict(self._causes), dict(self._remarks)
        for position, index in enumerate(indexes):
            nodes[index] = second.nodes[position]
            outcome = second.event(position)
            _replace(causes, index, outcome.error)
            _replace(remarks, index, outcome.warnings)
        self._causes, self._remarks = causes, remarks
        self.nodes = nodes
        self.results = ({"multistatus": nodes},)

    def fail(self, indexes: Sequence[int], error: Exception) -> None:
        """Gives some events another reason for their failure; their nodes stay."""
        self._causes = {**self._causes, **dict.fromkeys(indexes, error)}

    def notable_indexes(self) -> set[int]:
        """Returns the indexes of the events that were not simply taken: failures, remarks, no match.

        `event` returns a plain success for each of the others.

        Example:
            >>> nodes = [{"status": 200}, {"status": 400, "errormessage": "no"}, {"status": 200}]
            >>> BatchOutcome("A", 3, matched=[0, 1, 2], nodes=nodes, remarks={2: ("late",)}).notable_indexes()
            {1, 2}
        """
        nodes = self.nodes
        if self.error is not None or not nodes or len(self.matched) != self.size:
            return set(range(self.size))
        unclear = {
            index
            for index, node in enumerate(nodes)
            if node is None or node.get("status") != 200 or "errormessage" in node
        }
        return unclear.union(self._causes, self._remarks)

    def event(self, index: int) -> Outcome:
        """What became of one event, in the form that sending it alone has; its node is in `results`.

        An event that failed has the exception behind its failure: what its payload failed with, what `perform_batch`
        gave for it, a `MultiStatusError` where only a node tells, or else what rejected the whole batch. The requests
        stay with the batch.

        Raises:
            IndexError: The batch has no such event.
        """
        if not 0 <= index < self.size:
            raise IndexError(f"a batch of {self.size} has no event {index}")
        if self._matched is None:
            self._matched = frozenset(self.matched)
        matched = index in self._matched
        node = self.nodes[index] if self.nodes else None
        error = self._causes.get(index)
        if error is None and matched and node is not None:
            error = node_error(node)
        if error is None and (matched or not self.matched):
            error = self.error  # without any match it is the trigger that failed: nobody knows about the event
        return Outcome(
            self.name,
            matched,
            payload=self.payloads.get(index, MISSING),
            error=error,
            warnings=self._remarks.get(index, ()),
            results=() if node is None else ({"multistatus": [node]},),
        )


def _replace(kept: dict[int, Any], index: int, value: Any) -> None:
    kept.pop(index, None)
    if value:  # an error is true, remarks are where there are any
        kept[index] = value


class BatchResult(_Outcomes[BatchOutcome]):
    """What became of a batch: an outcome for each enabled subscription, in order, and a view of each event.

    `len()` is the number of events; iterating gives what became of each of them, as `on_event` would report it. Its
    errors are what rejected whole batches; failures of single events are in the nodes.

    Example:
        >>> from destination import Action, Destination
        >>> send = Action(title="Send", description="", perform=lambda request, data: request("https://h.test/"))
        >>> pages = {"name": "Pages", "subscribe": 'type = "page"', "partnerAction": "send", "mapping": {}}
        >>> instance = Destination(name="Demo", slug="demo", actions={"send": send}).instance({}, [pages])
        >>> plan = instance.plan_batch([{"type": "page"}, {"type": "track"}])
        >>> len(plan), [len(event.matched) for event in plan]
        (2, [1, 0])
    """

    __slots__ = ("_size",)

    def __init__(self, outcomes: tuple[BatchOutcome, ...], size: int) -> None:
        super().__init__(outcomes)
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[EventResult]:
        return (self.event(index) for index in range(self._size))

    def __repr__(self) -> str:
        return f"<BatchResult of {self._size} event(s), {len(self.outcomes)} subscription(s)>"

    def event(self, index: int) -> EventResult:
        """What became of one event in each subscription.

        Raises:
            IndexError: The batch has no such event.
        """
        if not 0 <= index < self._size:
            raise IndexError(f"a batch of {self._size} has no event {index}")
        return EventResult(tuple(outcome.event(index) for outcome in self.outcomes))


def node_error(node: Mapping[str, Any]) -> MultiStatusError | None:
    """The failure that a node tells, None for a success: a message, or a status of 400 and more.

    Example:
        >>> node_error({"status": 200, "sent": {}, "body": {}}) is None
        True
        >>> error = node_error({"status": 429, "errormessage": "slow down", "errortype": "TOO_MANY_REQUESTS"})
        >>> error, error.status, error.code
        (MultiStatusError('slow down'), 429, 'TOO_MANY_REQUESTS')
    """
    given = node.get("status")
    status = given if isinstance(given, int) else 500
    message = node.get("errormessage")
    if message is None:
        if not isinstance(given, int) or given < 400:
            return None
        message = f"the partner answered {given}"
    code = node.get("errortype") or error_code_from_http_status(status)
    return MultiStatusError(to_string(message), code, status, node.get("errorreporter"), node.get("body"))
