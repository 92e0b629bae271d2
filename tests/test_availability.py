"""Whether sending the same again may help, and whether the partner is there at all."""

from destination import errors
from destination.availability import is_certificate_refused, is_retryable, is_unavailable
from destination.errors import (
    APIError,
    HTTPError,
    IntegrationError,
    PartnerUnavailableError,
    RequestClientError,
    RequestTimeoutError,
    RetryableError,
    SelfTimeoutError,
)
from tests.test_errors import EXAMPLES, REQUEST, ErrorResponse

# --- is_retryable ----------------------------------------------------------------------------------------

_RETRYABLE_STATUSES = {408, 423, 429, *range(500, 600)} - {501}


def test_retryable_statuses_are_these_and_no_others() -> None:
    for status in range(1000):
        expected = status in _RETRYABLE_STATUSES
        assert is_retryable(IntegrationError("m", "C", status)) is expected, status
        assert is_retryable(HTTPError(ErrorResponse(status), REQUEST)) is expected, status
        assert is_retryable(RetryableError("m", status)) is expected, status
        assert is_retryable(APIError("m", status)) is expected, status


def test_timeouts_and_connection_errors_are_retryable() -> None:
    retryable = {cls for cls, make in EXAMPLES.items() if is_retryable(make())}
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
        assert is_unavailable(HTTPError(ErrorResponse(status), REQUEST)) is expected, status
        assert is_unavailable(APIError("m", status)) is expected, status


def test_another_retryable_status_is_unavailable_where_the_answer_says_when_to_come_back() -> None:
    for status in range(1000):
        response = ErrorResponse(status, headers={"retry-after": "3"})
        expected = status in _RETRYABLE_STATUSES
        assert is_unavailable(HTTPError(response, REQUEST)) is expected, status


def test_no_answer_in_time_and_none_at_all_say_nothing_of_the_event() -> None:
    unavailable = {cls for cls, make in EXAMPLES.items() if is_unavailable(make())}
    # The example of an HTTPError is a 500, which is about the event.
    assert unavailable == {errors.TimeoutError, errors.ConnectionError, PartnerUnavailableError, APIError}
    assert all(is_retryable(EXAMPLES[cls]()) for cls in unavailable)
    assert not is_unavailable(ValueError("m"))


def test_a_refused_certificate_is_told_from_other_failures_of_a_connection() -> None:
    assert is_certificate_refused(errors.ConnectionError("m", code="SELF_SIGNED_CERT_IN_CHAIN"))
    assert not is_certificate_refused(errors.ConnectionError("m"))
    assert not is_certificate_refused(HTTPError(ErrorResponse(503), REQUEST))
