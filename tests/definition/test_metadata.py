import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination.catalog.absmartly import absmartly
from destination.definition import (
    Action,
    ActionHook,
    AudienceConfig,
    Authentication,
    DestinationDefinition,
    HookOutput,
    Preset,
    SyncModeDefinition,
    SyncModeOption,
    from_metadata,
    to_metadata,
)
from destination.errors import DefinitionError, DestinationError, NotPortableError
from destination.fields import FieldConditions, GlobalSetting, Payload, field, fields_to_json_schema
from destination.mapping import jinja_template, jsonpath, path
from destination.runtime import Instance
from destination.values import MISSING, read_json, write_json
from tests.kit import SETTINGS

DATA = Path(__file__).parent / "data"


def form(**members: Any) -> dict[str, Any]:
    """A field in the form of metadata.json."""
    return {
        "label": "Name",
        "description": None,
        "type": "string",
        "required": False,
        "multiple": False,
        "allowNull": False,
        "dynamic": False,
        "default": None,
        "choices": None,
        "placeholder": None,
        "properties": None,
        "category": None,
        "depends_on": None,
        "readOnly": None,
        "hidden": None,
        "minimum": None,
        "maximum": None,
        "defaultObjectUI": None,
        "disabledInputMethods": None,
        "displayMode": None,
        "format": None,
        "additionalProperties": False,
        **members,
    }


def setting(**members: Any) -> dict[str, Any]:
    return {
        "label": "Key",
        "description": None,
        "type": "string",
        "required": False,
        "multiple": False,
        "choices": None,
        "default": None,
        "depends_on": None,
        **members,
    }


def action(**members: Any) -> dict[str, Any]:
    return {
        "title": "Send",
        "description": "Sends it",
        "platform": "cloud",
        "defaultSubscription": None,
        "hidden": False,
        "hasPerformBatch": False,
        "syncMode": None,
        "hooks": None,
        "dynamicFields": None,
        "fields": {},
        **members,
    }


CONDITION = {"match": "any", "conditions": [{"fieldKey": "kind", "operator": "is", "value": ["a", 1]}]}
BY_MODE = {"conditions": [{"type": "syncMode", "operator": "is_not", "value": "add"}]}
ON_ABSENCE = {"conditions": [{"fieldKey": "kind", "operator": "is"}]}

EVERYTHING: dict[str, Any] = {
    "slug": "actions-everything",
    "name": "Everything (Actions)",
    "mode": "cloud",
    "description": "All that the form has.",
    "authentication": {
        "scheme": "oauth2",
        "fields": {
            "apiKey": setting(type="password", required=True, description="A key"),
            "region": setting(choices=[{"label": "EU", "value": "eu"}], default="eu", required=CONDITION),
            "many": setting(multiple=True, depends_on=ON_ABSENCE, type="number"),
        },
    },
    "audienceConfig": {
        "mode": {"type": "synced", "full_audience_sync": True},
        "audienceFields": {"list": setting(type="boolean", default=False)},
        "supportsAudienceFunctions": True,
    },
    "actions": {
        "send": action(
            defaultSubscription='type = "track"',
            hidden=True,
            hasPerformBatch=True,
            syncMode={
                "default": "upsert",
                "label": "How",
                "description": "What to do",
                "choices": [{"label": "Add", "value": "add"}, {"label": "Upsert", "value": "upsert"}],
            },
            hooks={
                "retlOnMappingSave": {
                    "label": "Pick a list",
                    "description": "Picks it",
                    "inputFields": {"list": form(dynamic=True, required=True)},
                    "outputFields": {"id": form(label="ID", description="The list", required=True)},
                }
            },
            dynamicFields={"item": ["__keys__", "__values__"]},
            fields={
                "name": form(required=True, default={"@path": "$.event"}, minimum=0, maximum=10),
                "kind": form(choices=[{"label": "A", "value": "a"}, {"label": "one", "value": 1}], allowNull=True),
                "when": form(type="datetime", required=CONDITION, depends_on=BY_MODE, hidden=False, readOnly=True),
                "item": form(
                    type="object",
                    multiple=True,
                    additionalProperties=True,
                    defaultObjectUI="arrayeditor",
                    default={"@arrayPath": ["$.products", {"sku": {"@path": "$.sku"}}]},
                    properties={"sku": form(required=ON_ABSENCE), "deep": form(type="object", properties={})},
                ),
                "url": form(
                    format="uri",
                    hidden=True,
                    dynamic=True,
                    placeholder="https://…",
                    category="identifier",
                    displayMode="collapsed",
                    disabledInputMethods=["literal"],
                    default=False,
                ),
            },
        ),
        "web": action(platform="web"),
    },
    "presets": [
        {
            "name": "Tracks",
            "type": "automatic",
            "partnerAction": "send",
            "subscribe": 'type = "track"',
            "mapping": {"name": {"@path": "$.event"}, "kind": "a"},
            "eventSlug": None,
        },
        {
            "name": "Audience entered",
            "type": "specificEvent",
            "partnerAction": "send",
            "subscribe": None,
            "mapping": {},
            "eventSlug": "warehouse_audience_entered_track",
        },
        {
            "name": "In the browser",
            "type": "automatic",
            "partnerAction": "sessionId",
            "subscribe": "",
            "mapping": {},
            "eventSlug": None,
        },
    ],
}
SMALL: dict[str, Any] = {
    "slug": "small",
    "name": "Small",
    "mode": "cloud",
    "description": None,
    "authentication": None,
    "audienceConfig": None,
    "actions": {},
    "presets": [],
}


# --- ABsmartly, as Segment publishes it ------------------------------------------------------------------


def _without_batches(metadata: dict[str, Any]) -> dict[str, Any]:
    metadata = copy.deepcopy(metadata)
    for published in metadata["actions"].values():
        del published["hasPerformBatch"]  # divergence 7
    return metadata


def test_absmartly_is_written_as_segment_publishes_it() -> None:
    published = read_json((DATA / "absmartly.metadata.json").read_bytes())
    assert _without_batches(to_metadata(absmartly)) == _without_batches(published)


def test_absmartly_as_published_is_loaded_and_written_back_byte_for_byte() -> None:
    published = read_json((DATA / "absmartly.metadata.json").read_bytes())
    assert write_json(to_metadata(from_metadata(published))) == write_json(published)


def test_absmartly_as_published_resolves_payloads_like_the_one_here() -> None:
    published = from_metadata(read_json((DATA / "absmartly.metadata.json").read_bytes()))
    event = {"type": "page", "name": "Home", "anonymousId": "a", "properties": {"n": 1}, "timestamp": "2026-01-31"}
    loaded = Instance(published, SETTINGS).plan(event).outcomes
    here = Instance(absmartly, SETTINGS).plan(event).outcomes
    assert [outcome.payload for outcome in loaded] == [outcome.payload for outcome in here]
    assert [outcome.matched for outcome in loaded] == [False, True, False, False]


# --- loading ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metadata", [EVERYTHING, SMALL])
def test_what_is_loaded_is_written_back(metadata: dict[str, Any]) -> None:
    given_metadata = copy.deepcopy(metadata)
    assert to_metadata(from_metadata(metadata)) == given_metadata
    assert metadata == given_metadata


def test_keys_that_are_absent_count_as_null() -> None:
    metadata = {"slug": "small", "name": "Small", "actions": {"a": {"fields": {"x": {"label": "X", "type": "text"}}}}}
    assert to_metadata(from_metadata(metadata)) == {
        **SMALL,
        "actions": {"a": action(title="a", description="", fields={"x": form(label="X", type="text")})},
    }


def test_audiences_without_functions_are_loaded() -> None:
    config = {"mode": {"type": "realtime"}, "audienceFields": {}, "supportsAudienceFunctions": False}
    loaded = from_metadata({**SMALL, "audienceConfig": config})
    assert loaded.audience_config == AudienceConfig(mode="realtime")
    assert to_metadata(loaded)["audienceConfig"] == config


def test_fields_are_mapped_back_to_what_was_declared() -> None:
    fields = from_metadata(EVERYTHING).actions["send"].input_fields
    assert fields["name"].to_json() == {
        "label": "Name",
        "type": "string",
        "required": True,
        "default": {"@path": "$.event"},
        "minimum": 0,
        "maximum": 10,
    }
    assert fields["url"].unsafe_hidden is True
    assert fields["when"].unsafe_hidden is False
    assert isinstance(fields["when"].required, FieldConditions)
    assert (fields["item"].properties or {})["sku"].to_json()["required"] == ON_ABSENCE
    assert fields["kind"].choices == [{"label": "A", "value": "a"}, {"label": "one", "value": 1}]


def test_what_the_form_fills_up_is_absent_from_the_schema() -> None:
    schema = fields_to_json_schema(from_metadata(EVERYTHING).actions["send"].input_fields)
    assert schema["properties"]["name"] == {
        "title": "Name",
        "type": "string",
        "default": {"@path": "$.event"},
        "maxLength": 10,
    }


def test_default_of_null_is_none() -> None:
    assert list(from_metadata(EVERYTHING).actions["send"].default_values()) == ["name", "item", "url"]


def test_settings_and_secrets_are_loaded() -> None:
    definition = from_metadata(EVERYTHING)
    assert all(isinstance(one, GlobalSetting) for one in definition.settings_fields.values())
    assert definition.secret_keys == {"apiKey"}
    assert definition.authentication is not None
    assert definition.authentication.scheme == "oauth2"
    assert list(definition.audience_settings_fields) == ["list"]


def test_plan_works_up_to_the_payload() -> None:
    instance = Instance(from_metadata(EVERYTHING), {"apiKey": "k"})
    matched, _ = instance.plan({"type": "track", "event": 5}).outcomes
    assert (matched.matched, matched.payload, matched.requests) == (True, {"name": "5", "kind": "a"}, ())
    assert isinstance(matched.error, DefinitionError)
    assert "loaded from its public definition, which has no code for perform of the action 'send'" in str(matched.error)


def test_payloads_are_validated() -> None:
    instance = Instance(from_metadata(EVERYTHING), {"apiKey": "k"})
    outcome = instance.plan({"type": "track", "event": "longer than ten"}).outcomes[0]
    assert outcome.payload is MISSING
    assert str(outcome.error) == "Name must be 10 characters or fewer but it was 15 characters."


async def test_nothing_can_be_sent() -> None:
    async with Instance(from_metadata(EVERYTHING), {"apiKey": "k"}) as instance:
        result = await instance.on_event({"type": "track", "event": "a"})
        assert isinstance(result.outcomes[0].error, DefinitionError)
        with pytest.raises(DestinationError, match="no code for the test of its credentials"):
            await instance.test_authentication()


def test_everything_that_would_be_code_refuses() -> None:
    definition = from_metadata(EVERYTHING)
    send = definition.actions["send"]
    dynamic = send.dynamic_fields["item"]
    assert definition.audience_config is not None
    assert isinstance(dynamic, dict)
    for function, what in [
        (send.perform, "perform of the action 'send'"),
        (send.perform_batch, "perform_batch of the action 'send'"),
        (send.hooks["retlOnMappingSave"].perform_hook, "the hook retlOnMappingSave of the action 'send'"),
        (dynamic["__keys__"], "the choices of item.__keys__"),
        (definition.audience_config.create_audience, "the creation of audiences"),
        (definition.audience_config.get_audience, "the look-up of audiences"),
    ]:
        assert function is not None
        with pytest.raises(DefinitionError, match=f"no code for {what}"):
            function(None, None)
    assert definition.actions["web"].perform_batch is None


def test_destinations_of_other_modes_are_loaded() -> None:
    assert from_metadata({**SMALL, "mode": "device"}).mode == "device"


def test_paths_of_dynamic_fields_are_kept_as_read() -> None:
    loaded = from_metadata({**SMALL, "actions": {"a": action(dynamicFields={"item": ["sku", "__keys__"]})}})
    assert to_metadata(loaded)["actions"]["a"]["dynamicFields"] == {"item": ["sku", "__keys__"]}


def test_presets_may_name_actions_of_the_browser() -> None:
    loaded = from_metadata(EVERYTHING)
    assert [one.partner_action for one in loaded.preset_subscriptions()] == ["send", "sessionId"]


def _changed(pointer: str, value: Any) -> dict[str, Any]:
    metadata = copy.deepcopy(EVERYTHING)
    *parents, last = pointer.strip("/").split("/")
    target: Any = metadata
    for key in parents:
        target = target[int(key)] if isinstance(target, list) else target[key]
    target[int(last) if isinstance(target, list) else last] = value
    return metadata


@pytest.mark.parametrize(
    ("pointer", "value", "message"),
    [
        ("/slug", None, "at /slug: expected text, but found nothing"),
        ("/name", 5, "at /name: expected text, but found: number"),
        ("/mode", "clod", "at /mode: expected one of cloud, device, warehouse, but found 'clod'"),
        ("/description", [], "at /description: expected text, but found: array"),
        ("/authentication", [], "at /authentication: expected an object, but found: array"),
        ("/authentication/scheme", "x", "at /authentication/scheme: expected one of custom, basic, oauth2, "),
        ("/authentication/fields/apiKey/type", "x", "at /authentication/fields/apiKey: .*`type`"),
        ("/audienceConfig/mode/type", "x", "at /audienceConfig/mode/type: expected one of"),
        ("/audienceConfig/supportsAudienceFunctions", 1, "at /audienceConfig/supportsAudienceFunctions: expected true"),
        ("/audienceConfig/audienceFields", 1, "at /audienceConfig/audienceFields: expected an object"),
        ("/actions", "x", "at /actions: expected an object, but found: string"),
        ("/actions/send/hidden", "no", "at /actions/send/hidden: expected true or false, but found: string"),
        ("/actions/send/platform", "server", "at /actions/send/platform: expected one of cloud, web"),
        ("/actions/send/fields/name", {}, "at /actions/send/fields/name: .*`label`"),
        ("/actions/send/fields/name/required", "yes", "at /actions/send/fields/name: .*`required"),
        ("/actions/send/fields/item/properties/sku", [], "at /actions/send/fields/item/properties/sku: expected an"),
        ("/actions/send/fields/item/properties/sku/type", "x", "at /actions/send/fields/item: .*`properties.sku.type`"),
        ("/actions/send/syncMode/default", "replace", "at /actions/send/syncMode: there is no sync mode 'replace'"),
        ("/actions/send/syncMode/choices/0/label", None, "at /actions/send/syncMode/choices/0/label: expected text"),
        (
            "/actions/send/hooks/retlOnMappingSave/outputFields/id",
            5,
            "at .*/retlOnMappingSave/outputFields/id: expected an",
        ),
        ("/actions/send/dynamicFields/item", {}, "at /actions/send/dynamicFields/item: expected a list"),
        ("/actions/send/dynamicFields/item/0", 5, "at /actions/send/dynamicFields/item: expected paths as text"),
        ("/presets", {}, "at /presets: expected a list, but found: object"),
        ("/presets/0/type", "manual", "at /presets/0/type: expected one of automatic, specificEvent"),
        ("/presets/0/mapping", [1], "at /presets/0/mapping: expected an object"),
        ("/presets/1/partnerAction", None, "at /presets/1/partnerAction: expected text, but found nothing"),
    ],
)
def test_what_is_not_of_the_form_is_named_with_its_place(pointer: str, value: Any, message: str) -> None:
    with pytest.raises(DefinitionError, match=f"^the metadata is wrong {message}"):
        from_metadata(_changed(pointer, value))


@pytest.mark.parametrize("value", [None, [], "x", 5, {1}])
def test_what_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(DefinitionError, match="the metadata is wrong at its root: expected an object"):
        from_metadata(value)


def test_keys_are_escaped_in_pointers() -> None:
    with pytest.raises(DefinitionError, match="at /actions/a~1b/hidden:"):
        from_metadata({**SMALL, "actions": {"a/b": action(hidden=1)}})


def test_fields_that_nest_too_deeply_are_refused() -> None:
    nested: dict[str, Any] = form(type="object")
    for _ in range(3_000):
        nested = form(type="object", properties={"a": nested})
    with pytest.raises(DefinitionError, match="nests too deeply"):
        from_metadata({**SMALL, "actions": {"a": action(fields={"a": nested})}})


_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def _pointers(value: Any, pointer: str = "") -> list[str]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer, *(place for key, item in entries for place in _pointers(item, f"{pointer}/{key}"))]


@given(st.sampled_from([place for place in _pointers(EVERYTHING) if place]), _JSON)
def test_any_change_is_loaded_or_refused_with_a_reason(pointer: str, value: Any) -> None:
    try:
        loaded = from_metadata(_changed(pointer, value))
    except DefinitionError as error:
        assert str(error)  # noqa: PT017  either way is right
    else:
        to_metadata(loaded, portable=False)


# --- writing ---------------------------------------------------------------------------------------------


def _refuse(*_: Any) -> None:
    return None


def declared(**members: Any) -> DestinationDefinition[Any]:
    one: Action[Any, Any] = Action(**{"title": "Send", "description": "", "perform": _refuse, **members})
    return DestinationDefinition(name="Demo", slug="demo", actions={"send": one})


def test_everything_declared_here_is_written() -> None:
    class Item(Payload):
        sku: str = field(label="SKU", choices=["a", "b"])

    class Order(Payload):
        items: list[Item] = field(label="Items", default=path("$.items"), hidden=True, object_ui="arrayeditor")

    definition: DestinationDefinition[Any] = DestinationDefinition(
        name="Demo",
        slug="demo",
        description="For show",
        authentication=Authentication(fields={"k": {"label": "K", "type": "string", "format": "uri", "choices": []}}),
        audience_config=AudienceConfig(mode="synced", create_audience=_refuse),
        audience_fields={"list": {"label": "List", "description": "", "type": "string"}},
        actions={
            "send": Action(
                title="Send",
                description="Sends",
                perform=_refuse,
                perform_batch=_refuse,
                payload=Order,
                sync_mode=SyncModeDefinition(default="add", choices=(SyncModeOption("add", "Add"),)),
                hooks={
                    "onMappingSave": ActionHook(
                        label="Hook",
                        description="Hooks",
                        perform_hook=_refuse,
                        input_fields={"a": {"label": "A", "type": "string", "dynamic": _refuse}},
                        output_types={"b": HookOutput(label="B", description="It", type="string", required=True)},
                    )
                },
                dynamic_fields={"items": {"__keys__": _refuse, "sku": _refuse}, "x": _refuse, "y": {"z": _refuse}},
            )
        },
        presets=(Preset(name="P", subscribe="", partner_action="send", type="specificEvent", event_slug="e"),),
    )
    assert to_metadata(definition) == {
        "slug": "demo",
        "name": "Demo",
        "mode": "cloud",
        "description": "For show",
        "authentication": {"scheme": "custom", "fields": {"k": setting(label="K")}},
        "audienceConfig": {
            "mode": {"type": "synced", "full_audience_sync": False},
            "audienceFields": {"list": setting(label="List", description="")},
            "supportsAudienceFunctions": False,
        },
        "actions": {
            "send": action(
                description="Sends",
                hasPerformBatch=True,
                syncMode={
                    "default": "add",
                    "label": "Sync Mode",
                    "description": "",
                    "choices": [{"label": "Add", "value": "add"}],
                },
                hooks={
                    "onMappingSave": {
                        "label": "Hook",
                        "description": "Hooks",
                        "inputFields": {"a": form(label="A", dynamic=True)},
                        "outputFields": {"b": form(label="B", description="It", required=True)},
                    }
                },
                dynamicFields={"items": ["__keys__"]},
                fields={
                    "items": form(
                        label="Items",
                        type="object",
                        required=True,
                        multiple=True,
                        default={"@path": "$.items"},
                        hidden=True,
                        defaultObjectUI="arrayeditor",
                        properties={
                            "sku": form(
                                label="SKU",
                                required=True,
                                choices=[{"label": "a", "value": "a"}, {"label": "b", "value": "b"}],
                            )
                        },
                    )
                },
            )
        },
        "presets": [
            {
                "name": "P",
                "type": "specificEvent",
                "partnerAction": "send",
                "subscribe": None,
                "mapping": {},
                "eventSlug": "e",
            }
        ],
    }


def test_only_keys_and_values_of_objects_are_told_as_dynamic() -> None:
    fields = {"a": {"__values__": _refuse, "b": _refuse}, "c": _refuse, "d": {"e": _refuse}}
    assert to_metadata(declared(dynamic_fields=fields))["actions"]["send"]["dynamicFields"] == {"a": ["__values__"]}
    assert to_metadata(declared(dynamic_fields={"c": _refuse}))["actions"]["send"]["dynamicFields"] is None


@pytest.mark.parametrize(
    ("choices", "written"),
    [
        ([], None),
        (["a"], [{"label": "a", "value": "a"}]),
        ([1, 1.5, True, None], [{"label": str_, "value": one} for str_, one in
                                [("1", 1), ("1.5", 1.5), ("true", True), ("null", None)]]),
        ([{"value": "a"}], [{"label": "[object Object]", "value": {"value": "a"}}]),
        ([{"label": "A", "value": "a", "description": "x"}], [{"label": "A", "value": "a"}]),
    ],
)  # fmt: skip
def test_choices_are_always_labels_and_values(choices: Any, written: Any) -> None:
    fields = {"a": {"label": "Name", "type": "string", "choices": choices}}
    assert to_metadata(declared(fields=fields))["actions"]["send"]["fields"]["a"] == form(choices=written)


def test_properties_are_only_those_of_objects() -> None:
    fields = {"a": {"label": "Name", "type": "string", "properties": {"b": {"label": "B", "type": "string"}}}}
    assert to_metadata(declared(fields=fields))["actions"]["send"]["fields"]["a"] == form()


def test_directives_that_segment_does_not_know_are_refused_with_their_places() -> None:
    fields = {
        "a": {"label": "A", "type": "string", "default": jinja_template("x")},
        "b": {"label": "B", "type": "string", "default": {"@if": {"exists": jsonpath("$..x"), "then": 1}}},
    }
    definition = declared(fields=fields)
    with pytest.raises(NotPortableError) as caught:
        to_metadata(definition)
    assert caught.value.what == "destination demo"
    assert caught.value.directives == (
        ("/actions/send/fields/a/default", "@jinja"),
        ("/actions/send/fields/b/default/@if/exists", "@jsonpath"),
    )
    shown = to_metadata(definition, portable=False)["actions"]["send"]["fields"]["a"]["default"]
    assert shown == {"@jinja": "x"}


def test_preset_that_is_not_portable_is_refused() -> None:
    preset = Preset(name="P", subscribe='type = "page"', partner_action="send", mapping={"a": jinja_template("x")})
    definition: DestinationDefinition[Any] = DestinationDefinition(
        name="Demo",
        slug="demo",
        actions=declared().actions,
        presets=(preset,),
    )
    with pytest.raises(NotPortableError, match="@jinja at /presets/0/mapping/a"):
        to_metadata(definition)
