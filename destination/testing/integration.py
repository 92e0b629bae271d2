"""Calls single actions of a destination, and keeps the requests that they sent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from destination.definition import EventOptions
from destination.errors import DefinitionError
from destination.event import Event
from destination.request import MockTransport, Request, Response, Transport
from destination.runtime import Destination, Instance, execute_action, execute_batch_action
from destination.runtime.auth import with_tokens
from destination.runtime.results import BatchOutcome, Outcome
from destination.testing.collector import Collector
from destination.testing.events import create_test_event

S = TypeVar("S")

_NO_OPTIONS = EventOptions()


class TestIntegration(Generic[S]):
    """A destination whose actions can be called without a trigger; made by `create_test_integration`.

    Attributes:
        destination: The destination under test.
        requests: The requests of the last call, in order.
        responses: The responses to them, in the same order.
        results: The result records of the last call, as Segment's runtime has them; empty if the call raised.
        instance: The instance that made the last call, whose `redactor` knows the secrets; None before the first.

    Example:
        >>> import asyncio
        >>> from destination.definition import Action
        >>> ping = Action(title="Ping", description="", perform=lambda request, data: request("https://h.test/"))
        >>> demo = TestIntegration(Destination(name="Demo", slug="demo", actions={"ping": ping}))
        >>> responses = asyncio.run(demo.test_action("ping"))
        >>> demo.requests, [response.status for response in responses]
        ((<Request GET https://h.test/ (no body)>,), [200])
    """

    __test__ = False  # the name is Segment's; pytest would take it for tests

    def __init__(
        self,
        destination: Destination[S],
        settings: S | Mapping[str, Any] | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.destination = destination
        self.requests: tuple[Request, ...] = ()
        self.responses: tuple[Response, ...] = ()
        self.results: tuple[dict[str, Any], ...] = ()
        self._settings: Any = {} if settings is None else settings
        self._transport: Transport = MockTransport() if transport is None else transport
        self.instance: Instance[S] | None = None

    async def test_action(  # noqa: PLR0913  the reference's own arguments
        self,
        slug: str,
        *,
        event: Event | None = None,
        mapping: Mapping[str, Any] | None = None,
        settings: S | Mapping[str, Any] | None = None,
        use_default_mappings: bool = False,
        auth: Mapping[str, Any] | None = None,
        features: Mapping[str, Any] | None = None,
        options: EventOptions = _NO_OPTIONS,
        metadata: Mapping[str, Any] | None = None,
    ) -> tuple[Response, ...]:
        """Sends one event through one action, without a trigger, and returns the responses. Segment's `testAction`.

        Args:
            slug: The action.
            event: Values of the event that replace the defaults of `create_test_event`.
            mapping: The mapping as JSON.
            settings: Settings that replace the integration's. They are not validated, as in the reference.
            use_default_mappings: Whether the defaults of the action's fields are added to `mapping`.
            auth: Tokens of an OAuth destination, such as `accessToken`.
            features: Feature flags by name; they override those of `options`.
            options: What the caller passes to the perform beside the event.
            metadata: Segment's identifiers, which performs can read.

        Raises:
            DefinitionError: There is no such action.
            Exception: The call failed: `PayloadValidationError`, `HTTPError`, or whatever the perform raised.
        """
        instance = self._begin(settings, auth)
        outcome = await execute_action(
            instance,
            slug,
            create_test_event(**(event or {})),
            self._mapping(slug, mapping, use_default_mappings=use_default_mappings),
            _with_features(options, features),
            metadata,
        )
        return self._end(outcome)

    async def test_batch_action(  # noqa: PLR0913  the reference's own arguments
        self,
        slug: str,
        *,
        events: Sequence[Event] = (),
        mapping: Mapping[str, Any] | None = None,
        settings: S | Mapping[str, Any] | None = None,
        use_default_mappings: bool = False,
        auth: Mapping[str, Any] | None = None,
        features: Mapping[str, Any] | None = None,
        options: EventOptions = _NO_OPTIONS,
        metadata: Mapping[str, Any] | None = None,
    ) -> tuple[Response, ...]:
        """Sends events as one batch through one action and returns the responses. Segment's `testBatchAction`.

        Without events, the batch is one test event. `results` has the result of each event. The other arguments are
        those of `test_action`.

        Raises:
            DefinitionError: There is no such action.
            Exception: The whole batch failed.
        """
        instance = self._begin(settings, auth)
        outcome = await execute_batch_action(
            instance,
            slug,
            [create_test_event(**event) for event in events or ({},)],
            self._mapping(slug, mapping, use_default_mappings=use_default_mappings),
            _with_features(options, features),
            metadata,
        )
        return self._end(outcome)

    async def test_authentication(
        self, settings: S | Mapping[str, Any] | None = None, auth: Mapping[str, Any] | None = None
    ) -> None:
        """Validates the settings, and calls the destination's authentication test. Segment's `testAuthentication`.

        Raises:
            SchemaValidationError: The settings are not valid.
            InvalidAuthenticationError: The partner rejects them.
        """
        recorder = _Recorder(self._transport)
        instance = self._begin(settings, auth, recorder, check_settings=True)
        try:
            await instance.test_authentication()
        finally:
            self.requests, self.responses = tuple(recorder.requests), tuple(recorder.responses)

    def _begin(
        self,
        settings: Any,
        auth: Mapping[str, Any] | None,
        transport: Transport | None = None,
        *,
        check_settings: bool = False,
    ) -> Instance[S]:
        self.requests, self.responses, self.results, self.instance = (), (), (), None
        given = self._settings if settings is None else settings
        if auth:
            given = with_tokens(given if isinstance(given, Mapping) else given.to_json(), auth)
        # Segment: an action takes settings as they are (test_settings_of_an_action_are_not_validated)
        self.instance = Instance(
            self.destination, given, [], transport=transport or self._transport, check_settings=check_settings
        )
        if isinstance(self._transport, Collector):
            self._transport.redactor = self.instance.redactor
        return self.instance

    def _mapping(self, slug: str, mapping: Mapping[str, Any] | None, *, use_default_mappings: bool) -> dict[str, Any]:
        actions = self.destination.actions
        if slug not in actions:
            known = ", ".join(actions) or "none"
            raise DefinitionError(f"{self.destination.name} has no action {slug!r}: use one of {known}")
        defaults = actions[slug].default_values() if use_default_mappings else {}
        return {**defaults, **(mapping or {})}

    def _end(self, outcome: Outcome | BatchOutcome) -> tuple[Response, ...]:
        self.requests, self.responses, self.results = outcome.requests, outcome.responses, outcome.results
        if outcome.error is not None:
            raise outcome.error
        return self.responses

    def __repr__(self) -> str:
        return f"<TestIntegration {self.destination.slug} {len(self.requests)} request(s)>"


def create_test_integration(
    destination: Destination[S],
    settings: S | Mapping[str, Any] | None = None,
    *,
    transport: Transport | None = None,
) -> TestIntegration[S]:
    """Makes a test integration, which calls actions without a trigger; Segment's `createTestIntegration`.

    Args:
        destination: The destination to test.
        settings: The settings of every call that has none of its own.
        transport: Answers the requests, such as the fixture `collector`; if None, every response is 200 `{}`.

    Example:
        >>> import asyncio
        >>> from destination.definition import Action
        >>> name = {"label": "Name", "type": "string", "default": {"@path": "$.event"}}
        >>> ping = Action(title="Ping", description="", fields={"name": name},
        ...               perform=lambda request, data: request("https://h/", "post", json=dict(data.payload)))
        >>> demo = create_test_integration(Destination(name="Demo", slug="demo", actions={"ping": ping}))
        >>> asyncio.run(demo.test_action("ping", event={"event": "Signed Up"}, use_default_mappings=True))
        (<Response 200 OK>,)
        >>> [request.json() for request in demo.requests]
        [{'name': 'Signed Up'}]
    """
    return TestIntegration(destination, settings, transport)


class _Recorder:
    """Keeps the requests that a transport sent, and the responses."""

    def __init__(self, transport: Transport) -> None:
        self.requests: list[Request] = []
        self.responses: list[Response] = []
        self._transport = transport

    async def send(self, request: Request) -> Response:
        self.requests.append(request)
        response = await self._transport.send(request)
        self.responses.append(response)
        return response

    async def aclose(self) -> None:
        """Leaves the connections open for the next call."""


def _with_features(options: EventOptions, features: Mapping[str, Any] | None) -> EventOptions:
    return options if features is None else replace(options, features={**options.features, **features})
