"""`@liquid`: liquidjs 10.27.2 without what Segment switches off, compiled to functions.

`scanner` cuts a template into text, outputs and tags. `parser` builds `nodes` of them; it uses `reader` for the text
inside the delimiters. `compile_nodes` and `compile_values` make functions of the nodes, by the rules of `coerce` and
with the `filters`. A `Context` holds the state of one rendering. `template` joins these steps.
"""

from destination.mapping.liquid.context import Surroundings, frozen_now
from destination.mapping.liquid.filters import DISABLED_FILTERS
from destination.mapping.liquid.parser import DISABLED_TAGS, ENABLED_TAGS
from destination.mapping.liquid.template import LiquidTemplate, compile_liquid

__all__ = [
    "DISABLED_FILTERS",
    "DISABLED_TAGS",
    "ENABLED_TAGS",
    "LiquidTemplate",
    "Surroundings",
    "compile_liquid",
    "frozen_now",
]
