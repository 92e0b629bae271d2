"""Makes Hypothesis strategies: Segment's events by type, events that a trigger matches, and events that it does not.

They need hypothesis (`pip install 'hypothesis>=6.115'`, or this project's extra `properties`), which is imported when
the first strategy is made.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from destination.errors import DefinitionError, EngineTypeError
from destination.fql import GroupCondition, Impossible, Trigger, Witness, boundary_events, compile_trigger, satisfy
from destination.fql.steps import make_step
from destination.testing.suite.draft import put, remove
from destination.values import MISSING, get_property, stringify, truthy

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

EVENT_TYPES: Final = ("track", "page", "screen", "identify", "group", "alias")
"""Segment's six types of events."""

_MOST_WITNESSES: Final = 40


def segment_events(type: str | Sequence[str] | None = None) -> "SearchStrategy[dict[str, Any]]":  # noqa: A002  Segment's word
    """Makes events that are valid by Segment's spec, with context, traits, properties and timestamps.

    An event has a `userId`, an `anonymousId` or both, a `messageId`, the four timestamps (UTC, in order), and what its
    type requires: `event` for a track, `groupId` for a group, `previousId` and `userId` for an alias. Members that the
    spec defines have the types of the spec; other members are any JSON.

    Args:
        type: A type or several types; all six if None.

    Raises:
        DefinitionError: The type is unknown.
        ModuleNotFoundError: Hypothesis is not installed.

    Example:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=20, derandomize=True, database=None)
        ... @given(segment_events("track"))
        ... def check(event):
        ...     assert event["type"] == "track" and isinstance(event["event"], str)
        >>> check()
    """
    st = _hypothesis()
    kinds = EVENT_TYPES if type is None else (type,) if isinstance(type, str) else tuple(type)
    unknown = [kind for kind in kinds if kind not in EVENT_TYPES]
    if unknown or not kinds:
        named = repr(unknown[0]) if unknown else "an empty list"
        raise DefinitionError(f"a type of Segment's events is one of {', '.join(EVENT_TYPES)}, but this is {named}")
    made: SearchStrategy[dict[str, Any]] = st.sampled_from(kinds).flatmap(
        import_module("destination.testing.segment_spec").event_of
    )
    return made


def events_matching(trigger: str | Trigger) -> "SearchStrategy[dict[str, Any]]":
    """Makes events that a trigger matches.

    Each event combines a random event of Segment's spec with one of the events that are known to match: one for each
    alternative of the trigger, and one just inside each condition. Paths that no condition reads are random. Every
    event was checked with the trigger itself.

    Args:
        trigger: FQL text, or a compiled trigger.

    Raises:
        DefinitionError: The trigger cannot be parsed, or no event matches it; the message says why.
        ModuleNotFoundError: Hypothesis is not installed.

    Example:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=20, derandomize=True, database=None)
        ... @given(events_matching('type = "track" and properties.price > 5'))
        ... def check(event):
        ...     assert event["properties"]["price"] > 5
        >>> check()
        >>> events_matching('event = "a" and event = "b"')
        Traceback (most recent call last):
        destination.errors.DefinitionError: no event matches event = "a" and event = "b": ...
    """
    return _events(trigger, verdict=True)


def events_not_matching(trigger: str | Trigger) -> "SearchStrategy[dict[str, Any]]":
    """Makes events that a trigger does not match, many of them just outside one of its conditions.

    An event on which Segment's runtime fails, because a condition of the trigger is undefined, is not drawn.

    Args:
        trigger: FQL text, or a compiled trigger.

    Raises:
        DefinitionError: The trigger cannot be parsed, or every event matches it; the message says why.
        ModuleNotFoundError: Hypothesis is not installed.

    Example:
        >>> from hypothesis import given, settings
        >>> @settings(max_examples=20, derandomize=True, database=None)
        ... @given(events_not_matching('type = "track" and event != "Experiment Viewed"'))
        ... def check(event):
        ...     assert event["type"] != "track" or event["event"] == "Experiment Viewed"
        >>> check()
    """
    return _events(trigger, verdict=False)


def _events(given: str | Trigger, *, verdict: bool) -> "SearchStrategy[dict[str, Any]]":
    st = _hypothesis()
    trigger = given if isinstance(given, Trigger) else compile_trigger(given)
    if trigger.error is not None:
        raise DefinitionError(f"the trigger {trigger.source!r} cannot be parsed: {trigger.error}")
    witnesses = _witnesses(trigger, verdict=verdict)
    paths = sorted(_paths(trigger), key=len)
    kinds = {kind: segment_events(kind) for kind in EVENT_TYPES}
    anything = segment_events()

    def event_for(witness: dict[str, Any]) -> "SearchStrategy[tuple[dict[str, Any], dict[str, Any]]]":
        kind = witness.get("type")
        near = kinds[kind] if isinstance(kind, str) and kind in kinds else anything
        pair: SearchStrategy[tuple[dict[str, Any], dict[str, Any]]] = st.tuples(st.just(witness), near)
        return pair

    def choose(pair: tuple[dict[str, Any], dict[str, Any]], as_it_is: bool) -> dict[str, Any]:
        witness, event = pair
        if as_it_is and _says(trigger, event) is verdict:
            return event
        for candidate in (_overlaid(event, witness, paths), _beside(event, witness, paths)):
            if _says(trigger, candidate) is verdict:
                return candidate
        return deepcopy(witness)

    made: SearchStrategy[dict[str, Any]] = st.builds(
        choose, st.sampled_from(witnesses).flatmap(event_for), st.booleans()
    )
    return made


def _says(trigger: Trigger, event: dict[str, Any]) -> bool | None:
    try:
        return trigger(event)
    except EngineTypeError:
        return None


# --- witnesses -------------------------------------------------------------------------------------------


def _witnesses(trigger: Trigger, *, verdict: bool) -> list[dict[str, Any]]:
    """Returns events with a verdict, for the different alternatives of the trigger.

    Raises:
        DefinitionError: There is no such event, or none was found.
    """
    wanted, refused = ([trigger], []) if verdict else ([], [trigger])
    first = satisfy(*wanted, refused=refused)
    if not isinstance(first, Witness):
        what = f"no event matches {trigger.source}" if verdict else f"every event matches {trigger.source}"
        if not isinstance(first, Impossible):
            what = f"no event was found that {'matches' if verdict else 'does not match'} {trigger.source}"
        raise DefinitionError(f"{what}: {first.reason}")
    found = [first.event]
    found.extend(one.event for one in boundary_events(trigger, base=first.event))
    for corner in (*_alternatives(trigger.condition), *(f'type = "{kind}"' for kind in EVENT_TYPES)):
        other = satisfy(*wanted, corner, refused=refused)
        if isinstance(other, Witness):
            found.append(other.event)
    checked = {stringify(event): event for event in found if _says(trigger, event) is verdict}
    return list(checked.values())[:_MOST_WITNESSES]


def _alternatives(condition: Any) -> Iterator[GroupCondition]:
    """Yields each child of each `or` as a trigger of its own."""
    todo = [condition]
    while todo:
        node = todo.pop()
        if isinstance(node, GroupCondition):
            todo.extend(child for child in node.children if child is not None)
            if node.operator == "or":
                yield from (GroupCondition("and", (child,)) for child in node.children if child is not None)


def _paths(trigger: Trigger) -> Iterable[tuple[str, ...]]:
    """Returns the paths that the trigger reads."""
    found: dict[tuple[str, ...], None] = {}
    todo: list[Any] = [trigger.condition]
    while todo:
        node = todo.pop()
        if isinstance(node, GroupCondition):
            todo.extend(reversed(node.children))
        elif node is not None and (path := make_step(node.to_json()).path):
            found[path] = None
    return found


# --- a witness in a random event -------------------------------------------------------------------------


def _overlaid(event: dict[str, Any], witness: dict[str, Any], paths: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    """Copies the witness's values into the event, at the paths that the trigger reads."""
    made = deepcopy(event)
    for path in paths:
        value = _value_at(witness, path)
        if value is MISSING:
            remove(made, path)
        else:
            put(made, path, deepcopy(value))
    return made


def _beside(event: dict[str, Any], witness: dict[str, Any], paths: Iterable[tuple[str, ...]]) -> dict[str, Any]:
    """Merges the witness into the event; members that the trigger reads are those of the witness."""
    roots = {path[0] for path in paths}
    return {**{key: value for key, value in event.items() if key not in roots}, **deepcopy(witness)}


def _value_at(event: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not truthy(event):
            return MISSING
        event = get_property(event, key)
    return event


def _hypothesis() -> Any:
    try:
        return import_module("hypothesis.strategies")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "hypothesis":
            raise
        raise ModuleNotFoundError(
            "destination.testing.strategies needs hypothesis: pip install 'hypothesis>=6.115'", name="hypothesis"
        ) from None
