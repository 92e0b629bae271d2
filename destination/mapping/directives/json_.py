"""`@json`: JSON text, written or read.

Writes `value` as JSON text with the `mode` `encode`, or reads it as JSON text with `decode`.

Encoded text has no spaces, and numbers as JavaScript writes them. A text that is not valid JSON stays unchanged, and so
does any other value. The mode is compared exactly: `ENCODE` passes validation, and the result is undefined.

Example:
    >>> from destination.mapping import json_decode, json_encode, path, transform
    >>> transform({"text": json_encode(path("$.p")), "value": json_decode("[1.0]")}, {"p": {"a": [1, None]}})
    {'text': '{"a":[1,null]}', 'value': [1.0]}
"""

from collections.abc import Iterable
from typing import Any, Final

from destination.mapping.bounds import FREE, check_length, spend, spend_on
from destination.mapping.changes import one_for_the_other, options_changes
from destination.mapping.directive import (
    EITHER,
    NOTHING,
    VALUE,
    Directive,
    Knowledge,
    Resolver,
    Results,
    ResultsOf,
    Scope,
)
from destination.mapping.needs import FromPart, Need, Wanted
from destination.mapping.validate import Checker, Key, MappingPath, one_of, raw
from destination.values import MISSING, TooDeeplyNestedError, read_json, stringify, truthy

_FEW_COPIES: Final = 4
"""The size of a value, as a multiple of the event, above which it is measured before it is encoded."""

_KEYS = (Key("value", raw, required=True), Key("mode", one_of("encode", "decode"), required=True))


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.keys(value, _KEYS, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    if not isinstance(value, dict):
        return scope.failure('@json requires an object with a "value" key')
    for key in ("mode", "value"):
        if not truthy(value.get(key, MISSING)):
            return scope.failure(f'@json requires a "{key}" key')
    get = scope.resolver(value["value"], "value")
    if value["mode"] == "encode":
        return _encode(get, scope, counted=scope.copies(value["value"]) > _FEW_COPIES)
    if value["mode"] == "decode":
        return _decode(get, scope)

    def run(event: Any) -> Any:
        # Segment: `ENCODE` validates, and does nothing (test_json_mode_is_compared_exactly)
        get(event)
        return MISSING

    return run


def _encode(get: Resolver, scope: Scope, *, counted: bool) -> Resolver:
    def run(event: Any) -> Any:
        value = get(event)
        if value is MISSING:
            return MISSING
        if counted:
            spend_on(value)
        try:
            text = stringify(value, doubles=True)
        except TooDeeplyNestedError:
            raise scope.error("@json: the value nests too deeply to be encoded") from None
        except TypeError as error:
            raise scope.error(f"@json: {error}") from None
        if len(text) > FREE:
            check_length(len(text), "@json")
        return text

    return run


def _decode(get: Resolver, scope: Scope) -> Resolver:
    def run(event: Any) -> Any:
        value = get(event)
        if not isinstance(value, str):
            return value
        if len(value) > FREE:
            check_length(len(value), "@json")
            spend(len(value))  # a decoded value takes more memory than its text
        try:
            return read_json(value, doubles=True)
        except TooDeeplyNestedError:
            raise scope.error("@json: the text nests too deeply to be decoded") from None
        except ValueError:
            return value  # Segment: text that is not valid JSON stays (test_json_keeps_text_that_it_cannot_decode)

    return run


def _results(options: Any, known: Knowledge, results_of: ResultsOf) -> Results:
    if not isinstance(options, dict):
        return EITHER
    inner = results_of(options.get("value", MISSING), known)
    if options.get("mode") == "encode":
        return VALUE if inner == VALUE else EITHER  # null becomes the text `null`
    if options.get("mode") == "decode":
        return NOTHING if inner == NOTHING else EITHER  # the text `null` becomes null
    return NOTHING


def _inverse(options: Any, wanted: Wanted) -> Iterable[Need]:
    if not isinstance(options, dict):
        return []
    value = stringify(wanted.value) if options.get("mode") == "decode" else wanted.value
    return [FromPart(("value",), options.get("value"), value, is_field=False)]


DIRECTIVE = Directive(
    "@json",
    _validate,
    _compile,
    form={"mode": "encode", "value": {"@path": "$.properties"}},
    portable=True,
    wraps=("value",),
    results=_results,
    changes=options_changes("@json", ("value",), {"mode": one_for_the_other("encode", "decode")}),
    inverse=_inverse,
)
