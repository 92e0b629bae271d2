import json
from pathlib import Path
from typing import Any

import httpx

from destination import Action, Destination
from destination.catalog.absmartly import absmartly
from destination.definition import AudienceConfig, Preset, SyncModeDefinition, SyncModeOption
from destination.server import routes_of, to_manifest
from tests.kit import TEXT
from tests.server.shop import SHOP

RECORDED = Path(__file__).with_name("manifest_absmartly.json")


def test_absmartlys_manifest_is_that_of_the_reference() -> None:
    assert to_manifest(absmartly) == json.loads(RECORDED.read_text(encoding="utf-8"))


def test_the_manifest_is_served(shop: httpx.Client) -> None:
    assert shop.get("/manifest").json() == to_manifest(SHOP)


def test_functions_are_not_in_the_manifest() -> None:
    manifest = to_manifest(SHOP)
    assert manifest["directoryName"] == "shop"
    assert manifest["audienceConfig"] == {"mode": {"type": "realtime"}}
    assert manifest["audienceFields"] == {"folder": {**TEXT, "label": "Folder"}}
    buy = manifest["actions"]["buy"]
    assert buy["dynamicFields"] == {"item": {}}
    hook = buy["hooks"]["onMappingSave"]
    assert hook["inputFields"]["kind"]["dynamic"] is True
    assert hook["outputTypes"] == {"id": {"label": "Id", "description": "", "type": "string", "required": False}}
    json.dumps(manifest)


def test_everything_that_is_declared_is_in_the_manifest() -> None:
    modes = SyncModeDefinition(default="add", choices=(SyncModeOption("add", "Add"),), description="d")
    action: Action[Any, Any] = Action(title="A", description="", perform=print, sync_mode=modes, hidden=True)
    manifest = to_manifest(
        Destination(
            name="D",
            slug="d",
            actions={"a": action},
            audience_config=AudienceConfig(mode="synced", full_audience_sync=True),
            presets=(Preset(name="P", subscribe="", partner_action="a", type="specificEvent", event_slug="e"),),
        )
    )
    assert manifest["actions"]["a"] == {
        "title": "A",
        "description": "",
        "hidden": True,
        "fields": {},
        "syncMode": {
            "default": "add",
            "label": "Sync Mode",
            "description": "d",
            "choices": [{"value": "add", "label": "Add"}],
        },
    }
    assert manifest["audienceConfig"] == {"mode": {"type": "synced", "full_audience_sync": True}}
    assert manifest["presets"] == [
        {"name": "P", "partnerAction": "a", "mapping": {}, "type": "specificEvent", "eventSlug": "e"}
    ]


def test_routes_are_listed() -> None:
    assert routes_of(SHOP) == [
        "GET /manifest",
        "POST /authenticate",
        "POST /delete",
        "POST /createAudience",
        "POST /getAudience",
        "POST /refreshAccessToken",
        "POST /buy",
        "POST /buy/list",
        "POST /buy/item",
        "POST /buy/hooks/onMappingSave",
        "POST /buy/hooks/onMappingSave/dynamic/kind",
        "POST /buyTwice",
        "POST /bare",
    ]
