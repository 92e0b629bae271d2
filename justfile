# `just` lists these; each is one line that can be typed without it.

python := ".venv/bin/python"

# List the commands.
default:
    @just --list

# Make the virtual environment and install the project with its tools.
setup:
    python3 -m venv .venv
    .venv/bin/pip install -q -c constraints.txt -e '.[dev]'

# Format, then check lint, types and the import contract.
check:
    .venv/bin/ruff format .
    .venv/bin/ruff check .
    .venv/bin/mypy
    .venv/bin/lint-imports

# Run tests: those that are not thorough, all of them or in a path.
test *paths:
    .venv/bin/pytest -n auto {{paths}}

# Run the tests that take long.
thorough *paths:
    .venv/bin/pytest -n auto -m thorough {{paths}}

# Build the site into build/site; a dead link fails.
docs:
    NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

# Draw the pictures and make the tables of docs/ anew.
pictures:
    {{python}} -m tests.pictures
    {{python}} -m tests.docs.made_tables

# Everything that CI runs.
ci:
    bash .ci/run
