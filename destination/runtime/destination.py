"""`Destination`: a definition that can make instances of itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from destination.definition import DestinationDefinition, Subscription
from destination.request import Transport
from destination.runtime.instance import Instance
from destination.runtime.watching import instance_class

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class Destination(DestinationDefinition[S], Generic[S]):
    """A destination: what an author declares, and what makes instances.

    Example:
        >>> demo = Destination(name="Demo", slug="demo", actions={})
        >>> demo.instance({}).plan({"type": "track"}).outcomes
        ()
    """

    def instance(
        self,
        settings: S | Mapping[str, Any],
        subscriptions: Iterable[Subscription | Mapping[str, Any]] | None = None,
        *,
        transport: Transport | None = None,
        timeout_ms: float | None = None,
    ) -> Instance[S]:
        """This destination with settings and subscriptions, compiled and ready.

        Args:
            settings: The settings, as a model or in Segment's camelCase keys.
            subscriptions: At most 50; the presets when None.
            transport: What sends; httpx when None.
            timeout_ms: The time limit of requests for which neither the destination nor the action sets one, in
                milliseconds; Segment's 10,000 when None.

        Raises:
            SchemaValidationError: The settings are not valid.
            DefinitionError: There are more than 50 subscriptions, or one is no subscription at all.
        """
        return instance_class()(self, settings, subscriptions, transport=transport, timeout_ms=timeout_ms)
