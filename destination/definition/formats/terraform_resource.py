"""A resource of Terraform, read: its values in their types, and the action that it means."""

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

from destination.definition.action import Action
from destination.definition.app import HOOK_TYPES
from destination.definition.formats.hcl_expressions import HclError
from destination.definition.formats.terraform import hcl_identifier
from destination.definition.subscription import Subscription
from destination.records import dataclass
from destination.values import read_json, real_type_of
from destination.values.positions import Node, PositionedError, read_json_nodes

_OWN_VARIABLE: Final = re.compile(r"var\.(?:\w+_)?action_id_(\w+?)(?:_\d+)?")
_RESERVED: Final = frozenset({"batch_keys", "batch_size", "enable_batching", *HOOK_TYPES})
_TEXTS: Final = ("name", "trigger")
IDENTIFIERS: Final = ("destination_id", "action_id", "model_id")


@dataclass(slots=True)
class Resource:
    """A resource `segment_destination_subscription`.

    Attributes:
        address: Its name in Terraform.
        line: The line in which it begins, from 1.
        values: Its attributes, in the types that `checked_values` says.
        node: Its parts with their lines.
        action_reference: The expression of its `action_id`, without spaces; empty for JSON.
    """

    address: str
    line: int
    values: dict[str, Any]
    node: Node
    action_reference: str = ""

    @property
    def keys(self) -> set[str]:
        """The fields of the action that the mapping names."""
        return {
            key
            for key in self.values["settings"]
            if not key.startswith(("__segment_internal_", "@")) and key not in _RESERVED
        }


def subscription_of(values: Mapping[str, Any], action: str) -> Subscription:
    """Makes the subscription of a resource's values and its action."""
    return Subscription(
        name=values.get("name") or "",
        subscribe=values.get("trigger") or "",
        partner_action=action,
        mapping=values["settings"],
        enabled=values.get("enabled") is not False,
        id=values.get("id"),
        action_id=values.get("action_id"),
        config_id=values.get("destination_id"),
        model_id=values.get("model_id"),
        reverse_etl_schedule=values.get("reverse_etl_schedule"),
    )


def checked_values(values: dict[str, Any], address: str, line: int, lines: Mapping[str, int]) -> dict[str, Any]:
    """Returns the values in their types: settings and the schedule's config are JSON text in Terraform.

    Raises:
        HclError: A value has a wrong type; names the line.
    """
    checked = dict(values)
    for name in (*_TEXTS, *IDENTIFIERS):
        value = checked.get(name)
        if value is not None and not isinstance(value, str):
            raise HclError(f"{address}: {name} is text, but this is: {real_type_of(value)}", lines.get(name, line))
    enabled = checked.get("enabled")
    if enabled in ("true", "false"):  # Terraform turns such text into a boolean
        checked["enabled"] = enabled == "true"
    elif enabled is not None and not isinstance(enabled, bool):
        raise HclError(
            f"{address}: enabled is true or false, but this is: {real_type_of(enabled)}", lines.get("enabled", line)
        )
    checked["settings"] = _object(checked.get("settings") or "{}", f"{address}: settings", lines.get("settings", line))
    schedule = checked.get("reverse_etl_schedule")
    if schedule is not None:
        at = lines.get("reverse_etl_schedule", line)
        schedule = dict(_object(schedule, f"{address}: reverse_etl_schedule", at))
        if schedule.get("config") is not None:
            schedule["config"] = _object(schedule["config"], f"{address}: the config of reverse_etl_schedule", at)
        checked["reverse_etl_schedule"] = schedule
    return checked


def _object(value: Any, what: str, line: int) -> dict[str, Any]:
    if isinstance(value, str):
        text = value
        try:
            value = read_json(text)
        except ValueError as error:
            raise HclError(f"{what}: the text is not valid JSON: {error}", line) from None
        try:
            read_json_nodes(text, max_depth=sys.maxsize)
        except PositionedError as error:  # a key twice, of which JSON takes the last one
            raise HclError(f"{what}: the JSON {error}", line) from None
    if not isinstance(value, dict):
        raise HclError(f"{what}: expected a JSON object, but found: {real_type_of(value)}", line)
    return value


# --- actions ---------------------------------------------------------------------------------------------


def action_of(
    resource: Resource,
    resources: Iterable[Resource],
    actions: Mapping[str, Action[Any, Any]],
    action_ids: Mapping[str, str],
) -> str:
    """Finds the action that a resource means; `from_terraform` says how.

    Raises:
        HclError: It is ambiguous, or no action has the fields; names the candidates.
    """
    identifier = resource.values.get("action_id")
    for name in (identifier, resource.action_reference):
        if name and name in action_ids:
            return action_ids[name]
    named = _OWN_VARIABLE.fullmatch(resource.action_reference)
    if named:
        found = [slug for slug in actions if hcl_identifier(slug, "unnamed").lstrip("_") == named[1]]
        if len(found) == 1:
            return found[0]
    # All resources with one identifier have one action: each may exclude some.
    identity = identifier or resource.action_reference
    keys = set(resource.keys)
    for other in resources:
        if identity and identity in (other.values.get("action_id"), other.action_reference):
            keys |= other.keys
    candidates = [slug for slug, action in actions.items() if keys <= action.input_fields.keys()]
    if len(candidates) == 1:
        return candidates[0]
    shown = identity or "ID"
    line = resource.line
    if resource.node.members and "partnerAction" in resource.node.members:
        line = resource.node.members["partnerAction"].key.line
    if candidates:
        reason = f"could mean {_listed(candidates, 'or')}, which all have the fields of its settings"
    else:
        closest = {slug: keys - action.input_fields.keys() for slug, action in actions.items()}
        lacking = [f"{slug} has no {', '.join(sorted(missing))}" for slug, missing in closest.items()]
        reason = f"has settings that fit no action ({'; '.join(lacking)})"
    raise HclError(
        f"{resource.address}: its action_id {shown} {reason}; give --action {shown}=ACTION, "
        "or a line in [tool.destination.action_ids]",
        line,
    )


def _listed(names: list[str], word: str) -> str:
    return f"{', '.join(names[:-1])} {word} {names[-1]}"
