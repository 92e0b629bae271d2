"""Published destinations through this project: their definitions loaded, and questions about them.

A definition comes as plain JSON from the oracle (`catalog.definition`). Nothing of it is kept in the repository.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from destination.definition import default_values
from destination.fields import compile_fields, fields_to_json_schema, load_fields
from destination.values import read_json, write_json
from tests.conformance.compare import difference
from tests.conformance.generators.catalog import event_for, own_mapping
from tests.conformance.generators.draw import chance

SAMPLE = {
    "messaging": ["braze", "customerio", "engage-messaging-twilio"],
    "ads": ["facebook-conversions-api", "google-analytics-4", "tiktok-conversions"],
    "OAuth": ["google-enhanced-conversions", "hubspot", "salesforce"],
    "warehouse and files": ["s3", "singlestore"],
    "lists of objects": ["klaviyo", "mixpanel"],
    "conditionally required": ["attentive", "linkedin-conversions"],
    "batch": ["amplitude", "webhook"],
    "one plain action": ["slack"],
}
"""By kind: destinations that the live test takes; `CONFORMANCE_CATALOG=all` takes every one."""


@dataclass(frozen=True, slots=True)
class Question:
    """An event through an action of a published destination.

    Attributes:
        slug: The destination.
        action: The key of its action.
        fields: The action's fields.
        fql: The trigger of the preset, or the action's default one.
        mapping: The preset's, the default one, or one as a user would make it.
        event: An event for the two.
    """

    slug: str
    action: str
    fields: dict[str, Any]
    fql: Any
    mapping: Any
    event: dict[str, Any]


def questions(slug: str, definition: dict[str, Any], draw: Random, events: int) -> Iterator[Question]:
    """So many events for each preset and for each action."""
    actions = definition["actions"]
    for key, action in actions.items():
        fields, defaults = action.get("fields", {}), action.get("defaults", {})
        fql = action.get("defaultSubscription")
        for _ in range(events):
            mapping = defaults if chance(draw, 0.4) else own_mapping(draw, defaults, fields)
            yield Question(slug, key, fields, fql, mapping, event_for(draw, mapping, fql, fields))
    for preset in definition["presets"]:
        key = preset["partnerAction"]
        if key not in actions:  # a plugin of the browser, not an action of the cloud
            continue
        fields, fql, mapping = actions[key].get("fields", {}), preset.get("subscribe"), preset["mapping"]
        for _ in range(events):
            yield Question(slug, key, fields, fql, mapping, event_for(draw, mapping, fql, fields))


def differences_of_fields(definition: dict[str, Any]) -> list[str]:
    """Where the schemas and default mappings made here differ from the reference's."""
    found = []
    for place, given in _field_lists(definition):
        fields = load_fields(given.get("fields", {}))
        schema = read_json(write_json(fields_to_json_schema(fields)))
        if "schema" in given:
            found.append((f"{place}, schema", difference(given["schema"], schema)))
            compile_fields(fields)
        if "defaults" in given:
            defaults = read_json(write_json(default_values(fields)))
            found.append((f"{place}, defaults", difference(given["defaults"], defaults)))
    return [f"{place}: {what}" for place, what in found if what]


def _field_lists(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "settings", definition["settings"]
    yield "audience", definition["audience"]
    for key, action in definition["actions"].items():
        yield key, action
        for name, hook in action["hooks"].items():
            yield f"{key}, {name}", hook
