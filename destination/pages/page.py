"""How every page is made and written."""

import os
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final

from destination.errors import DestinationError
from destination.private_files import open_private
from destination.values.printable import printable_on_page

_BASE: Final = "base.html"

Mask = Callable[[str], str]


class PageError(DestinationError):
    """A page cannot be written; the message names the file and the reason."""


def render(package: str, template: str, mask: Mask | None = None, **values: Any) -> str:
    """Renders a page.

    The template extends `base.html` of this package, fills its blocks `title`, `style` and `content`, and writes
    numbers with the filter `number`. Each value in it is masked, made printable and escaped; SVG and other markup is
    given as `markupsafe.Markup`, and stays as it is.

    Args:
        package: The package that has the template beside its modules.
        template: The template's file name.
        mask: Takes the secrets out of a text.
        values: What the template shows.

    Raises:
        jinja2.TemplateError: The template uses a value that is not given, or is no template.

    Example:
        >>> html = render("destination.pages", "base.html")
        >>> html.splitlines()[0], "<script" in html
        ('<!DOCTYPE html>', False)
    """
    import jinja2
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        if mask is not None and not hasattr(value, "__html__") and not isinstance(value, (int, float)):
            value = mask(str(value))
        return printable_on_page(value)

    def source(name: str) -> str:
        home = files(__package__ if name == _BASE else package)
        return home.joinpath(name).read_text(encoding="utf-8")

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    environment.filters["number"] = lambda number: Markup(f"{number:,}")  # noqa: S704  digits and commas
    return environment.get_template(template).render(**values)


def write_page(path: str | os.PathLike[str], html: str) -> None:
    """Writes a page; the file is the owner's alone, since pages show events.

    Args:
        path: The file. What is in it is replaced.
        html: The page.

    Raises:
        PageError: The file cannot be written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_page(folder, "")
        Traceback (most recent call last):
        destination.pages.page.PageError: ...: cannot be written: is a directory
    """
    try:
        with open_private(path) as file:
            file.write(html.encode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise PageError(f"{path}: cannot be written: {reason}") from None
