"""Makes subscriptions of ABsmartly (Actions) from the settings of ABsmartly Classic."""

from collections.abc import Mapping
from typing import Any

from destination.actions.absmartly import track_exposure, track_goal
from destination.catalog.absmartly.classic import ClassicSettings
from destination.catalog.absmartly.migration.differences import Naming
from destination.definition import Subscription
from destination.errors import DefinitionError
from destination.fql import Condition, GroupCondition, parse_fql
from destination.mapping import if_exists, path, template, transformed
from destination.mapping.paths import split_path
from destination.presets.absmartly import EXPERIMENT_VIEWED, page_name, screen_name
from destination.runtime.instance import MAX_SUBSCRIPTIONS

_AGENT = "segment"
"""What classic sends as `X-Agent`."""


def migrate(settings: ClassicSettings, naming: Naming = "title") -> list[Subscription]:
    """Makes subscriptions that do what classic does with these settings, except for the known differences.

    One subscription looks up goal names in a table. An event name that no path can look up gets its own subscription.
    The subscriptions for pages, screens and exposures are enabled if the classic settings enable them.

    Args:
        settings: The classic settings.
        naming: How page and screen goals are named.

    Raises:
        DefinitionError: A setting cannot be expressed as a mapping of Segment's, or more than 50 subscriptions would
            be needed. The message names the setting and what to do.

    Example:
        >>> settings = ClassicSettings(collector_endpoint="https://h/v1", api_key="", environment="",
        ...                            unit_mapping={"userId": "user_id"}, goal_mapping={"Order.Paid": "paid"})
        >>> for item in migrate(settings):
        ...     print(item.enabled, item.name, "|", item.subscribe)
        True Track Calls | type = "track" and event != "Experiment Viewed" and event != "Order.Paid"
        True Track Calls: Order.Paid | type = "track" and event = "Order.Paid"
        False Page Calls | type = "page"
        False Screen Calls | type = "screen"
        False Exposures (Verbatim) | type = "track" and event = "Experiment Viewed" and properties.absmartly != null
        False Exposures (Group) | type = "group" and traits.absmartly != null
    """
    common: dict[str, Any] = {"agent": _AGENT}
    if settings.application and settings.application.strip():
        common["application"] = settings.application
    goal = {**track_goal.default_values(), "units": _units(settings.unit_mapping), **common}
    table, alone = _goal_names(settings.goal_mapping or {})
    others = "".join(f' and event != "{name}"' for name in alone)
    name = _looked_up(table) if table else path("$.event")
    found = [_track("Track Calls", f'event != "{EXPERIMENT_VIEWED}"{others}', {**goal, "name": name})]
    found += [
        _track(f"Track Calls: {event}", f'event = "{event}"', {**goal, "name": to}) for event, to in alone.items()
    ]
    older = naming == "pageview"
    for kind, enabled, named in (
        ("Page", settings.enable_page_view_tracking, page_name(older=older)),
        ("Screen", settings.enable_app_screen_view_tracking, screen_name(older=older)),
    ):
        found.append(
            Subscription(
                name=f"{kind} Calls",
                subscribe=f'type = "{kind.lower()}"',
                partner_action="trackGoal",
                mapping={**goal, "name": named},
                enabled=bool(enabled),
            )
        )
    exposure = {**track_exposure.default_values(), **common}
    for title, trigger, member in (
        ("Exposures (Verbatim)", f'type = "track" and event = "{EXPERIMENT_VIEWED}"', "properties.absmartly"),
        ("Exposures (Group)", 'type = "group"', "traits.absmartly"),
    ):
        found.append(
            Subscription(
                name=title,
                subscribe=f"{trigger} and {member} != null",  # classic sends nothing if there is nothing
                partner_action="trackExposure",
                mapping={**exposure, "exposure": path(f"$.{member}")},
                enabled=bool(settings.enable_exposure_tracking),
            )
        )
    if len(found) > MAX_SUBSCRIPTIONS:
        raise DefinitionError(
            f"{len(alone)} event names in goalMapping have a character that no path can look up, so each needs its own "
            f"subscription: {len(found)} in all, and an instance has at most {MAX_SUBSCRIPTIONS}. "
            f"Rename events, or split them over two instances; the first ones: {', '.join(list(alone)[:3])}"
        )
    return found


def _track(name: str, condition: str, mapping: Mapping[str, Any]) -> Subscription:
    trigger = f'type = "track" and {condition}'
    return Subscription(name=name, subscribe=trigger, partner_action="trackGoal", mapping=mapping)


def _units(unit_mapping: Mapping[str, Any]) -> dict[str, Any]:
    units: dict[str, Any] = {}
    for identity, unit in unit_mapping.items():
        entry = f"unitMapping: {identity!r}"
        if not isinstance(unit, str) or not unit:
            raise DefinitionError(f"{entry} is mapped to {unit!r}, not to the name of a unit; write the unit's name")
        if unit.startswith("@") or unit in ("__proto__", "_metadata"):
            raise DefinitionError(f"{entry}: a unit called {unit!r} would be read as a directive; rename it")
        if unit in units:
            raise DefinitionError(
                f"{entry}: the unit {unit!r} has an identity already; classic sent both, but the units of Actions hold "
                "one for each name. Keep the identity that matters"
            )
        if split_path(identity) != (identity,) or identity.startswith("$"):
            raise DefinitionError(f"{entry}: no path of Segment's can read an identity with this name; rename it")
        units[unit] = path(f"$.{identity}")
    return units


def _goal_names(goal_mapping: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Splits the mapping into names that a path can look up, and names that need a trigger each."""
    table: dict[str, str] = {}
    alone: dict[str, str] = {}
    for event, goal in goal_mapping.items():
        if event == EXPERIMENT_VIEWED:
            continue  # classic never made a goal of it
        if not isinstance(goal, str) or not goal:
            raise DefinitionError(
                f"goalMapping: {event!r} is mapped to {goal!r}, not to the name of a goal; write the goal's name"
            )
        if _can_be_looked_up(event):
            table[event] = goal
        elif _can_be_compared(event):
            alone[event] = goal
        else:
            raise DefinitionError(
                f"goalMapping: neither a trigger nor a path can hold the event name {event!r}; rename the event"
            )
    return table, alone


def _can_be_looked_up(name: str) -> bool:
    """Whether `$.m.<name>` reads the member of that name, and the name does not make the table a directive."""
    return (
        split_path(f"m.{name}") == ("m", name) and not name.startswith("@") and "$" not in name and name != "__proto__"
    )


def _can_be_compared(name: str) -> bool:
    """Whether a trigger can compare the event's name with this one."""
    parsed = parse_fql(f'event = "{name}"')
    return isinstance(parsed, GroupCondition) and parsed.children == (Condition("event", "=", name),)


def _looked_up(table: Mapping[str, str]) -> dict[str, Any]:
    """Maps an event to its name in the table, or else to its own."""
    found = path(template("$.m.{{e}}"))
    return dict(transformed({"m": dict(table), "e": path("$.event")}, if_exists(found, then=found, else_=path("$.e"))))
