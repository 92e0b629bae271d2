"""The answer of a `perform_batch`: a result for each of its payloads."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from destination.availability import is_retryable
from destination.error_codes import ErrorCodes, error_code_from_http_status
from destination.errors import DefinitionError
from destination.errors import TimeoutError as ClientTimeoutError
from destination.values import MISSING


class MultiStatusErrorReporter:
    """Who reported the error of a node, which is the result of one payload.

    Example:
        >>> MultiStatusErrorReporter.DESTINATION
        'DESTINATION'
    """

    INTEGRATIONS: Final = "INTEGRATIONS"
    DESTINATION: Final = "DESTINATION"


class ActionDestinationSuccessResponse:
    """The node of a payload that the partner accepted.

    Args:
        status: The partner's status for it.
        sent: What was sent for it.
        body: What the partner answered for it.
        warnings: The partner's warnings for it; shown on the event's outcome, not in the node.

    Example:
        >>> ActionDestinationSuccessResponse(status=200, sent={"id": 1}, body={}).value()
        {'status': 200, 'sent': {'id': 1}, 'body': {}}
    """

    __slots__ = ("_data", "warnings")

    def __init__(self, status: int, sent: Any, body: Any, *, warnings: tuple[str, ...] = ()) -> None:
        self._data: dict[str, Any] = {"status": status, "sent": sent, "body": body}
        self.warnings = warnings

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ActionDestinationSuccessResponse":
        """Returns the node of an object in Segment's form; every key is kept.

        Example:
            >>> ActionDestinationSuccessResponse.from_json({"status": 202, "sent": {}, "body": "ok"}).status
            202
        """
        node = cls(data.get("status", MISSING), None, None)
        node._data = dict(data)
        return node

    @property
    def status(self) -> int:
        """The partner's status."""
        status: int = self._data["status"]
        return status

    def value(self) -> dict[str, Any]:
        """Returns the node as the reference writes it."""
        return self._data


class ActionDestinationErrorResponse:
    """The node of a payload that the partner, or the action itself, refused.

    The batch's result adds who reported it: the destination if `sent` or `body` is truthy in JavaScript, else the
    integration.

    Args:
        status: The status for it.
        errormessage: Why.
        errortype: Segment's error code; by default that of the status.
        sent: What was sent for it, if it was sent.
        body: What the partner answered for it.
        error: The exception behind it; shown on the event's outcome, not in the node.

    Example:
        >>> ActionDestinationErrorResponse(status=429, errormessage="later").value()
        {'status': 429, 'errormessage': 'later', 'errortype': 'TOO_MANY_REQUESTS'}
    """

    __slots__ = ("_data", "error")

    def __init__(
        self,
        status: int,
        errormessage: str,
        errortype: str | None = None,
        sent: Any = MISSING,
        body: Any = MISSING,
        *,
        error: Exception | None = None,
    ) -> None:
        self._data: dict[str, Any] = {"status": status, "errormessage": errormessage}
        self._data["errortype"] = errortype or error_code_from_http_status(status)
        if sent is not MISSING:
            self._data["sent"] = sent
        if body is not MISSING:
            self._data["body"] = body
        self.error = error

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "ActionDestinationErrorResponse":
        """Returns the node of an object in Segment's form; every key is kept, and a blank `errortype` is filled in.

        Example:
            >>> ActionDestinationErrorResponse.from_json({"status": 404, "errormessage": "no such list"}).value()
            {'status': 404, 'errormessage': 'no such list', 'errortype': 'NOT_FOUND'}
        """
        status = data.get("status", MISSING)
        node = cls(500, data.get("errormessage", MISSING))
        code = error_code_from_http_status(status) if isinstance(status, int) else ErrorCodes.UNKNOWN_ERROR
        node._data = {**data, "errortype": data.get("errortype") or code}
        return node

    @classmethod
    def from_error(cls, error: Exception, sent: Any = MISSING, body: Any = MISSING) -> "ActionDestinationErrorResponse":
        """Makes the node of an exception, so that one payload's failure need not fail the batch.

        Status and code are the exception's own. One without a status counts as 408 for the client's time limit,
        as 500 where sending it again may help, and as 400 otherwise.

        Example:
            >>> from destination.errors import PayloadValidationError
            >>> ActionDestinationErrorResponse.from_error(PayloadValidationError("no name")).value()
            {'status': 400, 'errormessage': 'no name', 'errortype': 'PAYLOAD_VALIDATION_FAILED'}
        """
        status = getattr(error, "status", None)
        code = getattr(error, "code", None)
        if not isinstance(status, int):
            if isinstance(error, ClientTimeoutError):
                status = 408
            elif is_retryable(error):
                status = 500
            else:
                status, code = 400, code or ErrorCodes.PAYLOAD_VALIDATION_FAILED
        return cls(status, str(error), code, sent, body, error=error)

    @property
    def status(self) -> int:
        """The status."""
        status: int = self._data["status"]
        return status

    def value(self) -> dict[str, Any]:
        """Returns the node as the reference writes it, without who reported it."""
        return self._data


Node = ActionDestinationSuccessResponse | ActionDestinationErrorResponse
N = TypeVar("N", ActionDestinationSuccessResponse, ActionDestinationErrorResponse)


class MultiStatusResponse:
    """A node for each payload of a batch, in the order of the payloads; gaps count as missing.

    Wherever a node is taken, an object in Segment's form will do too.

    Example:
        >>> answer = MultiStatusResponse()
        >>> answer.push_success_response(ActionDestinationSuccessResponse(200, {}, {}))
        >>> answer.set_error_response_at_index(2, {"status": 400, "errormessage": "no"})
        >>> len(answer), answer.get_response_at_index(1), answer.is_error_response_at_index(2)
        (3, None, True)
    """

    __slots__ = ("_nodes",)

    def __init__(self) -> None:
        self._nodes: list[Node | None] = []

    def __len__(self) -> int:
        return len(self._nodes)

    def push_response_object(self, node: Node) -> None:
        """Appends a node of either kind."""
        self._nodes.append(node)

    def push_success_response(self, node: ActionDestinationSuccessResponse | Mapping[str, Any]) -> None:
        """Appends a success."""
        self._nodes.append(_node(ActionDestinationSuccessResponse, node))

    def push_error_response(self, node: ActionDestinationErrorResponse | Mapping[str, Any]) -> None:
        """Appends an error."""
        self._nodes.append(_node(ActionDestinationErrorResponse, node))

    def push_response_object_at_index(self, index: int, node: Node) -> None:
        """Puts a node of either kind at an index.

        Raises:
            DefinitionError: The index is negative.
        """
        self._put(index, node)

    def set_success_response_at_index(
        self, index: int, node: ActionDestinationSuccessResponse | Mapping[str, Any]
    ) -> None:
        """Puts a success at an index.

        Raises:
            DefinitionError: The index is negative.
        """
        self._put(index, _node(ActionDestinationSuccessResponse, node))

    def set_error_response_at_index(self, index: int, node: ActionDestinationErrorResponse | Mapping[str, Any]) -> None:
        """Puts an error at an index.

        Raises:
            DefinitionError: The index is negative.
        """
        self._put(index, _node(ActionDestinationErrorResponse, node))

    def unset_response_at_index(self, index: int) -> None:
        """Makes a gap; the length stays."""
        if 0 <= index < len(self._nodes):
            self._nodes[index] = None

    def is_success_response_at_index(self, index: int) -> bool:
        """Returns whether there is a success at an index."""
        return isinstance(self.get_response_at_index(index), ActionDestinationSuccessResponse)

    def is_error_response_at_index(self, index: int) -> bool:
        """Returns whether there is an error at an index."""
        return isinstance(self.get_response_at_index(index), ActionDestinationErrorResponse)

    def get_response_at_index(self, index: int) -> Node | None:
        """Returns the node at an index; None for a gap or beyond the end."""
        return self._nodes[index] if 0 <= index < len(self._nodes) else None

    def get_all_responses(self) -> list[Node | None]:
        """Returns all nodes, None for gaps."""
        return self._nodes

    def _put(self, index: int, node: Node) -> None:
        nodes = self._nodes
        if index == len(nodes):  # most are given in their order
            nodes.append(node)
            return
        if index < 0:
            raise DefinitionError(f"a batch has no payload at index {index}")
        nodes.extend([None] * (index + 1 - len(nodes)))
        nodes[index] = node


def _node(kind: type[N], given: N | Mapping[str, Any]) -> N:
    if isinstance(given, kind):
        return given
    if isinstance(given, Mapping):
        return kind.from_json(given)
    raise DefinitionError(f"a node is a {kind.__name__} or an object in Segment's form, not a {type(given).__name__}")
