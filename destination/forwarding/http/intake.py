"""The HTTP intake: the routes of Segment's tracking API."""

import hashlib
import hmac
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from destination.forwarding.accepted import Accepted, QueueFullError, QueueUnavailableError
from destination.forwarding.http.answers import (
    RefusedRequestError,
    send_bytes,
    send_json,
    send_pixel,
    send_preflight,
    send_refusal,
    send_success,
)
from destination.forwarding.http.body import BodyReader, parse, parse_object
from destination.forwarding.http.events import TYPES, Envelope, Refused
from destination.forwarding.http.options import EVENT_REASONS, IntakeCounts, IntakeOptions, WriteKeys, basic_key
from destination.forwarding.http.origin import Origins, header_of
from destination.forwarding.http.pixel import read_pixel
from destination.forwarding.http.refused import RefusedLog
from destination.forwarding.logs import log_fields
from destination.values import date_to_string, stringify
from destination.values.printable import printable

_BATCH: Final = "batch"
_WEBHOOK: Final = "webhook"
_SHORT: Final = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": _BATCH}
_POST_ROUTES: Final = {
    **{f"/v1/{kind}": kind for kind in TYPES},
    **{f"/v1/{short}": kind for short, kind in _SHORT.items()},
    "/v1/batch": _BATCH,
    "/v1/import": _BATCH,
}
"""The paths that take events, and the type of the events; `batch` for those that take a list of any."""

_WEBHOOK_PATH: Final = "/v1/webhook"
_PIXEL_PATH: Final = "/v1/pixel/"
_SETTINGS_PATH: Final = ("/v1/projects/", "/settings")

_MAX_STORED_FACTOR: Final = 64
"""How many times the maximum size of a body its events may have, with what the body says about all of them."""

_LOGGED_IDS: Final = 20
"""The maximum number of events that are named in one line of the log."""

_LOG = logging.getLogger(__name__)

Put = Callable[[Sequence[Accepted]], Awaitable[int]]


def create_intake(
    put: Put,
    *,
    keys: WriteKeys,
    behind: Callable[[str], float | None],
    refused: RefusedLog | None,
    counts: IntakeCounts,
    options: IntakeOptions,
    clock: Callable[[], float] = time.time,
) -> Starlette:
    """Makes the intake as an ASGI application.

    While `app.state.is_stopping` is true, requests with events are answered 503.

    Args:
        put: Keeps events, and returns how many of them were new. It may raise `QueueFullError` (the answer is 429) and
            `QueueUnavailableError` (503).
        keys: The write keys that are accepted.
        behind: Returns the seconds after which events of a write key may be sent again (429), or None if they may now.
        refused: Keeps events that are refused; None keeps none.
        counts: Counts what happens.
        options: The limits.
        clock: Returns the time, in seconds since 1970.

    Example:
        >>> import asyncio, httpx
        >>> class Uncounted:
        ...     def accepted(self, write_key, count): ...
        ...     def duplicate(self, count): ...
        ...     def refused(self, reason, count): ...
        >>> queue = []
        >>> async def put(events):
        ...     queue.extend(events)
        ...     return len(events)
        >>> app = create_intake(put, keys=WriteKeys(["wk-1"]), behind=lambda key: None, refused=None,
        ...                     counts=Uncounted(), options=IntakeOptions())
        >>> async def send():
        ...     async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://h") as client:
        ...         event = {"writeKey": "wk-1", "userId": "u", "event": "Paid", "messageId": "m-1"}
        ...         return (await client.post("/v1/track", json=event)).text
        >>> asyncio.run(send())
        '{"success": true}'
        >>> queue[0].message_id
        'm-1'
    """
    app = Starlette()
    app.state.is_stopping = False
    app.router.redirect_slashes = False
    # Routes are looked up in a dictionary: matching each of them would take longer than a small event.
    app.router.default = _Intake(put, app.state, keys, behind, refused, counts, options, clock)
    return app


class _Intake:
    """Answers the requests of an intake; the arguments are those of `create_intake`."""

    def __init__(
        self,
        put: Put,
        state: State,
        keys: WriteKeys,
        behind: Callable[[str], float | None],
        refused: RefusedLog | None,
        counts: IntakeCounts,
        options: IntakeOptions,
        clock: Callable[[], float],
    ) -> None:
        self._put = put
        self._state = state
        self._keys = keys
        self._behind = behind
        self._refused = refused
        self._counts = counts
        self._options = options
        self._clock = clock
        self._origins = Origins(options)
        self._bodies = BodyReader(
            options.max_batch_bytes, options.max_buffered_bytes, options.body_s, options.retry_after_s
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        path: str = scope["path"]
        path = path.removesuffix("/")
        kind = _POST_ROUTES.get(path)
        if kind is None and path == _WEBHOOK_PATH and self._options.webhook_secret is not None:
            kind = _WEBHOOK
        if kind is None:
            await self._answer_get(path, scope, send)
        elif scope["method"] == "POST":
            await self._answer_post(kind, scope, receive, send)
        else:
            await self._answer_other(b"POST", scope, send)

    # --- POST: events ------------------------------------------------------------------------------------

    async def _answer_post(self, kind: str, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._take(kind, scope, receive)
        except ClientDisconnect:
            return
        except RefusedRequestError as error:
            refusal = error
            self._note_request(error)
        except Exception as error:  # noqa: BLE001  whatever is sent, the service goes on
            self._log_fault(error)
            refusal = RefusedRequestError(500, "fault", "a fault of the intake")
            self._note_request(refusal)
        else:
            await send_success(send)
            return
        await send_refusal(send, refusal)

    async def _take(self, kind: str, scope: Scope, receive: Receive) -> None:
        """Keeps the events of a request.

        Raises:
            RefusedRequestError: None of them is kept.
            ClientDisconnect: The client closed the connection.
        """
        options = self._options
        if self._state.is_stopping:
            raise RefusedRequestError(503, "stopping", "the service stops", retry_after_s=options.retry_after_s)
        authorization = encoding = b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                authorization = value
            elif name == b"content-encoding":
                encoding = value
        key = basic_key(authorization) if authorization and kind != _WEBHOOK else None
        if key is not None:
            self._known_key(key)
        received_ms = int(self._clock() * 1000)
        raw = await self._bodies.read(receive, encoding)
        body: Any
        if kind == _WEBHOOK:
            body = parse(raw)
            self._check_signature(body, header_of(scope, b"x-signature"))
            key = options.webhook_key or _WEBHOOK
            items = body if isinstance(body, list) else None
        else:
            body = parse_object(raw)
            if key is None:
                key = self._known_key(body.get("writeKey"))
            items = _items(body) if kind == _BATCH else None
        self._check_behind(key)
        ip = self._origins.client_address(scope)
        shared = body if kind == _BATCH else {}
        envelope = Envelope(key, received_ms, options.max_event_bytes, ip, shared, kind == _WEBHOOK)
        if items is None:
            await self._keep_one(envelope, body, None if kind == _WEBHOOK else kind)
        else:
            await self._keep_all(envelope, items)

    async def _keep_one(self, envelope: Envelope, item: Any, kind: str | None) -> None:
        made = envelope.accept(item, kind)
        if isinstance(made, Refused):
            self._note_events([made], envelope.received_ms)
            raise RefusedRequestError(400, made.reason, made.message)
        await self._keep(envelope.write_key, [made])

    async def _keep_all(self, envelope: Envelope, items: list[Any]) -> None:
        options = self._options
        if len(items) > options.max_batch_events:
            message = f"the batch has more than {options.max_batch_events:,} events"
            raise RefusedRequestError(400, "too_many_events", message)
        made = envelope.accept_all(items, _MAX_STORED_FACTOR * options.max_batch_bytes)
        if made is None:
            message = "the events of the batch are too large with what the batch adds to each"
            raise RefusedRequestError(400, "body_too_large", message)
        taken, refused = made
        if taken:
            await self._keep(envelope.write_key, taken)
        if refused:  # only now: a client sends the whole batch again if it could not be kept
            self._note_events(refused, envelope.received_ms)

    async def _keep(self, key: str, taken: list[Accepted]) -> None:
        retry_after_s = self._options.retry_after_s
        try:
            new = await self._put(taken)
        except QueueFullError:
            raise RefusedRequestError(429, "queue_full", "the queue is full", retry_after_s=retry_after_s) from None
        except QueueUnavailableError:
            message = "the queue cannot be written"
            raise RefusedRequestError(503, "queue_unavailable", message, retry_after_s=retry_after_s) from None
        self._counts.accepted(key, new)
        if new != len(taken):
            self._counts.duplicate(len(taken) - new)

    def _known_key(self, key: object) -> str:
        if isinstance(key, str) and self._keys.accepts(key):
            return key
        raise RefusedRequestError(401, "wrong_key", "the write key is missing or not known")

    def _check_behind(self, key: str) -> None:
        wait_s = self._behind(key)
        if wait_s is not None:
            message = "a destination of the write key is too far behind"
            raise RefusedRequestError(429, "behind", message, retry_after_s=wait_s)

    def _check_signature(self, body: Any, signature: bytes) -> None:
        # Segment: the signature of a batch is that of its first event (test_a_batch_is_signed_by_its_first_event)
        signed = body[0] if isinstance(body, list) and body else body
        secret = self._options.webhook_secret or b""
        expected = hmac.new(secret, stringify(signed, doubles=True).encode(), hashlib.sha1).hexdigest().encode()
        if not hmac.compare_digest(expected, signature.strip()):
            raise RefusedRequestError(401, "wrong_signature", "`X-Signature` is missing or wrong")

    # --- GET: the pixel, and settings for browsers -------------------------------------------------------

    async def _answer_get(self, path: str, scope: Scope, send: Send) -> None:
        prefix, suffix = _SETTINGS_PATH
        is_pixel = path.startswith(_PIXEL_PATH)
        is_settings = path.startswith(prefix) and path.endswith(suffix)
        if not (is_pixel or is_settings):
            await send_json(send, {"success": False, "code": "not_found", "message": "there is no such route"}, 404)
        elif scope["method"] not in ("GET", "HEAD"):
            await self._answer_other(b"GET, HEAD", scope, send)
        elif is_pixel:
            if scope["method"] == "GET":
                await self._take_pixel(path[len(_PIXEL_PATH) :], scope)
            await send_pixel(send)
        else:
            await self._send_settings(path[len(prefix) : -len(suffix)], scope, send)

    async def _take_pixel(self, name: str, scope: Scope) -> None:
        """Keeps the event of a pixel; whatever is wrong with it, the answer is the image."""
        kind = _SHORT.get(name, name)
        try:
            if self._state.is_stopping:
                raise RefusedRequestError(503, "stopping", "the service stops")
            if kind not in TYPES:
                raise RefusedRequestError(400, "invalid_body", "the type of the pixel is not known")
            try:
                event = read_pixel(scope["query_string"])
            except ValueError as error:
                raise RefusedRequestError(400, "invalid_body", f"the pixel has no event: {error}") from None
            key = self._known_key(event.get("writeKey"))
            self._check_behind(key)
            ip = self._origins.client_address(scope)
            received_ms = int(self._clock() * 1000)
            envelope = Envelope(key, received_ms, self._options.max_event_bytes, ip, {})
            await self._keep_one(envelope, event, kind)
        except RefusedRequestError as error:
            self._note_request(error)
        except Exception as error:  # noqa: BLE001  the answer is always the image
            self._log_fault(error)
            self._counts.refused("fault", 1)

    async def _send_settings(self, key: str, scope: Scope, send: Send) -> None:
        if not self._keys.accepts(key):
            message = "the write key is not known"
            await send_json(send, {"success": False, "code": "wrong_key", "message": message}, 404)
            return
        scheme, host = self._origins.public_address(scope)
        settings = {"apiKey": key, "apiHost": f"{host}/v1", "protocol": scheme}
        await send_json(send, {"integrations": {"Segment.io": settings}}, 200, [(b"cache-control", b"no-cache")])

    async def _answer_other(self, methods: bytes, scope: Scope, send: Send) -> None:
        """Answers a preflight request, or a method that a path does not have."""
        if scope["method"] == "OPTIONS":
            requested = header_of(scope, b"access-control-request-headers")
            is_private = header_of(scope, b"access-control-request-private-network") == b"true"
            await send_preflight(send, methods, requested, is_private=is_private)
            return
        await send_bytes(send, b"", 405, [(b"allow", methods + b", OPTIONS")])

    # --- what is counted and logged: never a write key, never an event -----------------------------------

    def _note_request(self, refusal: RefusedRequestError) -> None:
        """Counts a refused request, and logs one that clients do not send again."""
        if refusal.reason in EVENT_REASONS:
            return  # noted with its event
        self._counts.refused(refusal.reason, 1)
        if refusal.status in (400, 401):
            _LOG.warning(
                "a request was refused with %d: %s (%s)",
                refusal.status,
                refusal.reason,
                refusal,
                extra=log_fields("request refused", status=refusal.status, reason=refusal.reason, message=str(refusal)),
            )

    def _note_events(self, refused: list[Refused], received_ms: int) -> None:
        by_reason: dict[str, list[Refused]] = {}
        for one in refused:
            by_reason.setdefault(one.reason, []).append(one)
        for reason, some in by_reason.items():
            self._counts.refused(reason, len(some))
            ids = [one.message_id[:100] for one in some[:_LOGGED_IDS]]
            shown = ", ".join(printable(one) or "(without)" for one in ids)
            more = f" and {len(some) - _LOGGED_IDS:,} more" if len(some) > _LOGGED_IDS else ""
            _LOG.warning(
                "%d events were refused: %s; messageId: %s%s",
                len(some),
                reason,
                shown,
                more,
                extra=log_fields("refused", reason=reason, count=len(some), messageIds=ids),
            )
        if self._refused is not None:
            self._refused.add(refused, date_to_string(received_ms))

    def _log_fault(self, error: Exception) -> None:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
        # Its message may hold what was sent.
        _LOG.error("a fault of the intake: %s in %s", type(error).__name__, where)


def _items(body: dict[str, Any]) -> list[Any]:
    items = body.get("batch")
    if type(items) is not list:
        raise RefusedRequestError(400, "invalid_body", "`batch` is not a list of events")
    return items
