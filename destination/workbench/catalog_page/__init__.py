"""Writes the catalog page of a destination in Markdown: settings, presets, actions and their fields."""

from destination.workbench.catalog_page.page import catalog_page

__all__ = ["catalog_page"]
