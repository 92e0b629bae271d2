"""Reads mappings in each form: JSON of Segment's runtime, its Public API or Terraform, HCL, and Python objects."""

import importlib
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from destination.definition.action import Action
from destination.definition.destination import DestinationDefinition, Preset
from destination.definition.formats import has_next_page, is_terraform_json
from destination.definition.given.files import parse_json
from destination.definition.given.mapping_origins import LoadedMappings, Origin
from destination.definition.registry import raised_at
from destination.definition.subscription import Subscription, read_subscriptions
from destination.errors import DefinitionError
from destination.usage_problem import UsageProblem
from destination.values.positions import Node, PositionedError, read_json_nodes

if TYPE_CHECKING:
    from destination.definition.formats.terraform_in import ReadSubscription

_HCL: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s|#[^\n]*|//[^\n]*|/\*.*?\*/)*"
    rb"(?:resource|variable|locals|terraform|provider|import|module|data|output)\b[^:,\n]*\{",
    re.DOTALL,
)
_FIRST_BYTES: Final = {
    b"\x1f\x8b": "is packed with gzip; unpack it first: gunzip --keep {name}",
    b"PK\x03\x04": "is a zip file; unpack it first, or for a plan of Terraform: terraform show -json {name}",
    b"\x28\xb5\x2f\xfd": "is packed with zstd; unpack it first: zstd --decompress {name}",
    b"\xfd7zXZ\x00": "is packed with xz; unpack it first: xz --decompress --keep {name}",
    b"PAR1": "is a Parquet file; subscriptions are JSON or Terraform",
}
_SUFFIXES: Final = {
    ".py": "is Python; name the object in it: {module}:subscriptions",
    ".yaml": "is YAML; subscriptions are JSON or Terraform",
    ".yml": "is YAML; subscriptions are JSON or Terraform",
    ".csv": "is CSV; subscriptions are JSON or Terraform",
    ".toml": "is TOML; subscriptions are JSON or Terraform (settings are given with --settings)",
}


def parse_mappings(
    raw: bytes, name: str, actions: Mapping[str, Action[Any, Any]], action_ids: Mapping[str, str]
) -> LoadedMappings:
    """Reads the subscriptions of one file; see `load_mappings`.

    Args:
        raw: The content.
        name: What messages call the file. Its content decides which form it has, except for `.tf`.
        actions: The destination's actions by slug.
        action_ids: The action of each identifier that is known.

    Raises:
        UsageProblem: As `load_mappings`.
    """
    if name.endswith(".tf") or _HCL.match(raw):
        return _parse_terraform(raw, name, actions, action_ids)
    return _parse_json_mappings(raw, name, actions, action_ids)


def _refuse_other_kinds(raw: bytes, name: str) -> None:
    """Refuses a kind of file that is known by its first bytes or its name.

    Raises:
        UsageProblem: It is of such a kind; the message says what to do.
    """
    path = Path(name)
    found = next((text for start, text in _FIRST_BYTES.items() if raw.startswith(start)), None)
    found = found or _SUFFIXES.get(path.suffix.lower())
    if found:
        raise UsageProblem(f"{name}: {found.format(name=name, module='.'.join(path.with_suffix('').parts))}")


# --- JSON ------------------------------------------------------------------------------------------------


def _parse_json_mappings(
    raw: bytes, name: str, actions: Mapping[str, Action[Any, Any]], action_ids: Mapping[str, str]
) -> LoadedMappings:
    try:
        value = parse_json(raw, name)
    except UsageProblem:
        _refuse_other_kinds(raw, name)
        raise
    try:
        root = read_json_nodes(raw.decode("utf-8-sig", "surrogatepass"), max_depth=sys.maxsize)
    except PositionedError as error:
        raise UsageProblem(f"{name}:{error.line}: {error}") from None
    try:
        if isinstance(value, dict) and isinstance(value.get("resource"), (dict, list)):
            raise UsageProblem(f"{name}: is Terraform in its JSON syntax; give the output of terraform show -json")
        if is_terraform_json(value):
            return _parse_terraform_json(root, name, actions, action_ids)
        subscriptions = read_subscriptions(value)
    except DefinitionError as error:
        raise UsageProblem(f"{name}: {error}") from None
    return LoadedMappings(subscriptions, [Origin(name, node) for node in _records(root)], has_next_page(value))


def subscriptions_node(root: Node) -> Node:
    """Returns the value that holds the subscriptions, in any form that `read_subscriptions` takes.

    It is a list of them, or the only one (`data.subscription`).

    Example:
        >>> subscriptions_node(read_json_nodes('{"data": {"subscriptions": [1, 2]}}')).plain
        [1, 2]
    """
    for key in ("data", "subscription", "subscriptions"):
        if root.members is not None and key in root.members:
            root = root.members[key].node
            if key == "subscription":
                return root
    return root


def _records(root: Node) -> list[Node]:
    holder = subscriptions_node(root)
    return [holder] if holder.items is None else holder.items


# --- Terraform -------------------------------------------------------------------------------------------


def _parse_terraform_json(
    root: Node, name: str, actions: Mapping[str, Action[Any, Any]], action_ids: Mapping[str, str]
) -> LoadedMappings:
    from destination.definition.formats.terraform_in import TerraformError, read_terraform_json

    try:
        return _of_terraform(read_terraform_json(root, actions, action_ids=action_ids), name)
    except TerraformError as error:
        raise UsageProblem(*(f"{name}:{line}: {message}" for line, message in error.faults)) from None


def _parse_terraform(
    raw: bytes, name: str, actions: Mapping[str, Action[Any, Any]], action_ids: Mapping[str, str]
) -> LoadedMappings:
    from destination.definition.formats.terraform_in import TerraformError, read_terraform_file

    try:
        text = raw.decode("utf-8-sig")
        found = read_terraform_file(Path(name), actions, action_ids=action_ids, text=text)
    except UnicodeDecodeError:
        raise UsageProblem(f"{name}: is not UTF-8 text; give a Terraform file") from None
    except TerraformError as error:
        raise UsageProblem(*(f"{name}:{line}: {message}" for line, message in error.faults)) from None
    return _of_terraform(found, name)


def _of_terraform(found: "Sequence[ReadSubscription]", name: str) -> LoadedMappings:
    origins = [Origin(name, one.node) for one in found]
    return LoadedMappings([one.subscription for one in found], origins, is_terraform=True)


# --- Python ----------------------------------------------------------------------------------------------


def read_object(source: str) -> list[Subscription]:
    """Reads the subscriptions of `module:attribute`: a subscription, a preset, JSON of one, or a list of them.

    Raises:
        UsageProblem: The module cannot be imported, or the object is something else.
    """
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
    except (Exception, SystemExit) as error:  # the user's own code
        raise _own_code_raised(source, "cannot be imported", error) from error
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
    except (Exception, SystemExit) as error:  # the user's own code
        raise _own_code_raised(source, "cannot be read", error) from error


def _own_code_raised(source: str, what: str, error: BaseException) -> UsageProblem:
    at = raised_at(error)
    return UsageProblem(f"{source}: {what}: {type(error).__name__}: {error}{at and f' at {at}'}")


def _subscription(item: Any) -> Subscription:
    if isinstance(item, Preset):
        return item.subscription()
    return item if isinstance(item, Subscription) else Subscription.from_json(item)
