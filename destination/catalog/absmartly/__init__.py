"""ABsmartly (Actions), and a collector to try it against."""

from destination.catalog.absmartly.collector import EmbeddedCollector
from destination.catalog.absmartly.definition import AbsmartlySettings, absmartly

__all__ = ["AbsmartlySettings", "EmbeddedCollector", "absmartly"]
