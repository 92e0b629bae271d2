"""Studios over files, for tests."""

import json
from pathlib import Path
from typing import Any

from destination.catalog.absmartly import absmartly
from destination.definition.destination import placeholders
from destination.definition.given.mappings import GivenMappings
from destination.studio.document import open_document
from destination.studio.session import Studio

PAGES = {
    "name": "Pages",
    "enabled": True,
    "partnerAction": "trackGoal",
    "subscribe": 'type = "page"',
    "mapping": {"units": {"userId": {"@path": "$.userId"}}, "name": {"@path": "$.name"}, "properties": {"at": "home"}},
}


def studio_of(*sources: str | Path, **options: Any) -> Studio:
    """A studio over mappings; over the presets without any."""
    given = GivenMappings(tuple(str(source) for source in sources)) if sources else None
    document = open_document(absmartly, given, print)
    settings = options.pop("settings", placeholders(absmartly))
    return Studio(absmartly, settings, document, None, **options)


def draft_of(studio: Studio) -> list[dict[str, Any]]:
    """The saved subscriptions as the page would post them: read from JSON."""
    draft: list[dict[str, Any]] = json.loads(json.dumps(studio.document.to_json()["subscriptions"]))
    return draft
