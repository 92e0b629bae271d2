"""How an action keeps records in step with a source: the modes that a mapping may choose from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from destination.errors import DefinitionError
from destination.values import get_property, to_string, truthy

SyncModeName = Literal["add", "update", "upsert", "delete", "mirror"]

SYNC_MODES: Final[tuple[SyncModeName, ...]] = get_args(SyncModeName)
"""Every mode that Segment knows."""

SYNC_MODE_KEY: Final = "__segment_internal_sync_mode"
MATCHING_KEY_KEY: Final = "__segment_internal_matching_key"


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncMode:
    """The sync modes of an action; Segment's `SyncModeDefinition`.

    Attributes:
        default: The mode that the app proposes.
        choices: The modes that it offers, each with what it is called.
        label: What the app calls the choice.
        description: What it says about it.

    Raises:
        DefinitionError: A mode is none of Segment's.

    Example:
        >>> SyncMode(default="add", choices={"add": "Add", "delete": "Remove"}).label
        'Sync Mode'
        >>> SyncMode(default="replace", choices={})
        Traceback (most recent call last):
        destination.errors.DefinitionError: there is no sync mode 'replace': use one of add, update, upsert, delete, mirror
    """

    default: SyncModeName
    choices: Mapping[SyncModeName, str]
    label: str = "Sync Mode"
    description: str = ""

    def __post_init__(self) -> None:
        for mode in (self.default, *self.choices):
            if mode not in SYNC_MODES:
                raise DefinitionError(f"there is no sync mode {mode!r}: use one of {', '.join(SYNC_MODES)}")


def sync_mode_of(mapping: Any) -> SyncModeName | None:
    """The mode that a mapping chose; None where it chose none, or one that Segment does not know.

    Example:
        >>> sync_mode_of({"__segment_internal_sync_mode": "upsert"}), sync_mode_of({SYNC_MODE_KEY: "replace"})
        ('upsert', None)
    """
    chosen = get_property(mapping, SYNC_MODE_KEY)
    return next((mode for mode in SYNC_MODES if mode == chosen), None)


def matching_key_of(mapping: Any) -> str | None:
    """The field by which the partner recognises records, as text; None where the mapping names none.

    Example:
        >>> matching_key_of({"__segment_internal_matching_key": "email"}), matching_key_of({MATCHING_KEY_KEY: 0})
        ('email', None)
    """
    chosen = get_property(mapping, MATCHING_KEY_KEY)
    return to_string(chosen) if truthy(chosen) else None
