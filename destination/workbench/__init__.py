"""Tools for whoever owns mappings: explain, lint, diff, coverage, mutate."""
