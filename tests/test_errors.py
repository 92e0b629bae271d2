import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from destination import errors
from destination.errors import (
    APIError,
    CollectorRejectedError,
    DefinitionError,
    DestinationError,
    DroppedRequestError,
    EngineTypeError,
    FQLSyntaxError,
    HTTPError,
    IntegrationError,
    InvalidAudienceMembershipError,
    InvalidAuthenticationError,
    MappingError,
    MappingValidationError,
    MultiStatusError,
    NotPortableError,
    PartnerUnavailableError,
    PayloadValidationError,
    RedirectError,
    RequestClientError,
    RequestTimeoutError,
    ResponseTooLargeError,
    RetryableError,
    SchemaValidationError,
    SelfTimeoutError,
    is_certificate_refused,
    is_retryable,
    is_unavailable,
)


@dataclass(frozen=True)
class _Request:
    method: str = "PUT"
    url: str = "https://collector.example/v1/context"


@dataclass(frozen=True)
class _Response:
    status: int = 500
    status_text: str = "Internal Server Error"
    data: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Finding:
    message: str
    path: str = "$.a"
    pointer: str = "/a"


_REQUEST = _Request()

_EXAMPLES: dict[type[DestinationError], Callable[[], DestinationError]] = {
    DestinationError: lambda: DestinationError("m"),
    DefinitionError: lambda: DefinitionError("m"),
    DroppedRequestError: lambda: DroppedRequestError([_REQUEST]),
    NotPortableError: lambda: NotPortableError("subscription 'Pages'", [("/name", "@jinja")]),
    FQLSyntaxError: lambda: FQLSyntaxError("m", "type ="),
    MappingValidationError: lambda: MappingValidationError(["m"]),
    MappingError: lambda: MappingError("m"),
    EngineTypeError: lambda: EngineTypeError("m"),
    IntegrationError: lambda: IntegrationError("m", "TEAPOT", 418),
    PayloadValidationError: lambda: PayloadValidationError("m"),
    SchemaValidationError: lambda: SchemaValidationError([_Finding("m")]),
    InvalidAudienceMembershipError: lambda: InvalidAudienceMembershipError("m"),
    APIError: lambda: APIError("m", 503),
    SelfTimeoutError: lambda: SelfTimeoutError("m"),
    CollectorRejectedError: lambda: CollectorRejectedError("m", "goals"),
    MultiStatusError: lambda: MultiStatusError("m", "CONFLICT", 409),
    RetryableError: lambda: RetryableError("m"),
    PartnerUnavailableError: PartnerUnavailableError,
    InvalidAuthenticationError: lambda: InvalidAuthenticationError("m"),
    HTTPError: lambda: HTTPError(_Response(), _REQUEST),
    errors.TimeoutError: lambda: errors.TimeoutError(_REQUEST, 50),
    RequestTimeoutError: RequestTimeoutError,
    RequestClientError: RequestClientError,
    errors.ConnectionError: lambda: errors.ConnectionError("m"),
    RedirectError: lambda: RedirectError("m"),
    ResponseTooLargeError: lambda: ResponseTooLargeError("m", 9),
}


def _classes() -> set[type[DestinationError]]:
    return {value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, DestinationError)}


# --- the family as a whole -------------------------------------------------------------------------------


def test_every_error_has_an_example_here() -> None:
    assert set(_EXAMPLES) == _classes()


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = re.findall(r"^([│├└─ ]*)(\w+Error)\b", inspect.getdoc(errors) or "", re.MULTILINE)
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for lines, name in drawn:
        depth = len(lines)
        above = [(indent, other) for indent, other in above if indent < depth]
        if above:
            parents[name] = above[-1][1]
        above.append((depth, name))
    assert parents == {
        cls.__name__: next(base.__name__ for base in cls.__mro__[1:] if issubclass(base, DestinationError))
        for cls in _classes() - {DestinationError}
    }


@pytest.mark.parametrize("cls", _EXAMPLES)
def test_every_error_says_something(cls: type[DestinationError]) -> None:
    error = _EXAMPLES[cls]()
    assert type(error) is cls
    assert str(error)
    assert inspect.getdoc(cls)


# --- codes and statuses, as Segment's runtime has them ---------------------------------------------------


@pytest.mark.parametrize(
    ("cls", "message", "code", "status"),
    [
        (IntegrationError, "m", "TEAPOT", 418),
        (PayloadValidationError, "m", "PAYLOAD_VALIDATION_FAILED", 400),
        (SchemaValidationError, "m", "PAYLOAD_VALIDATION_FAILED", 400),
        (InvalidAudienceMembershipError, "m", "INVALID_AUDIENCE_MEMBERSHIP", 400),
        (APIError, "m", "503", 503),
        (SelfTimeoutError, "m", "SELF_TIMEOUT", 408),
        (CollectorRejectedError, "m", "COLLECTOR_REJECTED", 400),
        (RetryableError, "m", "RETRYABLE_ERROR", 500),
        (InvalidAuthenticationError, "m", "INVALID_AUTHENTICATION", 401),
        (HTTPError, "Internal Server Error", "INTERNAL_SERVER_ERROR", 500),
        (errors.TimeoutError, "Request timed out after 50ms", "ETIMEDOUT", None),
        (RequestTimeoutError, "Request timed out before receiving a response", "REQUESTTIMEOUTERROR", 408),
        (RequestClientError, "Request was aborted", "REQUESTCLIENTERROR", 408),
        (errors.ConnectionError, "m", "ECONNREFUSED", None),
        (EngineTypeError, "m", None, None),
        (MappingError, "m", None, None),
    ],
)
def test_message_code_and_status(
    cls: type[DestinationError], message: str, code: str | None, status: int | None
) -> None:
    error = _EXAMPLES[cls]()
    assert (str(error), error.code, error.status) == (message, code, status)


def test_status_and_code_may_be_given_where_segment_takes_them() -> None:
    assert RetryableError("m", 429).status == 429
    assert str(RetryableError()) == ""
    assert InvalidAuthenticationError("m", "REFRESH_TOKEN_EXPIRED").code == "REFRESH_TOKEN_EXPIRED"
    assert str(InvalidAuthenticationError()) == ""


def test_an_engine_error_is_a_type_error() -> None:
    assert issubclass(EngineTypeError, TypeError)


def test_names_of_builtins_are_not_the_builtins() -> None:
    assert not issubclass(errors.TimeoutError, TimeoutError)
    assert not issubclass(errors.ConnectionError, ConnectionError)


# --- what single errors carry ----------------------------------------------------------------------------


def test_http_error_carries_response_and_request() -> None:
    response = _Response(404, "Not Found")
    error = HTTPError(response, _REQUEST)
    assert error.response is response
    assert error.request is _REQUEST
    assert (str(error), error.status, error.code) == ("Not Found", 404, "NOT_FOUND")


def test_http_error_without_a_reason_phrase_says_the_status() -> None:
    assert str(HTTPError(_Response(599, ""), _REQUEST)) == "599"
    assert HTTPError(_Response(599, ""), _REQUEST).code == "UNKNOWN_ERROR"


def test_timeout_is_told_in_milliseconds_as_javascript_prints_them() -> None:
    assert str(errors.TimeoutError(_REQUEST, 10_000)) == "Request timed out after 10000ms"
    assert str(errors.TimeoutError(_REQUEST, 1e7)) == "Request timed out after 10000000ms"
    assert str(errors.TimeoutError(_REQUEST, 0.5)) == "Request timed out after 0.5ms"
    assert errors.TimeoutError(_REQUEST, 1).request is _REQUEST


def test_connection_and_redirect_errors_know_their_request() -> None:
    error = errors.ConnectionError("no such host", _REQUEST, "ENOTFOUND")
    assert (error.request, error.code) == (_REQUEST, "ENOTFOUND")
    assert errors.ConnectionError("m").request is None
    assert RedirectError("m", _REQUEST).request is _REQUEST
    assert RedirectError("m").request is None


def test_schema_error_joins_its_findings() -> None:
    findings = [_Finding("A is wrong."), _Finding("B too.")]
    error = SchemaValidationError(findings)
    assert str(error) == "A is wrong. B too."
    assert error.errors == findings


def test_mapping_validation_error_has_a_line_for_each_finding() -> None:
    error = MappingValidationError(["/a is wrong.", "/b too."])
    assert str(error) == "/a is wrong.\n/b too."
    assert error.errors == ["/a is wrong.", "/b too."]


def test_mapping_error_knows_its_place() -> None:
    error = MappingError("m", "@path", ("a", "b"))
    assert (error.directive, error.path) == ("@path", ("a", "b"))
    assert (MappingError("m").directive, MappingError("m").path) == (None, ())


def test_rejection_knows_its_subject() -> None:
    assert CollectorRejectedError("m", "goals").subject == "goals"
    assert CollectorRejectedError("m").subject is None


def test_dropped_requests_are_named() -> None:
    error = DroppedRequestError(iter([_REQUEST, _Request("GET", "https://other.example/")]))
    assert len(error.requests) == 2
    assert "collector.example" in str(error)
    assert "other.example" in str(error)
    assert isinstance(error, DefinitionError)


# --- the place in an FQL text ----------------------------------------------------------------------------


def test_describe_points_at_the_offset() -> None:
    assert FQLSyntaxError("Bad.", "type ~ 1", 5).describe() == "Bad.\n  type ~ 1\n       ^"


def test_describe_shows_the_line_at_fault_only() -> None:
    error = FQLSyntaxError("Bad.", 'type = "track"\nand ~\nand x', 19)
    assert error.describe() == "Bad.\n  and ~\n      ^"


def test_describe_points_behind_the_end() -> None:
    assert FQLSyntaxError("Bad.", "type =", 6).describe() == "Bad.\n  type =\n        ^"
    assert FQLSyntaxError("Bad.", "", 0).describe() == "Bad.\n  \n  ^"


def test_describe_without_a_place_shows_the_text() -> None:
    assert FQLSyntaxError("Bad.", "foo").describe() == "Bad.\n  foo"


def test_describe_adds_the_notes() -> None:
    error = FQLSyntaxError("Bad.", "foo", 0)
    error.add_note("Write it like this.")
    error.add_note("Or like that.")
    assert error.describe() == "Bad.\n  foo\n  ^\nWrite it like this.\nOr like that."


def test_fql_error_carries_its_source() -> None:
    error = FQLSyntaxError("Bad.", "foo", 2)
    assert (str(error), error.source, error.offset) == ("Bad.", "foo", 2)


# --- is_retryable ----------------------------------------------------------------------------------------

_RETRYABLE_STATUSES = {408, 423, 429, *range(500, 600)} - {501}


def test_retryable_statuses_are_these_and_no_others() -> None:
    for status in range(1000):
        expected = status in _RETRYABLE_STATUSES
        assert is_retryable(IntegrationError("m", "C", status)) is expected, status
        assert is_retryable(HTTPError(_Response(status), _REQUEST)) is expected, status
        assert is_retryable(RetryableError("m", status)) is expected, status
        assert is_retryable(APIError("m", status)) is expected, status


def test_timeouts_and_connection_errors_are_retryable() -> None:
    retryable = {cls for cls, make in _EXAMPLES.items() if is_retryable(make())}
    assert retryable == {
        errors.TimeoutError,
        errors.ConnectionError,
        RequestTimeoutError,
        RequestClientError,
        SelfTimeoutError,
        RetryableError,
        PartnerUnavailableError,
        APIError,
        HTTPError,
    }


def test_foreign_errors_are_not_retryable() -> None:
    assert not is_retryable(ValueError("m"))
    assert not is_retryable(KeyboardInterrupt())

    class Odd(Exception):  # noqa: N818  someone else's
        status = "503"

    assert not is_retryable(Odd())


# --- is_unavailable --------------------------------------------------------------------------------------


def test_unavailable_statuses_are_these_and_no_others() -> None:
    for status in range(1000):
        expected = status in {429, 502, 503, 504}
        assert is_unavailable(HTTPError(_Response(status), _REQUEST)) is expected, status
        assert is_unavailable(APIError("m", status)) is expected, status


def test_another_retryable_status_is_unavailable_where_the_answer_says_when_to_come_back() -> None:
    for status in range(1000):
        response = _Response(status, headers={"retry-after": "3"})
        expected = status in _RETRYABLE_STATUSES
        assert is_unavailable(HTTPError(response, _REQUEST)) is expected, status


def test_no_answer_in_time_and_none_at_all_say_nothing_of_the_event() -> None:
    unavailable = {cls for cls, make in _EXAMPLES.items() if is_unavailable(make())}
    # The example of an HTTPError is a 500, which is about the event.
    assert unavailable == {errors.TimeoutError, errors.ConnectionError, PartnerUnavailableError, APIError}
    assert all(is_retryable(_EXAMPLES[cls]()) for cls in unavailable)
    assert not is_unavailable(ValueError("m"))


def test_a_refused_certificate_is_told_from_other_failures_of_a_connection() -> None:
    assert is_certificate_refused(errors.ConnectionError("m", code="SELF_SIGNED_CERT_IN_CHAIN"))
    assert not is_certificate_refused(errors.ConnectionError("m"))
    assert not is_certificate_refused(HTTPError(_Response(503), _REQUEST))
