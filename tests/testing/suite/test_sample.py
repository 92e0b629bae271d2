"""Values for fields."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from destination.fields import InputField, compile_fields
from destination.fields.formats import FORMATS
from destination.testing.suite.sample import number, other_values, sample, text, wanted_payload
from tests.testing.suite.store import FIELDS, MAPPING

STORE = {key: InputField.from_json(field) for key, field in FIELDS.items()}


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"int32", "int64", "float", "double"}))
def test_texts_have_the_format_of_their_field(name: str) -> None:
    field = InputField(label="F", type="string", format=name, required=True)
    values = [sample(field, ("shop", f"field {index}")) for index in range(50)]
    for value in values:
        assert compile_fields({"f": field}).validate({"f": value}) == {"f": value}
    assert len(set(values)) > 45  # of dates there are not so many


_fields = st.builds(
    InputField,
    label=st.just("F"),
    type=st.sampled_from(["string", "text", "number", "integer", "datetime", "boolean", "password"]),
    multiple=st.booleans() | st.none(),
    choices=st.none() | st.just(["a", {"label": "B", "value": "b"}]),
    minimum=st.none() | st.integers(0, 40) | st.floats(0, 1e6).map(lambda value: round(value, 1)),
    maximum=st.none() | st.integers(0, 400) | st.floats(0, 1e6).map(lambda value: round(value, 1)),
)


@given(_fields, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_values_pass_the_validation_of_their_field(field: InputField, name: str) -> None:
    low, high = field.minimum, field.maximum
    assume(not (low and high and low > high))
    assume(field.type == "number" or not (field.choices and (low or high)))
    assume(field.type != "number" or not field.choices)
    if field.type in ("string", "integer"):  # lengths are whole
        assume(all(limit is None or limit == int(limit) for limit in (low, high)))
    assume(not field.choices or field.type in ("string", "text", "password"))
    value = sample(field, ("shop", name))
    assert compile_fields({"f": field}).validate({"f": value}) == {"f": value}


@given(st.integers(0, 50), st.integers(0, 50), st.text(max_size=5))
def test_integers_keep_limits_that_the_validation_forgets(low: int, more: int, name: str) -> None:
    field = InputField(label="F", type="integer", minimum=low, maximum=low + more + 1)
    assert low <= sample(field, ("shop", name)) <= low + more + 1


def test_every_field_has_a_value_of_its_own() -> None:
    names = [(destination, action, field) for destination in "ab" for action in "cd" for field in "efgh"]
    assert len({text(name) for name in names}) == len(names)
    assert len({number(name) for name in names}) == len(names)


def test_the_order_of_fields_has_no_part_in_their_values() -> None:
    forwards = wanted_payload(STORE, MAPPING, ("store", "order"), {}, required_only=False)
    backwards = wanted_payload(
        dict(reversed(STORE.items())), dict(reversed(MAPPING.items())), ("store", "order"), {}, required_only=False
    )
    assert forwards == backwards


def test_items_of_a_list_differ() -> None:
    first, second = sample(STORE["items"], ("store", "items"))
    assert first["sku"] != second["sku"]
    assert first["price"] != second["price"]


def test_a_condition_of_another_field_is_fulfilled() -> None:
    assert wanted_payload(STORE, MAPPING, ("store", "order"), {}, required_only=False)["channel"] == "online"


@pytest.mark.parametrize(
    ("operator", "value", "channel", "is_required"),
    [
        ("is", {"value": "online"}, "online", True),
        ("is", {"value": "online"}, "phone", False),
        ("is_not", {"value": "online"}, "phone", True),
        ("is", {}, "phone", False),
        ("is_not", {}, "phone", True),
    ],
)
def test_a_field_that_is_required_for_now_is_there_for_now(
    operator: str, value: dict[str, str], channel: str, is_required: bool
) -> None:
    condition = {"fieldKey": "channel", "operator": operator, **value}
    fields = {
        "channel": InputField(label="Channel", type="string", required=True),
        "code": InputField.from_json({"label": "Code", "type": "string", "required": {"conditions": [condition]}}),
    }
    mapping = {"channel": {"@path": "$.channel"}, "code": {"@path": "$.code"}}
    wanted = wanted_payload(fields, mapping, ("store",), {"channel": channel}, required_only=True)
    assert ("code" in wanted) is is_required


def test_only_the_required_members_of_an_object_are_there() -> None:
    field = InputField.from_json({**FIELDS["address"], "required": True})
    mapping = {"address": {"@path": "$.traits.address"}}
    wanted = wanted_payload({"address": field}, mapping, ("store",), {}, required_only=True)
    assert list(wanted["address"]) == ["street"]


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_every_kind_of_field_is_tried_with_something_wrong(key: str) -> None:
    tried = dict(other_values(STORE[key], ("store", key)))
    assert list(tried)[:3] == ["absent", "null", "empty"]
    assert len(tried) >= 4
