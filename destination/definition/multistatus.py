"""What a `perform_batch` says of each of its payloads."""

from typing import Any, Final

from destination.error_codes import error_code_from_http_status
from destination.errors import DefinitionError


class MultiStatusErrorReporter:
    """Who found the error of a node."""

    INTEGRATIONS: Final = "INTEGRATIONS"
    DESTINATION: Final = "DESTINATION"


class ActionDestinationSuccessResponse:
    """One payload that the partner took.

    Args:
        status: The partner's status for it.
        sent: What was sent for it.
        body: What the partner answered for it.

    Example:
        >>> ActionDestinationSuccessResponse(status=200, sent={"id": 1}, body={}).value()
        {'status': 200, 'sent': {'id': 1}, 'body': {}}
    """

    __slots__ = ("_data",)

    def __init__(self, status: int, sent: Any, body: Any) -> None:
        self._data = {"status": status, "sent": sent, "body": body}

    @property
    def status(self) -> int:
        """The partner's status."""
        status: int = self._data["status"]
        return status

    def value(self) -> dict[str, Any]:
        """The node as the reference writes it."""
        return self._data


class ActionDestinationErrorResponse:
    """One payload that the partner, or the action itself, refused.

    Args:
        status: The status for it.
        errormessage: Why.
        errortype: Segment's error code; that of the status when left out.
        sent: What was sent for it, where it was sent.
        body: What the partner answered for it.

    Example:
        >>> ActionDestinationErrorResponse(status=429, errormessage="later").value()
        {'status': 429, 'errormessage': 'later', 'errortype': 'TOO_MANY_REQUESTS'}
    """

    __slots__ = ("_data",)

    def __init__(
        self, status: int, errormessage: str, errortype: str | None = None, sent: Any = None, body: Any = None
    ) -> None:
        self._data: dict[str, Any] = {"status": status, "errormessage": errormessage}
        self._data["errortype"] = errortype or error_code_from_http_status(status)
        if sent is not None:
            self._data["sent"] = sent
        if body is not None:
            self._data["body"] = body

    @property
    def status(self) -> int:
        """The status."""
        status: int = self._data["status"]
        return status

    def value(self) -> dict[str, Any]:
        """The node as the reference writes it, without who reported it."""
        return self._data


Node = ActionDestinationSuccessResponse | ActionDestinationErrorResponse


class MultiStatusResponse:
    """A node for each payload of a batch, in the order of the payloads; gaps count as missing.

    Example:
        >>> answer = MultiStatusResponse()
        >>> answer.push_success_response(ActionDestinationSuccessResponse(200, {}, {}))
        >>> answer.set_error_response_at_index(2, ActionDestinationErrorResponse(400, "no"))
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

    def push_success_response(self, node: ActionDestinationSuccessResponse) -> None:
        """Appends a success."""
        self._nodes.append(node)

    def push_error_response(self, node: ActionDestinationErrorResponse) -> None:
        """Appends an error."""
        self._nodes.append(node)

    def push_response_object_at_index(self, index: int, node: Node) -> None:
        """Puts a node of either kind at an index.

        Raises:
            DefinitionError: The index is negative.
        """
        self._put(index, node)

    def set_success_response_at_index(self, index: int, node: ActionDestinationSuccessResponse) -> None:
        """Puts a success at an index.

        Raises:
            DefinitionError: The index is negative.
        """
        self._put(index, node)

    def set_error_response_at_index(self, index: int, node: ActionDestinationErrorResponse) -> None:
        """Puts an error at an index.

        Raises:
            DefinitionError: The index is negative.
        """
        self._put(index, node)

    def unset_response_at_index(self, index: int) -> None:
        """Makes a gap; the length stays."""
        if 0 <= index < len(self._nodes):
            self._nodes[index] = None

    def is_success_response_at_index(self, index: int) -> bool:
        """Whether there is a success at an index."""
        return isinstance(self.get_response_at_index(index), ActionDestinationSuccessResponse)

    def is_error_response_at_index(self, index: int) -> bool:
        """Whether there is an error at an index."""
        return isinstance(self.get_response_at_index(index), ActionDestinationErrorResponse)

    def get_response_at_index(self, index: int) -> Node | None:
        """The node at an index; None for a gap or beyond the end."""
        return self._nodes[index] if 0 <= index < len(self._nodes) else None

    def get_all_responses(self) -> list[Node | None]:
        """All nodes, None for gaps."""
        return self._nodes

    def _put(self, index: int, node: Node) -> None:
        if index < 0:
            raise DefinitionError(f"a batch has no payload at index {index}")
        self._nodes.extend([None] * (index + 1 - len(self._nodes)))
        self._nodes[index] = node
