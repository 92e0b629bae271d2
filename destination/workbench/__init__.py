"""Tools for people who own mappings: explain, lint, diff, coverage, mutate, and a scaffold for destinations."""
