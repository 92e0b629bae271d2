"""Plays a partner's API in tests: answers by rules and keeps the requests that it received."""

import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from destination.errors import TimeoutError  # noqa: A004  Segment's name
from destination.request import REDACTED, REDACTED_HEADERS, HeadersInput, Request, Response, public_url
from destination.runtime import Redactor
from destination.testing.compare import Difference, differences
from destination.values import MISSING

Url: TypeAlias = str | re.Pattern[str]
"""A URL in which `*` matches any text, or a pattern that matches the whole URL."""

_DEFAULT_TIMEOUT_MS = 10_000


class Rule:
    """The answers of a collector to some requests; made by `Collector.on`.

    The answers are used in order, and the last one repeats. Without any, the answer is 200 `{}`.
    """

    def __init__(self, wanted: "_Wanted") -> None:
        self._wanted = wanted
        self._answers: list[Response | Exception | None] = []
        self._next = 0

    def answer(
        self, status: int = 200, *, json: Any = MISSING, body: bytes | str = b"", headers: HeadersInput = ()
    ) -> "Rule":
        """Adds an answer.

        Args:
            status: The HTTP status.
            json: A JSON value for the body.
            body: The body if it is not JSON.
            headers: The headers.
        """
        content = body.encode() if isinstance(body, str) else body
        self._answers.append(Response(status, content, headers, json=json))
        return self

    def fail(self, error: Exception) -> "Rule":
        """Adds a failure of the network, such as a `ConnectionError`."""
        self._answers.append(error)
        return self

    def time_out(self) -> "Rule":
        """Adds a timeout: the request fails with a `TimeoutError` at once, as if its time limit had passed."""
        self._answers.append(None)
        return self

    def takes(self, request: Request) -> bool:
        """Whether the rule matches a request."""
        return not self._wanted.misses(request)

    def respond(self, request: Request) -> Response:
        """Returns the next answer; 200 `{}` if there is none.

        Raises:
            Exception: The next answer is a failure.
        """
        if not self._answers:
            return Response(json={})
        given = self._answers[min(self._next, len(self._answers) - 1)]
        self._next += 1
        if given is None:
            raise TimeoutError(request, request.timeout_ms or _DEFAULT_TIMEOUT_MS)
        if isinstance(given, Exception):
            raise given
        return Response(given.status, given.body, given.headers, status_text=given.status_text)

    def __repr__(self) -> str:
        return f"<Rule {self._wanted.method or 'any method'}, {len(self._answers)} answer(s)>"


class Collector:
    """A partner's API for tests: a transport that answers by rules and keeps the requests. Nothing is sent.

    A request that no rule matches is answered with 200 `{}`.

    Attributes:
        received: All requests, in order.
        redactor: Masks secrets in messages; a test integration sets it. Headers that usually hold secrets are masked
            without it.

    Example:
        >>> import asyncio
        >>> from destination.request import RequestClient
        >>> collector = Collector()
        >>> _ = collector.on("post", "https://api.test/*").answer(201, json={"id": 7})
        >>> request = RequestClient(transport=collector)
        >>> async def send():
        ...     return await request("https://api.test/users", "post", json={"name": "Ada", "plan": "pro"})
        >>> asyncio.run(send()).data
        {'id': 7}
        >>> collector.assert_received("POST", json={"name": "Ada"})
        <Request POST https://api.test/users (27 bytes)>
        >>> collector.assert_nothing_else()
    """

    def __init__(self) -> None:
        self.received: list[Request] = []
        self.redactor = Redactor({}, ())
        self._rules: list[Rule] = []
        self._asserted: set[int] = set()

    def on(
        self, method: str | None = None, url: Url | None = None, *, json: Any = MISSING, headers: Any = None
    ) -> Rule:
        """Adds a rule for requests; if several rules match a request, the one that was added last answers.

        Args:
            method: The HTTP method, in upper or lower case; any method if None.
            url: The URL; any URL if None.
            json: The expected JSON body, in part; see `destination.testing.compare.differences`.
            headers: The expected headers, in part.
        """
        rule = Rule(_Wanted(method, url, json, headers))
        self._rules.append(rule)
        return rule

    async def send(self, request: Request) -> Response:
        """Keeps a request and returns the answer of its rule.

        Raises:
            Exception: The answer of the rule is a failure.
        """
        self.received.append(request)
        rule = next((rule for rule in reversed(self._rules) if rule.takes(request)), None)
        response = Response(json={}) if rule is None else rule.respond(request)
        response.url = request.url
        return response

    async def aclose(self) -> None:
        """Does nothing, because a collector has no connections."""

    def assert_received(
        self, method: str | None = None, url: Url | None = None, *, json: Any = MISSING, headers: Any = None
    ) -> Request:
        """Returns the first request that matches and was not asserted before; the arguments are those of `on`.

        Raises:
            AssertionError: There is no such request; the message shows how the closest one differs.
        """
        __tracebackhide__ = True
        wanted = _Wanted(method, url, json, headers)
        closest: tuple[int, list[Difference]] | None = None
        seen = 0
        for index, request in enumerate(self.received):
            missed = wanted.misses(request)
            if not missed and index not in self._asserted:
                self._asserted.add(index)
                return request
            seen += not missed
            if missed and (closest is None or _distance(missed) < _distance(closest[1])):
                closest = index, missed
        raise AssertionError(self._complaint(seen, closest))

    def assert_nothing_else(self) -> None:
        """Asserts that every request was asserted.

        Raises:
            AssertionError: Some were not; the message lists them.
        """
        __tracebackhide__ = True
        rest = [request for index, request in enumerate(self.received) if index not in self._asserted]
        if rest:
            lines = [f"{len(rest)} of {len(self.received)} requests received were not asserted:"]
            lines += [f"  {self._line(request)}" for request in rest]
            raise AssertionError("\n".join(lines))

    def _complaint(self, seen: int, closest: tuple[int, list[Difference]] | None) -> str:
        if seen:
            return f"such a request was received {seen} time(s), and each was already asserted"
        if closest is None:
            return "no request was received"
        index, missed = closest
        lines = [f"none of the {len(self.received)} requests received matches; number {index + 1} is closest:"]
        lines.append(f"  {self._line(self.received[index])}")
        lines += [f"  {self.redactor.text(str(one.masked(self.redactor)))}" for one in missed]
        return "\n".join(lines)

    def _line(self, request: Request) -> str:
        return self.redactor.text(f"{request.method} {public_url(request.url)}")

    def __repr__(self) -> str:
        return f"<Collector {len(self.received)} received, {len(self._rules)} rule(s)>"


class _Wanted:
    """The conditions that a request must meet."""

    def __init__(self, method: str | None, url: Url | None, json: Any, headers: Mapping[str, Any] | None) -> None:
        self.method = None if method is None else method.upper()
        self.url = url
        self.json = json
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}

    def misses(self, request: Request) -> list[Difference]:
        """Returns the differences of a request."""
        found: list[Difference] = []
        if self.method is not None and self.method != request.method:
            found.append(Difference(("method",), self.method, request.method))
        if self.url is not None and not _url_matches(self.url, request.url):
            text = self.url if isinstance(self.url, str) else self.url.pattern
            found.append(Difference(("url",), text, public_url(request.url)))
        found += map(_masked, differences(self.headers, request.headers, ("headers",)))
        if self.json is not MISSING:
            found += differences(self.json, request.data, ("json",))
        return found


def _distance(missed: list[Difference]) -> tuple[int, int]:
    """Returns a sort key: fewer differences first, then deeper ones."""
    return len(missed), -sum(len(one.path) for one in missed)


def _masked(difference: Difference) -> Difference:
    if difference.path[1] not in REDACTED_HEADERS:
        return difference
    return difference.masked(lambda value: value if value is MISSING else REDACTED)


def _url_matches(wanted: Url, url: str) -> bool:
    if isinstance(wanted, re.Pattern):
        return wanted.fullmatch(url) is not None
    return re.fullmatch(".*".join(map(re.escape, wanted.split("*"))), url, re.DOTALL) is not None
