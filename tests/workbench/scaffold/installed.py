"""A new destination as it is found once it is installed."""

import tomllib
from pathlib import Path


def write_metadata(project: Path) -> None:
    """Writes what an installation writes of the entry points beside the package: on the path, it is found."""
    declared = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    info = project / f"{project.name}.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: {declared['name']}\nVersion: {declared['version']}\n")
    points = declared["entry-points"]["destination.destinations"]
    lines = ["[destination.destinations]", *(f"{slug} = {value}" for slug, value in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines))
