import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pygohcl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.definition import Subscription, to_terraform
from destination.definition.formats.terraform import (
    _hcl_expression,
    _is_kept_by_terraform,
    _quote_hcl,
    hcl_identifier,
)
from destination.errors import DefinitionError
from destination.values import read_json, stringify

_SETTINGS = re.compile(r"^(  settings +=) jsonencode\((.*?)\)(\n\}\n)", re.MULTILINE | re.DOTALL)


def subscription(**members: Any) -> Subscription:
    return Subscription(**{"name": "Pages", "subscribe": 'type = "page"', "partner_action": "trackGoal", **members})


def parse(source: str) -> Any:
    """The document as HashiCorp's parser reads it, settings as the values that `jsonencode` is given."""
    return pygohcl.loads(_SETTINGS.sub(r"\1 \2\3", source))


def resources(source: str) -> dict[str, Any]:
    found: dict[str, Any] = parse(source)["resource"]["segment_destination_subscription"]
    return found


def as_read(value: Any) -> Any:
    """A value as it is read from JSON: whole numbers beyond 64 bits as doubles, however their digits are written."""
    return read_json(stringify(value))


def evaluate(expression: str) -> Any:
    return pygohcl.loads(f"x = {expression}\n")["x"]


# --- text and values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ('a "b"', r'"a \"b\""'),
        ("back\\slash", r'"back\\slash"'),
        ("\n\r\t", r'"\n\r\t"'),
        ("${x}", '"$${x}"'),
        ("%{if}", '"%%{if}"'),
        ("$${x} %%{y}", '"$$${x} %%%{y}"'),
        ("$ % $$ {} a$", '"$ % $$ {} a$"'),
        ("é 日本 😀", '"é 日本 😀"'),
        ("\x00\x7f\u2028\ufeff\U000e0001", r'"\u0000\u007f\u2028\ufeff\U000e0001"'),
        ("# // /* <<EOF", '"# // /* <<EOF"'),
    ],
)
def test_text_is_escaped_for_hcl(text: str, written: str) -> None:
    assert _quote_hcl(text) == written
    assert evaluate(written) == text


_TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from('${}%"\\\n\r\t a#/*é😀'))
_TERRAFORM_TEXT = _TEXT.filter(_is_kept_by_terraform)


def _json(text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        st.none() | st.booleans() | numbers | text,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=12,
    )


@given(_TERRAFORM_TEXT)
def test_quoted_text_evaluates_to_itself(text: str) -> None:
    assert evaluate(_quote_hcl(text)) == text


@given(_json(_TERRAFORM_TEXT))
def test_expression_evaluates_to_its_value(value: Any) -> None:
    assert as_read(evaluate(_hcl_expression(value))) == as_read(value)


@given(st.dictionaries(_TEXT, _json(_TEXT), max_size=5), _TERRAFORM_TEXT, _TERRAFORM_TEXT, st.booleans())
def test_settings_are_the_mapping(mapping: Any, name: str, trigger: str, enabled: bool) -> None:
    source = to_terraform([subscription(name=name, mapping=mapping, subscribe=trigger, enabled=enabled)])
    (resource,) = resources(source).values()
    settings = resource["settings"]
    assert as_read(json.loads(settings) if isinstance(settings, str) else settings) == as_read(mapping)
    assert isinstance(settings, str) is not _is_kept_by_terraform(mapping)
    assert (resource["name"], resource["trigger"], resource["enabled"]) == (name, trigger, enabled)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (3.0, "3"),
        (-0.0, "0"),
        (1e21, "1e+21"),
        (1.5e-7, "1.5e-7"),
        (-2.5, "-2.5"),
        (2**63, "9223372036854775808"),
        (float("nan"), "null"),
        (None, "null"),
        (True, "true"),
        ({}, "{}"),
        ([], "[]"),
        ([[], {}, "a", 1], '[[], {}, "a", 1]'),
    ],
)
def test_values_are_written_as_json_has_them(value: Any, written: str) -> None:
    assert _hcl_expression(value) == written


def test_objects_and_lists_stand_over_several_lines() -> None:
    assert _hcl_expression({"a": [{"@path": "$.x"}, 1], "long key": None, "b": 1}) == (
        '{\n  "a" = [\n    {\n      "@path" = "$.x"\n    },\n    1,\n  ]\n  "long key" = null\n  "b"        = 1\n}'
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": ["\ud83d"]}, r"^at /a/0: half a character"),
        ({"a": {"\udc00": 1}}, r"^at /a, in a key: half a character"),
        ({"a/b": {1, 2}}, r"^at /a~1b: set is not a JSON value"),
        ((1,), r"^at the root: tuple is not a JSON value"),
        ({"a": {5: 1}}, r"^at /a: a key is not text, but int"),
    ],
)
def test_what_hcl_cannot_hold_is_refused_with_its_place(value: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        _hcl_expression(value)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("é", True),
        ("e\u0301", False),
        ({"e\u0301": 1}, False),
        ([{"a": ["\u212b"]}], False),
        ("👩\u200d🔬 ❤\ufe0f", True),
        ("\U0002004f\u0302", False),
        ({"a": [1, None, True, 2.5]}, True),
    ],
)
def test_what_terraform_would_change_is_known(value: Any, kept: bool) -> None:
    assert _is_kept_by_terraform(value) is kept


def test_terraform_composes_marks_with_characters_beyond_the_first_plane() -> None:
    """What HashiCorp's parser makes of it: the character is cut to its last 16 bits, an O."""
    assert evaluate(_quote_hcl("\U0002004f\u0302")) == "Ô"


def test_mapping_that_terraform_would_change_is_written_as_json_text() -> None:
    mapping = {"e\u0301": ["\u212b ${x}", '"\\', 1.5, None, 2**63], "k": "é😀"}
    source = to_terraform([subscription(mapping=mapping)])
    assert "jsonencode" not in source
    settings = resources(source)["pages"]["settings"]
    assert settings.isascii()
    assert json.loads(settings) == mapping


# --- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Track Calls", "track_calls"),
        ("trackGoal", "track_goal"),
        ("  Exposures (Verbatim)! ", "exposures_verbatim"),
        ("Écran №5", "ecran_no5"),
        ("1st", "_1st"),
        ("日本", "other"),
        ("${x}", "x"),
        ("", "other"),
    ],
)
def test_identifiers_are_made_of_names(text: str, name: str) -> None:
    assert hcl_identifier(text, "other") == name


def test_names_are_unique_and_never_empty() -> None:
    names = ["A", "a", "a 2", "日本", "日本", "a"]
    source = to_terraform([subscription(name=name) for name in names])
    expected = ["a", "a_2", "a_2_2", "track_goal", "track_goal_2", "a_3"]
    assert re.findall(r'^resource "segment_destination_subscription" "(\w+)"', source, re.MULTILINE) == expected


def test_subscription_without_any_name_is_called_mapping() -> None:
    assert list(resources(to_terraform([subscription(name="", partner_action="日本")]))) == ["mapping"]


def test_prefix_stands_before_every_name() -> None:
    source = to_terraform([subscription(name="1st", mapping={})], prefix="Web site")
    assert set(parse(source)["variable"]) == {"web_site_destination_id", "web_site_action_id_track_goal"}
    assert resources(source)["web_site_1st"]["destination_id"] == "var.web_site_destination_id"


# --- variables -------------------------------------------------------------------------------------------


def test_what_only_segment_knows_is_a_variable() -> None:
    source = to_terraform([subscription(), subscription(name="B", partner_action="trackExposure")])
    variables = parse(source)["variable"]
    assert set(variables) == {"destination_id", "action_id_track_goal", "action_id_track_exposure"}
    assert all("default" not in variable for variable in variables.values())
    assert resources(source)["b"]["action_id"] == "var.action_id_track_exposure"
    assert resources(source)["pages"]["destination_id"] == resources(source)["b"]["destination_id"]
    assert "model_id" not in source


def test_known_action_is_the_default_and_known_destination_is_not() -> None:
    variables = parse(to_terraform([subscription(action_id="a1", config_id="d1")]))["variable"]
    assert variables["action_id_track_goal"]["default"] == "a1"
    assert "default" not in variables["destination_id"]
    assert "d1 where this was exported" in variables["destination_id"]["description"]


def test_only_identifier_known_counts_for_those_that_tell_none() -> None:
    source = to_terraform([subscription(), subscription(name="B", action_id="a1", config_id="d1")])
    assert len(parse(source)["variable"]) == 2


def test_several_identifiers_of_a_kind_are_several_variables() -> None:
    source = to_terraform(
        [
            subscription(name="A", config_id="d1", action_id="a1"),
            subscription(name="B", config_id="d2", action_id="a2"),
            subscription(name="C"),
        ]
    )
    found = resources(source)
    assert [found[name]["destination_id"] for name in "abc"] == [
        "var.destination_id",
        "var.destination_id_2",
        "var.destination_id_3",
    ]
    assert len({found[name]["action_id"] for name in "abc"}) == 3


def test_actions_whose_slugs_look_alike_have_variables_of_their_own() -> None:
    source = to_terraform([subscription(name="A"), subscription(name="B", partner_action="track_goal")])
    assert resources(source)["b"]["action_id"] == "var.action_id_track_goal_2"


def test_reverse_etl_model_is_a_variable_too() -> None:
    source = to_terraform([subscription(model_id="m1")])
    assert resources(source)["pages"]["model_id"] == "var.model_id"
    assert "default" not in parse(source)["variable"]["model_id"]


# --- the document ----------------------------------------------------------------------------------------


def test_no_subscriptions_are_an_empty_document() -> None:
    assert to_terraform([]) == ""


def test_empty_mapping_is_an_empty_object() -> None:
    assert "  settings       = jsonencode({})\n" in to_terraform([subscription()])


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"subscribe": 'event = "e\u0301"'}, r"subscription 0 \('Pages'\) .*bring the trigger's text into .* NFC"),
        ({"subscribe": "\ud800"}, r"at the trigger: half a character"),
        ({"name": "\ud800"}, r"at the name: half a character"),
        ({"mapping": {"a": "\ud800"}}, r"subscription 0 .* cannot be written as Terraform: at /a: half a character"),
        ({"mapping": {"e\u0301": "\ud800"}}, r"half a character"),
    ],
)
def test_what_terraform_cannot_hold_is_refused(members: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message):
        to_terraform([subscription(**members)])


def test_name_may_be_in_another_form_of_unicode() -> None:
    assert resources(to_terraform([subscription(name="e\u0301")]))["e"]["name"] == "é"


@pytest.mark.parametrize("text", ["", "e\u0301"])
def test_mapping_that_nests_too_deeply_is_refused(text: str) -> None:
    mapping: dict[str, Any] = {"a": text}
    for _ in range(5_000):
        mapping = {"a": mapping}
    with pytest.raises(DefinitionError, match="nests too deeply"):
        to_terraform([subscription(mapping=mapping)])


TRICKY = [
    subscription(name="Tricky ${x}", mapping={"$${k}": '"\n%{', "n": [1, -2.5, 1e21, None, {}, []], "": {"a": {}}}),
    subscription(name="日本", mapping={"l": [{"a": 1, "longer": "x"}, ["b", [{"c": "d"}]]]}, enabled=False),
    subscription(name="", action_id="a1", config_id="d1", model_id="m"),
]


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs the terraform command")
def test_terraform_leaves_the_layout_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(to_terraform(TRICKY), encoding="utf-8")
    command = ["terraform", "fmt", "-check", "-diff"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
