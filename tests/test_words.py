"""The words of pages, messages and docstrings: those that make a reader stop must not come back."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("destination", "actions", "presets", "pyspark_destination")

_KINDS = (
    r"JSON|YAML|TOML|HTTP|URL|FQL|Python|list|array|object|string|text|number|boolean|date|event|file|directory|folder|"
    r"directive|function|mapping|path|field|payload|setting|batch|identifier|name"
)
"""What something is said not to be."""

WORDS = {
    r"\b(short|careful|long) way\b": "(there is one way)",
    r"\bfree suites?\b": "generated suite",
    r"\bsecond attempts?\b": "the retry after a 401",
    r"\bwhat follows a 401\b": "reauthorise",
    r"\btold\b": "say what happens: notified, passed, shown, distinguished",
    r"\btells?\b": "says, shows, reports, distinguishes",
    r"\b(is|are|was|were|be|been|being) asked\b": "called, checked, looked up, requested",
    r"\b(comes?|came) to\b": "is, results in, amounts to",
    r"\bstands? (in|on|at|for|there|here|as|beside|before|behind|between|where|twice)\b": "is, replaces, means",
    r"\bgives\b(?! up)": "returns, yields, prints, makes, has",
    r"\bso many\b": "the number of; the maximum number of",
    r"\bwhat is open\b": "the connection pool; the open files",
    rf"(?<!there\s)\b(is|are|was|were) no (valid )?({_KINDS})s?\b": "is not valid JSON, is not a list",
    r"\banother outcome\b": "end differently",
    r"\btaken up\b": "read, started, sent",
    r"\bin the place of\b": "instead of",
    r"\bhas to be gone\b": "(say who does what)",
    r"\b(at|of|to|from|by|its|this|that|each|which|the|a) places?\b": "path, pointer, line, node, location",
    r"\bnor when\b": "(two sentences)",
    r"\bcosts? .{0,60}\bnothing\b": "has no effect on",
}
"""An expression of the words, without regard to case: what to write instead."""

ALLOWED = re.compile(r"\bin the first place\b|\bsorted in place\b|\btakes? place\b", re.IGNORECASE)


# --- what people read ------------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """The text of each page, without code."""
    paths = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]
    return {path.relative_to(ROOT).as_posix(): prose(path.read_text(encoding="utf-8")) for path in sorted(paths)}


def prose(page: str) -> str:
    """A page with its code and its links' addresses left out; lines keep their numbers."""
    page = re.sub(r"^(```|~~~).*?^\1", lambda block: "\n" * block[0].count("\n"), page, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`|\]\([^)\n]*\)|<!--.*?-->", " ", page)


def texts(source: str) -> Iterator[tuple[int, str]]:
    """The docstrings, messages and help texts of a module, each with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, re.sub(r"^\s*(>>>|\.\.\.) .*$|`[^`\n]*`", " ", node.value, flags=re.MULTILINE)


def modules() -> dict[str, list[tuple[int, str]]]:
    return {
        path.relative_to(ROOT).as_posix(): list(texts(path.read_text(encoding="utf-8")))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def found_in(text: str, first_line: int = 1) -> list[tuple[int, str, str]]:
    """The words in a text that must not be there: line, words, what to write instead."""
    text = ALLOWED.sub(lambda words: "\n" * words[0].count("\n"), text)
    return [
        (first_line + text[: match.start()].count("\n"), " ".join(match[0].split()), instead)
        for expression, instead in WORDS.items()
        for match in re.finditer(expression.replace(" ", r"\s+"), text, re.IGNORECASE)
    ]


def faults() -> dict[str, list[str]]:
    """The faults of each page and module."""
    all_texts = {name: [(1, text)] for name, text in pages().items()} | modules()
    found = {
        name: [
            f"{name}:{line}: {words!r} → {instead}"
            for first, text in ones
            for line, words, instead in found_in(text, first)
        ]
        for name, ones in all_texts.items()
    }
    return {name: lines for name, lines in found.items() if lines}


# --- rules -----------------------------------------------------------------------------------------------


def test_no_old_word_comes_back() -> None:
    assert faults() == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It is told what is open.", ["told", "what is open"]),
        ("The file is no JSON.", ["is no JSON"]),
        ("This is no event, and there is no event.", ["is no event"]),
        ("Twelve have another\n  outcome.", ["another outcome"]),
        ("It gives up; nothing gives way.", ["gives"]),
        ("the place of a value, sorted in place, in the first place", ["the place"]),
        ("A plain sentence that says what it does.", []),
    ],
)
def test_what_the_rule_finds(text: str, words: list[str]) -> None:
    assert [found for _, found, _ in found_in(text)] == words


def test_code_is_not_read_as_prose() -> None:
    assert found_in(prose("A `told` b\n```\ntold\n```\n[x](told.md)\n")) == []
    assert [line for line, _, _ in found_in(prose("```\nx\n```\nHe told me.\n"))] == [4]
