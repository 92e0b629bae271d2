"""InputField and GlobalSetting: Segment's JSON in and out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic.alias_generators import to_camel

from destination.errors import DefinitionError
from destination.fields import FieldCondition, FieldConditions, GlobalSetting, InputField, load_fields
from destination.fields.segment_keys import camel_case
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


_PLAIN = [None, True, 0, 1.5, "", "string", "is", "any", "config", "expanded", [], ["literal"], [1], {}, {"a": 1}]
_MADE = [FieldConditions(conditions=[]), {"a": InputField(label="", type="text")}, float("nan"), "keyvalue:only"]
_VALUES = st.sampled_from([*_PLAIN, *_MADE])
_GIVEN = st.dictionaries(st.sampled_from(sorted(InputField._plain)), _VALUES)


@given(_GIVEN)
def test_what_is_plainly_right_is_accepted_as_it_is(given: Json) -> None:
    """Only what is in doubt is checked by pydantic; it must not think otherwise of the rest."""
    given = {"label": "F", "type": "string", **given}
    if not all(InputField._plain[name](value) for name, value in given.items()):
        return
    field = InputField(**given)
    assert repr(InputField.from_json(field.to_json())) == repr(field)


def test_what_is_in_doubt_is_converted_or_refused() -> None:
    made: Any = InputField
    assert made(label="F", type="string", allowNull=True) == InputField(label="F", type="string", allow_null=True)
    assert made(label="F", type="string", required={"conditions": []}).required == FieldConditions(conditions=[])
    with pytest.raises(DefinitionError, match="a field is declared wrongly at `multiple`: Input should be"):
        made(label="F", type="string", multiple="yes")


@given(st.text("ab1_XY", max_size=8))
def test_keys_are_written_in_camel_case_as_pydantic_does(name: str) -> None:
    assert camel_case(name) == to_camel(name)
