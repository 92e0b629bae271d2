"""ABsmartly Classic: what it sends, and how to leave it."""

from destination.catalog.absmartly.classic.definition import absmartly_classic
from destination.catalog.absmartly.classic.settings import ClassicSettings

__all__ = ["ClassicSettings", "absmartly_classic"]
