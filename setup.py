"""Installs `destination`, with the folders `actions/` and `presets/` inside it, and `pyspark_destination` beside it.

In a checkout, links lead from `destination/` to both; a build reads the folders themselves, because a link may be
a text file (git's `core.symlinks=false`), and a build that follows links would have each module twice.
"""

from setuptools import find_packages, setup

FOLDERS = ("actions", "presets")
"""Top-level folders that are installed as packages of `destination`."""

setup(
    packages=[
        *find_packages(
            include=["destination", "destination.*", "pyspark_destination"],
            exclude=[f"destination.{folder}{below}" for folder in FOLDERS for below in ("", ".*")],
        ),
        *(f"destination.{package}" for folder in FOLDERS for package in find_packages(include=[folder, f"{folder}.*"])),
    ],
    package_dir={f"destination.{folder}": folder for folder in FOLDERS},
)
