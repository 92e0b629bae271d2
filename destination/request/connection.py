"""One HTTP/1.1 connection: a request goes out, its answer comes in, and then it is free for another."""

import asyncio
import ssl
from typing import NamedTuple, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from destination.request.network_errors import HangUpError


class Answer(NamedTuple):
    """An answer as it came.

    Attributes:
        status: The HTTP status.
        phrase: Its reason phrase.
        headers: By lower-case name; what came twice is joined by `, `.
        body: Without the framing of the transfer, still with its content codings.
    """

    status: int
    phrase: str
    headers: dict[str, str]
    body: bytes


class Connection(asyncio.Protocol):
    """A connection that carries one exchange at a time.

    Attributes:
        free: Whether it can carry another exchange.
        idle_since: The loop's time when it last became free.
    """

    def __init__(self) -> None:
        self.free = False
        self.idle_since = 0.0
        self._loop = asyncio.get_running_loop()
        self._parser = HttpResponseParser(self)
        self._transport: asyncio.WriteTransport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._bodiless = False
        self._phrase = b""
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._ends_with_connection = False

    # --- for who sends ---------------------------------------------------------------------------------------

    def exchange(self, head: bytes, body: bytes | None, *, bodiless: bool) -> "asyncio.Future[Answer]":
        """Sends a request, and gives what will hold its answer; whoever no longer wants that closes the connection.

        Args:
            head: The request line and the headers, with the empty line behind them.
            body: The body.
            bodiless: That the answer has no body whatever its headers say, as that to HEAD.
        """
        assert self._transport is not None  # noqa: S101  `connection_made` comes first; for the type checker
        self.free = False
        self._bodiless = bodiless
        self._answer = answer = self._loop.create_future()
        if not body:
            self._transport.write(head)
        elif len(body) < 1 << 16:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)
        return answer

    def close(self) -> None:
        """Ends it at once."""
        self.free = False
        if self._transport is not None:
            self._transport.abort()

    # --- for the event loop ----------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's own is none by its class
        self.free = True

    def data_received(self, data: bytes) -> None:
        """Reads a piece of an answer."""
        if self._answer is None:  # nobody asked
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._fail(HangUpError(str(error)))

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends an answer that lasts as long as its connection; any other is lost."""
        self.free = False
        if self._answer is not None and self._ends_with_connection and exc is None:
            self._finish()
        else:
            self._fail(exc if isinstance(exc, (OSError, ssl.SSLError)) else HangUpError("closed"))

    def _fail(self, error: Exception) -> None:
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)
        self.close()

    # --- for the parser --------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begins an answer."""
        self._phrase, self._headers, self._body = b"", {}, []
        self._ends_with_connection = False

    def on_status(self, phrase: bytes) -> None:
        """Takes the reason phrase."""
        self._phrase += phrase

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header, or a trailer, which is one too."""
        key, text = name.decode("latin-1").lower(), value.decode("latin-1").rstrip(" \t")
        headers = self._headers
        headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        """Sees how the answer ends."""
        if self._bodiless and self._parser.get_status_code() >= 200:
            # The parser would wait for the body that the headers announce.
            self._finish()
            self.close()
        elif "content-length" not in self._headers and "transfer-encoding" not in self._headers:
            self._ends_with_connection = True

    def on_body(self, piece: bytes) -> None:
        """Takes a piece of the body."""
        self._body.append(piece)

    def on_message_complete(self) -> None:
        """Gives the answer, unless it only says that another one follows (1xx)."""
        if self._parser.get_status_code() >= 200:
            self._finish()

    def _finish(self) -> None:
        answer, self._answer = self._answer, None
        if answer is None or answer.done() or self._transport is None:
            return
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        answer.set_result(Answer(self._parser.get_status_code(), self._phrase.decode("latin-1"), self._headers, body))
        # One that answers before it has read the whole request may never read the rest.
        if self._parser.should_keep_alive() and not self._transport.get_write_buffer_size():
            self.free = not self._transport.is_closing()
        else:
            self.close()
