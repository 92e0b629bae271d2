"""ABsmartly (Actions), and a collector to try it against."""

from typing import TYPE_CHECKING

from destination.catalog.absmartly.definition import AbsmartlySettings, absmartly
from destination.late import late_names

if TYPE_CHECKING:
    from destination.catalog.absmartly.collector import EmbeddedCollector

__getattr__ = late_names(globals(), {"destination.catalog.absmartly.collector": "EmbeddedCollector"})

__all__ = ["AbsmartlySettings", "EmbeddedCollector", "absmartly"]
