"""Decides whether sending an event again may help, and whether the partner is available at all.

Retries, pauses and outages all use these functions, so there is one list of statuses.
"""

from destination.errors import (
    ConnectionError,  # noqa: A004  the family's natural name
    HTTPError,
    PartnerUnavailableError,
    RequestClientError,
    RequestTimeoutError,
    TimeoutError,  # noqa: A004
)

_NETWORK = (TimeoutError, RequestTimeoutError, RequestClientError, ConnectionError)
_RETRYABLE_STATUSES = frozenset({408, 423, 429})


def is_retryable(error: BaseException) -> bool:
    """Returns whether sending the event again may help.

    True for every timeout and connection error, and for the statuses 408, 423, 429 and 5xx except 501. False for
    everything else. The status of an HTTPError is that of its response.

    Example:
        >>> from destination.errors import APIError, RetryableError
        >>> is_retryable(RetryableError()), is_retryable(APIError("not here", 501))
        (True, False)
    """
    if isinstance(error, _NETWORK):
        return True
    status = getattr(error, "status", None)
    if not isinstance(status, int):
        return False
    return status in _RETRYABLE_STATUSES or (500 <= status < 600 and status != 501)


_UNAVAILABLE_STATUSES = frozenset({429, 502, 503, 504})
_CERTIFICATE_CODES = frozenset(
    {
        # the server's certificate
        "CERT_HAS_EXPIRED",
        "CERT_NOT_YET_VALID",
        "CERT_REJECTED",
        "CERT_REVOKED",
        "DEPTH_ZERO_SELF_SIGNED_CERT",
        "ERR_TLS_CERT_ALTNAME_INVALID",
        "SELF_SIGNED_CERT_IN_CHAIN",
        "UNABLE_TO_GET_ISSUER_CERT",
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        # the client's
        "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
        "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED",
        "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "ERR_SSL_TLSV1_ALERT_ACCESS_DENIED",
        "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
        # what is trusted, or shown, cannot be used
        "ERR_TLS_INVALID_CONTEXT",
    }
)


def is_unavailable(error: BaseException) -> bool:
    """Returns whether a failure means that the partner is unavailable, independently of the event.

    True for connection errors, including DNS, for the request's own time limit, for the statuses 429, 502, 503 and
    504, for any other retryable status with a `Retry-After`, and for a proxy's page instead of an acknowledgement.
    False for everything else. Every error for which this is true is also retryable.

    Example:
        >>> from destination.errors import APIError
        >>> is_unavailable(ConnectionError("refused")), is_unavailable(APIError("slow down", 429))
        (True, True)
        >>> is_unavailable(APIError("a bug", 500)), is_unavailable(RequestTimeoutError())
        (False, False)
    """
    if isinstance(error, (ConnectionError, TimeoutError, PartnerUnavailableError)):
        return True
    if isinstance(error, _NETWORK):
        return False
    status = getattr(error, "status", None)
    if status in _UNAVAILABLE_STATUSES:
        return True
    headers = getattr(error.response, "headers", None) if isinstance(error, HTTPError) else None
    return headers is not None and "retry-after" in headers and is_retryable(error)


def is_certificate_refused(error: BaseException) -> bool:
    """Returns whether a certificate is the cause of a failure; then waiting does not help.

    True if the partner's certificate is not accepted, if the partner requires a client certificate or refuses it, and
    if the certificates that are configured here cannot be used.

    Example:
        >>> is_certificate_refused(ConnectionError("certificate has expired", code="CERT_HAS_EXPIRED"))
        True
    """
    return isinstance(error, ConnectionError) and error.code in _CERTIFICATE_CODES
