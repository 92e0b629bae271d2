"""A destination as its author declares it. No network, no state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from destination.definition.action import Action
from destination.definition.audience import AudienceConfig
from destination.definition.authentication import Authentication
from destination.definition.input_fields import read_fields
from destination.definition.preset import Preset
from destination.definition.subscription import Subscription
from destination.errors import DefinitionError
from destination.fields import InputField
from destination.request import RequestOptions

S = TypeVar("S")


@dataclass(frozen=True, kw_only=True)
class DestinationDefinition(Generic[S]):
    """Settings, actions and presets; Segment's `DestinationDefinition`.

    Attributes:
        name: The destination's name for people.
        slug: Its name in URLs and on the command line.
        actions: The actions by slug.
        description: What it is for.
        mode: Always `cloud` for destinations that send from a server; the others are only loaded from elsewhere.
        authentication: Settings and how to test them, or None for a destination without any.
        presets: Subscriptions that it ships, in order.
        variants: Subscriptions for cases that its presets do not cover, to choose from. None is enabled by itself, and
            Segment's metadata.json does not have them.
        request_defaults: Options of every request, made once for an instance from its settings alone.
        extend_request: Options of every request that depend on the event, asked for each of them; Segment's
            `extendRequest`. Prefer `request_defaults` where the settings are enough.
        on_delete: `on_delete(request, data)` has the partner forget a user; `data.payload` has the `userId` and
            `anonymousId` that the event has.
        audience_config: Whether and how it keeps audiences.
        audience_fields: The settings of an audience, by key.
    """

    name: str
    slug: str
    actions: Mapping[str, Action[S, Any]]
    description: str | None = None
    mode: Literal["cloud", "device", "warehouse"] = "cloud"
    authentication: Authentication[S] | None = None
    presets: tuple[Preset, ...] = ()
    variants: tuple[Preset, ...] = ()
    request_defaults: Callable[[S], RequestOptions] | None = None
    extend_request: Callable[[Any], RequestOptions] | None = None
    on_delete: Callable[[Any, Any], Any] | None = None
    audience_config: AudienceConfig | None = None
    audience_fields: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _ = self.audience_settings_fields  # a malformed field is an error where it is written
        self._check_presets()

    def _check_presets(self) -> None:
        for preset in (*self.presets, *self.variants):
            if preset.partner_action not in self.actions:
                known = ", ".join(self.actions)
                raise DefinitionError(
                    f"preset {preset.name!r} of {self.slug} names the action {preset.partner_action!r}, "
                    f"which is none of: {known}"
                )

    @property
    def settings_fields(self) -> dict[str, InputField]:
        """The settings by key."""
        return self.authentication.input_fields if self.authentication else {}

    @cached_property
    def audience_settings_fields(self) -> dict[str, InputField]:
        """The settings of an audience by key."""
        return read_fields(self.audience_fields, "audience settings")

    @property
    def secret_keys(self) -> frozenset[str]:
        """The settings that must never be shown."""
        return self.authentication.secret_keys if self.authentication else frozenset()

    def preset_subscriptions(self) -> list[Subscription]:
        """The subscriptions that enabling every automatic preset makes."""
        return [preset.subscription() for preset in self.presets if preset.type == "automatic"]
