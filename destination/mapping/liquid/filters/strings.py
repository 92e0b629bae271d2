"""Filters on text."""

import re
from typing import Any, Final

from destination.mapping.bounds import check_length, spend
from destination.mapping.liquid.coerce import Filter, index, numeric, plain, text_of
from destination.mapping.liquid.context import Context
from destination.mapping.liquid.problems import Unpositioned
from destination.values import (
    MISSING,
    WHITESPACE,
    compare,
    from_units,
    to_lower,
    to_units,
    to_upper,
    trim,
    truthy,
    utf16_length,
    utf16_slice,
)

_BLANKS: Final = re.compile(f"[{WHITESPACE}]+")
_NEWLINE: Final = re.compile(r"\r?\n")
_HALF: Final = re.compile("[\ud800-\udfff]")
_FEW_MEMBERS: Final = 32
_PER_MEMBER: Final = 12
_PER_PART: Final = 20
"""Steps for a part that a text is split into, beyond its characters."""
_CJK: Final = "\u4e00-\u9fff\uf900-\ufaff\u3400-\u4dbf\u3040-\u309f\u30a0-\u30ff\uac00-\ud7af"
_CJK_CHARACTER: Final = re.compile(f"[{_CJK}]")
_OTHER_WORD: Final = re.compile(f"[^{_CJK}{WHITESPACE}]+")


def has_halves(text: str) -> bool:
    """Returns whether the text has halves of surrogate pairs, which can match inside of other texts' characters."""
    return not text.isascii() and _HALF.search(text) is not None


def _append(context: Context, value: Any, *arguments: Any) -> str:
    if len(arguments) != 1:
        raise Unpositioned("append expect 2 arguments")
    return from_units(context.text(value) + context.text(arguments[0]))


def _prepend(context: Context, value: Any, *arguments: Any) -> str:
    if len(arguments) != 1:
        raise Unpositioned("prepend expect 2 arguments")
    text = context.text(value)
    return from_units(context.text(arguments[0]) + text)


def _downcase(context: Context, value: Any, *_: Any) -> str:
    return to_lower(context.text(value))


def _upcase(context: Context, value: Any, *_: Any) -> str:
    return to_upper(context.text(value))


def _capitalize(context: Context, value: Any, *_: Any) -> str:
    text = context.text(value)
    first = text[:1]
    return (to_upper(first) if first <= "\uffff" else first) + to_lower(text[1:])


# --- stripping -------------------------------------------------------------------------------------------


def _lstrip(context: Context, value: Any, characters: Any = MISSING, *_: Any) -> str:
    text = context.text(value)
    if not truthy(characters):
        return text.lstrip(WHITESPACE)
    return _stripped(text, context.text(characters), str.lstrip)


def _rstrip(context: Context, value: Any, characters: Any = MISSING, *_: Any) -> str:
    text = context.text(value)
    if not truthy(characters):
        return text.rstrip(WHITESPACE)
    return _stripped(text, context.text(characters), str.rstrip)


def _strip(context: Context, value: Any, characters: Any = MISSING, *_: Any) -> str:
    text = context.text(value)
    if not truthy(characters):
        return trim(text)
    members = text_of(characters)
    context.use(len(set(members)))
    return _stripped(text, members, str.strip)


def _stripped(text: str, characters: str, strip: Any) -> str:
    # liquidjs: characters beyond U+FFFF never match (test_strip_ignores_characters_outside_the_bmp)
    members = "".join(character for character in characters if character <= "\uffff")
    if has_halves(members):
        return from_units(_strip_members(to_units(text), members, strip))
    return _strip_members(text, members, strip)


def _strip_members(text: str, members: str, strip: Any) -> str:
    if len(members) <= _FEW_MEMBERS:
        return str(strip(text, members))
    # `str.strip` looks through all members for each character.
    spend(_PER_MEMBER * (len(text) + len(members)))
    those = frozenset(members)
    begin, end = 0, len(text)
    if strip is not str.rstrip:
        while begin < end and text[begin] in those:
            begin += 1
    if strip is not str.lstrip:
        while end > begin and text[end - 1] in those:
            end -= 1
    return text[begin:end]


def _strip_newlines(context: Context, value: Any, *_: Any) -> str:
    return from_units(_NEWLINE.sub("", context.text(value)))


def _normalize_whitespace(context: Context, value: Any, *_: Any) -> str:
    return _BLANKS.sub(" ", context.text(value))


# --- replacing -------------------------------------------------------------------------------------------


def _replace(context: Context, value: Any, pattern: Any = MISSING, replacement: Any = MISSING, *_: Any) -> str:
    text, sought, new = text_of(value), text_of(pattern), text_of(replacement)
    if not sought or has_halves(sought):
        text, sought = to_units(text), to_units(sought)
    count = text.count(sought) if sought else len(text) - 1
    length = utf16_length(text) + count * (utf16_length(new) - utf16_length(sought))
    context.use(length)
    check_length(length, "@liquid")
    return from_units(text.replace(sought, new) if sought else new.join(text))


def _remove(context: Context, value: Any, pattern: Any = MISSING, *_: Any) -> str:
    text, sought = context.text(value), context.text(pattern)
    if has_halves(sought):
        text, sought = to_units(text), to_units(sought)
    return from_units(text.replace(sought, "") if sought else text)


def _remove_first(context: Context, value: Any, pattern: Any = MISSING, *_: Any) -> str:
    return _replace_one(context, value, pattern, "", last=False)


def _remove_last(context: Context, value: Any, pattern: Any = MISSING, *_: Any) -> str:
    return _replace_one(context, value, pattern, "", last=True)


def _replace_first(context: Context, value: Any, pattern: Any = MISSING, new: Any = MISSING, *_: Any) -> str:
    return _replace_one(context, value, pattern, new, last=False)


def _replace_last(context: Context, value: Any, pattern: Any = MISSING, new: Any = MISSING, *_: Any) -> str:
    return _replace_one(context, value, pattern, new, last=True)


def _replace_one(context: Context, value: Any, pattern: Any, replacement: Any, *, last: bool) -> str:
    text, sought, new = context.text(value), context.text(pattern), context.text(replacement)
    if has_halves(sought):
        text, sought = to_units(text), to_units(sought)
    at = _last_index(text, sought) if last else text.find(sought)
    return from_units(text if at < 0 else text[:at] + new + text[at + len(sought) :])


def _last_index(text: str, sought: str) -> int:
    # `str.rfind` takes the product of both lengths at worst, `str.find` their sum.
    found = text[::-1].find(sought[::-1])
    return -1 if found < 0 else len(text) - len(sought) - found


# --- cutting and counting --------------------------------------------------------------------------------


def _split(context: Context, value: Any, separator: Any = MISSING, *_: Any) -> list[str]:
    text, between = context.text(value), text_of(separator)
    spend(_PER_PART * (text.count(between) + 1 if between else len(text)))
    if not between:
        return list(to_units(text))
    if has_halves(between):
        parts = [from_units(part) for part in to_units(text).split(to_units(between))]
    else:
        parts = text.split(between)
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _truncate(context: Context, value: Any, length: Any = MISSING, ellipsis: Any = MISSING, *_: Any) -> Any:
    text, end = context.text(value), context.text("..." if ellipsis is MISSING else ellipsis)
    limit = 50 if length is MISSING else plain(length)
    if compare(utf16_length(text), limit) <= 0:
        return value
    kept = numeric(limit) - utf16_length(end)
    return from_units(utf16_slice(text, 0, index(kept, utf16_length(text)) if kept > 0 else 0) + end)


def _truncatewords(context: Context, value: Any, words: Any = MISSING, ellipsis: Any = MISSING, *_: Any) -> str:
    text, end = context.text(value), context.text("..." if ellipsis is MISSING else ellipsis)
    limit = 15 if words is MISSING else plain(words)
    if compare(limit, 0) <= 0:
        limit = 1
    found = _BLANKS.split(text)
    kept = " ".join(found[: index(limit, len(found))])
    return from_units(kept + end) if compare(len(found), limit) >= 0 else kept


def _number_of_words(context: Context, value: Any, mode: Any = MISSING, *_: Any) -> int:
    text = trim(context.text(value))
    if not text:
        return 0
    cjk = sum(1 for _match in _CJK_CHARACTER.finditer(text)) if mode in ("cjk", "auto") else 0
    if cjk or mode == "cjk":
        return cjk + sum(1 for _match in _OTHER_WORD.finditer(text))
    return len(_BLANKS.split(text))


FILTERS: Final[dict[str, Filter]] = {
    "append": _append,
    "capitalize": _capitalize,
    "downcase": _downcase,
    "lstrip": _lstrip,
    "normalize_whitespace": _normalize_whitespace,
    "number_of_words": _number_of_words,
    "prepend": _prepend,
    "remove": _remove,
    "remove_first": _remove_first,
    "remove_last": _remove_last,
    "replace": _replace,
    "replace_first": _replace_first,
    "replace_last": _replace_last,
    "rstrip": _rstrip,
    "split": _split,
    "strip": _strip,
    "strip_newlines": _strip_newlines,
    "truncate": _truncate,
    "truncatewords": _truncatewords,
    "upcase": _upcase,
}
