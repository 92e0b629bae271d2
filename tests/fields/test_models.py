"""Payload and settings models: a class is the list of fields, an instance what perform sees."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Optional, TypedDict

import pytest

from destination.errors import DefinitionError
from destination.fields import (
    FieldCondition,
    FieldConditions,
    GlobalSetting,
    InputField,
    Payload,
    PayloadView,
    Settings,
    compile_fields,
    field,
    setting,
)


class Address(TypedDict):
    city: str


class Item(Payload):
    sku: str = field(label="SKU")
    unit_price: float | None = field(label="Price", minimum=1)


class Order(Payload):
    """An order."""

    version: ClassVar[int] = 1

    order_id: str = field(label="Order ID", description="d", default={"@path": "$.properties.id"})
    paid: bool = field(label="Paid", required=False)
    count: int | None = field(label="Count", default=None)
    when: str | float | None = field(label="When", type="datetime")
    note: Annotated[str, "any"] = field(label="Note", type="text", allow_null=True, required=True)
    tags: list[str] = field(label="Tags")
    state: Literal["new", "old"] | None = field(label="State")
    level: Literal[1, 2] = field(label="Level")
    units: dict[str, Any] = field(label="Units", object_ui="keyvalue:only", hidden=True)
    address: Address | None = field(label="Address")
    extra: Mapping[str, Any] | None = field(label="Extra", additional_properties=True)
    first: Item = field(label="First")
    items: Optional[list[Item]] = field(label="Items")  # noqa: UP045  both spellings are read
    names: Sequence[str] | None = field(label="Names")
    anything: Any = field(label="Anything", type="object", properties={"a": InputField(label="A", type="string")})
    class_: str | None = field(label="Class")
    snake_case: str | None = field(label="Snake", key="snake_case", category="data", dynamic=False)


def test_a_class_gives_fields_in_segments_form() -> None:
    item = {
        "sku": {"label": "SKU", "type": "string", "required": True},
        "unitPrice": {"label": "Price", "type": "number", "required": False, "minimum": 1},
    }
    assert {key: one.to_json() for key, one in Order.input_fields().items()} == {
        "orderId": {
            "label": "Order ID",
            "type": "string",
            "required": True,
            "description": "d",
            "default": {"@path": "$.properties.id"},
        },
        "paid": {"label": "Paid", "type": "boolean", "required": False},
        "count": {"label": "Count", "type": "integer", "required": False, "default": None},
        "when": {"label": "When", "type": "datetime", "required": False},
        "note": {"label": "Note", "type": "text", "required": True, "allowNull": True},
        "tags": {"label": "Tags", "type": "string", "required": True, "multiple": True},
        "state": {"label": "State", "type": "string", "required": False, "choices": ["new", "old"]},
        "level": {
            "label": "Level",
            "type": "integer",
            "required": True,
            "choices": [{"label": "1", "value": 1}, {"label": "2", "value": 2}],
        },
        "units": {
            "label": "Units",
            "type": "object",
            "required": True,
            "defaultObjectUI": "keyvalue:only",
            "unsafe_hidden": True,
        },
        "address": {"label": "Address", "type": "object", "required": False},
        "extra": {"label": "Extra", "type": "object", "required": False, "additionalProperties": True},
        "first": {"label": "First", "type": "object", "required": True, "properties": item},
        "items": {"label": "Items", "type": "object", "required": False, "multiple": True, "properties": item},
        "names": {"label": "Names", "type": "string", "required": False, "multiple": True},
        "anything": {
            "label": "Anything",
            "type": "object",
            "required": True,
            "properties": {"a": {"label": "A", "type": "string"}},
        },
        "class": {"label": "Class", "type": "string", "required": False},
        "snake_case": {"label": "Snake", "type": "string", "required": False, "category": "data", "dynamic": False},
    }


def test_instances_have_an_attribute_for_every_field() -> None:
    values = {"orderId": "a", "note": None, "first": {"sku": "s"}, "items": [{"sku": "t", "unitPrice": 2}]}
    order = Order.from_validated(values)
    note: str | None = order.note
    assert (order.order_id, order.count, note) == ("a", None, None)
    assert order.first == Item(sku="s")
    assert order.items is not None
    assert order.items[0].unit_price == 2
    assert order.fields_set == {"order_id", "note", "first", "items"}
    assert order.to_json() == values


def test_an_absent_object_and_an_odd_one_are_left_alone() -> None:
    assert Order.from_validated({"items": None, "first": None}).items is None
    first: Any = Order.from_validated({"items": "x", "first": 5}).first
    assert first == 5


def test_instances_of_plain_names_are_made_the_short_way() -> None:
    class Plain(Payload):
        a: str = field(label="A")
        b: str | None = field(label="B")

    plain = Plain.from_validated({"a": "x"})
    assert (plain.a, plain.b, list(plain.fields_set)) == ("x", None, ["a"])
    assert repr(plain) == "Plain(a='x')"
    assert Plain.maker()({"a": "x"}) == plain
    assert Order.maker()({"orderId": "a", "first": {"sku": "s"}}) == Order.from_validated(
        {"orderId": "a", "first": {"sku": "s"}}
    )


def test_instances_can_be_made_by_hand() -> None:
    order = Order(
        order_id="a", note=None, tags=[], level=1, units={}, first=Item(sku="s"), items=[Item(sku="t")], anything={}
    )
    assert order.to_json() == {
        "orderId": "a",
        "note": None,
        "tags": [],
        "level": 1,
        "units": {},
        "first": {"sku": "s"},
        "items": [{"sku": "t"}],
        "anything": {},
    }
    with pytest.raises(TypeError, match="Item needs sku"):
        Item(unit_price=1)
    with pytest.raises(TypeError, match="Item has no field colour, size"):
        Item(sku="s", size=1, colour=2)


def test_instances_are_values() -> None:
    item = Item(sku="s")
    assert item == Item(sku="s")
    assert item != Item(sku="t")
    assert item != {"sku": "s"}
    assert repr(item) == "Item(sku='s')"
    with pytest.raises(AttributeError, match=r"Item.sku cannot be changed"):
        item.sku = "t"
    with pytest.raises(AttributeError, match=r"Item.sku cannot be deleted"):
        del item.sku
    with pytest.raises(TypeError):
        hash(item)


def test_fields_are_inherited() -> None:
    class Gift(Item):
        to: str = field(label="To")

    assert Item.input_fields().keys() == {"sku", "unitPrice"}
    assert Gift.input_fields().keys() == {"sku", "unitPrice", "to"}
    assert Gift.from_validated({"sku": "s", "to": "me"}).to == "me"
    assert Item.from_validated({"sku": "s"}).sku == "s"


def test_a_declaration_can_be_shared() -> None:
    shared = field(label="Agent")

    class One(Payload):
        agent: str | None = shared

    class Two(Payload):
        agent: str = shared

    assert One.input_fields()["agent"].required is False
    assert Two.input_fields()["agent"].required is True


def test_conditions_are_given_as_models_or_json() -> None:
    condition = {"conditions": [{"fieldKey": "kind", "operator": "is", "value": "x"}]}

    class Conditional(Payload):
        kind: str = field(label="Kind", required=False)
        a: str | None = field(label="A", required=condition, depends_on=condition)
        b: str | None = field(
            label="B", required=FieldConditions(conditions=[FieldCondition(field_key="kind", operator="is", value="x")])
        )

    fields = Conditional.input_fields()
    assert fields["a"].to_json()["required"] == fields["b"].to_json()["required"] == condition
    assert fields["a"].to_json()["depends_on"] == condition


def test_settings() -> None:
    class Account(Settings):
        api_key: str = setting(label="API Key", type="password", description="d")
        region: Literal["eu", "us"] = setting(label="Region", default="eu", required=False)

    assert Account.input_fields()["apiKey"] == GlobalSetting(
        label="API Key", type="password", required=True, description="d"
    )
    values = compile_fields(Account.input_fields()).validate({"apiKey": 5})
    account = Account.from_validated(values)
    region: str | None = account.region
    assert (account.api_key, region) == ("5", None)
    assert account.to_json() == {"apiKey": "5"}


def test_a_view_of_a_payload_cannot_be_changed() -> None:
    view = PayloadView({"a": 1})
    assert view["a"] == 1
    with pytest.raises(TypeError):
        view["a"] = 2  # type: ignore[index]


def declare(**attributes: Any) -> type[Payload]:
    annotations = attributes.pop("annotations")
    return type("Bad", (Payload,), {"__annotations__": annotations, "__module__": __name__, **attributes})


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (declare(annotations={"x": str}), r"Bad\.x is not a field: assign field\(…\) or setting\(…\)"),
        (declare(annotations={}, x=field(label="X")), r"Bad\.x has no annotation"),
        (declare(annotations={"x": Any}, x=field(label="X")), r"Bad\.x: its annotation does not determine a type"),
        (
            declare(annotations={"x": str | int}, x=field(label="X")),
            r"Bad\.x: its annotation does not determine a type",
        ),
        (
            declare(annotations={"x": list[list[str]]}, x=field(label="X")),
            r"Bad\.x: its annotation does not determine a type",
        ),
        (declare(annotations={"x": list}, x=field(label="X")), r"Bad\.x: its annotation does not determine a type"),
        (
            declare(annotations={"x": Literal["a", 1]}, x=field(label="X")),
            r"Bad\.x: its annotation does not determine a type",
        ),
        (declare(annotations={"x": Literal[True]}, x=field(label="X")), r"True is no choice that Segment knows"),
        (declare(annotations={"x": "Unknown"}, x=field(label="X")), r"an annotation of Bad cannot be read"),
        (declare(annotations={"to_json": str}, to_json=field(label="X")), r"Bad\.to_json: the name is taken"),
        (
            declare(annotations={"x": str, "y": str}, x=field(label="X"), y=field(label="Y", key="x")),
            "Bad has two fields with the key 'x'",
        ),
        (
            declare(annotations={"x": str}, x=field(label="X", format=5)),  # type: ignore[arg-type]
            r"Bad\.x: a field is declared wrongly at `format`",
        ),
    ],
)
def test_what_makes_no_field_is_told(model: type[Payload], message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        model.input_fields()
