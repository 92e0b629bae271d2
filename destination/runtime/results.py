"""The results of an event and of a batch: by subscription, as the reference reports them, and event by event."""

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
    """The result of one subscription for one event.

    Attributes:
        name: The subscription's name.
        matched: Whether its trigger matched.
        payload: The validated payload as a dict; `MISSING` if there is none.
        requests: The requests, in the order in which they were made.
        responses: The answers, in the order of the requests; empty in a plan.
        error: The failure, or None.
        warnings: The partner's warnings on a delivered event.
        incomplete: In a plan: whether the `async` perform awaits an answer, so that more requests may follow.
        results: The reference's result records for this subscription.

    Example:
        >>> (outcome := Outcome("Pages", True, error=ValueError("no name"))), outcome.delivered, outcome.retryable
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
        """Whether the event matched and nothing failed."""
        return self.matched and self.error is None

    @property
    def retryable(self) -> bool:
        """Whether the event failed and sending it again may help."""
        return self.error is not None and is_retryable(self.error)

    @property
    def operation(self) -> PendingOperation | None:
        """The operation that the partner finishes later, for `Instance.poll`; None if there is none."""
        return getattr(self, "_operation", None)  # rarely set, so that other events do not take longer

    @operation.setter
    def operation(self, value: PendingOperation) -> None:
        self._operation = value

    def __repr__(self) -> str:
        state = "not matched" if not self.matched else f"failed: {self.error}" if self.error else "ok"
        return f"<Outcome {self.name!r} {state}, {len(self.requests)} request(s)>"


class _Outcomes(Generic[OutcomeT]):
    """The outcomes of an event or a batch in all enabled subscriptions, in order.

    Attributes:
        outcomes: An outcome for each subscription.
    """

    __slots__ = ("outcomes",)

    def __init__(self, outcomes: tuple[OutcomeT, ...]) -> None:
        self.outcomes = outcomes

    @property
    def results(self) -> list[dict[str, Any]]:
        """The flat list of records that the reference's `onEvent`, or `onBatch`, resolves to."""
        return [record for outcome in self.outcomes for record in outcome.results]

    @property
    def requests(self) -> list[Request]:
        """All requests, in subscription order."""
        return [request for outcome in self.outcomes for request in outcome.requests]

    @property
    def errors(self) -> list[Exception]:
        """The errors of all outcomes, in subscription order."""
        return [outcome.error for outcome in self.outcomes if outcome.error is not None]

    def raise_for_errors(self) -> Self:
        """Raises the first error in subscription order, as the reference does; without errors, returns itself.

        Raises:
            Exception: The error of the first outcome with one.
        """
        for outcome in self.outcomes:
            if outcome.error is not None:
                raise outcome.error
        return self


class EventResult(_Outcomes[Outcome]):
    """The result of one event: an outcome for each enabled subscription, in order.

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
    """What sending an event would do: matches, payloads and requests.

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
    """The result of one subscription for a batch.

    Attributes:
        name: The subscription's name.
        size: The number of events in the batch.
        matched: The indexes of the events that its trigger matched, ascending.
        payloads: The validated payloads by the index of their event.
        nodes: The node of each event, in order; empty if the whole batch was rejected. In a plan, an event that
            would be sent has None.
        requests: The requests in the order in which they were made.
        responses: The answers, in the order of the requests; empty in a plan.
        error: The error that rejected the whole batch, or None; the reference raises it.
        warnings: The partner's warnings.
        incomplete: In a plan: whether `perform_batch` awaits an answer, so that more requests may follow.
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
        """Replaces the outcomes of some events with those of a retry.

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
        """Replaces the error of some events; their nodes stay."""
        self._causes = {**self._causes, **dict.fromkeys(indexes, error)}

    def notable_indexes(self) -> set[int]:
        """Returns the indexes of the events that failed, have warnings or did not match.

        All other events were delivered without a warning.

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
        """Returns the outcome of one event, in the form of a single send; its node is in `results`.

        The error of a failed event is that of its payload, the one that `perform_batch` returned for it, a
        `MultiStatusError` made from its node, or the error that rejected the whole batch. The requests stay with the
        batch.

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
            error = (
                self.error
            )  # without any match the trigger itself failed, so it is unknown whether the event matches
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
    if value:  # an error or non-empty warnings
        kept[index] = value


class BatchResult(_Outcomes[BatchOutcome]):
    """The result of a batch: an outcome for each enabled subscription, in order, and the result of each event.

    `len()` is the number of events. Iterating yields the result of each event, as `on_event` would return it. `errors`
    has the errors that rejected whole batches. The failures of single events are in the nodes.

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
        """Returns the result of one event.

        Raises:
            IndexError: The batch has no such event.
        """
        if not 0 <= index < self._size:
            raise IndexError(f"a batch of {self._size} has no event {index}")
        return EventResult(tuple(outcome.event(index) for outcome in self.outcomes))


def node_error(node: Mapping[str, Any]) -> MultiStatusError | None:
    """Makes an error from a node; None for a success. A failure has a message, or a status of 400 or more.

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
