"""An action from mapping to validated payload: fields, a mapping for them, an event that the mapping reads."""

from random import Random
from typing import Any

from tests.conformance.generators.catalog import event_for, own_mapping
from tests.conformance.generators.draw import chance
from tests.conformance.generators.events import event
from tests.conformance.generators.fields import definition
from tests.conformance.generators.mapping import directive_for


def payload(draw: Random) -> dict[str, Any]:
    """Arguments of `action.payload`."""
    fields = definition(draw, draw.randrange(3)) if chance(draw, 0.98) else {}
    mapping = own_mapping(draw, {}, fields)
    if chance(draw, 0.4):
        given = event(draw)
        mapping.update({key: directive_for(draw, given) for key in fields if chance(draw, 0.5)})
    else:
        given = event_for(draw, mapping, fields=fields)
    return {"fields": fields, "mapping": mapping, "event": given}


GENERATORS = {"action.payload": payload}
