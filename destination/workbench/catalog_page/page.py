"""The page itself."""

from importlib.resources import files
from typing import Any

from destination.definition import DestinationDefinition
from destination.values import write_json
from destination.values.printable import indent_json, printable_on_page
from destination.workbench.catalog_page import markdown
from destination.workbench.catalog_page.rows import rows


def catalog_page(definition: DestinationDefinition[Any]) -> str:
    """What a destination has, in Markdown: settings, presets with trigger and mapping, actions with their fields.

    The same definition gives the same page.

    Args:
        definition: Any destination; one loaded from metadata.json, too.

    Example:
        >>> from destination.definition import find
        >>> print(catalog_page(find("actions-absmartly")).splitlines()[2])
        # ABsmartly (Actions)
    """
    import jinja2

    environment = jinja2.Environment(  # noqa: S701  Markdown: the filters below escape
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=printable_on_page,
    )
    environment.filters.update(
        cell=markdown.cell,
        code=markdown.code,
        plain=markdown.plain,
        prose=markdown.prose,
        value=markdown.value,
        fql=markdown.block,
        mapping=_mapping,
        rows=rows,
        bare=_bare,
    )
    template = environment.from_string(files(__package__).joinpath("page.md.jinja").read_text(encoding="utf-8"))
    return template.render(definition=definition).rstrip("\n") + "\n"


def _mapping(mapping: Any) -> str:
    """A mapping as a block of indented JSON, its keys in JavaScript's order."""
    return markdown.block(indent_json(write_json(mapping).decode("utf-8")), "json")


def _bare(text: str) -> str:
    """A text for an HTML comment, which two dashes may end."""
    return text.replace("--", "- -")
