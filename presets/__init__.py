"""The presets of the destinations shipped with this project."""
