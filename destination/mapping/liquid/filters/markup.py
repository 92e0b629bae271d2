"""Filters on HTML."""

import re
from typing import Any, Final

from destination.mapping.liquid.coerce import Filter
from destination.mapping.liquid.context import Context
from destination.values import from_units

_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}
_CHARACTERS: Final = {entity: character for character, entity in _ENTITIES.items()}
_ENTITY: Final = re.compile("|".join(_CHARACTERS))
_BLOCKS: Final = (("<script", "</script>"), ("<style", "</style>"), ("<!--", "-->"), ("<", ">"))


def _escape(context: Context, value: Any, *_: Any) -> str:
    text = context.text(value)
    for character, entity in _ENTITIES.items():
        text = text.replace(character, entity)
    return text


def _unescape(context: Context, value: Any) -> str:
    return from_units(_ENTITY.sub(lambda entity: _CHARACTERS[entity.group()], context.text(value)))


def _escape_once(context: Context, value: Any, *_: Any) -> str:
    return _escape(context, _unescape(context, value))


def _strip_html(context: Context, value: Any, *_: Any) -> str:
    """Cuts `<script…</script>`, `<style…</style>`, comments and tags; what is not closed stays.

    A kind that was once not closed is not looked for again: that keeps the time linear.
    """
    text = context.text(value)
    blocks = dict(_BLOCKS)
    parts: list[str] = []
    position = 0
    while (opening := text.find("<", position)) >= 0:
        parts.append(text[position:opening])
        position = _behind_block(text, opening, blocks)
        if position <= opening:
            parts.append(text[opening:])
            break
    else:
        parts.append(text[position:])
    return from_units("".join(parts))


def _behind_block(text: str, opening: int, blocks: dict[str, str]) -> int:
    for start, end in tuple(blocks.items()):
        if text.startswith(start, opening):
            closing = text.find(end, opening + len(start))
            if closing >= 0:
                return closing + len(end)
            del blocks[start]
    return -1


FILTERS: Final[dict[str, Filter]] = {
    "escape": _escape,
    "escape_once": _escape_once,
    "strip_html": _strip_html,
    "xml_escape": _escape,
}
