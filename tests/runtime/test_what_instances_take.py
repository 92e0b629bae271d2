"""An instance is given JSON from outside, and says which of it cannot be used."""

from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.errors import DefinitionError

SETTINGS = {"collectorEndpoint": "https://demo.absmartly.io/v1", "apiKey": "k", "environment": "test"}


@pytest.mark.parametrize("settings", [None, 5, "text", [["a", 1]], True])
def test_settings_that_are_no_object_are_named(settings: Any) -> None:
    with pytest.raises(DefinitionError, match="settings are a JSON object, but these are: "):
        absmartly.instance(settings)


@pytest.mark.parametrize("subscriptions", [5, "text", {"a": 1}, True])
def test_subscriptions_that_are_no_list_are_named(subscriptions: Any) -> None:
    with pytest.raises(DefinitionError, match="subscriptions are a list, but this is: "):
        absmartly.instance(SETTINGS, subscriptions)


@pytest.mark.parametrize("subscription", [5, "text", None, []])
def test_subscription_that_is_no_object_is_named(subscription: Any) -> None:
    with pytest.raises(DefinitionError, match="a subscription is a JSON object, but this is: "):
        absmartly.instance(SETTINGS, [subscription])
