"""Subscriptions as Terraform resources (`segment_destination_subscription` of Segment's provider)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, pairwise
from typing import Any

from destination.definition.formats.public_api import check_portable
from destination.definition.subscription import Subscription
from destination.errors import DefinitionError
from destination.values import TooDeeplyNestedError, stringify
from destination.values.pointers import pointer_part


def to_terraform(subscriptions: Iterable[Subscription], *, prefix: str = "") -> str:
    r"""Writes Terraform for a destination instance's subscriptions: variables, then a resource for each.

    Identifiers that only Segment knows are variables: those of the destination instance, of each action, and of a
    Reverse ETL model if a subscription has one. The variable of an action has a default if its identifier is known,
    since every workspace has the same. The others have none, so that they cannot refer to another workspace.

    Resources are named after their subscriptions, and all names are unique. Terraform sorts the keys of
    objects. It also normalises text to Unicode's form NFC: a mapping that this would change is written as JSON
    text instead of `jsonencode(…)`, so that it arrives unchanged.

    Args:
        subscriptions: The subscriptions.
        prefix: What all names begin with, for several destinations in one Terraform module.

    Raises:
        NotPortableError: A mapping uses a directive that Segment does not know; names the subscription.
        DefinitionError: A trigger or an action is not text, a trigger is not in the form NFC, or a part of a
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
            body = _hcl_body(_attributes(subscription, variables))
        except DefinitionError as error:
            raise DefinitionError(f"{what} cannot be written as Terraform: {error}") from None
        except (RecursionError, TooDeeplyNestedError):
            raise DefinitionError(f"{what} cannot be written as Terraform: its mapping nests too deeply") from None
        name = names.unique(hcl_identifier(subscription.name, hcl_identifier(subscription.partner_action, "mapping")))
        resources.append(f'resource "segment_destination_subscription" "{name}" {body}\n')
    return "\n".join([*variables.blocks, *resources])


def _attributes(subscription: Subscription, variables: "_Variables") -> list[tuple[str, str]]:
    if not _is_kept_by_terraform(subscription.subscribe):
        raise DefinitionError("Terraform would bring the trigger's text into Unicode's form NFC; do that to it first")
    attributes = [
        ("destination_id", variables.destination(subscription)),
        ("name", _hcl_expression(subscription.name, "the name")),
        ("enabled", _hcl_expression(subscription.enabled)),
        ("action_id", variables.action(subscription)),
        ("trigger", _hcl_expression(subscription.subscribe, "the trigger")),
    ]
    if subscription.model_id:
        attributes.append(("model_id", variables.model(subscription)))
    if subscription.reverse_etl_schedule is not None:
        attributes.append(("reverse_etl_schedule", _schedule(subscription.reverse_etl_schedule)))
    attributes.append(("settings", _settings(subscription.mapping)))
    return attributes


def _schedule(schedule: Mapping[str, Any]) -> str:
    """Writes the schedule of Reverse ETL; its `config` is JSON text, as the provider has it."""
    entries = [
        (
            key if key.isidentifier() else _quote_hcl(key),
            "null" if value is None else _settings(value, "    ") if key == "config" else _hcl_expression(value, key),
        )
        for key, value in schedule.items()
    ]
    return _hcl_body(entries, _INDENT)


def _settings(mapping: Any, indent: str = "  ") -> str:
    if _is_kept_by_terraform(mapping):
        return f"jsonencode({_hcl_expression(mapping, indent=indent)})"
    _hcl_expression(mapping)  # refuses what JSON text could not carry to Segment either
    escaped = "".join(char if char.isascii() else _json_escape(char) for char in stringify(mapping))
    return _quote_hcl(escaped)


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[index : index + 2].hex()}" for index in range(0, len(units), 2))


class _Names:
    """Makes names unique."""

    def __init__(self, prefix: str) -> None:
        self._prefix = f"{hcl_identifier(prefix, '')}_" if hcl_identifier(prefix, "") else ""
        self._taken: set[str] = set()

    def unique(self, wanted: str) -> str:
        wanted = name = self._prefix + (wanted.lstrip("_") if self._prefix else wanted)
        number = 2
        while name in self._taken:
            name = f"{wanted}_{number}"
            number += 1
        self._taken.add(name)
        return name


class _Variables:
    """The variables, one for each identifier that only Segment knows; each method returns a reference to one.

    If exactly one identifier of a kind is known, it also counts for the subscriptions without one.
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
            name = self._references[key] = self._names.unique(wanted)
            known = f", {identity[0]} where this was exported" if identity[0] and not default else ""
            entries = [
                ("description", _hcl_expression(f"Segment's identifier of {of_what}{known}.")),
                ("type", "string"),
            ]
            if default:
                entries.append(("default", _hcl_expression(default)))
            self.blocks.append(f'variable "{name}" {_hcl_body(entries)}\n')
        return f"var.{self._references[key]}"


# --- HCL -------------------------------------------------------------------------------------------------

# The syntax is that of HashiCorp's native syntax specification; the layout is what `terraform fmt` leaves as it is.
# The library python-hcl2 does not replace this: it expects strings that are quoted and escaped already, aligns other
# lines than `terraform fmt`, and takes 60 times as long.

_INDENT = "  "
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def _quote_hcl(text: str) -> str:
    r"""Writes text as a quoted HCL template that evaluates to exactly this text.

    Raises:
        DefinitionError: The text has half of a surrogate pair, which HCL strings cannot have.

    Example:
        >>> print(_quote_hcl('say "${name}"\n100%{'))
        "say \"$${name}\"\n100%%{"
    """
    if _SURROGATE.search(text):
        raise DefinitionError("half a character (a lone surrogate) cannot be written in HCL")
    escaped = "".join(_ESCAPES.get(char) or (char if char.isprintable() else _code_point(char)) for char in text)
    return f'"{escaped.replace("${", "$${").replace("%{", "%%{")}"'


def _code_point(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def hcl_identifier(text: str, otherwise: str) -> str:
    """Makes a name for a block or a variable of text: lower case, in ASCII, with underscores.

    Args:
        text: The text.
        otherwise: The name if the text has no letter or digit to use.

    Example:
        >>> hcl_identifier("Écran: trackGoal", "x"), hcl_identifier("2 days", "x"), hcl_identifier("日本", "x")
        ('ecran_track_goal', '_2_days', 'x')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    name = re.sub(r"[^a-z0-9]+", "_", words).strip("_")
    return f"_{name}" if name[:1].isdigit() else name or otherwise


def _hcl_expression(value: Any, pointer: str = "", indent: str = "") -> str:
    """Writes a JSON value as an HCL expression, objects and lists on several lines.

    `jsonencode` of it returns the value, with the keys of objects in alphabetical order. Numbers are written as in
    JSON: those that are not finite become null, whole numbers of up to 64 bits are exact.

    Args:
        value: The value.
        pointer: Its JSON pointer, for errors.
        indent: The white space at the beginning of its lines, except the first.

    Raises:
        DefinitionError: A part is not a JSON value, or has half a character; names its JSON pointer.

    Example:
        >>> print(_hcl_expression({"name": {"@path": "$.event"}, "tags": ["a", 1]}))
        {
          "name" = {
            "@path" = "$.event"
          }
          "tags" = ["a", 1]
        }
    """
    if isinstance(value, str):
        try:
            return _quote_hcl(value)
        except DefinitionError as error:
            raise DefinitionError(f"at {pointer or 'the root'}: {error}") from None
    if value is None or isinstance(value, (bool, int, float)):
        return stringify(value)
    inner = indent + _INDENT
    if isinstance(value, list):
        items = [_hcl_expression(item, f"{pointer}/{index}", inner) for index, item in enumerate(value)]
        if not any(isinstance(item, (dict, list)) and item for item in value):
            return f"[{', '.join(items)}]"
        return "".join(("[\n", *(f"{inner}{item},\n" for item in items), indent, "]"))
    if isinstance(value, dict):
        entries = list(_entries(value, pointer, inner))
        return _hcl_body(entries, indent) if entries else "{}"
    raise DefinitionError(f"at {pointer or 'the root'}: {type(value).__name__} is not a JSON value")


def _entries(value: dict[Any, Any], pointer: str, indent: str) -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        if not isinstance(key, str):
            raise DefinitionError(f"at {pointer or 'the root'}: a key is not text, but {type(key).__name__}")
        try:
            name = _quote_hcl(key)
        except DefinitionError as error:
            raise DefinitionError(f"at {pointer or 'the root'}, in a key: {error}") from None
        yield name, _hcl_expression(item, pointer + pointer_part(key), indent)


def _hcl_body(entries: Iterable[tuple[str, str]], indent: str = "") -> str:
    """Writes names and expressions in braces, a line each, and aligns the equals signs of adjacent short lines.

    Example:
        >>> print(_hcl_body([("type", "string"), ("default", '"a"')]))
        {
          type    = string
          default = "a"
        }
    """
    inner = indent + _INDENT
    lines = ["{\n"]
    for is_long, group in groupby(entries, key=lambda entry: "\n" in entry[1]):
        neighbours = list(group)
        width = 0 if is_long else max(len(name) for name, _ in neighbours)
        lines += [f"{inner}{name.ljust(width)} = {text}\n" for name, text in neighbours]
    return "".join((*lines, indent, "}"))


def _is_kept_by_terraform(value: Any) -> bool:
    """Whether Terraform, which normalises every text to Unicode's form NFC, keeps all texts of a JSON value.

    Its library truncates a character above U+FFFF to its last 16 bits when a combining mark follows, and composes the
    two. It does not keep such a text either.

    Example:
        >>> _is_kept_by_terraform({"é": 1}), _is_kept_by_terraform(["e\u0301"])
        (True, False)
    """
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            if not unicodedata.is_normalized("NFC", item) or _has_marked_astral(item):
                return False
        elif isinstance(item, dict):
            todo += item.keys()
            todo += item.values()
        elif isinstance(item, list):
            todo += item
    return True


def _has_marked_astral(text: str) -> bool:
    return any(char > "\uffff" and unicodedata.combining(after) for char, after in pairwise(text))
