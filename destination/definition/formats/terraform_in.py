"""Reads subscriptions from Terraform: `.tf` files, the output of `terraform show -json`, and states."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from destination.definition.action import Action
from destination.definition.app import HOOK_TYPES
from destination.definition.formats.hcl import Block, Body, read_hcl
from destination.definition.formats.hcl_expressions import Expression, HclError, Scope, to_node
from destination.definition.formats.terraform import hcl_identifier
from destination.definition.subscription import Subscription
from destination.errors import DefinitionError
from destination.values import read_json, real_type_of
from destination.values.positions import Member, Node

_RESOURCE: Final = "segment_destination_subscription"
_OWN_VARIABLE: Final = re.compile(r"var\.(?:\w+_)?action_id_(\w+?)(?:_\d+)?")
_RESERVED: Final = frozenset({"batch_keys", "batch_size", "enable_batching", *HOOK_TYPES})
_MEMBERS: Final = {"trigger": "subscribe", "settings": "mapping", "action_id": "partnerAction"}


class TerraformError(DefinitionError):
    """Terraform whose subscriptions cannot be read.

    Attributes:
        faults: Each fault with its line, from 1.
    """

    def __init__(self, faults: Iterable[tuple[int, str]]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"line {line}: {message}" for line, message in self.faults))


class ReadSubscription(NamedTuple):
    """A subscription that was read, with the lines of its parts.

    Attributes:
        subscription: The subscription.
        node: Its parts under the names of the runtime's form (`subscribe`, `mapping`).
    """

    subscription: Subscription
    node: Node


@dataclass(slots=True)
class _Resource:
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


def from_terraform(
    text: str,
    actions: Mapping[str, Action[Any, Any]],
    *,
    action_ids: Mapping[str, str] | None = None,
    siblings: Iterable[str] = (),
    read_file: Callable[[str], str] | None = None,
) -> list[Subscription]:
    r"""Reads the resources `segment_destination_subscription` of a Terraform file.

    Terraform knows an action by an identifier that says nothing. The action is, in this order: the one that
    `action_ids` has for the identifier, or for the expression that stands for it (`var.track_goal`); the one after
    which `to_terraform` named the variable; the only one whose fields include all keys of the mapping.

    Args:
        text: The file.
        actions: The destination's actions by slug.
        action_ids: The action of each identifier that is known.
        siblings: The other files of the folder, for their variables and locals.
        read_file: Reads the file of the function `file`.

    Raises:
        TerraformError: The file is not HCL, has no such resource, a value is known only to Terraform, or the action
            of a resource is ambiguous. The error has a line for each fault.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> pages, = from_terraform('''
        ... resource "segment_destination_subscription" "pages" {
        ...   destination_id = var.destination_id
        ...   name           = "Pages"
        ...   enabled        = true
        ...   action_id      = "iLgPGgELNm5SgSVaqztJeJ"
        ...   trigger        = "type = \\"page\\""
        ...   settings       = jsonencode({ name = { "@path" = "$.name" }, properties = {} })
        ... }''', absmartly.actions)
        >>> pages.partner_action, pages.subscribe, pages.mapping["name"]
        ('trackGoal', 'type = "page"', {'@path': '$.name'})
    """
    found = read_terraform(text, actions, action_ids=action_ids, siblings=siblings, read_file=read_file)
    return [one.subscription for one in found]


def read_terraform(
    text: str,
    actions: Mapping[str, Action[Any, Any]],
    *,
    action_ids: Mapping[str, str] | None = None,
    siblings: Iterable[str] = (),
    read_file: Callable[[str], str] | None = None,
) -> list[ReadSubscription]:
    """As `from_terraform`, and with the lines of all parts."""
    try:
        body = read_hcl(text)
        scope = _scope([body, *map(_read_leniently, siblings)], read_file)
    except HclError as error:
        raise TerraformError([(error.line, str(error))]) from None
    blocks = [block for block in body.blocks if block.type == "resource" and block.labels[:1] == (_RESOURCE,)]
    if not blocks:
        raise TerraformError([(1, f'there is no resource "{_RESOURCE}"')])
    return _read([partial(_of_block, block, scope) for block in blocks], actions, action_ids or {})


def read_terraform_json(
    root: Node, actions: Mapping[str, Action[Any, Any]], *, action_ids: Mapping[str, str] | None = None
) -> list[ReadSubscription]:
    """Reads the output of `terraform show -json`, of a state or a plan, or a file terraform.tfstate.

    Args:
        root: The JSON with its lines.
        actions: The destination's actions by slug.
        action_ids: The action of each identifier that is known.

    Raises:
        TerraformError: There is no such resource, or as `from_terraform` says.
    """
    nodes = list(_json_resources(root))
    if not nodes:
        raise TerraformError([(1, f"there is no resource {_RESOURCE}")])
    return _read([partial(_of_json, *one) for one in nodes], actions, action_ids or {})


def is_terraform_json(value: Any) -> bool:
    """Whether parsed JSON is what Terraform writes.

    Example:
        >>> is_terraform_json({"format_version": "1.0", "values": {}}), is_terraform_json([])
        (True, False)
    """
    return isinstance(value, dict) and ("format_version" in value or "terraform_version" in value)


def _read(
    readers: Iterable[Callable[[], _Resource]],
    actions: Mapping[str, Action[Any, Any]],
    action_ids: Mapping[str, str],
) -> list[ReadSubscription]:
    faults: list[tuple[int, str]] = []
    resources = []
    for read in readers:
        try:
            resources.append(read())
        except HclError as error:
            faults.append((error.line, str(error)))
    found = []
    for resource in resources:
        try:
            action = _action_of(resource, resources, actions, action_ids)
        except HclError as error:
            faults.append((error.line, str(error)))
        else:
            found.append(ReadSubscription(_subscription(resource.values, action), resource.node))
    if faults:
        raise TerraformError(sorted(faults))
    return found


def _subscription(values: Mapping[str, Any], action: str) -> Subscription:
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


# --- resources -------------------------------------------------------------------------------------------

_TEXTS: Final = ("name", "trigger")
_IDENTIFIERS: Final = ("destination_id", "action_id", "model_id")


def _scope(bodies: Iterable[Body], read_file: Callable[[str], str] | None) -> Scope:
    values: dict[str, Expression] = {}
    for body in bodies:
        for block in body.blocks:
            if block.type == "variable" and block.labels and "default" in block.body.attributes:
                values.setdefault(f"var.{block.labels[0]}", block.body.attributes["default"])
            elif block.type == "locals":
                for name, expression in block.body.attributes.items():
                    values.setdefault(f"local.{name}", expression)
    return Scope(values, {"path.module": ".", "path.root": ".", "path.cwd": "."}, read_file)


def _read_leniently(text: str) -> Body:
    try:
        return read_hcl(text)
    except HclError:  # it is another file's fault, and shown when that one is read
        return Body()


def _of_block(block: Block, scope: Scope) -> _Resource:
    attributes, lines = block.body.attributes, block.body.lines
    for repeated in ("count", "for_each"):
        if repeated in attributes:
            raise HclError(
                f"{repeated} makes several resources of this one, which only Terraform does; "
                "use the output of terraform show -json",
                lines[repeated],
            )
    values: dict[str, Any] = {}
    for name in ("name", "enabled", "trigger", "settings", "reverse_etl_schedule"):
        if name in attributes:
            values[name] = scope.evaluate(attributes[name])
    for name in _IDENTIFIERS:
        try:
            values[name] = scope.evaluate(attributes[name]) if name in attributes else None
        except HclError:  # what only Segment knows may well be known only to Terraform
            values[name] = None
    members: dict[str, Member] = {}
    node = Node(0, 0, block.line, 0, members=members)
    for name, expression in attributes.items():
        inner = to_node(expression, scope) if name == "settings" else Node(0, 0, expression.line, 0)
        members[_MEMBERS.get(name, name)] = Member(Node(0, 0, lines[name], 0, name), inner)
    address = ".".join(block.labels)
    reference = "".join(attributes["action_id"].source.split()) if "action_id" in attributes else ""
    return _Resource(address, block.line, _checked(values, address, block.line, lines), node, reference)


def _json_resources(root: Node) -> Iterator[tuple[Node, Node]]:
    """The resources of a state or plan: each as a whole, and its attributes."""
    todo = [root]
    while todo:
        members = todo.pop(0).members or {}
        is_ours = "type" in members and members["type"].node.value == _RESOURCE
        for key in ("values", "planned_values", "root_module", "child_modules", "resources", "instances"):
            if key not in members:
                continue
            inner = members[key].node
            if is_ours and key == "values":
                yield members["address"].node if "address" in members else inner, inner
            elif is_ours and key == "instances":
                for instance in inner.items or ():
                    attributes = (instance.members or {}).get("attributes")
                    if attributes is not None:
                        yield instance, attributes.node
            else:
                todo += inner.items if inner.items is not None else [inner]


def _of_json(whole: Node, attributes: Node) -> _Resource:
    values = attributes.plain
    address = whole.value if isinstance(whole.value, str) else str(values.get("name"))
    members = attributes.members or {}
    lines = {name: member.key.line for name, member in members.items()}
    values = _checked(values, address, attributes.line, lines)
    renamed = {_MEMBERS.get(name, name): member for name, member in members.items()}
    node = Node(attributes.start, attributes.end, attributes.line, attributes.column, members=renamed)
    return _Resource(address, attributes.line, values, node)


def _checked(values: dict[str, Any], address: str, line: int, lines: Mapping[str, int]) -> dict[str, Any]:
    """Returns the values in their types: settings and the schedule's config are JSON text in Terraform."""
    checked = dict(values)
    for name in (*_TEXTS, *_IDENTIFIERS):
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
        try:
            value = read_json(value)
        except ValueError as error:
            raise HclError(f"{what}: the text is not valid JSON: {error}", line) from None
    if not isinstance(value, dict):
        raise HclError(f"{what}: expected a JSON object, but found: {real_type_of(value)}", line)
    return value


# --- actions ---------------------------------------------------------------------------------------------


def _action_of(
    resource: _Resource,
    resources: Iterable[_Resource],
    actions: Mapping[str, Action[Any, Any]],
    action_ids: Mapping[str, str],
) -> str:
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
