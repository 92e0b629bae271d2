"""Findings of a check, and their messages in the words of Segment's ajv-human-errors."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from destination.records import dataclass
from destination.values import MISSING, number_to_string, real_type_of, stringify, utf16_length
from destination.values.pointers import pointer_keys


class Finding(NamedTuple):
    """One failed keyword, as ajv reports it."""

    keyword: str
    pointer: str
    """The JSON pointer to the data."""
    params: Any
    """The parameter of the keyword: a limit, a list, the name of the missing property, …"""
    schema: Any
    """The schema that holds the keyword."""
    data: Any
    message: str
    """The message of ajv itself, for errors about a schema."""


@dataclass(frozen=True, slots=True)
class ValidationFinding:
    """One reason why a payload or settings are not valid.

    Attributes:
        message: A sentence, such as `Goal Name must be a string but it was an object.`
        path: The JSON path to the value, such as `$.items[0].price`.
        pointer: The JSON pointer to the value, such as `/items/0/price`.

    Example:
        >>> from destination.fields import compile_fields
        >>> fields = compile_fields({"seats": {"label": "Seats", "type": "integer"}})
        >>> fields.trace({"seats": "many"}).findings[0].pointer
        '/seats'
    """

    message: str
    path: str
    pointer: str


def for_people(findings: Sequence[Finding]) -> list[ValidationFinding]:
    """Writes the findings in the reference's words."""
    return [
        ValidationFinding(f"{_capitalise(_sentence(finding))}.", json_path(finding.pointer), finding.pointer)
        for finding in findings
    ]


_INDEX = re.compile(r"[0-9]+")


def json_path(pointer: str) -> str:
    r"""Converts a JSON pointer to a JSON path.

    Example:
        >>> print(json_path(""), json_path("/items/0/a~1b.c"))
        $ $.items[0].a/b\.c
    """
    parts = (key.replace(".", "\\.") for key in pointer_keys(pointer))
    return "$" + "".join(f"[{part}]" if _INDEX.fullmatch(part) else f".{part}" for part in parts)


def _capitalise(sentence: str) -> str:
    first = sentence[:1]
    return sentence if first > "\uffff" else first.upper() + sentence[1:]


_FORMAT_NAMES = {
    "date-time": "date and time",
    "email": "email address",
    "ipv4": "IPv4 address",
    "ipv6": "IPv6 address",
    "uri": "URI",
    "uri-reference": "URI Reference",
    "uri-template": "URI-template",
    "json-pointer": "JSON Pointer",
    "relative-json-pointer": "relative JSON Pointer",
    "regex": "regular expression",
}
_LENGTHS = {"minLength": "or more", "maxLength": "or fewer"}
_COUNTS = {"minItems": "or more", "maxItems": "or fewer"}
_LIMITS = {
    "minimum": "equal to or greater than",
    "exclusiveMinimum": "greater than",
    "maximum": "equal to or less than",
    "exclusiveMaximum": "less than",
}


def _sentence(finding: Finding) -> str:
    subject = _subject(finding)
    keyword, params, data = finding.keyword, finding.params, finding.data
    if keyword == "enum":
        return f"{subject} must be one of: {_or(_literals(params))}"
    if keyword == "type":
        expected = _or(params if isinstance(params, list) else [params])
        return f"{subject} must be {_article(expected)} {expected} but it was {_found(data)}"
    if keyword in _LENGTHS:
        length = utf16_length(data)  # the limit is in code points (test_lengths_are_tested_and_told_differently)
        limit = f"{number_to_string(params)} {_plural('character', params)}"
        return f"{subject} must be {limit} {_LENGTHS[keyword]} but it was {length} {_plural('character', length)}"
    if keyword == "format":
        return f"{subject} must be a valid {_FORMAT_NAMES.get(params, params)} string but it was not"
    if keyword in _LIMITS:
        return f"{subject} must be {_LIMITS[keyword]} {number_to_string(params)}"
    if keyword == "required":
        return f"{subject} is missing the required field '{params}'"
    if keyword in _COUNTS:
        return f"{subject} must have {number_to_string(params)} {_COUNTS[keyword]} items but it has {len(data)}"
    if keyword == "uniqueItems":
        return f"{subject} must be unique but elements {params[1]} and {params[0]} are the same"
    return f"{subject} {finding.message}"


def _subject(finding: Finding) -> str:
    title = finding.schema.get("title") if isinstance(finding.schema, dict) else None
    if title:
        return str(title)
    return f"the value at {finding.pointer}" if finding.pointer else "the root value"


def _or(items: list[str]) -> str:
    if len(items) < 3:
        return " or ".join(items)
    return f"{', '.join(items[:-1])}, or {items[-1]}"


def _literals(values: list[Any]) -> list[str]:
    # Segment: only a long list can have a choice without a value
    # (test_a_long_list_of_choices_may_hold_what_has_no_value)
    literals = ["" if value is MISSING else stringify(value) for value in values]
    return [*literals[:-1], "undefined"] if values[-1] is MISSING else literals


def _article(word: str) -> str:
    return "an" if word[:1] in {"a", "e", "i", "o", "u"} else "a"


def _found(data: Any) -> str:
    if isinstance(data, InheritedFunction):
        return "a function"
    kind = real_type_of(data)
    return kind if kind in ("null", "undefined") else f"{_article(kind)} {kind}"


def _plural(word: str, count: float) -> str:
    return word if count == 1 else f"{word}s"


class InheritedFunction:
    """The value of a key such as `toString` in JavaScript, where the data have no such key of their own."""
