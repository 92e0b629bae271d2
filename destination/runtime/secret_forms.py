"""Makes one regular expression that finds secrets in every form in which they may be encoded.

URLs, forms, JSON, Python's `repr` and HTML do not change letters and digits. The expression has all possible forms of
each other character, so that encodings can be mixed: JSON in a query, or a URL in an error's `repr`. Base64 changes
letters, too. The expression has those characters of the Base64 text that depend on the secret alone, for each of the
three possible offsets of a byte, so that a secret is found after any user's name.
"""

import base64
import re
import string
from collections.abc import Iterable, Iterator
from typing import Final

SHORTEST: Final = 4
"""The minimum length of a secret; masking shorter ones would mask ordinary text."""

_ESC: Final = r"(?:\\{1,8}|(?<=\\))"
"""The backslash of an escape, or several if it was escaped again; another one may precede it."""

_LETTERS: Final = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f", "\v": "v", "\a": "a"}
_BACKSLASHED: Final = frozenset("\"'`/$")
_NEVER_QUOTED: Final = frozenset("-._")
_UNCHANGED: Final = {re.escape(char): char for char in (*string.ascii_letters, *string.digits, *_NEVER_QUOTED)}
"""The characters that every encoding leaves as they are, by their regular expression."""
_RAREST_FIRST: Final = "QXJZVKYWqUGHzLjNFRBEOMSDPCxIAkTwvybfgpu7968534hmdc2_o.l1ns0rtiae-"
_LEFT_OUT_OF_URLS: Final = frozenset("\t\n\r")
_UNIT = re.compile(r"\\+|[^\\]", re.DOTALL)
_BASE64_UNIT: Final = re.compile(r"[A-Za-z0-9+/_-]|%(?:25)*2[BbFf]|\\{1,8}/")
_BASE64_BEFORE: Final = re.compile(r"(?:%(?:25)*2[BbFf]|\\{1,8}/|[A-Za-z0-9+/_-])?\Z")
_BASE64_REST: Final = re.compile(r"[A-Za-z0-9+_-]*(?:=|%(?:25)*3[Dd])*")
_BASE64_CHARACTERS: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+_-")
_LONGEST_UNIT: Final = 16

Pieces = tuple[str, ...]
"""A form as regular expressions, one for each character."""


def pattern_of(secrets: Iterable[str]) -> re.Pattern[str]:
    """Makes the expression that finds any form of any secret; without secrets it finds nothing.

    A match in Base64 has a group; `whole_match` returns the whole of it.

    Example:
        >>> pattern = pattern_of(["a+b/c"])
        >>> [bool(pattern.search(text)) for text in ("a+b/c", "?k=a%2Bb%2Fc", "Basic bWU6YStiL2M=", "a b c")]
        [True, True, True, False]
    """
    trie = _Trie()
    for form, mark in _forms(secrets):
        trie.add(form, mark)
    return re.compile(trie.expression() or r"(?!)")


def plain_parts(secrets: Iterable[str]) -> tuple[str, ...] | None:
    """Returns texts one of which is in every text that `pattern_of` finds something in.

    A search for a plain text is many times as fast as one for the expression. A part is the longest run of letters and
    digits of a form, which no encoding changes.

    Returns:
        The parts; None if some form has none, so that only the expression can find it.

    Example:
        >>> plain_parts(["a+secret/c"]), plain_parts(["$$$$"])
        (('secret', 'Erc2VjcmV0L2', 'hK3NlY3JldC9j', 'YStzZWNyZXQvY'), None)
    """
    found: set[str] = set()
    for form, _ in _forms(secrets):
        # No form has a line break unescaped and alone, so that it can separate the runs.
        runs = "".join(_UNCHANGED.get(piece, "\n") for piece in form).split("\n")
        found.add(max(runs, key=len))
    if "" in found:
        return None
    shortest: list[str] = []
    for part in sorted(found, key=lambda part: (len(part), part.lower())):
        if not any(other in part for other in shortest):
            shortest.append(part)
    return tuple(shortest)


def rarest(part: str) -> tuple[str, str]:
    """Returns the two characters of a plain part that are rarest in JSON; empty texts where it has fewer.

    Example:
        >>> rarest("iZW5jaG1hcmsta2V5"), rarest("a")
        (('Z', 'V'), ('a', ''))
    """
    first, second, *_ = (*sorted(set(part), key=_RAREST_FIRST.find), "", "")
    return first, second


def _forms(secrets: Iterable[str]) -> Iterator[tuple[Pieces, str]]:
    """Yields each form of each secret, and the mark that the expression has at its end."""
    # Longer ones first: of two with the same beginning, the longer one is to be found.
    for secret in sorted({secret.strip() for secret in secrets}, key=len, reverse=True):
        if len(secret) < SHORTEST:
            continue
        yield tuple(_plain(secret)), ""
        # Several bytes of Latin-1 may be one character in UTF-8, so single characters are not enough.
        misread = secret.encode("latin-1", "replace").decode("utf-8", "replace")
        if len(misread) >= SHORTEST and "?" not in misread.replace("?", "", secret.count("?")):
            yield tuple(_plain(misread)), ""
        for core in _base64_cores(secret):
            yield core, "()"


def whole_match(text: str, found: re.Match[str], start: int = 0) -> tuple[int, int]:
    """Returns the start and the end of a match, including all of the Base64 around it.

    Args:
        text: The text that was searched.
        found: The match.
        start: The smallest possible start.

    Example:
        >>> text = "Authorization: Basic bWU6YStiL2M="
        >>> begin, end = whole_match(text, pattern_of(["a+b/c"]).search(text))
        >>> text[begin:end]
        'bWU6YStiL2M='
    """
    begin, end = found.span()
    if found.lastindex is None:
        return begin, end
    before = _BASE64_BEFORE.search(text[max(begin - _LONGEST_UNIT, start) : begin])
    begin -= len(before[0]) if before is not None else 0
    while begin > start and text[begin - 1] in _BASE64_CHARACTERS:
        begin -= 1
    after = _BASE64_UNIT.match(text, end)
    rest = _BASE64_REST.match(text, end if after is None else after.end())
    return begin, end if rest is None else rest.end()


# --- quoted ----------------------------------------------------------------------------------------------


def _plain(secret: str) -> Iterator[str]:
    for unit in _UNIT.findall(secret):
        yield _backslashes(len(unit)) if unit[0] == "\\" else _character(unit)


def _backslashes(count: int) -> str:
    # A run of backslashes is matched from its start, as a whole and without backtracking, which would be very slow.
    quoted = "|".join((_percent(b"\\"), rf"{_ESC}(?:x5[cC]|u005[cC])", r"&(?:amp;)*#(?:92|[xX]5[cC]);"))
    return rf"(?:(?<!\\)\\{{{count},}}+|(?:{quoted}){{{count}}})"


def _character(char: str) -> str:
    code = ord(char)
    if char.isascii() and (char.isalnum() or char in _NEVER_QUOTED):
        return re.escape(char)
    forms = [re.escape(char), _percent(_utf8(char)), *_escapes(char), *_markup(code)]
    if char == " ":
        forms.append(r"\+")
    if not char.isascii():
        forms += _misread(char)
    return f"(?:{'|'.join(dict.fromkeys(forms))}){'?' * (char in _LEFT_OUT_OF_URLS)}"


def _percent(raw: bytes) -> str:
    return "".join(f"%(?:25)*{_hexadecimal(byte, 2)}" for byte in raw)


def _escapes(char: str) -> Iterator[str]:
    """Yields a character's forms in JSON, JavaScript, and Python's strings and bytes."""
    code = ord(char)
    if char in _LETTERS:
        yield _ESC + _LETTERS[char]
    if char in _BACKSLASHED:
        yield _ESC + re.escape(char)
    units = char.encode("utf-16-be", "surrogatepass")
    pairs = (int.from_bytes(units[index : index + 2], "big") for index in range(0, len(units), 2))
    yield "".join(f"{_ESC}u{_hexadecimal(pair, 4)}" for pair in pairs)
    yield f"{_ESC}U{_hexadecimal(code, 8)}"
    yield "".join(f"{_ESC}x{_hexadecimal(byte, 2)}" for byte in _utf8(char))
    if code <= 0xFF:
        yield f"{_ESC}x{_hexadecimal(code, 2)}"


def _markup(code: int) -> Iterator[str]:
    yield f"&(?:amp;)*#(?:0*{code}|[xX]0*{_hexadecimal(code, 1)});"
    from html.entities import codepoint2name

    if code in codepoint2name:
        yield f"&(?:amp;)*{codepoint2name[code]};"
    if code == ord("'"):
        yield "&(?:amp;)*apos;"


def _misread(char: str) -> Iterator[str]:
    """Yields a character's forms after writing in one encoding and reading in another."""
    raw = _utf8(char)
    yield f"\ufffd{{1,{len(raw)}}}"
    for encoding in ("latin-1", "cp1252"):
        yield re.escape(raw.decode(encoding, "replace"))
    yield re.escape(raw.decode("ascii", "surrogateescape"))
    if ord(char) <= 0xFF:
        byte = char.encode("latin-1")
        yield _percent(byte)
        yield re.escape(byte.decode("ascii", "surrogateescape"))


def _utf8(char: str) -> bytes:
    return char.encode("utf-8", "surrogatepass")


def _hexadecimal(number: int, digits: int) -> str:
    return "".join(f"[{one}{one.upper()}]" if one.isalpha() else one for one in f"{number:0{digits}x}")


# --- Base64 ----------------------------------------------------------------------------------------------


def _base64_cores(secret: str) -> Iterator[Pieces]:
    for raw in {secret.encode("utf-8", "replace"), secret.encode("latin-1", "replace")}:
        for before in range(3):
            text = base64.b64encode(bytes(before) + raw).decode("ascii")
            # A character has six bits: those with bits of the bytes around the secret are left out.
            first, last = -(-8 * before // 6), 8 * (before + len(raw)) // 6
            yield tuple(map(_base64_character, text[first:last]))


def _base64_character(char: str) -> str:
    if char == "+":
        return r"(?:\+|-|%(?:25)*2[bB])"
    return r"(?:/|_|\\{1,8}/|%(?:25)*2[fF])" if char == "/" else char


# --- all of them -----------------------------------------------------------------------------------------


class _Trie:
    """A prefix tree of forms, so that the expression has a shared beginning only once."""

    def __init__(self) -> None:
        self._root: dict[str, object] = {}

    def add(self, pieces: Pieces, mark: str) -> None:
        """Adds a form; the mark is added to the expression at its end."""
        node = self._root
        for piece in pieces:
            following = node.setdefault(piece, {})
            assert isinstance(following, dict)  # noqa: S101  only the key "" has something else; for the type checker
            node = following
        node.setdefault("", mark)

    def expression(self) -> str:
        """Returns the regular expression of all forms; `""` if there are none."""
        return _expression(self._root)


def _expression(node: dict[str, object]) -> str:
    parts = []
    while len(node) == 1 and "" not in node:  # not by recursion: keys may be long
        ((piece, following),) = node.items()
        assert isinstance(following, dict)  # noqa: S101  as above
        parts.append(piece)
        node = following
    forms = [piece + _expression(following) for piece, following in node.items() if isinstance(following, dict)]
    if "" in node:
        forms.append(str(node[""]))  # last, so that longer forms are tried first
    return "".join(parts) + (f"(?:{'|'.join(forms)})" if len(forms) > 1 else "".join(forms))
