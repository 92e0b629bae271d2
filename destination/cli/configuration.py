"""The options that `configured` adds to commands: mappings in all their forms, and defaults from pyproject.toml."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final

from destination.cli.options import ActionIds, Mappings, MappingsOrFiles, UnusedSettings
from destination.cli.parameters import Argument, Option, Source
from destination.definition.given.mappings import mappings_of
from destination.records import dataclass
from destination.usage_problem import UsageProblem

_SENDING: Final = ("check-auth",)
"""Commands that cannot do without settings."""

_FILES: Final = Annotated[
    list[str] | None,
    Argument(
        metavar="[FILE]...",
        help="Files of subscriptions: JSON or Terraform; also patterns and module:attribute.",
    ),
]
_MAPPINGS: Final = Annotated[
    list[str] | None,
    Option(
        "--mappings",
        "-m",
        metavar="FILE",
        help="Subscriptions: JSON, Terraform, a pattern, module:attribute. Default: the presets.",
    ),
]
_ACTIONS: Final = Annotated[
    list[str] | None,
    Option("--action", metavar="ID=ACTION", help="The action that an action_id of Terraform means."),
]


_NO_CONFIG: Final = Annotated[bool, Option("--no-config", help="Ignore [tool.destination] of pyproject.toml.")]


def configured(command: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a command whose defaults come from pyproject.toml, and whose mappings come from several options.

    Parameters of the types `Mappings`, `MappingsOrFiles` and `ActionIds` become `--mappings`, arguments and `--action`.
    What is made takes a `Source` and the values of its parameters.

    Args:
        command: The function; its docstring is the help.
    """
    signature = inspect.signature(command)
    annotations = {name: parameter.annotation for name, parameter in signature.parameters.items()}

    def named(*kinds: Any) -> str | None:
        return next((name for name, kind in annotations.items() if kind in kinds), None)

    mappings, action_ids, unused = named(Mappings, MappingsOrFiles), named(ActionIds), named(UnusedSettings)
    takes_files = mappings is not None and annotations[mappings] == MappingsOrFiles
    parameters = dict(signature.parameters)
    if takes_files:
        parameters = {"files": _parameter("files", _FILES), **parameters}
    if mappings is not None:
        parameters[mappings] = _parameter(mappings, _MAPPINGS)
    for made in (action_ids, unused):
        if made is not None:
            del parameters[made]
    if mappings is not None or action_ids is not None:
        parameters["action"] = _parameter("action", _ACTIONS)
    parameters["no_config"] = _parameter("no_config", _NO_CONFIG, default=False)

    @wraps(command)
    def call(source: Source, /, **given: Any) -> Any:
        del given["no_config"]
        configuration = source.configuration
        ids = {**(configuration.action_ids if configuration else {}), **_action_ids(given.pop("action", None))}
        if mappings is not None:
            files = (given.pop("files") or ()) if takes_files else ()
            names = () if files and mappings in source.defaulted else given[mappings] or ()
            given[mappings] = mappings_of((*files, *names), ids)
        if action_ids is not None:
            given[action_ids] = ids
        if configuration is not None and given.get("settings") is not None and "settings" in source.defaulted:
            if unused is not None and not (given["send"] or given["dry_run"]):
                given[unused], given["settings"] = given["settings"], None
            elif unused is None and source.command not in _SENDING:
                given["settings"] = configuration.usable_settings(given["settings"])
        return command(**given)

    keywords = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters.values()]
    # The options are read from the signature.
    call.__signature__ = signature.replace(parameters=keywords)  # type: ignore[attr-defined]
    return call


def _parameter(name: str, annotation: Any, default: Any = None) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _action_ids(given: Sequence[str] | None) -> Mapping[str, str]:
    """Reads `ID=ACTION`; the identifier may be a reference of Terraform's, such as `var.action_id`."""
    found: dict[str, str] = {}
    for text in given or ():
        identifier, equals, action = (part.strip() for part in text.partition("="))
        if not (identifier and equals and action):
            raise UsageProblem(f"--action {text}: give ID=ACTION, such as --action iLgPGgELNm5SgSVaqztJeJ=trackGoal")
        if found.get(identifier, action) != action:
            raise UsageProblem(f"--action {identifier} means {found[identifier]} and {action}: keep one of them")
        found[identifier] = action
    return found


# --- pyproject.toml --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Configuration:
    """The table `[tool.destination]` of a pyproject.toml; paths in it count from its folder.

    Attributes:
        path: The file.
        destination: The slug of the destination.
        mappings: Files, patterns and Python objects with subscriptions.
        settings: The settings file.
        events: The file of events.
        tracking_plan: The tracking plan.
        select: Codes of lint that count.
        ignore: Codes of lint that do not count.
        action_ids: The action of each identifier of Terraform.
    """

    path: Path
    destination: str | None = None
    mappings: tuple[str, ...] = ()
    settings: str | None = None
    events: str | None = None
    tracking_plan: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    action_ids: Mapping[str, str] = field(default_factory=dict)

    def defaults(self, command: str) -> dict[str, Any]:
        """Returns the defaults of a command's parameters, by their names."""
        found: dict[str, Any] = {
            "destination": self.destination,
            "mappings": list(self.mappings),
            "settings": self.settings,
            "tracking_plan": self.tracking_plan,
        }
        if command in ("show", "docs"):
            found["slug"] = self.destination
        if command == "run":
            found["file"] = self.events
        if command != "mutate":  # where events are one of several ways to test
            found["events"] = self.events
        if command == "lint":
            found |= {"select": list(self.select), "ignore": list(self.ignore)}
        return {name: value for name, value in found.items() if value}

    def usable_settings(self, settings: Path) -> Path | None:
        """Returns the settings file, or None with a note if a variable or a file that it names is missing.

        For commands that send nothing, which can do with placeholders.
        """
        import os

        from destination.cli.output import Output
        from destination.definition.given.settings import read_toml

        for value in read_toml(settings).values():
            name = value.get("env") if isinstance(value, dict) else None
            if isinstance(name, str) and not os.environ.get(name):
                Output().note(f"{settings} is not used: the environment variable {name} is not set")
                return None
            file = value.get("file") if isinstance(value, dict) else None
            if isinstance(file, str) and file and not (settings.parent / file).exists():
                Output().note(f"{settings} is not used: there is no file {settings.parent / file}")
                return None
        return settings


def find_configuration(folder: Path) -> Configuration | None:
    """Finds the table in the nearest pyproject.toml that has it, in a folder or one above.

    Raises:
        UsageProblem: The file is not valid TOML, or the table has an unknown key or a value of a wrong type.
    """
    for candidate in (folder, *folder.parents):
        path = candidate / "pyproject.toml"
        if path.is_file():
            table = _table_of(path)
            if table is not None:
                return _configuration(path, table)
    return None


def _table_of(path: Path) -> Any:
    import tomllib

    try:
        raw = path.read_bytes()
    except OSError:
        return None
    if b"destination" not in raw:  # the faults of other projects' files are not this command's
        return None
    try:
        return tomllib.loads(raw.decode()).get("tool", {}).get("destination")
    except (ValueError, AttributeError) as error:
        raise UsageProblem(f"{path}: is not valid TOML: {error}; --no-config ignores it") from None


_TEXTS: Final = ("destination", "settings", "events", "tracking_plan")


def _configuration(path: Path, table: Any) -> Configuration:
    if not isinstance(table, dict):
        raise UsageProblem(f"{path}: tool.destination is not a table")
    given = {key.replace("-", "_"): value for key, value in table.items()}
    lint = given.pop("lint", {})
    given["lint"] = lint
    _refuse_unknown(path, given, (*_TEXTS, "mappings", "action_ids", "lint"), "tool.destination")
    if not isinstance(lint, dict):
        raise UsageProblem(f"{path}: tool.destination.lint is not a table")
    _refuse_unknown(path, lint, ("select", "ignore"), "tool.destination.lint")
    for key in _TEXTS:
        if not isinstance(given.get(key, ""), str):
            raise UsageProblem(f"{path}: tool.destination.{key} is not text")
    ids = given.get("action_ids", {})
    if not isinstance(ids, dict) or not all(isinstance(value, str) for value in ids.values()):
        raise UsageProblem(f'{path}: tool.destination.action_ids is a table; a line reads: "ID" = "ACTION"')
    folder = path.parent
    return Configuration(
        path=path,
        destination=given.get("destination"),
        mappings=tuple(_path(folder, name) for name in _list(path, given, "mappings")),
        settings=_path(folder, given.get("settings")),
        events=_path(folder, given.get("events")),
        tracking_plan=_path(folder, given.get("tracking_plan")),
        select=_list(path, lint, "select"),
        ignore=_list(path, lint, "ignore"),
        action_ids=ids,
    )


def _list(path: Path, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = table.get(key, [])
    found = [found] if isinstance(found, str) else found
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise UsageProblem(f"{path}: {key} is text, or a list of texts")
    return tuple(found)


def _refuse_unknown(path: Path, table: Mapping[str, Any], known: Sequence[str], name: str) -> None:
    from difflib import get_close_matches

    for key in table:
        if key not in known:
            close = get_close_matches(key, known, n=1, cutoff=0.6)
            hint = f"did you mean {close[0]}?" if close else f"it takes: {', '.join(known)}"
            raise UsageProblem(f"{path}: {name} has no key {key!r}; {hint}")


def _path(folder: Path, name: Any) -> Any:
    """Makes a path of the table one from the current folder; a Python object stays as it is."""
    import os

    from destination.definition.given.mappings import is_object

    if not name or is_object(name):
        return name
    return os.path.relpath(folder / name)
