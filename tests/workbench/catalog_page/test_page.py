import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.catalog.absmartly.classic import absmartly_classic
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
from destination.workbench.catalog_page import catalog_page

ROOT = Path(__file__).parents[3]


def form(**members: Any) -> dict[str, Any]:
    return {"label": "Field", "description": "", "type": "string", **members}


def definition(**members: Any) -> DestinationDefinition[Any]:
    return DestinationDefinition(**{"name": "Shop", "slug": "shop", "actions": {}, **members})


def row_of(page: str, key: str) -> list[str]:
    (line,) = [line for line in page.splitlines() if line.startswith(f"| `{key}` |")]
    return line.removeprefix("| ").removesuffix(" |").split(" | ")


def fields_page(**fields: Any) -> str:
    action: Action[Any, Any] = Action(title="Send", description="", fields=fields, perform=lambda request, data: ())
    return catalog_page(definition(actions={"send": action}))


@pytest.mark.parametrize("definition", [absmartly, absmartly_classic], ids=lambda definition: definition.slug)
def test_the_catalog_page_in_the_docs_is_what_the_command_makes(definition: DestinationDefinition[Any]) -> None:
    """Made anew by `destination docs SLUG --output docs/catalog/SLUG.md`."""
    page = ROOT / f"docs/catalog/{definition.slug}.md"
    assert page.read_text(encoding="utf-8") == catalog_page(definition)


def test_a_destination_of_metadata_has_a_page() -> None:
    page, own = catalog_page(from_metadata(to_metadata(absmartly))), catalog_page(replace(absmartly, variants=()))
    # what the form does not tell: formats and secrets of settings, and how many events a batch may have
    assert page.split("## Presets")[1] == own.split("## Presets")[1].replace(" of at most 500 events", "")
    assert "Secret" not in page


def test_nothing_at_all_has_a_page() -> None:
    page = catalog_page(definition())
    empty = "\n\n".join(f"## {name}\n\nNone." for name in ("Settings", "Presets", "Actions"))
    assert page.endswith(f"mode.\n\n{empty}\n")


@pytest.mark.parametrize(
    ("members", "column", "shown"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 5}, 2, "integer, 1 to 5"),
        ({"minimum": 0, "maximum": 10}, 2, "string, at most 10 characters"),
        ({"type": "number", "minimum": 0.5}, 2, "number, at least 0.5"),
        ({"format": "uri", "multiple": True, "allowNull": True}, 2, "list of string, uri, or null"),
        ({"required": True}, 3, "yes"),
        ({}, 3, "no"),
        ({"default": {"@path": "$.a|b"}}, 4, '`{"@path":"$.a\\|b"}`'),
        ({"default": "`"}, 4, '``"`"``'),
        ({"default": False}, 4, "`false`"),
        ({"choices": ["a", {"label": "c", "value": "c"}, 5]}, 5, "`a`, `c`, `5`"),
        ({"choices": [{"label": "B | 2", "value": "b"}]}, 5, "`b` (B \\| 2)"),
        ({"label": "A|B `c` <d>"}, 1, "A\\|B \\`c\\` \\<d\\>"),
        ({"description": "One\ntwo | `x|y`"}, 6, "One<br>two \\| `x\\|y`"),
        ({"dynamic": True, "unsafe_hidden": True}, 6, "The choices come from the partner. Not shown in Segment's app."),
        (
            {"required": {"match": "any", "conditions": [
                {"fieldKey": "b", "operator": "is", "value": "x"},
                {"fieldKey": "c", "operator": "is_not"},
                {"type": "syncMode", "operator": "is_not", "value": ["add", "delete"]},
            ]}},
            3,
            'if `b` is `"x"` or `c` is given or the sync mode is not any of `"add"`, `"delete"`',
        ),
        (
            {"depends_on": {"conditions": [
                {"fieldKey": "b", "operator": "is"},
                {"fieldKey": "c", "operator": "is", "value": [1, None]},
            ]}},
            6,
            "Shown if `b` is not given and `c` is one of `1`, `null`.",
        ),
    ],
)  # fmt: skip
def test_a_field_is_told(members: dict[str, Any], column: int, shown: str) -> None:
    assert row_of(fields_page(a=form(**members)), "a")[column] == shown


def test_members_of_objects_stand_below_them() -> None:
    item = form(type="object", multiple=True, additionalProperties=True, properties={"sku": form(required=True)})
    page = fields_page(order=form(type="object", properties={"items": item}))
    assert row_of(page, "order.items")[2] == "list of object, other keys too"
    assert row_of(page, "order.items[].sku")[3] == "yes"


def test_secret_settings_are_marked() -> None:
    authentication: Authentication[Any] = Authentication(
        scheme="oauth2", fields={"key": form(type="password", description="Yours."), "id": form()}, secrets=("id",)
    )
    page = catalog_page(definition(authentication=authentication))
    assert "Authentication: oauth2." in page
    assert row_of(page, "key")[6] == "Yours.<br>Secret: it is never shown."
    assert row_of(page, "id")[6] == "Secret: it is never shown."


def test_presets_of_events_of_segments_own_are_told() -> None:
    action: Action[Any, Any] = Action(title="Send", description="", perform=lambda request, data: ())
    preset = Preset(
        name="Entered",
        subscribe="",
        partner_action="send",
        mapping={"a": "```"},
        type="specificEvent",
        event_slug="entered_x",
    )
    page = catalog_page(definition(actions={"send": action}, presets=(preset,)))
    assert "### Entered\n\nAction `send`, for one of Segment's own events (`entered_x`).\n\n````json\n{" in page


def test_everything_else_that_an_action_has_is_told() -> None:
    hook = ActionHook(
        label="Make a list",
        description="Once.",
        input_fields={"list": form()},
        output_types={"id": HookOutput(label="Id", description="The list's | id", type="string", required=True)},
    )
    mode = SyncModeDefinition(default="add", choices=(SyncModeOption("add", "Add"), SyncModeOption("delete", "Remove")))
    action: Action[Any, Any] = Action(
        title="Sync_all",
        description="All of it.",
        perform=lambda request, data: (),
        perform_batch=lambda request, data: (),
        max_batch=1000,
        hidden=True,
        sync_mode=mode,
        hooks={"onMappingSave": hook},
    )
    page = catalog_page(definition(actions={"sync": action}))
    assert "### Sync\\_all (`sync`)\n\nAll of it.\n\nIt takes batches of at most 1,000 events.\n\nIt is hidden" in page
    assert "Sync Mode: `add` (Add), `delete` (Remove); `add` is proposed." in page
    assert "It has no fields" in page
    assert "#### Make a list (`onMappingSave`)\n\nOnce.\n\n| key |" in page
    assert "| `id` | Id | string | yes | The list's \\| id |" in page


def test_audiences_are_told() -> None:
    config = AudienceConfig(mode="synced", full_audience_sync=True)
    page = catalog_page(definition(audience_config=config, audience_fields={"name": form()}))
    assert "## Audiences\n\nAudiences are updated in syncs, with all members each time.\n\n| key |" in page
    assert "\n\n## Presets" in page


def test_pages_have_no_stray_blank_lines() -> None:
    metadata = json.loads((ROOT / "tests/definition/data/absmartly.metadata.json").read_text(encoding="utf-8"))
    for page in (catalog_page(from_metadata(metadata)), catalog_page(definition())):
        assert "\n\n\n" not in page
        assert page.endswith("\n")
        assert not page.endswith("\n\n")
        assert not [line for line in page.splitlines() if line != line.rstrip()]
