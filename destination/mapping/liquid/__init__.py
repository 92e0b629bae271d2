"""The engine of `@liquid`: liquidjs 10.27.2 without the tags and filters that Segment disables, compiled to functions.

`scanner` splits a template into text, outputs and tags. `parser` builds `nodes` from them; it uses `reader` for the
text inside the delimiters. `compile_nodes` and `compile_values` compile the nodes to functions, by the rules of
`coerce` and with the `filters`. A `Context` holds the state of one rendering. `template` joins these steps.
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
