from typing import Any

import pytest

from destination import Authentication, DefinitionError, Preset, Settings, setting
from tests.kit import TEXT


class Keys(Settings):
    api_key: str = setting(label="Key", description="")


def test_settings_model_and_fields_together_are_refused() -> None:
    with pytest.raises(DefinitionError, match="give one of them"):
        Authentication(settings=Keys, fields={"a": TEXT})


def test_secrets_are_passwords_and_those_declared() -> None:
    authentication: Authentication[Any] = Authentication(
        fields={"a": {**TEXT, "type": "password"}, "b": TEXT, "c": TEXT}, secrets=("b",)
    )
    assert authentication.secret_keys == {"a", "b"}


def test_settings_come_from_a_model() -> None:
    assert list(Authentication(settings=Keys).input_fields) == ["apiKey"]


def test_preset_becomes_a_subscription() -> None:
    preset = Preset(name="P", subscribe='type = "page"', partner_action="a", mapping={"x": 1})
    assert preset.subscription().to_json() == {
        "name": "P",
        "enabled": True,
        "partnerAction": "a",
        "subscribe": 'type = "page"',
        "mapping": {"x": 1},
    }
