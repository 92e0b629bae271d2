"""Reads subscriptions from Terraform: `.tf` files, the output of `terraform show -json`, and states."""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from destination.definition.action import Action
from destination.definition.formats.hcl import Block, Body, read_hcl
from destination.definition.formats.hcl_expressions import Expression, HclError, Scope, to_node
from destination.definition.formats.terraform_resource import (
    IDENTIFIERS,
    Resource,
    action_of,
    checked_values,
    subscription_of,
)
from destination.definition.subscription import Subscription
from destination.errors import DefinitionError
from destination.values.positions import Member, Node

_RESOURCE: Final = "segment_destination_subscription"
_BLOCKS_WITHOUT_EFFECT: Final = frozenset({"connection", "lifecycle", "provisioner", "timeouts"})
"""Blocks of a resource that do not change what is in it."""
_ATTRIBUTES: Final = (
    *("id", "name", "enabled", "trigger", "settings", "reverse_etl_schedule", *IDENTIFIERS),
    *("count", "for_each", "provider", "depends_on"),
)
"""What Segment's provider and Terraform itself know in a resource. A provider may get more."""
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
    `action_ids` has for the identifier, or for its expression (`var.track_goal`); the one after
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
    _refuse_twice(blocks)
    return _read([partial(_of_block, block, scope) for block in blocks], actions, action_ids or {})


def read_terraform_file(
    path: Path,
    actions: Mapping[str, Action[Any, Any]],
    *,
    action_ids: Mapping[str, str] | None = None,
    text: str | None = None,
) -> list[ReadSubscription]:
    """As `from_terraform`, of a file; the other files of its folder have the variables and locals.

    Args:
        path: The file, which need not exist if its text is given.
        actions: The destination's actions by slug.
        action_ids: The action of each identifier that is known. None takes `[tool.destination.action_ids]` of the
            nearest pyproject.toml, in the folder or one above.
        text: The content, if it was read already.

    Raises:
        TerraformError: As `from_terraform` says.
        OSError: The file cannot be read.
        UnicodeDecodeError: It is not UTF-8 text.
    """
    folder = path.parent
    return read_terraform(
        path.read_text(encoding="utf-8-sig") if text is None else text,
        actions,
        action_ids=_configured_action_ids(folder) if action_ids is None else action_ids,
        siblings=[_text_of(file) for file in sorted(folder.glob("*.tf")) if file.name != path.name],
        read_file=lambda name: (folder / name).read_text(encoding="utf-8"),
    )


def _configured_action_ids(folder: Path) -> Mapping[str, str]:
    for candidate in (folder.resolve(), *folder.resolve().parents):
        try:
            table = tomllib.loads(_text_of(candidate / "pyproject.toml")).get("tool", {}).get("destination")
        except (tomllib.TOMLDecodeError, AttributeError):  # a command that reads the table says what is wrong
            continue
        if isinstance(table, dict):
            found = table.get("action_ids", table.get("action-ids"))
            return found if isinstance(found, dict) else {}
    return {}


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):  # its values are missed only where something needs them
        return ""


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


def _read(
    readers: Iterable[Callable[[], Resource]],
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
            action = action_of(resource, resources, actions, action_ids)
        except HclError as error:
            faults.append((error.line, str(error)))
        else:
            found.append(ReadSubscription(subscription_of(resource.values, action), resource.node))
    if faults:
        raise TerraformError(sorted(faults))
    return found


# --- resources -------------------------------------------------------------------------------------------


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


def _refuse_twice(blocks: Iterable[Block]) -> None:
    lines: dict[tuple[str, ...], int] = {}
    for block in blocks:
        first = lines.setdefault(tuple(block.labels), block.line)
        if first != block.line:
            message = f"{'.'.join(block.labels)} is there twice, on lines {first} and {block.line}; rename one of them"
            raise TerraformError([(block.line, message)])


def _of_block(block: Block, scope: Scope) -> Resource:
    attributes, lines = block.body.attributes, block.body.lines
    for name in attributes:
        close = () if name in _ATTRIBUTES else get_close_matches(name, _ATTRIBUTES, n=1, cutoff=0.8)
        if close:
            raise HclError(f"{'.'.join(block.labels)} has no {name}; did you mean {close[0]}?", lines[name])
    for nested in block.body.blocks:
        if nested.type not in _BLOCKS_WITHOUT_EFFECT:
            raise HclError(
                f"the block {nested.type} cannot be read, so that a part of the subscription would be lost; "
                "use the output of terraform show -json",
                nested.line,
            )
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
    for name in IDENTIFIERS:
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
    return Resource(address, block.line, checked_values(values, address, block.line, lines), node, reference)


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


def _of_json(whole: Node, attributes: Node) -> Resource:
    values = attributes.plain
    address = whole.value if isinstance(whole.value, str) else str(values.get("name"))
    members = attributes.members or {}
    lines = {name: member.key.line for name, member in members.items()}
    values = checked_values(values, address, attributes.line, lines)
    renamed = {_MEMBERS.get(name, name): member for name, member in members.items()}
    node = Node(attributes.start, attributes.end, attributes.line, attributes.column, members=renamed)
    return Resource(address, attributes.line, values, node)
