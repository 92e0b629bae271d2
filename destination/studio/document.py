"""The saved mappings that the studio works on: what they are, and whether they can be saved where they are."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Literal

from destination.definition.destination import DestinationDefinition
from destination.definition.given.files import is_there, read_file
from destination.definition.given.mapping_forms import parse_mappings
from destination.definition.given.mapping_origins import LoadedMappings
from destination.definition.given.mappings import WANTED, GivenMappings, is_object, load_mappings
from destination.definition.subscription import PUBLIC_API_NAMES, Subscription, is_public_api
from destination.private_files import is_read_only
from destination.records import dataclass

Kind = Literal["json", "presets", "terraform", "object", "several"]

DEFAULTS: Final[Mapping[str, Any]] = {
    "name": "",
    "enabled": True,
    "partnerAction": "",
    "subscribe": "",
    "mapping": {},
}
"""The members that every subscription of a draft has, and what each is where the file has none."""
_WHY_NOT: Final[Mapping[Kind, str]] = {
    "presets": "Presets are a part of the destination. Save your own version to a new JSON file.",
    "terraform": "The studio does not write Terraform. Save to a new JSON file, or export Terraform.",
    "object": "The studio does not write Python. Save to a new JSON file.",
    "several": "The mappings are in several files. Save all of them to one new JSON file.",
}


@dataclass(frozen=True)
class Document:
    """Saved mappings.

    Attributes:
        name: What the page calls them: the file or the Python object as it was given, or `presets`.
        kind: What they are.
        subscriptions: The subscriptions as a draft: in the form of the runtime, with `key` and `saved`.
        path: The file, if they are in one JSON file.
        raw: The bytes of the files.
        action_ids: The action of each identifier that is known, for Terraform.
    """

    name: str
    kind: Kind
    subscriptions: tuple[dict[str, Any], ...]
    path: Path | None = None
    raw: bytes = b""
    action_ids: Mapping[str, str] | None = None

    @property
    def version(self) -> str:
        """A digest of the bytes of the files."""
        return version_of(self.raw)

    @property
    def why_not(self) -> str | None:
        """Why the mappings cannot be saved where they are; None if they can."""
        if self.path is None:
            return _WHY_NOT[self.kind]
        if is_there(self.path) and is_read_only(self.path):
            return f"{self.name} is read-only. Save to a new JSON file, or make the file writable."
        return None

    def to_json(self) -> dict[str, Any]:
        """Returns the member `document` of the session."""
        why_not = self.why_not
        return {
            "name": self.name,
            "kind": self.kind,
            "saveable": why_not is None,
            "whyNot": why_not,
            "version": self.version,
            "subscriptions": list(self.subscriptions),
        }


def version_of(raw: bytes) -> str:
    """Returns a short text that is different for other bytes.

    Example:
        >>> version_of(b"[]")
        '71857576257465c7'
    """
    return blake2b(raw, digest_size=8).hexdigest()


def open_document(
    definition: DestinationDefinition[Any], mappings: GivenMappings | None, note: Callable[[str], None]
) -> Document:
    """Reads the mappings; the presets of the destination if None.

    Args:
        definition: The destination.
        mappings: What was given.
        note: Called with a line if a file is only a part of what its owner has.

    Raises:
        UsageProblem: They cannot be read.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> document = open_document(absmartly, None, print)
        >>> document.kind, document.subscriptions[0]["key"], document.subscriptions[0]["name"], document.why_not[:7]
        ('presets', 's0', 'Track Calls', 'Presets')
    """
    if mappings is None:
        return Document("presets", "presets", _of_subscriptions(definition.preset_subscriptions()))
    sources = mappings.sources
    if len(sources) == 1 and not is_object(sources[0]):
        return _open_file(definition, sources[0], mappings, note)
    loaded = load_mappings(mappings, definition, note)
    raw = b"".join(read_file(path, "mappings file", WANTED) for path in mappings.files)
    kind: Kind = "object" if len(sources) == 1 else "several"
    return Document(str(mappings), kind, _of_subscriptions(loaded.subscriptions), None, raw, mappings.action_ids)


def _open_file(
    definition: DestinationDefinition[Any], source: str, mappings: GivenMappings, note: Callable[[str], None]
) -> Document:
    raw = read_file(Path(source), "mappings file", WANTED)
    loaded = parse_mappings(raw, source, definition.actions, mappings.action_ids)
    if loaded.is_partial:
        note(f"{source}: is incomplete: its `pagination` names a next page; give the other pages, too")
    if loaded.is_terraform:
        subscriptions = _of_subscriptions(loaded.subscriptions)
        return Document(source, "terraform", subscriptions, None, raw, mappings.action_ids)
    return Document(source, "json", drafts_of(loaded), Path(source), raw, mappings.action_ids)


# --- subscriptions as the page has them ------------------------------------------------------------------


def _of_subscriptions(subscriptions: list[Subscription]) -> tuple[dict[str, Any], ...]:
    return _numbered([item.to_json() for item in subscriptions])


def drafts_of(loaded: LoadedMappings) -> tuple[dict[str, Any], ...]:
    """Returns the subscriptions of a JSON file as the page has them."""
    nodes = [origin.node for origin in loaded.origins]
    return _numbered([draft_members(node.plain) for node in nodes if node is not None])


def _numbered(items: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple({"key": f"s{index}", "saved": index, **item} for index, item in enumerate(items))


def draft_members(found: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a subscription of a file as the page has it: in the form of the runtime, with all that the file has.

    Example:
        >>> draft_members({"id": "s-1", "trigger": 'type = "page"', "actionSlug": "trackGoal", "note": "ours"})
        {'name': '', 'enabled': True, 'partnerAction': 'trackGoal', 'subscribe': 'type = "page"', 'mapping': {},
         'ID': 's-1', 'note': 'ours'}
    """
    names = PUBLIC_API_NAMES if is_public_api(found) else {}
    # The Public API's form has no keys of the runtime's: their values are ignored, and stay in the file.
    hidden = set(names.values())
    members = {names.get(key, key): value for key, value in found.items() if key not in hidden}
    return {**{key: given(key, members.get(key)) for key in DEFAULTS}, **_without(members, DEFAULTS)}


def given(key: str, value: Any) -> Any:
    """Returns the value of a member as it counts: the default for null, and for a mapping that is falsy.

    Example:
        >>> given("enabled", None), given("mapping", []), given("name", "Pages")
        (True, {}, 'Pages')
    """
    if key in DEFAULTS and (value is None or (key == "mapping" and not value)):
        default = DEFAULTS[key]
        return {} if default == {} else default
    return value


def _without(members: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if key not in keys}
