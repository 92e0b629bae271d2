"""A destination as its author declares it: authentication, presets, actions. It has no state and sends nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from destination.definition.action import Action
from destination.definition.app import AudienceConfig
from destination.definition.input_fields import read_fields
from destination.definition.lint_rule import LintRule
from destination.definition.subscription import Subscription
from destination.errors import DefinitionError
from destination.fields import InputField, Settings
from destination.records import dataclass
from destination.request import RequestOptions

S = TypeVar("S")


Scheme = Literal["custom", "basic", "oauth2", "oauth-managed"]


@dataclass(frozen=True, kw_only=True)
class Authentication(Generic[S]):
    """The settings of a destination, and how to test them; Segment's `AuthenticationScheme`.

    Attributes:
        scheme: `custom`, `basic`, `oauth2` or `oauth-managed`.
        settings: The settings model.
        fields: The settings by key, if there is no model.
        test_authentication: `test_authentication(request, data)` returns a request that succeeds only with valid
            credentials; `data.settings` has the settings.
        refresh_access_token: `refresh_access_token(request, data)` gets new tokens for a destination of the scheme
            `oauth2` or `oauth-managed`, and returns `{"accessToken", "refreshToken"?}`. `data.auth` has
            `accessToken`, `refreshToken`, `clientId`, `clientSecret` and `refreshTokenUrl`, if they are known. It is
            called when the partner answers 401, one call at a time; then the failed request is sent once more.
        secrets: Keys of settings that are never shown, in addition to those of type `password`.

    Example:
        >>> auth = Authentication(scheme="custom", fields={"apiKey": {"label": "API Key", "description": "",
        ...                       "type": "string", "required": True}}, secrets=("apiKey",))
        >>> list(auth.input_fields), auth.secret_keys
        (['apiKey'], frozenset({'apiKey'}))
    """

    scheme: Scheme = "custom"
    settings: type[S] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    test_authentication: Callable[[Any, Any], Any] | None = None
    refresh_access_token: Callable[[Any, Any], Any] | None = None
    secrets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.settings is not None and self.fields:
            raise DefinitionError("the authentication has both a settings model and fields: give one of them")
        _ = self.input_fields

    @cached_property
    def input_fields(self) -> dict[str, InputField]:
        """The settings by their keys on the wire."""
        if self.settings is not None:
            assert issubclass(self.settings, Settings)  # noqa: S101  for the type checker
            return dict(self.settings.input_fields())
        return read_fields(self.fields, "settings")

    @cached_property
    def secret_keys(self) -> frozenset[str]:
        """The settings that must never be shown."""
        passwords = {key for key, setting in self.input_fields.items() if setting.type == "password"}
        return frozenset(passwords | set(self.secrets))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A ready-made subscription.

    Attributes:
        name: For people.
        subscribe: The trigger, in FQL; empty for a preset of type `specificEvent`.
        partner_action: The slug of the action.
        mapping: The mapping; usually the action's default values.
        type: `automatic`, or `specificEvent` for one that Segment's app ties to an event of its own.
        event_slug: The name of that event.

    Example:
        >>> Preset(name="Pages", subscribe='type = "page"', partner_action="trackGoal").subscription().name
        'Pages'
    """

    name: str
    subscribe: str
    partner_action: str
    mapping: Mapping[str, Any] = field(default_factory=dict)
    type: Literal["automatic", "specificEvent"] = "automatic"
    event_slug: str | None = None

    def subscription(self) -> Subscription:
        """Makes the subscription that results when this preset is enabled."""
        return Subscription(
            name=self.name, subscribe=self.subscribe, partner_action=self.partner_action, mapping=self.mapping
        )


@dataclass(frozen=True, kw_only=True)
class DestinationDefinition(Generic[S]):
    """Settings, actions and presets; Segment's `DestinationDefinition`.

    Attributes:
        name: The destination's name for people.
        slug: Its name in URLs and on the command line.
        actions: The actions by slug.
        description: What it is for.
        mode: Always `cloud` for destinations that send from a server; the others are only loaded from metadata.
        authentication: The settings and their test, or None for a destination without settings.
        presets: The subscriptions that it ships, in order.
        variants: Subscriptions for cases that its presets do not cover, to choose from. They are never enabled by
            default, and Segment's metadata.json does not have them.
        request_defaults: Makes the options of every request from the settings, once for an instance.
        extend_request: Makes options of every request from the input of the perform, for each event; Segment's
            `extendRequest`. Prefer `request_defaults` if the settings are enough.
        on_delete: `on_delete(request, data)` deletes a user at the partner; `data.payload` has the event's `userId` and
            `anonymousId`.
        audience_config: The kind of its audiences, or None if it has none.
        audience_fields: The settings of an audience, by key.
        lint_rules: Its own rules for `destination lint`, in addition to the general ones.

    Example:
        >>> demo = DestinationDefinition(name="Demo", slug="demo", actions={})
        >>> demo.settings_fields, demo.preset_subscriptions()
        ({}, [])
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
    lint_rules: tuple[LintRule[Sequence[Subscription]], ...] = ()

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
        """Makes a subscription of each automatic preset."""
        return [preset.subscription() for preset in self.presets if preset.type == "automatic"]


def placeholders(definition: DestinationDefinition[Any]) -> dict[str, Any]:
    """Makes valid settings without meaning, for plans and other work that sends nothing.

    Example:
        >>> from destination.definition.registry import find
        >>> placeholders(find("actions-absmartly"))["collectorEndpoint"]
        'https://collector-endpoint.invalid'
    """
    return {
        key: _placeholder(key, field)
        for key, field in definition.settings_fields.items()
        if field.required is True and field.default is None
    }


def _placeholder(key: str, field: InputField) -> Any:
    if field.choices:
        choice = field.choices[0]
        return choice["value"] if isinstance(choice, Mapping) else choice
    if field.type in ("number", "integer"):
        return field.minimum or 0
    if field.type == "boolean":
        return False
    if field.type == "object":
        return {}
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in key)
    return f"https://{words}.invalid" if field.format == "uri" else f"<{key}>"
