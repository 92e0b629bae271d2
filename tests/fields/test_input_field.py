"""InputField and GlobalSetting: Segment's JSON in and out."""

from typing import Any

import pytest

from destination.errors import DefinitionError
from destination.fields import FieldCondition, FieldConditions, GlobalSetting, InputField, load_fields
from tests.fields.support import Json

EVERYTHING: Json = {
    "label": "Everything",
    "description": "All keys at once",
    "type": "object",
    "required": {
        "match": "any",
        "conditions": [{"fieldKey": "g", "operator": "is_not", "value": None, "type": "field"}],
    },
    "multiple": True,
    "allowNull": False,
    "additionalProperties": True,
    "default": None,
    "choices": ["a", {"label": "B", "value": 2}],
    "placeholder": "p",
    "properties": {"a": {"label": "A", "type": "string", "required": True}},
    "category": "identifier",
    "depends_on": {"conditions": [{"type": "syncMode", "operator": "is", "value": "add"}]},
    "readOnly": False,
    "unsafe_hidden": True,
    "minimum": 1,
    "maximum": 2.5,
    "defaultObjectUI": "keyvalue:only",
    "disabledInputMethods": ["literal"],
    "displayMode": "collapsed",
    "format": "uri",
    "dynamic": True,
    "somethingNew": {"x": 1},
    "allow_null": "not Segment's key",
}


def test_json_comes_back_as_it_was() -> None:
    field = InputField.from_json(EVERYTHING)
    assert field.to_json() == EVERYTHING
    assert field.allow_null is False
    assert field.default_object_ui == "keyvalue:only"
    assert field.properties is not None
    assert field.properties["a"].required is True
    assert isinstance(field.minimum, int)


def test_null_and_absent_are_told_apart() -> None:
    with_null = InputField.from_json({"label": "F", "type": "string", "default": None})
    without = InputField.from_json({"label": "F", "type": "string"})
    assert with_null.default is without.default is None
    assert "default" in with_null.fields_set
    assert "default" not in without.fields_set
    assert with_null.to_json() == {"label": "F", "type": "string", "default": None}


def test_python_names_are_for_python() -> None:
    field = InputField(
        label="F",
        type="string",
        allow_null=True,
        unsafe_hidden=True,
        default_object_ui="arrayeditor",
        required=FieldConditions(conditions=[FieldCondition(field_key="g", operator="is")]),
    )
    assert field.to_json() == {
        "label": "F",
        "type": "string",
        "allowNull": True,
        "unsafe_hidden": True,
        "defaultObjectUI": "arrayeditor",
        "required": {"conditions": [{"fieldKey": "g", "operator": "is"}]},
    }


def test_fields_cannot_be_changed() -> None:
    field = GlobalSetting(label="F", type="password")
    with pytest.raises(AttributeError, match="label cannot be changed"):
        setattr(field, "label", "G")  # noqa: B010  mypy refuses the plain form


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ({"label": "F", "type": "strnig"}, "type"),
        ({"type": "string"}, "label"),
        ({"label": "F", "type": "string", "multiple": "yes"}, "multiple"),
        ({"label": "F", "type": "object", "properties": {"a": {"label": 5, "type": "string"}}}, "properties.a.label"),
        (5, ""),
    ],
)
def test_a_wrong_declaration_names_its_place(field: Any, place: str) -> None:
    with pytest.raises(DefinitionError, match=f"^field `f`: a field is declared wrongly at `{place}`: "):
        load_fields({"f": field})


def test_fields_are_read_by_key() -> None:
    assert load_fields({"f": EVERYTHING}) == {"f": InputField.from_json(EVERYTHING)}


def test_a_declaration_that_is_too_deep_is_refused() -> None:
    field: Json = {"label": "a", "type": "string"}
    for _ in range(20_000):
        field = {"label": "a", "type": "object", "properties": {"a": field}}
    with pytest.raises(DefinitionError):
        load_fields({"f": field})
