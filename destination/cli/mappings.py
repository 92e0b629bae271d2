"""The mappings that a command works on: files in any form, globs of them, and Python objects."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from destination.cli.problems import UsageProblem

if TYPE_CHECKING:
    from destination.cli.files import NamedFile
    from destination.definition import Action, DestinationDefinition, Subscription
    from destination.definition.formats.terraform_in import ReadSubscription
    from destination.values.positions import Node

_OBJECT: Final = re.compile(r"[^\W\d][\w.]*:[^\W\d][\w.]*")
_WANTED: Final = "a file with subscriptions, or a pattern in quotes such as 'mappings/*.json'"
_OTHER_FORM: Final = {"subscribe": "trigger", "mapping": "settings", "partnerAction": "actionSlug"}


@dataclass(frozen=True)
class GivenMappings:
    """What the command line names as mappings; nothing of it is read yet.

    Attributes:
        names: Files, patterns (`mappings/*.json`) and Python objects (`package.module:attribute`), as the user gave
            them.
        action_ids: The action of each identifier that is known, for Terraform: from `--action` and the configuration.
    """

    names: tuple[str, ...]
    action_ids: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The names, for messages."""
        return ", ".join(self.names)

    @property
    def sources(self) -> list[str]:
        """The files and Python objects, patterns replaced by the files that they match; each file once.

        Raises:
            UsageProblem: A pattern matches no file.
        """
        found: dict[str, str] = {}
        for name in self.names:
            for source in _matching(name):
                found.setdefault(source if is_object(source) else os.path.realpath(source), source)
        return list(found.values())

    @property
    def files(self) -> list[Path]:
        """The files among the sources."""
        return [Path(source) for source in self.sources if not is_object(source)]


class Origin(NamedTuple):
    """Where a subscription was read.

    Attributes:
        name: The file or the Python object, as the user named it.
        node: Its keys and values with their lines; None for a Python object.
    """

    name: str
    node: "Node | None" = None

    def line(self, pointer: str) -> int | None:
        """Returns the line of a part of the subscription, or of the nearest part around it that the file has.

        Args:
            pointer: Which part, as `Finding.pointer` and `Problem.pointer` have it: `subscribe`, `mapping/name`.

        Returns:
            The number of the line, from 1; None for a Python object.
        """
        from destination.values.pointers import pointer_keys

        if self.node is None:
            return None
        node, line = self.node, self.node.line
        for depth, key in enumerate(pointer_keys(f"/{pointer}")):
            members = node.members or {}
            if depth == 0 and key not in members:
                key = _OTHER_FORM.get(key, key)
            if key in members:
                node, line = members[key].node, members[key].key.line
            elif node.items and key.isdecimal() and int(key) < len(node.items):
                node = node.items[int(key)]
                line = node.line
            else:
                break
        return int(line)


class LoadedMappings(NamedTuple):
    """Subscriptions, each with its origin.

    Attributes:
        subscriptions: All subscriptions, in the order of the sources.
        origins: Where each was read; as many as there are subscriptions.
        is_partial: Whether the file is one page of several, and another follows.
    """

    subscriptions: "list[Subscription]"
    origins: list[Origin]
    is_partial: bool = False

    def location(self, index: int | None, pointer: str = "") -> str:
        """Returns `file:line` of a part of a subscription, or the name alone if there is no line.

        Args:
            index: The number of the subscription, from 0; None for the first file as a whole.
            pointer: Which part of it; see `Origin.line`.
        """
        if index is None or index >= len(self.origins):
            return self.origins[0].name if self.origins else ""
        origin = self.origins[index]
        line = origin.line(pointer)
        return origin.name if line is None else f"{origin.name}:{line}"


# --- what commands call ----------------------------------------------------------------------------------


def mappings_of(names: Sequence[str], action_ids: Mapping[str, str]) -> GivenMappings | None:
    """Makes one value of the names of arguments and `--mappings`; None if there are none, so that presets count."""
    return GivenMappings(tuple(names), dict(action_ids)) if names else None


def reads_mappings(mappings: GivenMappings | None, option: str = "--mappings") -> "list[NamedFile]":
    """Declares the files of mappings, for `refuse_shared`.

    Raises:
        UsageProblem: A pattern matches no file.
    """
    from destination.cli.files import reads

    return [] if mappings is None else [file for path in mappings.files for file in reads(option, path)]


def read_mappings(mappings: GivenMappings, definition: "DestinationDefinition[Any]") -> list["Subscription"]:
    """Reads the subscriptions of all sources; see `load_mappings`.

    Raises:
        UsageProblem: As `load_mappings`.
    """
    return load_mappings(mappings, definition).subscriptions


def load_mappings(mappings: GivenMappings, definition: "DestinationDefinition[Any]") -> LoadedMappings:
    """Reads the subscriptions of all sources, each with where it was read.

    Args:
        mappings: What was given.
        definition: The destination: its actions show which one a Terraform resource means.

    Raises:
        UsageProblem: A source cannot be read or holds something else, a JSON key is there twice, or the action of a
            Terraform resource is not known. The message names the file, the line and what to do.
    """
    from destination.cli.files import read_file
    from destination.cli.output import Output

    loaded = LoadedMappings([], [])
    for source in mappings.sources:
        if is_object(source):
            subscriptions = _read_object(source)
            origins = [Origin(source)] * len(subscriptions)
        else:
            raw = read_file(Path(source), "mappings file", _WANTED)
            subscriptions, origins, is_partial = parse_mappings(raw, source, definition.actions, mappings.action_ids)
            if is_partial:
                Output().note(f"{source}: is incomplete: its `pagination` names a next page; give the other pages, too")
        loaded.subscriptions.extend(subscriptions)
        loaded.origins.extend(origins)
    return loaded


def parse_mappings(
    raw: bytes, name: str, actions: "Mapping[str, Action[Any, Any]]", action_ids: Mapping[str, str]
) -> LoadedMappings:
    """Reads the subscriptions of one file; see `load_mappings`.

    Args:
        raw: The content.
        name: What messages call the file; a name that ends with `.tf` is Terraform.
        actions: The destination's actions by slug.
        action_ids: The action of each identifier that is known.

    Raises:
        UsageProblem: As `load_mappings`.
    """
    if name.endswith(".tf"):
        return _parse_terraform(raw, name, actions, action_ids)
    return _parse_json_mappings(raw, name, actions, action_ids)


def is_object(source: str) -> bool:
    """Whether a source names a Python object and no file.

    Example:
        >>> is_object("shop.mappings:subscriptions"), is_object("mappings.json"), is_object("C:/mappings.json")
        (True, False, False)
    """
    return _OBJECT.fullmatch(source) is not None and not _is_there(source)


def _is_there(name: str) -> bool:
    from destination.cli.files import is_there

    return is_there(Path(name))


def _matching(name: str) -> list[str]:
    if is_object(name) or not has_magic(name) or _is_there(name):
        return [name]
    found = sorted(path for path in glob(name, recursive=True) if Path(path).is_file())  # noqa: PTH207  as it was given
    if not found:
        raise UsageProblem(f"{name}: matches no file; give {_WANTED}")
    return found


# --- JSON ------------------------------------------------------------------------------------------------


def _parse_json_mappings(
    raw: bytes, name: str, actions: "Mapping[str, Action[Any, Any]]", action_ids: Mapping[str, str]
) -> LoadedMappings:
    from destination.cli.files import parse_json
    from destination.definition import TerraformError, read_subscriptions
    from destination.definition.formats import has_next_page
    from destination.definition.formats.terraform_in import is_terraform_json, read_terraform_json
    from destination.errors import DefinitionError
    from destination.values.positions import PositionedError, read_json_nodes

    value = parse_json(raw, name)
    try:
        root = read_json_nodes(raw.decode("utf-8-sig", "surrogatepass"), max_depth=sys.maxsize)
    except PositionedError as error:
        raise UsageProblem(f"{name}:{error.line}: {error}") from None
    try:
        if is_terraform_json(value):
            return _of_terraform(read_terraform_json(root, actions, action_ids=action_ids), name)
        subscriptions = read_subscriptions(value)
    except TerraformError as error:
        raise UsageProblem(*(f"{name}:{line}: {message}" for line, message in error.faults)) from None
    except DefinitionError as error:
        raise UsageProblem(f"{name}: {error}") from None
    return LoadedMappings(subscriptions, [Origin(name, node) for node in _records(root)], has_next_page(value))


def _records(root: "Node") -> "Iterator[Node]":
    """The nodes of the subscriptions, in any form that `read_subscriptions` takes."""
    for key in ("data", "subscription", "subscriptions"):
        if root.members is not None and key in root.members:
            root = root.members[key].node
            if key == "subscription":
                yield root
                return
    yield from root.items or ()


# --- Terraform -------------------------------------------------------------------------------------------


def _parse_terraform(
    raw: bytes, name: str, actions: "Mapping[str, Action[Any, Any]]", action_ids: Mapping[str, str]
) -> LoadedMappings:
    from destination.definition import TerraformError
    from destination.definition.formats.terraform_in import read_terraform

    path = Path(name)
    others = sorted(file for file in path.parent.glob("*.tf") if file.name != path.name)
    siblings = [_text_of(file) for file in others]
    try:
        text = raw.decode("utf-8-sig")
        found = read_terraform(
            text,
            actions,
            action_ids=action_ids,
            siblings=siblings,
            read_file=lambda wanted: (path.parent / wanted).read_text(encoding="utf-8"),
        )
    except UnicodeDecodeError:
        raise UsageProblem(f"{name}: is not UTF-8 text; give a Terraform file") from None
    except TerraformError as error:
        raise UsageProblem(*(f"{name}:{line}: {message}" for line, message in error.faults)) from None
    return _of_terraform(found, name)


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):  # its values are missed only where something needs them
        return ""


def _of_terraform(found: "Sequence[ReadSubscription]", name: str) -> LoadedMappings:
    return LoadedMappings([one.subscription for one in found], [Origin(name, one.node) for one in found])


# --- Python ----------------------------------------------------------------------------------------------


def _read_object(source: str) -> list["Subscription"]:
    """Reads the subscriptions of `module:attribute`: a subscription, a preset, JSON of one, or a list of them.

    Raises:
        UsageProblem: The module cannot be imported, or the object is something else.
    """
    import importlib

    from destination.definition import DestinationDefinition, Preset, Subscription, raised_at, read_subscriptions
    from destination.errors import DefinitionError

    module_name, _, attribute = source.partition(":")
    if "" not in sys.path:
        sys.path.insert(0, "")  # as `python -m` does: a project's own modules are in the current folder
    try:
        found: Any = importlib.import_module(module_name)
        for part in attribute.split("."):
            found = getattr(found, part)
    except ModuleNotFoundError as error:
        raise UsageProblem(f"{source}: there is no module {error.name!r}, and no file of this name") from None
    except AttributeError as error:
        raise UsageProblem(f"{source}: {error}") from None
    except Exception as error:  # the user's own code
        at = raised_at(error)
        raise UsageProblem(
            f"{source}: cannot be imported: {type(error).__name__}: {error}{at and f' at {at}'}"
        ) from error
    if isinstance(found, DestinationDefinition):
        return found.preset_subscriptions()
    if isinstance(found, (Subscription, Preset)):
        found = [found]
    if isinstance(found, Mapping):
        items: Any = found if "data" in found or "subscriptions" in found else [found]
    else:
        items = found
    try:
        if isinstance(items, Mapping):
            return read_subscriptions(items)
        return [_subscription(item) for item in items]
    except DefinitionError as error:
        raise UsageProblem(f"{source}: {error}") from None
    except TypeError:
        raise UsageProblem(
            f"{source}: is {type(found).__name__}; give a Subscription, a Preset, its JSON, or a list of them"
        ) from None


def _subscription(item: Any) -> "Subscription":
    from destination.definition import Preset, Subscription

    if isinstance(item, Preset):
        return item.subscription()
    return item if isinstance(item, Subscription) else Subscription.from_json(item)
