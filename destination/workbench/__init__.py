"""Tools for those who own mappings."""
