"""The request client: requests are values, which are sent by awaiting them, with a transport of your choice."""

from typing import TYPE_CHECKING

from destination.late import late_names
from destination.request.client import USER_AGENT, RequestClient, create_request_client
from destination.request.default_transport import DefaultTransport
from destination.request.headers import REDACTED, REDACTED_HEADERS, Headers, HeadersInput, merge_headers, redact_headers
from destination.request.limits import AbortSignal
from destination.request.message import DEFAULT_MAX_RESPONSE_BYTES, Request, Response, TooLargeResponse
from destination.request.options import (
    DEFAULT_TIMEOUT_MS,
    AfterResponse,
    BeforeRequest,
    MoreOptions,
    RequestOptions,
    merge_options,
)
from destination.request.pending import PendingRequest
from destination.request.search_params import SearchParams, SearchParamsInput
from destination.request.settle import Stopped, check_dropped, dropped, requests_of, run_to_first_request, settle
from destination.request.transport import MockTransport, Transport
from destination.request.url import Url, normalise_url, parse_url, public_url, resolve_url
from destination.request.wire import MAX_REDIRECTS

if TYPE_CHECKING:
    from destination.request.httpx_transport import HttpxTransport
    from destination.request.pyreqwest_transport import PyreqwestTransport, delivery_transport
    from destination.request.tls import TlsOptions

__getattr__ = late_names(
    globals(),
    {
        "destination.request.httpx_transport": "HttpxTransport",
        "destination.request.pyreqwest_transport": "PyreqwestTransport delivery_transport",
        "destination.request.tls": "TlsOptions",
    },
)

__all__ = [
    "DEFAULT_MAX_RESPONSE_BYTES",
    "DEFAULT_TIMEOUT_MS",
    "MAX_REDIRECTS",
    "REDACTED",
    "REDACTED_HEADERS",
    "USER_AGENT",
    "AbortSignal",
    "AfterResponse",
    "BeforeRequest",
    "DefaultTransport",
    "Headers",
    "HeadersInput",
    "HttpxTransport",
    "MockTransport",
    "MoreOptions",
    "PendingRequest",
    "PyreqwestTransport",
    "Request",
    "RequestClient",
    "RequestOptions",
    "Response",
    "SearchParams",
    "SearchParamsInput",
    "Stopped",
    "TlsOptions",
    "TooLargeResponse",
    "Transport",
    "Url",
    "check_dropped",
    "create_request_client",
    "delivery_transport",
    "dropped",
    "merge_headers",
    "merge_options",
    "normalise_url",
    "parse_url",
    "public_url",
    "redact_headers",
    "requests_of",
    "resolve_url",
    "run_to_first_request",
    "settle",
]
