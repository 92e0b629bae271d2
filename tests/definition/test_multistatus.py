from typing import Any

import pytest

from destination import (
    ActionDestinationErrorResponse,
    ActionDestinationSuccessResponse,
    ConnectionError,
    DefinitionError,
    EngineTypeError,
    HTTPError,
    MultiStatusResponse,
    Request,
    Response,
    RetryableError,
    TimeoutError,
)

SUCCESS = ActionDestinationSuccessResponse(200, {"id": 1}, {})
ERROR = ActionDestinationErrorResponse(400, "no")
REQUEST = Request("PUT", "https://h/")


def test_nodes_are_put_and_pushed_in_every_way() -> None:
    answer = MultiStatusResponse()
    answer.push_response_object(SUCCESS)
    answer.push_success_response({"status": 201, "sent": 1, "body": 2})
    answer.push_error_response(ERROR)
    answer.push_error_response({"status": 404, "errormessage": "gone", "extra": True})
    answer.set_success_response_at_index(5, SUCCESS)
    answer.set_error_response_at_index(0, ERROR)
    answer.push_response_object_at_index(6, ERROR)
    assert len(answer) == 7
    assert [node and node.value() for node in answer.get_all_responses()] == [
        {"status": 400, "errormessage": "no", "errortype": "BAD_REQUEST"},
        {"status": 201, "sent": 1, "body": 2},
        {"status": 400, "errormessage": "no", "errortype": "BAD_REQUEST"},
        {"status": 404, "errormessage": "gone", "extra": True, "errortype": "NOT_FOUND"},
        None,
        {"status": 200, "sent": {"id": 1}, "body": {}},
        {"status": 400, "errormessage": "no", "errortype": "BAD_REQUEST"},
    ]


def test_nodes_are_asked_for_by_index() -> None:
    answer = MultiStatusResponse()
    answer.set_success_response_at_index(1, SUCCESS)
    answer.push_error_response(ERROR)
    assert [answer.get_response_at_index(index) for index in (-1, 0, 1, 2, 3)] == [None, None, SUCCESS, ERROR, None]
    assert [answer.is_success_response_at_index(index) for index in range(4)] == [False, True, False, False]
    assert [answer.is_error_response_at_index(index) for index in range(4)] == [False, False, True, False]
    assert (SUCCESS.status, ERROR.status) == (200, 400)


def test_node_that_is_unset_leaves_a_gap() -> None:
    answer = MultiStatusResponse()
    answer.push_success_response(SUCCESS)
    answer.unset_response_at_index(0)
    answer.unset_response_at_index(7)
    assert (len(answer), answer.get_response_at_index(0)) == (1, None)


def test_negative_index_is_refused() -> None:
    with pytest.raises(DefinitionError, match="no payload at index -1"):
        MultiStatusResponse().set_error_response_at_index(-1, ERROR)


@pytest.mark.parametrize("node", [5, "text", None, SUCCESS])
def test_what_is_no_node_of_the_kind_is_refused(node: Any) -> None:
    with pytest.raises(DefinitionError, match="a node is a ActionDestinationErrorResponse or an object"):
        MultiStatusResponse().push_error_response(node)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"status": 429, "errortype": ""}, "TOO_MANY_REQUESTS"),
        ({"status": 429, "errortype": None}, "TOO_MANY_REQUESTS"),
        ({"status": 299}, "UNKNOWN_ERROR"),
        ({"status": []}, "UNKNOWN_ERROR"),
        ({}, "UNKNOWN_ERROR"),
        ({"status": 400, "errortype": "MINE"}, "MINE"),
    ],
)
def test_blank_error_type_is_that_of_the_status(given: dict[str, Any], code: str) -> None:
    node = ActionDestinationErrorResponse.from_json(given)
    assert node.value() == {**given, "errortype": code}


def test_object_given_is_not_changed() -> None:
    given = {"status": 404, "errormessage": "no"}
    ActionDestinationErrorResponse.from_json(given)
    assert given == {"status": 404, "errormessage": "no"}


def test_sent_and_body_that_are_null_stay() -> None:
    node = ActionDestinationErrorResponse(400, "no", sent=None, body=None)
    assert node.value() == {"status": 400, "errormessage": "no", "errortype": "BAD_REQUEST", "sent": None, "body": None}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RetryableError("later", 503), 503, "RETRYABLE_ERROR"),
        (HTTPError(Response(409), REQUEST), 409, "CONFLICT"),
        (TimeoutError(REQUEST, 50), 408, "ETIMEDOUT"),
        (ConnectionError("refused"), 500, "ECONNREFUSED"),
        (EngineTypeError("null"), 400, "PAYLOAD_VALIDATION_FAILED"),
        (ValueError("odd"), 400, "PAYLOAD_VALIDATION_FAILED"),
    ],
)
def test_exception_becomes_a_node(error: Exception, status: int, code: str) -> None:
    node = ActionDestinationErrorResponse.from_error(error, sent={"id": 1})
    assert node.value() == {"status": status, "errormessage": str(error), "errortype": code, "sent": {"id": 1}}
    assert node.error is error
