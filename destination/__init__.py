"""Declarative destinations that behave as Segment's do."""
