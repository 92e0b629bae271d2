"""From what names a suite to its instance."""

import json
from pathlib import Path
from typing import Any

import pytest

from destination import Action, Authentication, Destination, Preset
from destination.errors import DefinitionError
from destination.testing.suite.targets import instance_of, split_target
from tests.kit import TEXT
from tests.testing.suite.store import store

ORDERS = {"name": "Orders", "subscribe": 'type = "track"', "partnerAction": "order", "mapping": {}, "enabled": True}
GOALS = {"name": "Goals", "trigger": 'type = "track"', "actionSlug": "trackGoal", "settings": {}}


def written(folder: Path, content: Any) -> str:
    path = folder / "shop.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def names(instance: Any) -> list[str]:
    return [item.name for item in instance.subscriptions]


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("actions-absmartly", ("actions-absmartly", "")),
        ("mappings/shop.json", ("", "mappings/shop.json")),
        ("store:a b.json", ("store", "a b.json")),
        (" store : C:\\mappings\\shop.json", ("store", "C:\\mappings\\shop.json")),
        ("C:\\mappings\\shop.json", ("", "C:\\mappings\\shop.json")),
    ],
)
def test_a_target_is_a_destination_a_file_or_both(target: str, parts: tuple[str, str]) -> None:
    assert split_target(target) == parts


def test_a_destination_is_its_presets_and_the_defaults_of_actions_without_one() -> None:
    fields = {"name": {**TEXT, "default": {"@path": "$.event"}}}
    perform: Any = print
    actions = {
        slug: Action(title=slug.title(), description="", fields=fields, perform=perform, default_subscription=trigger)
        for slug, trigger in (("first", 'type = "page"'), ("second", 'type = "screen"'), ("third", None))
    }
    presets = (
        Preset(name="Same", subscribe='type = "page"', partner_action="first", mapping={"name": {"@path": "$.event"}}),
        Preset(name="Other", subscribe='type = "page"', partner_action="second", mapping={"name": "x"}),
        Preset(name="Entity", subscribe="", partner_action="third", type="specificEvent", event_slug="entity"),
    )
    made = instance_of(Destination(name="D", slug="d", actions=actions, presets=presets))
    assert names(made) == ["Same", "Other", "Entity", "Second", "Third"]
    assert [item.subscription.subscribe for item in made.subscriptions][2:] == [
        'type = "track"',
        'type = "screen"',
        'type = "track"',
    ]


def test_required_fields_without_a_default_are_read_from_the_properties() -> None:
    assert instance_of(store).subscriptions[0].subscription.mapping == {"name": {"@path": "$.properties['name']"}}


def test_a_file_belongs_to_the_destination_that_has_its_actions(tmp_path: Path) -> None:
    made = instance_of(written(tmp_path, {"data": {"subscriptions": [GOALS]}}))
    assert (made.definition.slug, names(made)) == ("actions-absmartly", ["Goals"])


def test_a_file_may_name_its_destination(tmp_path: Path) -> None:
    assert names(instance_of(written(tmp_path, [ORDERS]), destination=store)) == ["Orders"]
    assert instance_of(written(tmp_path, [GOALS]), destination="actions-absmartly").subscriptions


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([ORDERS], r"shop.json: no installed destination has the actions order: name the destination"),
        ("{", r"shop.json: is not valid JSON"),
        ({}, r"shop.json: expected a JSON list of subscriptions"),
        ([GOALS] * 51, r"shop.json: 51 subscriptions are more than the 50"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_one_line(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=message) as caught:
        instance_of(written(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"gone.json: there is no such file of mappings"):
        instance_of(tmp_path / "gone.json")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(DefinitionError, match=r"cannot be read"):
        instance_of(tmp_path / "folder.json")
    with pytest.raises(DefinitionError, match=r"did you mean 'actions-absmartly'"):
        instance_of("actions-absmartli")


def test_placeholders_and_defaults_stand_in_for_settings() -> None:
    fields = {
        "region": {**TEXT, "required": True, "default": "eu"},
        "url": {**TEXT, "required": True, "format": "uri"},
        "note": TEXT,
    }
    one: Destination[Any] = Destination(name="D", slug="d", actions={}, authentication=Authentication(fields=fields))
    assert dict(instance_of(one).settings) == {"region": "eu", "url": "https://url.invalid"}


def test_settings_that_no_placeholder_fits_are_told() -> None:
    fields = {"mail": {**TEXT, "required": True, "format": "email"}}
    one: Destination[Any] = Destination(name="D", slug="d", actions={}, authentication=Authentication(fields=fields))
    with pytest.raises(DefinitionError, match=r"the settings of d are not valid: .*; these are placeholders: pass"):
        instance_of(one)
    assert instance_of(one, settings={"mail": "a@example.com"}).settings["mail"] == "a@example.com"


def test_more_than_an_instance_may_have_is_told() -> None:
    presets = tuple(Preset(name=str(n), subscribe='type = "page"', partner_action="a") for n in range(51))
    perform: Any = print
    actions = {"a": Action(title="A", description="", perform=perform)}
    with pytest.raises(DefinitionError, match="d has 52 presets and actions"):
        instance_of(Destination(name="D", slug="d", actions=actions, presets=presets))
