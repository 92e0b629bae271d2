"""HCL, the language of Terraform: values, names and blocks as text.

The syntax is that of HashiCorp's native syntax specification; the layout is what `terraform fmt` leaves as it is.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import Any

from destination.errors import DefinitionError
from destination.fields.validation.keywords.containers import pointer_part
from destination.values import stringify

_INDENT = "  "
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def quote_hcl(text: str) -> str:
    r"""A text as a quoted HCL template that evaluates to just this text.

    Raises:
        DefinitionError: The text holds half of a surrogate pair, which no HCL string can.

    Example:
        >>> print(quote_hcl('say "${name}"\n100%{'))
        "say \"$${name}\"\n100%%{"
    """
    if _SURROGATE.search(text):
        raise DefinitionError("half a character (a lone surrogate) cannot be written in HCL")
    escaped = "".join(_ESCAPES.get(char) or (char if char.isprintable() else _code_point(char)) for char in text)
    return f'"{escaped.replace("${", "$${").replace("%{", "%%{")}"'


def _code_point(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def hcl_identifier(text: str, otherwise: str) -> str:
    """A name for a block or a variable made of some text: lower case, in ASCII, with underscores.

    Args:
        text: What it is made of.
        otherwise: The name where the text has nothing to make one of.

    Example:
        >>> hcl_identifier("Écran: trackGoal", "x"), hcl_identifier("2 days", "x"), hcl_identifier("日本", "x")
        ('ecran_track_goal', '_2_days', 'x')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    name = re.sub(r"[^a-z0-9]+", "_", words).strip("_")
    return f"_{name}" if name[:1].isdigit() else name or otherwise


def hcl_expression(value: Any, place: str = "", indent: str = "") -> str:
    """A JSON value as an HCL expression, objects and lists over several lines.

    `jsonencode` of it gives the value back, with the keys of objects in alphabetical order. Numbers are written
    as JSON has them: what is not finite becomes null, whole numbers of up to 64 bits are exact.

    Args:
        value: The value.
        place: Its JSON pointer, for errors.
        indent: White space that its lines begin with, the first excepted.

    Raises:
        DefinitionError: A part is no JSON value, or holds half a character; names its JSON pointer.

    Example:
        >>> print(hcl_expression({"name": {"@path": "$.event"}, "tags": ["a", 1]}))
        {
          "name" = {
            "@path" = "$.event"
          }
          "tags" = ["a", 1]
        }
    """
    if isinstance(value, str):
        try:
            return quote_hcl(value)
        except DefinitionError as error:
            raise DefinitionError(f"at {place or 'the root'}: {error}") from None
    if value is None or isinstance(value, (bool, int, float)):
        return stringify(value)
    inner = indent + _INDENT
    if isinstance(value, list):
        items = [hcl_expression(item, f"{place}/{index}", inner) for index, item in enumerate(value)]
        if not any(isinstance(item, (dict, list)) and item for item in value):
            return f"[{', '.join(items)}]"
        return "".join(("[\n", *(f"{inner}{item},\n" for item in items), indent, "]"))
    if isinstance(value, dict):
        entries = list(_entries(value, place, inner))
        return hcl_body(entries, indent) if entries else "{}"
    raise DefinitionError(f"at {place or 'the root'}: {type(value).__name__} is no JSON value")


def _entries(value: dict[Any, Any], place: str, indent: str) -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        if not isinstance(key, str):
            raise DefinitionError(f"at {place or 'the root'}: a key is no text, but {type(key).__name__}")
        try:
            name = quote_hcl(key)
        except DefinitionError as error:
            raise DefinitionError(f"at {place or 'the root'}, in a key: {error}") from None
        yield name, hcl_expression(item, place + pointer_part(key), indent)


def hcl_body(entries: Iterable[tuple[str, str]], indent: str = "") -> str:
    """Names and expressions in braces, a line each, with the equals signs of neighbouring short lines aligned.

    Example:
        >>> print(hcl_body([("type", "string"), ("default", '"a"')]))
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


def is_kept_by_terraform(value: Any) -> bool:
    """Whether all texts in a JSON value survive Terraform, which brings every text into Unicode's form NFC.

    Its library takes a mark behind a character beyond U+FFFF for one behind the character with the same last 16
    bits, and composes the two; such a text does not survive either.

    Example:
        >>> is_kept_by_terraform({"é": 1}), is_kept_by_terraform(["e\u0301"])
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
