from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.definition import Action
from destination.errors import MappingError
from destination.fields import compile_fields, remove_empty_values
from destination.runtime import Destination
from destination.values import MISSING
from destination.workbench.explain import FieldExplanation, SubscriptionExplanation, explain_event
from destination.workbench.explain.fields import Followed, follow
from destination.workbench.explain.locations import Position, value_at
from tests.kit import SETTINGS
from tests.workbench.explain.shop import FIELDS, shop

SUBSCRIPTION: dict[str, Any] = {"name": "All", "subscribe": "type != 5", "partnerAction": "send"}


def explain(mapping: Any, event: dict[str, Any], **more: Any) -> SubscriptionExplanation:
    (explained,) = explain_event(shop.instance({}, [{**SUBSCRIPTION, **more, "mapping": mapping}]), event).subscriptions
    return explained


def fields(mapping: Any, event: dict[str, Any]) -> dict[str, FieldExplanation]:
    return {field.name: field for field in explain({"a": "x", **mapping}, event).fields}


IF = {"@if": {"exists": {"@path": "$.n"}, "then": {"@path": "$.n"}, "else": 5}}


@pytest.mark.parametrize(
    ("mapping", "event", "verdict", "raw", "value", "note"),
    [
        ({"@path": "$.n"}, {"n": 1}, "given", 1, 1, ""),
        ({"@path": "$.n"}, {"n": "1.5"}, "coerced", "1.5", 1.5, ""),
        ({"@path": "$.n"}, {}, "absent", MISSING, MISSING, "nothing at $.n"),
        ({"@path": "$.n"}, {"n": None}, "removed", None, MISSING, "counts as empty"),
        (
            {"@path": "$.n"},
            {"n": "five"},
            "failed",
            "five",
            MISSING,
            "Field must be a number but it was a string.",
        ),
        (IF, {"n": 1}, "given", 1, 1, ""),
        (IF, {}, "default", 5, 5, "nothing at $.n"),
        (IF, {"n": None}, "default", 5, 5, "null at $.n"),
        (7, {}, "fixed", 7, 7, ""),
        ({"@literal": 7}, {}, "fixed", 7, 7, ""),
        (
            {"@excludeWhenNull": {"@path": "$.n"}},
            {"n": None},
            "absent",
            MISSING,
            MISSING,
            "@excludeWhenNull has no value",
        ),
    ],
)
def test_verdicts(mapping: Any, event: Any, verdict: str, raw: Any, value: Any, note: str) -> None:
    field = fields({"b": mapping}, event)["b"]
    assert (field.verdict, field.raw, field.value) == (verdict, raw, value)
    assert field.note.startswith(note)
    assert bool(field.note) == bool(note)


def test_a_key_that_the_action_has_not_is_removed() -> None:
    field = fields({"junk": {"@path": "$.n"}}, {"n": 1})["junk"]
    assert (field.verdict, field.note) == ("removed", "the action has no such field")


def test_what_changes_inside_a_value_is_named_without_its_values() -> None:
    event = {"products": [{"a": 5, "b": "s", "c": 1}]}
    field = fields({"mapping": {"@path": "$.products"}}, event)["mapping"]
    assert field.verdict == "coerced"
    assert field.note == "[0].a changed; [0].c removed"


def test_positions_are_followed_through_wrapping_and_dropped_items() -> None:
    items = fields({"x": [{"@path": "$.none"}, {"@path": "$.n"}]}, {"n": "tag", "none": None})
    assert (items["x[0]"].verdict, items["x[0]"].traced) == ("removed", ())
    assert [str(traced.locations[0]) for traced in items["x[1]"].traced] == ["body.x[0]"]
    wrapped = fields({"x": {"@path": "$.n"}}, {"n": "tag"})["x"]
    assert (wrapped.verdict, wrapped.value) == ("coerced", ["tag"])
    assert [str(traced.locations[0]) for traced in wrapped.traced] == ["body.x"]


def test_a_required_field_that_is_not_mapped_is_listed() -> None:
    explained = explain({"b": 1}, {})
    assert [(field.name, field.verdict, field.required) for field in explained.fields] == [
        ("b", "fixed", False),
        ("a", "absent", True),
    ]
    assert "missing the required field 'a'" in explained.fields[1].note
    assert (explained.state, [failure.stage for failure in explained.failures]) == ("fails", ["fields"])
    assert explained.payload is MISSING


def test_a_required_field_that_the_event_lacks_is_told_where_it_is_mapped() -> None:
    (field,) = explain({"a": {"@path": "$.n"}}, {}).fields
    assert (field.verdict, field.required, field.directive) == ("absent", True, "@path")
    assert field.note.startswith("nothing at $.n The root value is missing the required field 'a'.")


def test_a_key_that_a_list_of_the_event_lacks_fails_the_field_it_came_from() -> None:
    field = fields({"mapping": {"@path": "$.products"}}, {"products": [{"b": "s"}]})["mapping"]
    assert field.verdict == "failed"
    assert "missing the required field 'a'" in field.note


def test_fields_that_are_not_mapped_are_listed() -> None:
    assert explain({"a": "x", "b": 1}, {}).unmapped == ("p", "x", "1", "mapping")


def test_a_mapping_that_is_one_directive_is_one_entry() -> None:
    (field,) = explain({"@path": "$.properties"}, {"properties": {"a": "s"}}).fields
    assert (field.name, field.verdict) == ("(payload)", "given")
    assert [str(location) for traced in field.traced for location in traced.locations] == ["body"]


def test_an_invalid_directive_is_a_failure_with_pointer_and_remedy() -> None:
    explained = explain({"a": {"@path": 5}}, {})
    (failure,) = explained.failures
    assert (failure.stage, failure.where) == ("mapping", "mapping/a/@path")
    assert failure.remedy
    assert explained.fields == ()


def test_a_directive_that_fails_on_the_event_is_a_failure_with_its_pointer() -> None:
    (failure,) = explain({"a": {"@path": {"@path": "$.n"}}}, {"n": 5}).failures
    assert (failure.stage, failure.type) == ("mapping", MappingError.__name__)
    assert failure.where.startswith("mapping/a")


def test_an_error_of_perform_leaves_the_locations_out() -> None:
    explained = explain({"a": "ab"}, {})
    (failure,) = explained.failures
    assert (failure.stage, failure.message) == ("perform", "no ab")
    assert [field.traced for field in explained.fields] == [()]
    assert explained.payload == {"a": "ab"}


def test_an_unknown_action_is_told() -> None:
    (failure,) = explain({"a": 1}, {}, partnerAction="nope").failures
    assert "there is no action 'nope'" in failure.message
    assert failure.remedy == "use one of: send, anything"


def test_a_foreign_error_of_perform_is_told_with_its_kind_and_line() -> None:
    def broken(request: Any, data: Any) -> Any:
        raise KeyError("sku")

    def refused(request: Any, data: Any) -> Any:
        return request("no URL")

    actions = {
        name: Action[Any, Any](title=name, description="", perform=perform)
        for name, perform in (("broken", broken), ("refused", refused))
    }
    given = [{**SUBSCRIPTION, "partnerAction": name, "mapping": {}} for name in actions]
    instance = Destination[Any](name="D", slug="d", actions=actions).instance({}, given)
    failures = [item.failures[0] for item in explain_event(instance, {}).subscriptions]
    assert failures[0].message == "KeyError: 'sku'"
    assert failures[0].where == f"{__file__}:{broken.__code__.co_firstlineno + 1}"
    assert "URL" in failures[1].message


def test_a_foreign_error_of_a_shipped_action_is_told_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped actions are installed inside the framework's folder; their lines are an author's all the same."""
    module = import_module("destination.actions.absmartly.track_goal")
    monkeypatch.delattr(module, "send_event")
    moment = "2026-03-01T12:00:00.000Z"
    event = {"type": "track", "event": "A", "userId": "u", "timestamp": moment, "properties": {}}
    explained = explain_event(absmartly.instance(SETTINGS), event).subscriptions
    (failure,) = [failure for item in explained for failure in item.failures]
    assert failure.message == "NameError: name 'send_event' is not defined"
    file, _, line = failure.where.rpartition(":")
    assert file == module.__file__
    assert "send_event(" in Path(file).read_text(encoding="utf-8").splitlines()[int(line) - 1]


def test_a_perform_that_awaits_is_explained_up_to_its_first_answer() -> None:
    async def perform(request: Any, data: Any) -> Any:
        first = await request("https://h.test/", method="post", json={"id": data.payload["id"]})
        return request("https://h.test/two", method="post", json=first.data)

    action = Action[Any, Any](title="A", description="", perform=perform)
    instance = Destination[Any](name="D", slug="d", actions={"send": action}).instance(
        {}, [{**SUBSCRIPTION, "mapping": {"id": {"@path": "$.userId"}}}]
    )
    (explained,) = explain_event(instance, {"userId": "u"}).subscriptions
    assert explained.incomplete
    assert str(explained.fields[0].traced[0].locations[0]) == "body.id"
    assert explained.to_json(instance.redactor)["incomplete"] is True


def test_only_the_named_subscription_is_explained() -> None:
    given = [{**SUBSCRIPTION, "mapping": {"a": "x"}}, {**SUBSCRIPTION, "name": "Other", "mapping": {}}]
    explanation = explain_event(shop.instance({}, given), {}, only="Other")
    assert [item.name for item in explanation.subscriptions] == ["Other"]
    assert explanation.fails


# --- positions before and after the fields have validated a payload --------------------------------------

FITTED = compile_fields({**FIELDS, "one": {"description": "", "label": "One", "type": "string"}})


def followed(raw: Any, position: Position) -> Followed:
    cleaned = remove_empty_values(raw, FITTED.schema, is_root=True)
    fitted, _ = FITTED.validator.examine(cleaned)
    found = follow(position, raw, cleaned, fitted)
    if found.position is not None:
        assert value_at(fitted, found.position) == found.fitted
    return found


@pytest.mark.parametrize(
    ("raw", "position", "value", "expected"),
    [
        ({"a": 5}, ("a",), "5", ("a",)),
        ({"p": {"x": "5", "y": 1}}, ("p", "x"), 5, ("p", "x")),
        ({"p": {"x": "5", "y": 1}}, ("p", "y"), MISSING, None),
        ({"x": "tag"}, ("x",), ["tag"], ("x",)),
        ({"x": [None, "s", "", 5]}, ("x", 3), "5", ("x", 2)),
        ({"x": [None, "s", "", 5]}, ("x", 0), MISSING, None),
        ({"one": ["s"]}, ("one", 0), "s", ("one",)),
        ({"one": ["s", "t"]}, ("one", 0), "s", ("one", 0)),  # it does not fit, and stays as it was
        ({"mapping": {"a": 5}}, ("mapping", "a"), "5", ("mapping", 0, "a")),
        ({"mapping": [{"a": 5}, {"a": "s", "c": 1}]}, ("mapping", 1, "c"), MISSING, None),
        ({"junk": {"a": [1]}}, ("junk", "a", 0), MISSING, None),
        ({"p": {"x": None}}, ("p", "x"), MISSING, None),
    ],
)
def test_positions_are_followed(raw: Any, position: Position, value: Any, expected: Position | None) -> None:
    found = followed({"a": "s", **raw}, position)
    assert (found.fitted, found.position) == (value, expected)
