"""Subscriptions as Terraform resources (`segment_destination_subscription` of Segment's provider)."""

from collections.abc import Iterable
from typing import Any

from destination.definition.formats.hcl import (
    hcl_body,
    hcl_expression,
    hcl_identifier,
    is_kept_by_terraform,
    quote_hcl,
)
from destination.definition.formats.portable import check_portable
from destination.definition.subscription import Subscription
from destination.errors import DefinitionError
from destination.values import TooDeeplyNestedError, stringify


def to_terraform(subscriptions: Iterable[Subscription], *, prefix: str = "") -> str:
    r"""Terraform for a destination instance's subscriptions: variables, then a resource for each.

    What only Segment knows is a variable: the destination instance's identifier, each action's, and that of a
    Reverse ETL model where a subscription has one. An action's has a default where it is known, since it is the
    same in every workspace; the others have none, lest they lead to another workspace's destination.

    Resources are named after their subscriptions, and all names are unique. Terraform sorts the keys of
    objects. It also brings text into Unicode's form NFC: a mapping that this would change is written as JSON
    text instead of `jsonencode(…)`, so that it arrives as it is.

    Args:
        subscriptions: The subscriptions.
        prefix: What all names begin with, for several destinations in one Terraform module.

    Raises:
        NotPortableError: A mapping uses a directive that Segment does not know; names the subscription.
        DefinitionError: A trigger or an action is no text, a trigger is not in the form NFC, or a part of a
            mapping cannot be written; names the subscription and the JSON pointer.

    Example:
        >>> print(to_terraform([Subscription(name="Pages", subscribe='type = "page"', partner_action="trackGoal",
        ...                                  mapping={"name": {"@template": "Page: {{ name }}"}})]))
        variable "destination_id" {
          description = "Segment's identifier of the destination instance."
          type        = string
        }
        <BLANKLINE>
        variable "action_id_track_goal" {
          description = "Segment's identifier of the action trackGoal."
          type        = string
        }
        <BLANKLINE>
        resource "segment_destination_subscription" "pages" {
          destination_id = var.destination_id
          name           = "Pages"
          enabled        = true
          action_id      = var.action_id_track_goal
          trigger        = "type = \"page\""
          settings = jsonencode({
            "name" = {
              "@template" = "Page: {{ name }}"
            }
          })
        }
        <BLANKLINE>
    """
    checked = list(subscriptions)
    labels = [f"subscription {index} ({subscription.name!r})" for index, subscription in enumerate(checked)]
    for subscription, what in zip(checked, labels, strict=True):
        check_portable(subscription, what)
    variables = _Variables(prefix, checked)
    names = _Names(prefix)
    resources = []
    for subscription, what in zip(checked, labels, strict=True):
        try:
            body = hcl_body(_attributes(subscription, variables))
        except DefinitionError as error:
            raise DefinitionError(f"{what} cannot be written as Terraform: {error}") from None
        except (RecursionError, TooDeeplyNestedError):
            raise DefinitionError(f"{what} cannot be written as Terraform: its mapping nests too deeply") from None
        name = names.take(hcl_identifier(subscription.name, hcl_identifier(subscription.partner_action, "mapping")))
        resources.append(f'resource "segment_destination_subscription" "{name}" {body}\n')
    return "\n".join([*variables.blocks, *resources])


def _attributes(subscription: Subscription, variables: "_Variables") -> list[tuple[str, str]]:
    if not is_kept_by_terraform(subscription.subscribe):
        raise DefinitionError("Terraform would bring the trigger's text into Unicode's form NFC; do that to it first")
    attributes = [
        ("destination_id", variables.destination(subscription)),
        ("name", hcl_expression(subscription.name, "the name")),
        ("enabled", hcl_expression(subscription.enabled)),
        ("action_id", variables.action(subscription)),
        ("trigger", hcl_expression(subscription.subscribe, "the trigger")),
    ]
    if subscription.model_id:
        attributes.append(("model_id", variables.model(subscription)))
    attributes.append(("settings", _settings(subscription.mapping)))
    return attributes


def _settings(mapping: Any) -> str:
    if is_kept_by_terraform(mapping):
        return f"jsonencode({hcl_expression(mapping, indent='  ')})"
    hcl_expression(mapping)  # refuses what JSON text could not carry to Segment either
    escaped = "".join(char if char.isascii() else _json_escape(char) for char in stringify(mapping))
    return quote_hcl(escaped)


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[index : index + 2].hex()}" for index in range(0, len(units), 2))


class _Names:
    """Hands out names, each once."""

    def __init__(self, prefix: str) -> None:
        self._prefix = f"{hcl_identifier(prefix, '')}_" if hcl_identifier(prefix, "") else ""
        self._taken: set[str] = set()

    def take(self, wanted: str) -> str:
        wanted = name = self._prefix + (wanted.lstrip("_") if self._prefix else wanted)
        number = 2
        while name in self._taken:
            name = f"{wanted}_{number}"
            number += 1
        self._taken.add(name)
        return name


class _Variables:
    """The variables, one for each thing that only Segment knows; each method gives a reference to one.

    An identifier that is the only one known of its kind counts for the subscriptions that do not tell theirs.
    """

    def __init__(self, prefix: str, subscriptions: Iterable[Subscription]) -> None:
        self.blocks: list[str] = []
        self._names = _Names(prefix)
        self._references: dict[tuple[str, ...], str] = {}
        self._known: dict[str | None, set[str]] = {}
        for subscription in subscriptions:
            for action, identifier in (
                (None, subscription.config_id),
                (subscription.partner_action, subscription.action_id),
            ):
                self._known.setdefault(action, set()).update((identifier,) if identifier else ())

    def destination(self, subscription: Subscription) -> str:
        known = self._identifier(None, subscription.config_id)
        return self._reference("destination_id", "the destination instance", (known,))

    def model(self, subscription: Subscription) -> str:
        return self._reference("model_id", "the Reverse ETL model", (subscription.model_id or "",))

    def action(self, subscription: Subscription) -> str:
        slug = subscription.partner_action
        known = self._identifier(slug, subscription.action_id)
        wanted = f"action_id_{hcl_identifier(slug, 'unnamed').lstrip('_')}"
        return self._reference(wanted, f"the action {slug}", (known, slug), default=known)

    def _identifier(self, action: str | None, own: str | None) -> str:
        known = self._known[action]
        return own or (next(iter(known)) if len(known) == 1 else "")

    def _reference(self, wanted: str, of_what: str, identity: tuple[str, ...], default: str = "") -> str:
        key = (wanted, *identity)
        if key not in self._references:
            name = self._references[key] = self._names.take(wanted)
            known = f", {identity[0]} where this was exported" if identity[0] and not default else ""
            entries = [
                ("description", hcl_expression(f"Segment's identifier of {of_what}{known}.")),
                ("type", "string"),
            ]
            if default:
                entries.append(("default", hcl_expression(default)))
            self.blocks.append(f'variable "{name}" {hcl_body(entries)}\n')
        return f"var.{self._references[key]}"
