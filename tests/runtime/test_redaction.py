from typing import Any

import pytest

from destination import Redactor, Request
from destination.catalog.absmartly import absmartly
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


def test_request_without_body_has_null() -> None:
    assert Redactor({}, []).request(Request("GET", "https://h/"))["body"] is None
