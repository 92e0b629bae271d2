"""Tables in docs/ that are made from the definitions; `python -m tests.docs.made_tables` writes them anew."""

import re
from collections.abc import Iterable
from pathlib import Path

import destination
from destination.catalog.absmartly.migration import Difference
from destination.definition import Preset, find
from destination.mapping.directives import DIRECTIVES
from destination.workbench.catalog_page import markdown
from destination.workbench.catalog_page.page import rows
from tests.public_names import PACKAGES, public_names

DOCS = Path(__file__).parents[2] / "docs"
_HEADING = re.compile(r"^## `(@\w+)`", re.MULTILINE)
_PLACE = re.compile(r"(<!-- made: ([\w -]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def made(name: str) -> str:
    """The table that stands behind `<!-- made: NAME -->`."""
    kind, _, slug = name.partition(" ")
    if kind == "differences":
        return _table(("entry", "what differs"), ((f"`{entry.code}`", entry.sentence) for entry in Difference))
    if kind == "directives":
        return _table(("directive", "result", "page"), directives())
    if kind == "names":
        return _table(("from", "names"), names_by_package())
    definition = find(slug)
    if kind == "settings":
        found = rows(definition.settings_fields, definition.secret_keys)
        heads = ("key", "type", "required", "description")
        return _table(heads, ((row.key, row.type, row.required, row.description) for row in found))
    presets = definition.presets if kind == "presets" else definition.variants
    return _table(("name", "trigger", "action"), map(_preset, presets))


def directives() -> Iterable[tuple[str, str, str]]:
    """The registered directives, in the order in which the pages describe them; last those without a page."""
    headings = [
        (page, heading)
        for page in ("selecting", "text", "conditions", "objects")
        for heading in _HEADING.findall((DOCS / "directives" / f"{page}.md").read_text(encoding="utf-8"))
    ]
    pages = {heading: page for page, heading in headings}
    for name in sorted(DIRECTIVES, key=lambda name: list(pages).index(name) if name in pages else len(pages)):
        note = "" if DIRECTIVES[name].portable else " (not portable)"
        page = f"[{pages[name]}](directives/{pages[name]}.md)" if name in pages else ""
        yield f"`{name}`", f"{DIRECTIVES[name].summary}{note}", page


def names_by_package() -> Iterable[tuple[str, str]]:
    """The public names: those of the root, and of each package those that the root does not have, if there are any."""
    for package in ("destination", *(f"destination.{name}" for name in PACKAGES)):
        names = [name for name in public_names(package) if package == "destination" or name not in destination.__all__]
        if names:
            yield f"`{package}`", ", ".join(f"`{name}`" for name in names)


def _preset(preset: Preset) -> tuple[str, str, str]:
    trigger = markdown.cell(markdown.code(preset.subscribe or ""))
    return markdown.cell(markdown.plain(preset.name)), trigger, markdown.cell(markdown.code(preset.partner_action))


def _table(heads: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    heads = tuple(heads)
    return "".join(f"| {' | '.join(line)} |\n" for line in (heads, ["---"] * len(heads), *lines))


def filled(page: str) -> str:
    """A page with its tables made anew."""
    return _PLACE.sub(lambda place: place[1] + made(place[2]) + place[3], page)


def pages() -> list[Path]:
    """The pages that hold such tables."""
    return [page for page in sorted(DOCS.rglob("*.md")) if "<!-- made: " in page.read_text(encoding="utf-8")]


if __name__ == "__main__":
    for path in pages():
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")
