"""`@liquid`: liquidjs 10.27.2 without what Segment switches off, compiled to functions.

A template goes this way: `scanner` cuts it into text, outputs and tags, `parser` builds `nodes` of them
(with `reader` for what stands inside the delimiters), `compile_nodes` and `compile_values` make functions
of the nodes, and a `Context` holds the state of one rendering.
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
