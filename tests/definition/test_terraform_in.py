import random
from typing import Any

import pygohcl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.definition import Action, Subscription, TerraformError, from_terraform, to_terraform
from destination.definition.formats.hcl import read_hcl
from destination.definition.formats.hcl_expressions import HclError, Scope
from destination.definition.formats.public_api import is_terraform_json
from destination.definition.formats.terraform_in import read_terraform, read_terraform_json
from destination.values import read_json, stringify
from destination.values.positions import read_json_nodes


def evaluate(expression: str) -> Any:
    body = read_hcl(f"x = {expression}\n")
    return Scope().evaluate(body.attributes["x"])


def action(*fields: str) -> Action[Any, Any]:
    return Action(
        title="",
        description="",
        perform=lambda request, data: None,
        fields={name: {"label": name, "description": "", "type": "string"} for name in fields},
    )


ACTIONS = {"order": action("id", "total", "name"), "person": action("email", "name")}


def resource(**attributes: str) -> str:
    given = {
        "destination_id": '"d1"',
        "name": '"Orders"',
        "enabled": "true",
        "action_id": '"a1"',
        "trigger": '"type = \\"track\\""',
        "settings": 'jsonencode({ id = { "@path" = "$.id" } })',
        **attributes,
    }
    lines = "".join(f"  {name} = {text}\n" for name, text in given.items())
    return f'resource "segment_destination_subscription" "orders" {{\n{lines}}}\n'


def other(**attributes: str) -> str:
    return resource(**attributes).replace('"orders"', '"other"')


def read(text: str, **more: Any) -> Subscription:
    (found,) = from_terraform(text, ACTIONS, **more)
    return found


# --- HCL -------------------------------------------------------------------------------------------------

_PLAIN = [
    "1",
    "-2.5",
    "1e3",
    "0.25",
    "0",
    "true",
    "null",
    '"a"',
    '"é \\u00e9 \\U0001f600 \\n\\t\\"\\\\"',
    '"$${x} %%{y} $ % $$ 100%"',
    "[1, 2,\n 3, ]",
    "[]",
    "{}",
    '{ a = 1, "b c" : 2\n d = [{\n e = 1\n }, {\n f = 2 }] }',
    "<<EOT\n one\n  two\nEOT",
    "<<-EOT\n    one\n      two\n    EOT",
    '<<-A\n\n  {"a": "\\n"}\n  A',
    "[ # a comment\n 1, // another\n /* a\n third */ 2 ]",
]


@pytest.mark.parametrize("expression", _PLAIN)
def test_expressions_have_the_value_that_hashicorps_parser_finds(expression: str) -> None:
    assert evaluate(expression) == pygohcl.loads(f"x = {expression}\n")["x"]


@given(st.integers(0, 2**32))
@example(0)
def test_generated_documents_have_the_values_that_hashicorps_parser_finds(seed: int) -> None:
    text = _document(random.Random(seed))
    body = read_hcl(text)
    assert {name: Scope().evaluate(each) for name, each in body.attributes.items()} == pygohcl.loads(text)


def _document(random: random.Random) -> str:
    return "".join(f"k{number}{_gap(random)}={_gap(random)}{_value(random, 3)}\n" for number in range(3))


def _gap(random: random.Random) -> str:
    return random.choice(["", " ", "\t", " /* { */ "])


def _line(random: random.Random) -> str:
    return random.choice(["\n", " # }\n", ' // "\n', "\n\n", "\r\n", " /* \n */ \n"])


def _value(random: random.Random, depth: int) -> str:
    if depth and random.random() < 0.5:
        items = [_value(random, depth - 1) for _ in range(random.randrange(4))]
        if random.random() < 0.5:
            joined = ",\n".join(items) + ("," if items and random.random() < 0.3 else "")
            return f"[{_gap(random)}{joined}{_gap(random)}]"
        keys = random.sample(["a", "b-c", '"@path"', '"a b"', "_x"], len(items))
        entries = "".join(
            f"{key} {random.choice('=:')}{_gap(random)}{item}{random.choice([',', ''])}{_line(random)}"
            for key, item in zip(keys, items, strict=True)
        )
        return "{" + _line(random) + entries + "}"
    return random.choice(
        [
            "1",
            "-3.5",
            "true",
            "null",
            '"{{ name }}"',
            '"$.a[\\"b\\"] ${"x"}y"',
            '"#} // \\\\"',
            '"type = \\"track\\" and $${a}"',
        ]
    )


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("jsonencode({ b = 1, a = [null] })", '{"a":[null],"b":1}'),
        ('jsonencode(jsondecode("{\\"a\\": 1}"))', '{"a":1}'),
        ("merge({ a = 1, b = 1 }, { b = 2 })", {"a": 1, "b": 2}),
        ("concat([1], [2, 3])", [1, 2, 3]),
        ('"${1}-${true}"', "1-true"),
        ('join(",", ["a", "b"])', "a,b"),
        ('format("%s!", "a")', "a!"),
        ("[1, 2][1]", 2),
        ("(1)", 1),
        ("1 + 2 * 3 - 4 - 1", 2),
        ("(1 + 2) * -3", -9),
        ("true && !false", True),
        ('"a" == "b" ? 1 : 2', 2),
        ('{ ("a") = 1 }', {"a": 1}),
        ("{ a = { b = 3 } }.a.b", 3),
    ],
)
def test_functions_and_parts_are_evaluated(expression: str, value: Any) -> None:
    assert evaluate(expression) == value


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a = 1\nb = ", 2, "expected an expression before the end"),
        ('a = "x\n', 1, "a text is not closed"),
        ('a = "\\q"', 1, "unknown escape"),
        ("a {\n b = 1\n", 3, "a block is not closed"),
        ("a = 1\n}", 2, "a } without its {"),
        ("a = 1\n\na = 2\n", 3, "a is there twice, on lines 1 and 3"),
        ("a = <<EOT\nx\n", 1, "has no line EOT at its end"),
        ("a = { b 1 }", 1, "expected = behind a key"),
        ("a = [1 2]", 1, "expected ,"),
        ("a = 1 b = 2", 1, "where the line should end"),
        ('{"a": 1}', 1, "expected an attribute or a block"),
    ],
)
def test_faults_name_their_line(text: str, line: int, message: str) -> None:
    with pytest.raises(HclError, match=message) as caught:
        read_hcl(text)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("each.value", "only Terraform knows each.value"),
        ("segment_source.shop.id", "only Terraform knows segment_source.shop.id"),
        ("var.name", "var.name has no default in this folder"),
        ("[for x in [1] : x]", "a for expression is not evaluated here"),
        ('{ for x in [1] : x => "}" }', "a for expression"),
        ("[{a = 1}][*].a", "a splat"),
        ('"%{ if true }x%{ endif }"', "a template with %{ }"),
        ('templatefile("a.tpl", {})', "the function templatefile is not known here"),
        ('{ a = 1, "a" = 2 }', "has the key 'a' twice"),
        ("1 + [2]", "unsupported operand"),
    ],
)
def test_what_only_terraform_knows_is_named(expression: str, message: str) -> None:
    with pytest.raises(HclError, match=message):
        evaluate(expression)


def test_names_that_refer_to_themselves_are_refused() -> None:
    body = read_hcl('locals {\n a = local.b\n b = "${local.a}"\n}')
    scope = Scope({f"local.{name}": each for name, each in body.blocks[0].body.attributes.items()})
    with pytest.raises(HclError, match="is defined by itself"):
        scope.evaluate(body.blocks[0].body.attributes["a"])


# --- resources -------------------------------------------------------------------------------------------


def test_resource_is_read() -> None:
    found = read(
        resource(
            model_id='"m1"',
            enabled="false",
            reverse_etl_schedule='{\n strategy = "PERIODIC"\n config = jsonencode({ interval = "1h" })\n}',
        )
    )
    assert found == Subscription(
        name="Orders",
        subscribe='type = "track"',
        partner_action="order",
        mapping={"id": {"@path": "$.id"}},
        enabled=False,
        action_id="a1",
        config_id="d1",
        model_id="m1",
        reverse_etl_schedule={"strategy": "PERIODIC", "config": {"interval": "1h"}},
    )


@pytest.mark.parametrize(
    "settings",
    [
        '"{\\"id\\":1}"',
        '<<EOT\n{"id": 1}\nEOT\n',
        "jsonencode(local.mapping)",
        "jsonencode(merge(local.base, { id = 1 }))",
        'jsonencode({ "${var.key}" = 1 })',
        "jsonencode({ (var.key) = 1 })",
        'file("${path.module}/orders.json")',
        'jsonencode(jsondecode(file("orders.json")))',
    ],
)
def test_settings_are_read_in_every_form(settings: str) -> None:
    others = 'locals {\n base = {}\n mapping = { id = 1 }\n}\nvariable "key" {\n default = "id"\n}'
    text = resource(settings=settings)
    assert read(text, siblings=[others], read_file=lambda _name: '{"id": 1}').mapping == {"id": 1}


def test_null_settings_and_schedule_are_none() -> None:
    found = read(resource(settings="null", reverse_etl_schedule="null"), action_ids={"a1": "order"})
    assert (found.mapping, found.reverse_etl_schedule) == ({}, None)


def test_identifiers_may_be_known_only_to_terraform() -> None:
    found = read(resource(destination_id="segment_destination.shop.id", action_id="data.x.y[0]"))
    assert (found.config_id, found.action_id) == (None, None)


@pytest.mark.parametrize(
    ("attributes", "line", "message"),
    [
        ({"trigger": "var.trigger"}, 6, "var.trigger has no default"),
        ({"settings": "jsonencode({ id = each.value })"}, 7, "only Terraform knows each.value"),
        ({"settings": '"{"'}, 7, "segment_destination_subscription.orders: settings: the text is not valid JSON"),
        ({"settings": "jsonencode([1])"}, 7, "settings: expected a JSON object, but found: array"),
        ({"enabled": '"yes"'}, 4, "enabled is true or false, but this is: string"),
        ({"name": "[1]"}, 3, "name is text, but this is: array"),
        ({"for_each": "local.all"}, 8, "for_each makes several resources"),
    ],
)
def test_faults_of_a_resource_name_their_line(attributes: dict[str, str], line: int, message: str) -> None:
    with pytest.raises(TerraformError, match=message) as caught:
        read(resource(**attributes))
    assert [fault[0] for fault in caught.value.faults] == [line]


def test_faults_of_all_resources_are_listed() -> None:
    with pytest.raises(TerraformError) as caught:
        from_terraform(resource(trigger="var.a") + other(trigger="var.b"), ACTIONS)
    assert [line for line, _ in caught.value.faults] == [6, 14]


def test_file_without_a_resource_is_refused() -> None:
    with pytest.raises(TerraformError, match="there is no resource"):
        from_terraform('variable "x" {}', ACTIONS)


# --- actions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reference", ['"a1"', "var.order_action"])
def test_action_is_the_one_that_is_given_for_the_identifier_or_its_expression(reference: str) -> None:
    ids = {reference.strip('"'): "person"}
    assert read(resource(action_id=reference), action_ids=ids).partner_action == "person"


def test_action_is_the_only_one_whose_fields_fit() -> None:
    assert read(resource(settings="jsonencode({ email = 1, __segment_internal_sync_mode = 2 })")).partner_action == (
        "person"
    )


def test_resources_with_one_identifier_have_one_action() -> None:
    text = resource(settings="jsonencode({ name = 1 })") + other(settings="jsonencode({ total = 1 })")
    assert [one.partner_action for one in from_terraform(text, ACTIONS)] == ["order", "order"]


def test_ambiguous_action_is_an_error_that_lists_the_candidates() -> None:
    with pytest.raises(TerraformError, match=r"its action_id a1 could mean order or person.*--action a1=ACTION"):
        read(resource(settings="jsonencode({ name = 1 })"))


def test_settings_that_fit_no_action_are_an_error_that_says_what_is_missing() -> None:
    with pytest.raises(TerraformError, match=r"order has no email; person has no total"):
        read(resource(settings="jsonencode({ total = 1, email = 1 })"))


# --- JSON of Terraform ------------------------------------------------------------------------------------

_VALUES = {
    "action_id": "a1",
    "destination_id": "d1",
    "enabled": True,
    "id": "s1",
    "model_id": None,
    "name": "Orders",
    "reverse_etl_schedule": None,
    "settings": '{"id":{"@path":"$.id"}}',
    "trigger": 'type = "track"',
}
_SHOWN = {"address": "module.a.segment_destination_subscription.orders", "type": "segment_destination_subscription"}


@pytest.mark.parametrize(
    "document",
    [
        {"format_version": "1.0", "values": {"root_module": {"resources": [{**_SHOWN, "values": _VALUES}]}}},
        {
            "format_version": "1.2",
            "planned_values": {
                "root_module": {
                    "resources": [{"type": "other", "values": {"type": "x"}}],
                    "child_modules": [{"resources": [{**_SHOWN, "values": _VALUES}]}],
                }
            },
        },
        {
            "version": 4,
            "terraform_version": "1.9.0",
            "resources": [{"type": "segment_destination_subscription", "instances": [{"attributes": _VALUES}]}],
        },
    ],
)
def test_states_and_plans_are_read(document: Any) -> None:
    assert is_terraform_json(document)
    (found,) = read_terraform_json(read_json_nodes(stringify(document)), ACTIONS)
    assert (found.subscription.id, found.subscription.partner_action) == ("s1", "order")
    assert found.subscription.mapping == {"id": {"@path": "$.id"}}


def test_lines_of_a_resource_are_known() -> None:
    text = resource(settings='jsonencode({\n id = {\n  "@path" = "$.id"\n }\n})')
    (found,) = read_terraform(text, ACTIONS)
    members = found.node.members or {}
    assert (found.node.line, members["subscribe"].key.line, members["mapping"].key.line) == (1, 6, 7)
    inner = members["mapping"].node.members or {}
    assert inner["id"].key.line == 8


# --- round trip ------------------------------------------------------------------------------------------

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    name = data.draw(st.from_regex(r"[A-Za-z0-9 ]{1,12}", fullmatch=True))
    subscriptions = [
        Subscription(
            name=name,
            subscribe=f'event = "{name}"',
            partner_action=slug,
            mapping={"name": data.draw(_VALUE)},
            enabled=data.draw(st.booleans()),
            action_id=data.draw(st.none() | st.just(f"id-{slug}")),
            reverse_etl_schedule=data.draw(
                st.none()
                | st.just({"strategy": "MANUAL", "config": None})
                | st.fixed_dictionaries(
                    {"strategy": st.just("PERIODIC"), "config": st.dictionaries(_TEXT, _VALUE, max_size=2)}
                )
            ),
        )
        for slug in ("order", "person")
    ]
    written = to_terraform(subscriptions)
    found = from_terraform(written, ACTIONS)
    assert [read_json(stringify(one.to_json())) for one in found] == [
        read_json(stringify(one.to_json())) for one in subscriptions
    ]
    assert from_terraform(to_terraform(found), ACTIONS) == found


def test_presets_of_absmartly_come_back() -> None:
    presets = absmartly.preset_subscriptions()
    assert from_terraform(to_terraform(presets, prefix="shop"), absmartly.actions) == presets


def test_a_key_that_is_twice_in_settings_as_json_text_is_refused() -> None:
    with pytest.raises(TerraformError, match=r"settings: the JSON has the key 'id' twice in one object"):
        read(resource(settings=r'"{\"id\": 1, \"id\": 2}"'))


def test_a_file_that_cannot_be_read_is_named_without_the_words_of_python() -> None:
    def missing(_path: str) -> str:
        raise FileNotFoundError(2, "No such file or directory", "x.fql")

    expression = read_hcl('x = file("x.fql")\n').attributes["x"]
    with pytest.raises(HclError, match=r'file\("x.fql"\): cannot be read: No such file or directory$'):
        Scope(read_file=missing).evaluate(expression)


@pytest.mark.parametrize(("wrong", "meant"), [("enabledd", "enabled"), ("triger", "trigger"), ("setting", "settings")])
def test_a_mistyped_attribute_is_refused_and_does_not_leave_the_subscription_live(wrong: str, meant: str) -> None:
    with pytest.raises(TerraformError, match=f"has no {wrong}; did you mean {meant}?"):
        read(resource(**{wrong: "false"}))
    assert read(resource(new_in_the_provider="1")).name == "Orders"


def test_a_resource_that_is_there_twice_is_refused_with_both_lines() -> None:
    with pytest.raises(TerraformError, match="orders is there twice, on lines 1 and 9; rename one of them"):
        from_terraform(resource() + resource(), ACTIONS)


def test_a_block_whose_content_would_be_lost_is_refused() -> None:
    written = resource()[: -len("}\n")]
    with pytest.raises(TerraformError, match="the block dynamic cannot be read, so that a part of the subscription"):
        read(written + '  dynamic "settings" {\n    for_each = [1]\n  }\n}\n')
    assert read(written + "  lifecycle {\n    prevent_destroy = true\n  }\n}\n").name == "Orders"
