"""Records results in files of cases.

Only single values of a file change; order, comments and line ends stay as they are. The changed text is read again, and
written only if it has the intended values.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

from destination.private_files import FileChangedError, ReadOnlyFileError, replace_known_content
from destination.records import dataclass
from destination.testing.cases.check import comparable, gaps
from destination.testing.cases.document import CaseFileError, Document
from destination.testing.cases.model import Case
from destination.testing.compare import Path as ValuePath
from destination.testing.compare import differences, is_list
from destination.values import MISSING
from destination.values.positions import NUMBER, Node, PositionedError, read_json_nodes, read_yaml_nodes

_ESCAPED: Final = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff]")  # what YAML or UTF-8 would not keep


@dataclass(frozen=True, slots=True)
class Edit:
    """A value to write into a file at a path: it replaces an old one, or becomes the last member of its object."""

    path: ValuePath
    value: Any


# --- what to write --------------------------------------------------------------------------------------


def missing_edits(case: Case, found: Mapping[str, Any]) -> list[Edit]:
    """Returns the edits that fill the gaps of a case: the whole `expect`, or its keys without a value.

    Example:
        >>> case = Case("A", {}, {"matched": None}, ("cases", 0), 1)
        >>> missing_edits(case, {"matched": ["T"], "subscriptions": {}})
        [Edit(path=('cases', 0, 'expect', 'matched'), value=['T'])]
    """
    return [Edit((*case.path, "expect", *gap), _recorded(found_at(found, gap))) for gap in gaps(case)]


def changing_edits(case: Case, found: Mapping[str, Any]) -> list[Edit]:
    """Returns the edits that replace expected values which differ; a partial expectation stays partial.

    Example:
        >>> case = Case("A", {}, {"matched": ["T", "U"]}, ("cases", 0), 1)
        >>> changing_edits(case, {"matched": ["T"], "subscriptions": {}})
        [Edit(path=('cases', 0, 'expect', 'matched'), value=['T'])]
    """
    wanted, there = comparable(case.expect, found)
    return [Edit((*case.path, "expect", *path), value) for path, value in _changes(wanted, there, ())]


def found_at(found: Any, path: tuple[str, ...]) -> Any:
    """Returns the found value at a path, or `MISSING`.

    Example:
        >>> found_at({"subscriptions": {"T": {}}}, ("subscriptions", "T", "error"))
        MISSING
    """
    for key in path:
        found = found.get(key, MISSING) if isinstance(found, Mapping) else MISSING
    return found


def _changes(expected: Any, found: Any, path: ValuePath) -> Iterator[tuple[ValuePath, Any]]:
    if not differences(expected, found):
        return
    if _is_part(expected) and isinstance(found, Mapping) and all(key in found for key in expected):
        for key, value in expected.items():
            yield from _changes(value, found[key], (*path, key))
    elif is_list(expected) and is_list(found) and len(expected) == len(found):
        for index, item in enumerate(expected):
            yield from _changes(item, found[index], (*path, index))
    else:
        yield path, _updated(expected, found)


def _updated(expected: Any, found: Any) -> Any:
    """Returns the found value, reduced to the parts that are expected."""
    if _is_part(expected) and isinstance(found, Mapping):
        kept = {key: _updated(value, found[key]) for key, value in expected.items() if key in found}
        return kept or _recorded(found)
    if is_list(expected) and is_list(found):
        known = min(len(expected), len(found))
        return [_updated(expected[index], found[index]) for index in range(known)] + _recorded(list(found[known:]))
    if isinstance(expected, Mapping) and list(expected) == ["exactly"] and found is not MISSING:
        return {"exactly": found}
    return _recorded(found)


def _is_part(expected: Any) -> bool:
    return isinstance(expected, Mapping) and not _is_mark(expected)


def _is_mark(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and ("exactly" in value or value.get("absent") is True)


def _recorded(found: Any) -> Any:
    """Returns a value in the form in which it is expected."""
    if found is MISSING:
        return {"absent": True}
    if isinstance(found, Mapping):
        if _is_mark(found):
            return {"exactly": found}
        return {key: _recorded(value) for key, value in found.items()}
    return [_recorded(item) for item in found] if is_list(found) else found


# --- writing it ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    text: str


def edited(document: Document, edits: Sequence[Edit]) -> str:
    r"""Returns the text of a file with changed values.

    Raises:
        CaseFileError: A value cannot be written without changing others, such as one with an anchor of YAML.

    Example:
        >>> from pathlib import Path
        >>> text = "cases: # all\n  - name: A\n"
        >>> document = Document(Path("a.cases.yaml"), text, read_yaml_nodes(text))
        >>> print(edited(document, [Edit(("cases", 0, "expect"), {"matched": []})]))
        cases: # all
          - name: A
            expect:
              matched: []
    """
    is_json = document.path.suffix == ".json"
    write = _json_piece if is_json else _yaml_piece
    text, meant = document.text, deepcopy(document.plain)
    newline = "\r\n" if "\r\n" in text else "\n"
    pieces = [write(document, edit) for edit in edits]
    for piece in sorted(pieces, key=lambda piece: piece.start, reverse=True):
        text = text[: piece.start] + piece.text.replace("\n", newline) + text[piece.end :]
    for edit in edits:
        meant = _with(meant, edit.path, edit.value)
    try:
        root = (read_json_nodes if is_json else read_yaml_nodes)(text)
    except PositionedError:
        root = None
    if root is None or differences(meant, root.plain, whole=True):
        raise document.error(edits[0].path, "cannot be recorded without changing another value; write it by hand")
    return text


def write_atomically(document: Document, text: str) -> None:
    """Replaces the text of a file in one step, so that it is never half written.

    Raises:
        CaseFileError: The file has changed since it was read, or cannot be written.
    """
    try:
        replace_known_content(document.path, document.text.encode(), text.encode())
    except FileChangedError:
        changed = "has changed during the run, so nothing is recorded; run again"
        raise CaseFileError(document.path, None, changed) from None
    except ReadOnlyFileError:
        raise CaseFileError(document.path, None, "is read-only, so nothing is recorded; make it writable") from None
    except OSError as error:
        raise CaseFileError(document.path, None, f"cannot be written: {error.strerror or error}") from None


def _with(plain: Any, path: ValuePath, value: Any) -> Any:
    if not path:
        return value
    holder = plain
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return plain


def _json_piece(document: Document, edit: Edit) -> _Piece:
    text = document.text
    indent = _indent_of(text)
    parent, node = _around(document, edit)
    if node is not None:
        pad = _leading_space(text, node.start)
        is_on_one_line = "\n" not in text[parent.start : parent.end]
        return _Piece(node.start, node.end, _json(edit.value, None if is_on_one_line else indent, pad))
    return _new_flow_member(parent, edit, text, indent)


def _new_flow_member(parent: Node, edit: Edit, text: str, indent: str | None) -> _Piece:
    members = list((parent.members or {}).values())
    first, end = members[0].key, members[-1].node.end
    key = json.dumps(str(edit.path[-1]))
    if first.line == parent.line or indent is None:
        return _Piece(end, end, f", {key}: {_json(edit.value, None, '')}")
    pad = _leading_space(text, first.start)
    return _Piece(end, end, f",\n{pad}{key}: {_json(edit.value, indent, pad)}")


def _yaml_piece(document: Document, edit: Edit) -> _Piece:
    text = document.text
    parent, node = _around(document, edit)
    if node is None:
        if not parent.block:
            return _new_flow_member(parent, edit, text, None)
        column = next(iter((parent.members or {}).values())).key.column
        end = _line_end(text, parent.end)
        return _Piece(end, end, f"\n{' ' * column}{edit.path[-1]}:{_yaml(edit.value, column)}")
    stays_flow = text[node.start : node.start + 1] in ("[", "{") and isinstance(edit.value, (list, dict))
    if not parent.block or parent.members is None or stays_flow:
        space = " " if node.start == node.end else ""
        return _Piece(node.start, node.end, space + _json(edit.value, None, ""))
    key = parent.members[str(edit.path[-1])].key
    return _replaced_in_block(text, key, node, edit.value)


def _replaced_in_block(text: str, key: Node, node: Node, value: Any) -> _Piece:
    after = text.index(":", key.end) + 1
    new = _yaml(value, key.column)
    if not new.startswith("\n"):
        return _Piece(after, node.end, new)
    if node.block and node.line > key.line:
        return _Piece(_line_end(text, after), node.end, new)  # a comment after the key stays
    end = _line_end(text, node.end)
    return _Piece(after, end, text[node.end : end].rstrip() + new)


def _around(document: Document, edit: Edit) -> tuple[Node, Node | None]:
    parent = document.node(edit.path[:-1])
    assert parent is not None  # noqa: S101  every edit has a parent
    return parent, document.node(edit.path)


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def _leading_space(text: str, index: int) -> str:
    line = text[text.rfind("\n", 0, index) + 1 : index]
    return line[: len(line) - len(line.lstrip())]


def _indent_of(text: str) -> str | None:
    """Returns the indentation of one level, or None for JSON on one line."""
    found = re.search(r"\n([ \t]+)\S", text)
    return found.group(1) if found else None


def _json(value: Any, indent: str | None, pad: str) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent).replace("\n", f"\n{pad}")
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _yaml(value: Any, column: int) -> str:
    """Writes a value as YAML, to follow a key and its colon."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            super().increase_indent(flow, indentless=False)

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = '"' if "\n" in value or _ESCAPED.search(value) else "'" if NUMBER.fullmatch(value) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    Dumper.ignore_aliases = lambda self, data: True  # type: ignore[method-assign]
    dumped = yaml.dump({"k": value}, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=2**30)
    return dumped[2:].rstrip("\n").replace("\n", "\n" + " " * column)
