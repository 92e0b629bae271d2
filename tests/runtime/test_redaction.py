from typing import Any

import pytest

from destination import Authentication, Destination, Request
from destination.catalog.absmartly import absmartly
from destination.runtime import Redactor
from tests.actions.conftest import SETTINGS


def test_secret_is_replaced_wherever_it_stands() -> None:
    redactor = Redactor({"key": "s3cr3t", "other": "open"}, ["key"])
    assert redactor({"a": ["x s3cr3t y", {"s3cr3t": 1}], "b": ("open", 5, None)}) == {
        "a": ["x <redacted> y", {"<redacted>": 1}],
        "b": ["open", 5, None],
    }


def test_longer_secret_is_replaced_before_one_inside_it() -> None:
    assert Redactor({"a": "abcd", "b": "abcdef"}, ["a", "b"]).text("abcdef") == "<redacted>"


@pytest.mark.parametrize("value", [None, "", "abc"])
def test_absent_and_tiny_secrets_blank_out_no_text(value: Any) -> None:
    assert Redactor({"key": value}, ["key"]).text("abc None") == "abc None"


def test_request_is_shown_without_its_secrets() -> None:
    request = (
        absmartly.instance(SETTINGS)
        .plan(
            {
                "type": "track",
                "event": "s3cr3t-key",
                "timestamp": "2023-01-01",
                "properties": {},
            }
        )
        .requests[0]
    )
    shown = absmartly.instance(SETTINGS).redactor.request(request)
    assert "s3cr3t" not in repr(shown)
    assert shown["headers"]["x-api-key"] == "<redacted>"
    assert shown["body"]["goals"][0]["name"] == "<redacted>"


def test_request_is_shown_without_the_credentials_of_its_url() -> None:
    redactor = Redactor({}, [])
    assert redactor.request(Request("GET", "https://me:s3cr3t@h/v1?a=1"))["url"] == "https://h/v1?a=1"
    assert redactor.request(Request("GET", "https://h/v1 ?a=1"))["url"] == "https://h/v1 ?a=1"
    assert redactor.request(Request("GET", "no URL"))["url"] == "no URL"


def test_request_without_body_has_null() -> None:
    assert Redactor({}, []).request(Request("GET", "https://h/"))["body"] is None


def test_body_that_is_no_json_is_text_without_secrets() -> None:
    request = Request("POST", "https://h/", body=b"key=s3cr3t&a=1")
    assert Redactor({"key": "s3cr3t"}, ["key"]).request(request)["body"] == "key=<redacted>&a=1"


def test_settings_show_their_names_alone() -> None:
    shown = repr(absmartly.instance(SETTINGS).settings)
    assert shown == "AbsmartlySettings(collector_endpoint=…, api_key=…, environment=…)"


def test_settings_and_tokens_of_a_destination_without_a_model_show_their_names_alone() -> None:
    declared = {"label": "Key", "description": "d", "type": "string", "required": True}
    authentication: Authentication[Any] = Authentication(scheme="oauth2", fields={"key": declared})
    shop = Destination(name="Shop", slug="shop", authentication=authentication, actions={})
    instance = shop.instance({"key": "s3cr3t", "oauth": {"access_token": "t0k3n"}})
    assert instance.settings["key"] == "s3cr3t"
    assert instance.tokens.auth["accessToken"] == "t0k3n"
    assert repr(instance.settings) == "ConcealedMapping(key=…)"
    assert "t0k3n" not in repr(instance.tokens.auth)
