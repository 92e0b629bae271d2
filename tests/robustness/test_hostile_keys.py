"""Names that mean something to Python or to HTTP are keys like any other: they reach no attribute and no header."""

from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.errors import DestinationError, EngineTypeError
from destination.fields import Payload, compile_fields, field
from destination.fql import compile_trigger
from destination.mapping import compile_mapping, transform
from destination.request import Headers, MockTransport
from tests.conformance.generators.absmartly import SETTINGS
from tests.robustness.arbitrary import HOSTILE_KEYS

EVENT: dict[str, Any] = {
    "type": "track", "s": "text", "i": 5, "f": 2.5, "b": True, "n": None, "l": ["x", {"k": 1}], "o": {"k": "v"},
    "properties": {"s": "text"}, "event": "x", "userId": "u", "timestamp": "2023-01-01",
}  # fmt: skip
ATTRIBUTES = sorted({name for kind in (str, int, float, bool, list, dict, type) for name in dir(kind)})
"""What Python's own values have: none of it is a member of a JSON value."""


@pytest.mark.parametrize("root", ["s", "i", "f", "b", "n", "l", "o", "l.1", "properties"])
def test_no_path_reaches_an_attribute(root: str) -> None:
    for name in [*ATTRIBUTES, "constructor", "__proto__", "toString", "prototype", "hasOwnProperty"]:
        found = transform({"v": {"@path": f"$.{root}.{name}"}}, EVENT)
        assert found in ({}, {"v": None}), (root, name)  # a path ends at null and gives it
        template = transform({"v": {"@template": f"{{{{{root}.{name}}}}}"}}, EVENT)
        assert template == {"v": ""}, (root, name)


@pytest.mark.parametrize("root", ["s", "i", "l", "o", "properties"])
def test_no_liquid_variable_reaches_an_attribute(root: str) -> None:
    for name in ATTRIBUTES:
        found = transform({"v": {"@liquid": f"[{{{{ {root}.{name} }}}}]"}}, EVENT)
        assert found == {"v": "[]"}, (root, name)


@pytest.mark.parametrize("name", ["__class__", "__init__", "__globals__", "mro", "format", "__dict__"])
def test_no_extension_reaches_an_attribute(name: str) -> None:
    texts = [{"@jinja": f"{{{{ s.{name} }}}}"}, {"@jinja": f"{{{{ s['{name}'] }}}}"}]
    for directive in (*texts, {"@jsonpath": f"$.s.{name}"}):
        try:
            found = transform({"v": directive}, EVENT)
        except DestinationError:
            continue
        assert "class" not in str(found), directive
        assert "method" not in str(found), directive


def test_no_trigger_reaches_an_attribute() -> None:
    for name in ATTRIBUTES:
        assert compile_trigger(f"properties.s.{name} = null")(EVENT) is True
        assert compile_trigger(f"properties.{name} != null")(EVENT) is False


class Inner(Payload):
    name: str | None = field(label="Name")


class Outer(Payload):
    inner: Inner | None = field(label="Inner", additional_properties=True)
    items: list[Inner] | None = field(label="Items", additional_properties=True)


def test_hostile_keys_of_a_payload_are_no_attributes_of_its_model() -> None:
    hostile = {key: "hostile" for key in HOSTILE_KEYS if key != "name"}
    inner: dict[str, Any] = {**hostile, "name": "n"}
    values = compile_fields(Outer.input_fields()).clean_and_validate({"inner": inner, "items": [inner]})
    payload = Outer.from_validated(values)
    assert payload.items is not None
    for one in (payload.inner, *payload.items):
        assert isinstance(one, Inner)
        assert set(vars(one)) <= {"name", "_values"}
        assert type(one) is Inner
        assert one.fields_set == {"name"}
        assert one.to_json()["to_json"] == "hostile"


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_hostile_keys_pass_as_keys(key: str) -> None:
    event = {**EVENT, "properties": {key: {key: "v"}}, key: "v", "type": "track"}
    mapping = {"units": {key: "v"}, "name": "goal", "properties": {"@path": "$.properties"}, key: "x", "agent": key}
    subscription = {"subscribe": 'type = "track"', "partnerAction": "trackGoal", "mapping": mapping}
    instance = absmartly.instance(SETTINGS, [subscription], transport=MockTransport())
    [outcome] = instance.plan(event).outcomes
    if outcome.error is not None:
        assert isinstance(outcome.error, DestinationError)
        return
    [request] = outcome.requests
    known = {"content-type", "user-agent", "x-agent", "x-api-key", "x-environment"}
    assert set(request.headers) <= known
    assert not any(character in value for value in request.headers.values() for character in "\r\n")
    body = request.json()
    if key != "__proto__":  # Segment: assigned to an object it is no key of it
        assert body["goals"][0]["properties"] == {key: {key: "v"}}


@pytest.mark.parametrize("text", ["a\nb", "a\r\nX-Injected: 1", "a\x00b", "\ud83c", "日本"])
def test_no_value_breaks_out_of_its_header(text: str) -> None:
    for headers in ({"x-agent": text}, {text: "x"}):
        with pytest.raises(EngineTypeError):
            Headers(headers)


def test_mapping_keys_that_are_hostile_stay_in_the_payload() -> None:
    for key in HOSTILE_KEYS:
        if key.startswith("@") or key in ("__proto__", "__segment_internal_directive"):
            continue
        assert compile_mapping({key: {"@path": "$.s"}})(EVENT) == {key: "text"}
