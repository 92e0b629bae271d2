"""Tells when a folder's own packages hide those of this project."""

from importlib.util import find_spec
from pathlib import Path

from destination.cli.problems import UsageProblem

_PACKAGES = ("actions", "presets")


def check_not_shadowed() -> None:
    """Checks that `actions` and `presets` are the packages installed beside `destination`.

    `python -m destination` puts the current folder before everything installed, so a folder with an `actions`
    or `presets` of its own would be imported in their place.

    Raises:
        UsageProblem: They are not.
    """
    home = Path(__file__).resolve().parents[2]
    for name in _PACKAGES:
        spec = find_spec(name)
        if spec is None:
            raise UsageProblem(f"the package {name!r} is not installed; reinstall destination-actions")
        found = [Path(place).resolve() for place in spec.submodule_search_locations or [spec.origin or "."]]
        if home / name not in found:
            raise UsageProblem(
                f"{found[0]} hides this project's package {name!r}: run from another folder, use the command "
                "`destination`, or `python -P -m destination`"
            )
