"""Names network failures with Node's codes and messages, from one table for all transports.

A transport converts its library's error to a `Failure`; this module names it.
"""

import errno
import re
import ssl
from collections.abc import Mapping
from typing import Final, NamedTuple

from destination.errors import ConnectionError as ClientConnectionError
from destination.request.message import Request
from destination.request.url import Url


class Cause(NamedTuple):
    """The cause of a missing answer.

    Attributes:
        code: Node's code.
        reason: The cause in words, without secrets.
    """

    code: str
    reason: str


class Failure(NamedTuple):
    """A library's error for a request without an answer, in a form that is the same for all libraries.

    Attributes:
        connecting: Whether the connection was still being made, including TLS.
        unresolved: Node's code if the host has no address (`ENOTFOUND` or `EAI_AGAIN`), or None.
        certificate: OpenSSL's error if the server's certificate was refused, or None.
        number: The system's error number, or None.
        tls: The message of OpenSSL or rustls if TLS failed, or None.
        unreachable: Whether no connection could be made, for any reason.
        no_http: Whether the answer is not HTTP/1.
    """

    connecting: bool = False
    unresolved: str | None = None
    certificate: ssl.SSLCertVerificationError | None = None
    number: int | None = None
    tls: str | None = None
    unreachable: bool = False
    no_http: bool = False


def cause_of(failure: Failure, url: Url) -> Cause:
    """Returns the cause of a missing answer from a URL, as Node names it.

    Example:
        >>> from destination.request.url import parse_url
        >>> cause_of(Failure(connecting=True, number=errno.ECONNREFUSED), parse_url("https://h/"))
        Cause(code='ECONNREFUSED', reason='connect ECONNREFUSED h:443')
    """
    if failure.unresolved is not None:
        return Cause(failure.unresolved, f"getaddrinfo {failure.unresolved} {url.host}")
    if failure.certificate is not None:
        return _refused_certificate(failure.certificate)
    code = None if failure.number is None else errno.errorcode.get(failure.number)
    if code is not None:
        return Cause(code, f"connect {code} {_address(url)}" if failure.connecting else f"read {code}")
    if failure.tls is not None:
        cause = _tls_cause(failure.tls)
        return _HANG_UP if cause is _NO_HANDSHAKE and not failure.connecting else cause
    if failure.unreachable:
        return Cause("ECONNREFUSED", f"connect ECONNREFUSED {_address(url)}")
    return _NO_HTTP if failure.no_http else _HANG_UP


def _address(url: Url) -> str:
    return f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"


def undecodable(reason: str) -> Cause:
    """Returns the cause for a body that cannot be decompressed."""
    return Cause("Z_DATA_ERROR", reason)


def connection_error(request: Request, url: Url, cause: Cause) -> ClientConnectionError:
    """Makes the error of a request without an answer.

    Example:
        >>> from destination.request.url import parse_url
        >>> url = parse_url("https://h/?key=1")
        >>> connection_error(Request("GET", str(url)), url, cause_of(Failure(), url))
        ConnectionError('request to https://h/?… failed, reason: socket hang up')
    """
    return ClientConnectionError(f"request to {url.public} failed, reason: {cause.reason}", request, cause.code)


_HANG_UP: Final = Cause("ECONNRESET", "socket hang up")
_NO_HTTP: Final = Cause(
    "HPE_INVALID_CONSTANT", "Parse Error: Expected HTTP/1.1; the server may speak only HTTP/2, or another protocol"
)


# --- TLS: the server's certificate -----------------------------------------------------------------------

UNUSABLE_TLS: Final = "ERR_TLS_INVALID_CONTEXT"
"""The code if the trusted certificates, or the client's own one, cannot be used."""

_NAME_MISMATCH = Cause(
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "Hostname/IP does not match certificate's altnames: the certificate is for another host",
)
_UNKNOWN_ISSUER = "the certificate's issuer is not trusted here"
# By OpenSSL's result codes of a verification.
_CERTIFICATES: Mapping[int, Cause] = {
    2: Cause("UNABLE_TO_GET_ISSUER_CERT", f"unable to get issuer certificate: {_UNKNOWN_ISSUER}"),
    9: Cause("CERT_NOT_YET_VALID", "certificate is not yet valid"),
    10: Cause("CERT_HAS_EXPIRED", "certificate has expired"),
    18: Cause("DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate, which is not trusted here"),
    19: Cause("SELF_SIGNED_CERT_IN_CHAIN", f"self-signed certificate in certificate chain: {_UNKNOWN_ISSUER}"),
    20: Cause("UNABLE_TO_GET_ISSUER_CERT_LOCALLY", f"unable to get local issuer certificate: {_UNKNOWN_ISSUER}"),
    21: Cause("UNABLE_TO_VERIFY_LEAF_SIGNATURE", f"unable to verify the first certificate: {_UNKNOWN_ISSUER}"),
    23: Cause("CERT_REVOKED", "certificate revoked"),
    62: _NAME_MISMATCH,
    64: _NAME_MISMATCH,
}


def _refused_certificate(error: ssl.SSLCertVerificationError) -> Cause:
    """Returns the cause why OpenSSL did not accept a server's certificate.

    Example:
        >>> error = ssl.SSLCertVerificationError(1, "certificate verify failed")
        >>> error.verify_code, error.verify_message = 10, "certificate has expired"
        >>> _refused_certificate(error).code
        'CERT_HAS_EXPIRED'
    """
    found = _CERTIFICATES.get(error.verify_code)
    return found or Cause("CERT_REJECTED", f"certificate refused: {error.verify_message}")


# --- TLS: all else ---------------------------------------------------------------------------------------

_NO_HANDSHAKE: Final = Cause(
    "ECONNRESET", "Client network socket disconnected before secure TLS connection was established"
)

_CLIENT_CERTIFICATE = "the server refused the client certificate, or wants one"
# The alerts that a server may send before it closes, by their name in the standard without spaces.
_ALERTS: Mapping[str, Cause] = {
    "certificaterequired": Cause("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "the server wants a client certificate"),
    "badcertificate": Cause("ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", f"{_CLIENT_CERTIFICATE} (bad certificate)"),
    "unsupportedcertificate": Cause(
        "ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "the server refused the client certificate: it is unsupported"
    ),
    "certificaterevoked": Cause(
        "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED", "the server refused the client certificate: it is revoked"
    ),
    "certificateexpired": Cause(
        "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "the server refused the client certificate: it has expired"
    ),
    "certificateunknown": Cause(
        "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", f"{_CLIENT_CERTIFICATE} (certificate unknown)"
    ),
    "unknownca": Cause(
        "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "the server refused the client certificate: it does not trust its issuer"
    ),
    "accessdenied": Cause("ERR_SSL_TLSV1_ALERT_ACCESS_DENIED", f"{_CLIENT_CERTIFICATE} (access denied)"),
    "noapplicationprotocol": Cause(
        "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "the server does not speak HTTP/1.1, perhaps only HTTP/2"
    ),
    "handshakefailure": Cause(
        "EPROTO", "the server refused the TLS handshake: it may want a client certificate, or has no cipher in common"
    ),
    "protocolversion": Cause("EPROTO", "no TLS version in common: here it is 1.2 or 1.3"),
}
# Messages with a server's alert: `tlsv13 alert certificate required`, `received fatal alert: CertificateRequired`.
_ALERT = re.compile(r"alert:? ([a-z][a-z ]*)")
_OTHERS: tuple[tuple[re.Pattern[str], Cause], ...] = (
    (
        re.compile(r"wrong version number|invalidcontenttype|record layer failure|http request"),
        Cause("EPROTO", "the server speaks no TLS there; its address may begin with http://"),
    ),
    (
        re.compile(r"unsupported protocol|peer is incompatible|no protocols available"),
        Cause("EPROTO", "no TLS version or cipher in common: here it is TLS 1.2 or 1.3"),
    ),
    (
        re.compile(r"unrecogni[sz]ed ?name"),
        Cause("EPROTO", "the server has no certificate for this host (unrecognized name)"),
    ),
    (re.compile(r"handshake eof|unexpected eof|eof occurred"), _NO_HANDSHAKE),
)


def _tls_cause(text: str) -> Cause:
    """Returns the cause of a TLS failure, from the message of OpenSSL or rustls.

    Example:
        >>> _tls_cause("[SSL] tlsv13 alert certificate required").reason
        'the server wants a client certificate'
        >>> _tls_cause("received fatal alert: CertificateRequired").code
        'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'
    """
    words = text.lower().replace("_", " ")
    for pattern, cause in _OTHERS:
        if pattern.search(words):
            return cause
    alert = _ALERT.search(words)
    if alert is None:
        return Cause("EPROTO", "TLS failed")
    name = alert[1].strip()
    return _ALERTS.get(name.replace(" ", "")) or Cause("EPROTO", f"the server broke TLS off: {name}")
