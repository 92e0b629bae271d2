"""Makes the files of a new destination."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, get_args

from destination.records import dataclass
from destination.workbench.scaffold.names import NameRefusedError, check_name, slug_of

Authentication = Literal["custom", "basic", "oauth"]
AUTHENTICATIONS: Final[tuple[str, ...]] = get_args(Authentication)

_FILES: Final = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    "NAME/__init__.py": "package.py",
    "NAME/py.typed": None,
    "NAME/settings.py": "settings.py",
    "NAME/actions/__init__.py": "actions.py",
    "NAME/actions/send_event.py": "send_event.py",
    "NAME/presets.py": "presets.py",
    "NAME/definition.py": "definition.py",
    "tests/conftest.py": "conftest.py",
    "tests/test_send_event.py": "test_send_event.py",
    "tests/test_presets.py": "test_presets.py",
    "tests/presets.cases.json": "presets.cases.json",
    "tests/__snapshots__/test_presets/test_requests_of_presets[track].txt": "track.txt",
    "tests/__snapshots__/test_presets/test_requests_of_presets[page].txt": "page.txt",
}
"""The template of each file, without `.jinja`; paths have `/` on every system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """The choices for a new destination.

    Attributes:
        name: The package's name; see `check_name`.
        auth: The authentication: `custom` (an API key), `basic` or `oauth`.
        batch: Whether the action can send many events in one request.

    Example:
        >>> scaffold = Scaffold(name="acme_metrics", auth="basic", batch=True)
        >>> scaffold.slug, scaffold.title
        ('actions-acme-metrics', 'Acme Metrics')
    """

    name: str
    auth: Authentication = "custom"
    batch: bool = False

    @property
    def slug(self) -> str:
        """The destination's slug."""
        return slug_of(self.name)

    @property
    def title(self) -> str:
        """The destination's name for people.

        Example:
            >>> Scaffold(name="my_crm").title
            'My Crm'
        """
        return " ".join(word.capitalize() for word in self.name.split("_"))


def files_of(scaffold: Scaffold) -> dict[str, str]:
    """Returns the texts of a new destination's files by path.

    Raises:
        NameRefusedError: The name cannot be used; the message says why.

    Example:
        >>> texts = files_of(Scaffold(name="my_crm"))
        >>> sorted(texts)[:3]
        ['README.md', 'my_crm/__init__.py', 'my_crm/actions/__init__.py']
        >>> print(texts["my_crm/actions/__init__.py"].splitlines()[-1])
        __all__ = ["SendEventPayload", "send_event"]
    """
    import jinja2

    check_name(scaffold.name)
    environment = jinja2.Environment(
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(("html",)),  # nothing here is HTML
    )
    values = {
        "name": scaffold.name,
        "auth": scaffold.auth,
        "batch": scaffold.batch,
        "slug": scaffold.slug,
        "title": scaffold.title,
        "class_name": scaffold.title.replace(" ", ""),
        "distribution": scaffold.name.replace("_", "-"),
    }
    home = files("destination.workbench.scaffold")
    texts = {}
    for path, template in _FILES.items():
        source = "" if template is None else (home / f"{template}.jinja").read_text(encoding="utf-8")
        texts[path.replace("NAME", scaffold.name)] = environment.from_string(source).render(values)
    return texts


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Writes files into a new or empty folder.

    Raises:
        NameRefusedError: The folder is not empty, or is a file.
        OSError: The files cannot be written.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     write_files(Path(folder) / "new", {"a/b.txt": "text"})
        ...     (Path(folder) / "new/a/b.txt").read_text()
        'text'
    """
    if folder.exists() and not folder.is_dir():
        raise NameRefusedError(f"{folder} is a file; give --directory a new or empty folder")
    if folder.is_dir() and any(folder.iterdir()):
        raise NameRefusedError(f"{folder} is not empty; give --directory a new or empty folder")
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
