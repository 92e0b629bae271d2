"""How an action keeps records in step with a source: the modes that a mapping may choose from."""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from destination.errors import DefinitionError
from destination.values import get_property, to_string, truthy

SyncMode = Literal["add", "update", "upsert", "delete", "mirror"]

SYNC_MODES: Final[tuple[SyncMode, ...]] = get_args(SyncMode)
"""Every mode that Segment knows."""

SYNC_MODE_KEY: Final = "__segment_internal_sync_mode"
MATCHING_KEY_KEY: Final = "__segment_internal_matching_key"


@dataclass(frozen=True, slots=True)
class SyncModeOption:
    """One mode that an action offers, and what the app calls it.

    Attributes:
        value: The mode.
        label: Its name for people.
    """

    value: SyncMode
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncModeDefinition:
    """The sync modes of an action; Segment's `SyncModeDefinition`.

    Attributes:
        default: The mode that the app proposes.
        choices: The modes that it offers.
        label: What the app calls the choice.
        description: What it says about it.

    Raises:
        DefinitionError: A mode is none of Segment's.

    Example:
        >>> choices = (SyncModeOption("add", "Add"), SyncModeOption("delete", "Remove"))
        >>> SyncModeDefinition(default="add", choices=choices).label
        'Sync Mode'
        >>> SyncModeDefinition(default="replace", choices=())
        Traceback (most recent call last):
        destination.errors.DefinitionError: there is no sync mode 'replace': use one of add, update, ...
    """

    default: SyncMode
    choices: tuple[SyncModeOption, ...]
    label: str = "Sync Mode"
    description: str = ""

    def __post_init__(self) -> None:
        for mode in (self.default, *(choice.value for choice in self.choices)):
            if mode not in SYNC_MODES:
                raise DefinitionError(f"there is no sync mode {mode!r}: use one of {', '.join(SYNC_MODES)}")


def sync_mode_of(mapping: Any) -> SyncMode | None:
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
