"""`@replace`: text in which a short text is replaced.

Replaces `pattern` by `replacement` (default nothing) in `value`, then `pattern2` by `replacement2`.

Patterns and replacements are plain text of at most 10 characters. `global` (default true) replaces every occurrence,
`ignorecase` (default false) ignores case. Numbers and booleans become text first. Any other value that is not a string
results in `""`.

In a replacement `$&` is the text found, `` $` `` and `$'` the text before and after it, `$$` a dollar sign.

Example:
    >>> from destination.mapping import path, replace, transform
    >>> transform({"name": replace(path("$.event"), " ", "_")}, {"event": "Order Completed Now"})
    {'name': 'Order_Completed_Now'}
"""

import re
from typing import Any

from destination.errors import MappingError
from destination.mapping.bounds import FREE, MAX_TEXT_LENGTH, check_length, spend
from destination.mapping.changes import flag, options_changes, other_text
from destination.mapping.directive import (
    EITHER,
    NOTHING,
    VALUE,
    Constant,
    Directive,
    Knowledge,
    Resolver,
    Results,
    ResultsOf,
    Scope,
)
from destination.mapping.needs import passed_on
from destination.mapping.validate import Checker, Key, MappingPath, boolean, string_of_length, string_or_directive
from destination.values import MISSING, from_units, is_number, to_string, to_units, truthy, utf16_length

MAX_PATTERN_LENGTH = 10
"""In UTF-16 code units."""
MAX_REPLACEMENT_LENGTH = 10
"""In UTF-16 code units."""

_KEYS = (
    Key("pattern", string_of_length(1, MAX_PATTERN_LENGTH), required=True),
    Key("replacement", string_of_length(0, MAX_REPLACEMENT_LENGTH)),
    Key("value", string_or_directive, required=True),
    Key("ignorecase", boolean),
    Key("global", boolean),
)
_PER_MATCH = 20
"""Steps for each occurrence that is replaced."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_REFERENCE = re.compile(r"(\$[$&`'])")


def _validate(value: Any, path: MappingPath, checker: Checker) -> None:
    checker.keys(value, _KEYS, path)


def _compile(value: Any, scope: Scope) -> Resolver:
    if not isinstance(value, dict):
        return scope.failure('@replace requires an object with a "pattern" key')
    if not truthy(value.get("pattern", MISSING)):
        return scope.failure('@replace requires a "pattern" key')
    source = value.get("value", MISSING)
    if not truthy(source):
        return Constant(MISSING)  # Segment: a constant falsy value makes no key (test_replace_of_a_falsy_literal)
    get = scope.resolver(source, "value")
    steps = _steps(value, scope)

    def run(event: Any) -> Any:
        text = get(event)
        if not isinstance(text, str):
            if not isinstance(text, bool) and not is_number(text):
                return ""
            text = to_string(text)
        for step in steps:
            text = step(text)
        return text

    return run


def _option(value: dict[str, Any], key: str, default: Any) -> Any:
    found = value.get(key)
    return default if found is None or found is MISSING else found


def _steps(value: dict[str, Any], scope: Scope) -> list[Resolver]:
    """Returns the replacements to do, one after the other."""
    ignorecase, everywhere = _option(value, "ignorecase", False), _option(value, "global", True)
    pattern, replacement = value["pattern"], _option(value, "replacement", "")
    # Validation does not look into lists, so an option may be anything there; the reference then gives "".
    if not (isinstance(pattern, str) and isinstance(replacement, str)) or not (
        isinstance(ignorecase, bool) and isinstance(everywhere, bool)
    ):
        return [lambda _text: ""]
    steps = [_replacer(pattern, replacement, everywhere, ignorecase, scope)]
    second, replacement = value.get("pattern2"), _option(value, "replacement2", "")
    if isinstance(second, str) and second and isinstance(replacement, str):
        steps.append(_replacer(second, replacement, everywhere, ignorecase, scope))
    return steps


def _replacer(pattern: str, replacement: str, everywhere: bool, ignorecase: bool, scope: Scope) -> Resolver:
    for limit, text, what in (
        (MAX_PATTERN_LENGTH, pattern, "pattern"),
        (MAX_REPLACEMENT_LENGTH, replacement, "replacement"),
    ):
        if utf16_length(text) > limit:
            return _refusal(scope.error, f'@replace requires a "{what}" less than {limit} characters')
    pieces = _REFERENCE.split(replacement)
    plain = "".join("$" if piece == "$$" else piece for piece in pieces)
    live = any(piece in ("$&", "$`", "$'") for piece in pieces)
    by_units = bool(_SURROGATE.search(pattern))  # a lone surrogate may match half of a character
    if not (live or ignorecase or by_units):
        return _plain_replacer(pattern, plain, everywhere)
    if by_units:
        pattern = to_units(pattern)
    folded = _fold(pattern) if ignorecase else pattern

    def replace(text: str) -> str:
        if by_units:
            text = to_units(text)
        length = len(text)
        check_length(length, "@replace")
        searched = _fold(text) if ignorecase else text
        result, end = [], 0
        start = searched.find(folded)
        while start >= 0:
            result.append(text[end:start])
            before, end = start, start + len(folded)
            length += _length_of(pieces, text, before, end) if live else len(plain)
            if length > MAX_TEXT_LENGTH:
                check_length(length, "@replace")
            spend(_PER_MATCH)
            result += [_expand(piece, text, before, end) for piece in pieces] if live else [plain]
            start = searched.find(folded, end) if everywhere else -1
        result.append(text[end:])
        return from_units("".join(result))

    return replace


def _plain_replacer(pattern: str, plain: str, everywhere: bool) -> Resolver:
    growth, most = len(plain) - len(pattern), -1 if everywhere else 1

    def replace(text: str) -> str:
        if len(text) > FREE:
            matches = text.count(pattern) if everywhere and growth > 0 else 1
            check_length(len(text) + growth * matches, "@replace")
        return from_units(text.replace(pattern, plain, most))

    return replace


def _length_of(pieces: list[str], text: str, start: int, end: int) -> int:
    """Returns the length of a replacement's pieces for one occurrence."""
    lengths = {"$&": end - start, "$`": start, "$'": len(text) - end, "$$": 1}
    return sum(lengths.get(piece, len(piece)) for piece in pieces)


def _refusal(error: Any, message: str) -> Resolver:
    def refuse(_text: str) -> str:
        refused: MappingError = error(message)
        raise refused

    return refuse


def _expand(piece: str, text: str, start: int, end: int) -> str:
    if piece == "$&":
        return text[start:end]
    if piece == "$`":
        return text[:start]
    if piece == "$'":
        return text[end:]
    return "$" if piece == "$$" else piece


def _fold(text: str) -> str:
    """Folds the case of a text as a regular expression with `i` and without `u` does; its length stays the same."""
    return text.upper() if text.isascii() else text.translate(_FOLDED)


class _Folded(dict[int, int]):
    """A table for `str.translate`: the characters met so far, in the form in which they are compared."""

    def __missing__(self, code: int) -> int:
        if code > 0xFFFF:
            return code  # never another; and so the table stays small
        self[code] = folded = ord(_fold_character(chr(code)))
        return folded


_FOLDED = _Folded()


def _fold_character(character: str) -> str:
    upper = character.upper()
    # ECMAScript, Canonicalize: not where one becomes several, not from beyond ASCII into it, code unit by code unit.
    if len(upper) != 1 or character > "\uffff" or (character > "\x7f" and upper <= "\x7f"):
        return character
    return upper


def _results(options: Any, _known: Knowledge, _results_of: ResultsOf) -> Results:
    if not isinstance(options, dict):
        return EITHER
    return VALUE if truthy(options.get("value", MISSING)) else NOTHING


_OTHERS = {
    "pattern": other_text,
    "replacement": other_text,
    "global": flag(default=True),
    "ignorecase": flag(default=False),
}

DIRECTIVE = Directive(
    "@replace",
    _validate,
    _compile,
    form={"pattern": " ", "replacement": "_", "value": {"@path": "$.event"}},
    portable=True,
    scalar=True,
    makes="text",
    wraps=("value",),
    results=_results,
    changes=options_changes("@replace", ("value",), _OTHERS),
    inverse=passed_on("value"),
)
