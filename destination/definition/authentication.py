"""How a destination is let in, and the settings that takes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from destination.definition.input_fields import read_fields
from destination.errors import DefinitionError
from destination.fields import InputField, Settings

S = TypeVar("S")

Scheme = Literal["custom", "basic", "oauth2", "oauth-managed"]


@dataclass(frozen=True, kw_only=True)
class Authentication(Generic[S]):
    """The settings of a destination, and how to test them; Segment's `AuthenticationScheme`.

    Attributes:
        scheme: `custom`, `basic`, `oauth2` or `oauth-managed`.
        settings: The settings model.
        fields: The settings by key, where there is no model.
        test_authentication: `test_authentication(request, data)` returns a request that only valid
            credentials let through; `data.settings` has the settings.
        refresh_access_token: `refresh_access_token(request, data)` gets new tokens for a destination of the scheme
            `oauth2` or `oauth-managed`, and gives `{"accessToken", "refreshToken"?}`; `data.auth` has
            `accessToken`, `refreshToken`, `clientId`, `clientSecret` and `refreshTokenUrl`, where known. It runs
            when the partner answers 401, one at a time, and what failed is sent once more.
        secrets: Keys of settings that are never shown, beside those of type `password`.

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
