"""Audience membership and sync modes: whether an event adds its user to a list at the partner, or removes them."""

from typing import Any, Final, Literal, get_args

from destination.errors import DefinitionError, EngineTypeError
from destination.records import dataclass
from destination.values import MISSING, get_property, to_string, truthy

_COMPUTATIONS = ("audience", "journey_step")
_IN = {"add": ("new",), "update": ("updated",), "upsert": ("new", "updated"), "mirror": ("new", "updated")}
_OUT = {"delete": ("deleted",), "mirror": ("deleted",)}


def resolve_audience_membership(event: Any, sync_mode: str | None = None) -> bool | None:
    """Finds out whether the user of an event is in the audience: True, False, or None if the event does not say.

    Events of Segment's Engage have it in their computation, events of Reverse ETL in their name, together with the sync
    mode. If an event has both, the computation counts. Source: `resolveAudienceMembership` of Segment's runtime.

    Raises:
        EngineTypeError: `context` or `context.personas` is null.

    Example:
        >>> personas = {"computation_class": "audience", "computation_key": "vip"}
        >>> event = {"type": "identify", "context": {"personas": personas}, "traits": {"vip": False}}
        >>> resolve_audience_membership(event)
        False
        >>> resolve_audience_membership({"type": "track", "event": "new"}, "upsert")
        True
    """
    membership = _engage_membership(event)
    return _retl_membership(event, sync_mode) if membership is None else membership


def _engage_membership(event: Any) -> bool | None:
    """Reads the membership in an event of Engage, for audiences and for journeys (`journey_step`).

    It is under the computation's key, in the traits of identify events and in the properties of track events.

    Raises:
        EngineTypeError: `context` or `context.personas` is null.

    Example:
        >>> step = {"computation_class": "journey_step", "computation_key": "entered"}
        >>> event = {"type": "track", "context": {"personas": step}, "properties": {"entered": True}}
        >>> _engage_membership(event), _engage_membership({"type": "track"})
        (True, None)
    """
    if not truthy(event):
        return None
    personas = _object(_object(event, "context"), "personas")
    key = get_property(personas, "computation_key")
    if get_property(personas, "computation_class") not in _COMPUTATIONS or not truthy(key):
        return None
    kind = get_property(event, "type")
    if kind not in ("identify", "track"):
        return None
    members = get_property(event, "traits" if kind == "identify" else "properties")
    value = get_property(members, to_string(key))
    return value if isinstance(value, bool) else None


def _retl_membership(event: Any, sync_mode: str | None) -> bool | None:
    """Reads the membership in an event of Reverse ETL, from its row (`new`, `updated` or `deleted`) and the sync mode.

    Example:
        >>> row = {"type": "track", "event": "deleted"}
        >>> [_retl_membership(row, mode) for mode in ("mirror", "delete", "upsert", None)]
        [False, False, None, None]
    """
    if not sync_mode or not truthy(event) or get_property(event, "type") != "track":
        return None
    name = get_property(event, "event")
    if name in _IN.get(sync_mode, ()):
        return True
    return False if name in _OUT.get(sync_mode, ()) else None


def _object(value: Any, key: str) -> Any:
    # Segment: the default `{}` replaces undefined alone; null is destructured, which raises a TypeError
    # (test_event_whose_context_is_null_dies)
    found = get_property(value, key)
    if found is None:
        raise EngineTypeError(f"the event's {key} is null, where an object was expected")
    return {} if found is MISSING else found


SyncMode = Literal["add", "update", "upsert", "delete", "mirror"]

SYNC_MODES: Final[tuple[SyncMode, ...]] = get_args(SyncMode)
"""Every mode that Segment knows."""

SYNC_MODE_KEY: Final = "__segment_internal_sync_mode"
MATCHING_KEY_KEY: Final = "__segment_internal_matching_key"


@dataclass(frozen=True, slots=True)
class SyncModeOption:
    """One mode that an action offers, and its name in the app.

    Attributes:
        value: The mode.
        label: Its name for people.

    Example:
        >>> SyncModeOption("upsert", "Insert or update a user").label
        'Insert or update a user'
    """

    value: SyncMode
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncModeDefinition:
    """The sync modes of an action; Segment's `SyncModeDefinition`.

    Attributes:
        default: The mode that the app proposes.
        choices: The modes that the app offers.
        label: The name of the choice in the app.
        description: Its description in the app.

    Raises:
        DefinitionError: A mode is not one of Segment's.

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
    """Reads the sync mode of a mapping; None if it has none, or one that Segment does not know.

    Example:
        >>> sync_mode_of({"__segment_internal_sync_mode": "upsert"}), sync_mode_of({SYNC_MODE_KEY: "replace"})
        ('upsert', None)
    """
    chosen = get_property(mapping, SYNC_MODE_KEY)
    return next((mode for mode in SYNC_MODES if mode == chosen), None)


def matching_key_of(mapping: Any) -> str | None:
    """Reads the matching key of a mapping, the field by which the partner identifies records; None if it has none.

    Example:
        >>> matching_key_of({"__segment_internal_matching_key": "email"}), matching_key_of({MATCHING_KEY_KEY: 0})
        ('email', None)
    """
    chosen = get_property(mapping, MATCHING_KEY_KEY)
    return to_string(chosen) if truthy(chosen) else None
