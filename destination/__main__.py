"""Runs the command line with `python -m destination`."""

from destination.cli import command

if __name__ == "__main__":
    command()
