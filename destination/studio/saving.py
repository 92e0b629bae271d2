"""Saves a draft: changes its parts of the JSON file that it came from, or writes a new one."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final

from destination.definition.given.files import is_there, read_file, reason_of
from destination.definition.given.mapping_forms import parse_mappings, subscriptions_node
from destination.definition.given.mapping_origins import LoadedMappings
from destination.definition.given.mappings import WANTED, GivenMappings
from destination.definition.subscription import PUBLIC_API_NAMES, is_public_api
from destination.private_files import FileChangedError, ReadOnlyFileError, replace_known_content
from destination.studio.document import DEFAULTS, Document, draft_members, drafts_of, given, open_document, version_of
from destination.studio.session import Draft, Studio, StudioProblem, draft_in, members_of
from destination.usage_problem import UsageProblem
from destination.values import write_json
from destination.values.json_rewriting import decode_json, encode_json, equal_as_doubles, rewrite_json
from destination.values.positions import Node, read_json_nodes
from destination.values.printable import indent_json

_CONFLICT: Final = 409
_CONTEXT_LINES: Final = 2


def save(studio: Studio, body: Mapping[str, Any]) -> dict[str, Any]:
    """Saves a draft to the file that it came from, or to a new one.

    Of a file that exists, only the values that differ are written: everything else keeps its text.

    Args:
        studio: What the page works on. Its document becomes the saved one.
        body: `draft`; `version`, the one that the page opened; `path` for a new file; `overwrite`, to replace what the
            file holds otherwise; `preview`, to write nothing.

    Returns:
        `document`, the saved version; for a preview `changes`, the lines that differ.

    Raises:
        StudioProblem: The draft cannot be saved there. With the status 409, `conflict` has the lines that would be
            overwritten.
        UsageProblem: The file cannot be read.
    """
    draft = draft_in(body)
    document: Document = studio.document
    named = body.get("path")
    if named is None or (document.path is not None and _is_same(named, document.path)):
        return _save_there(studio, document, draft, body)
    return _save_as(studio, document, draft, _new_path(named), body)


def _is_same(named: Any, path: Path) -> bool:
    return isinstance(named, str) and os.path.realpath(named) == os.path.realpath(path)


def _save_there(studio: Studio, document: Document, draft: Draft, body: Mapping[str, Any]) -> dict[str, Any]:
    path = document.path
    if path is None or document.why_not is not None:
        raise StudioProblem(document.why_not or "")
    exists = is_there(path)
    before = read_file(path, "mappings file", WANTED) if exists else b""
    after = _text_of(studio, document, document.name, before if exists else document.raw, draft)
    changes = _changed_lines(studio, before, after)
    if body.get("preview"):
        return {"changes": changes}
    if version_of(before) != body.get("version") and not body.get("overwrite"):
        what = "changed on disk" if exists else "was removed from the disk"
        message = f"{document.name} {what} since the studio read it."
        raise StudioProblem(message, _CONFLICT, conflict=changes)
    if not exists:
        _create(path, after)
        return _saved(studio, document, document.name)
    if after != before:
        _replace(path, before, after)
    return _saved(studio, document, document.name)


def _save_as(studio: Studio, document: Document, draft: Draft, path: Path, body: Mapping[str, Any]) -> dict[str, Any]:
    after = _text_of(studio, document, str(path), document.raw if document.kind == "json" else None, draft)
    exists = is_there(path)
    before = read_file(path, "file", "the name of a JSON file") if exists else b""
    changes = _changed_lines(studio, before, after)
    if body.get("preview"):
        return {"changes": changes}
    if exists and not body.get("overwrite"):
        raise StudioProblem(f"{path} exists already.", _CONFLICT, conflict=changes)
    if exists:
        _replace(path, before, after)
    else:
        _create(path, after)
    return _saved(studio, document, str(path))


def _new_path(named: Any) -> Path:
    if not isinstance(named, str) or not named.strip() or "\0" in named:
        raise StudioProblem("Give the name of a new JSON file.")
    path = Path(named)
    if path.suffix.lower() != ".json":
        raise StudioProblem(f"{named}: the studio writes JSON; give a name that ends in .json")
    if not is_there(path.parent):
        raise StudioProblem(f"{named}: there is no folder {path.parent}")
    return path


def _saved(studio: Studio, document: Document, name: str) -> dict[str, Any]:
    mappings = GivenMappings((name,), document.action_ids or {})
    studio.document = open_document(studio.definition, mappings, lambda _line: None)
    return {"document": studio.document.to_json()}


# --- files -----------------------------------------------------------------------------------------------


def _replace(path: Path, before: bytes, after: bytes) -> None:
    try:
        replace_known_content(path, before, after)
    except FileChangedError:
        raise StudioProblem(f"{path} changed on disk just now, so nothing is saved. Try again.") from None
    except ReadOnlyFileError:
        raise StudioProblem(f"{path} is read-only. Save to a new JSON file, or make the file writable.") from None
    except OSError as error:
        raise StudioProblem(f"{path} cannot be written: {reason_of(error).lower()}") from None


def _create(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise StudioProblem(f"{path} exists already.") from None
    except OSError as error:
        raise StudioProblem(f"{path} cannot be written: {reason_of(error).lower()}") from None


def _changed_lines(studio: Studio, before: bytes, after: bytes) -> list[str]:
    """Returns the lines that differ, with two lines around them; each begins with `-`, `+` or a space."""
    old, new = (decode_json(raw)[1].splitlines() for raw in (before, after))
    lines = list(unified_diff(old, new, n=_CONTEXT_LINES, lineterm=""))[2:]
    return [" ⋯" if line.startswith("@@") else studio.redactor.text(line) for line in lines[1:]]


# --- the text --------------------------------------------------------------------------------------------


def _text_of(studio: Studio, document: Document, name: str, before: bytes | None, draft: Draft) -> bytes:
    """Returns what a file holds when a draft is saved to it.

    Args:
        studio: What the page works on.
        document: The saved mappings.
        name: The name of the file.
        before: What the file holds; None for a new file.
        draft: The draft.

    Raises:
        StudioProblem: The draft cannot be written without a change of something else.
    """

    def read(raw: bytes) -> LoadedMappings:
        return parse_mappings(raw, name, studio.definition.actions, document.action_ids or {})

    try:
        is_new = before is None or not _holds_json(read, before)
        after = _whole(draft) if before is None or is_new else _rewritten(before, draft, name)
        found = drafts_of(read(after))
        is_as_meant = equal_as_doubles([_counted(item) for item in found], [_counted(item) for item in draft])
    except RecursionError:
        raise StudioProblem("A mapping nests too deeply to be saved.") from None
    except UsageProblem:
        is_as_meant = False
    if not is_as_meant:
        raise StudioProblem(f"{name} cannot be saved without a change of something else. Save to a new JSON file.")
    return after


def _holds_json(read: Callable[[bytes], LoadedMappings], raw: bytes) -> bool:
    """Whether a file still holds subscriptions as JSON."""
    try:
        return not read(raw).is_terraform
    except UsageProblem:
        return False


def _counted(item: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the members of a subscription that count, without those of the page."""
    return draft_members(members_of(item))


def _whole(draft: Draft) -> bytes:
    """Writes a new file, in the form of the runtime."""
    written = write_json([_counted(item) for item in draft])
    return f"{indent_json(written.decode())}\n".encode()


def _rewritten(before: bytes, draft: Draft, name: str) -> bytes:
    """Writes a draft with the text of a file, in the form that its subscriptions have there."""
    mark, text = decode_json(before)
    root = read_json_nodes(text, max_depth=sys.maxsize)
    holder = subscriptions_node(root)
    if holder.items is None:
        if len(draft) != 1:
            raise StudioProblem(
                f"{name} holds exactly one subscription (`data.subscription`). Save several of them to a new JSON file."
            )
        return encode_json(mark, rewrite_json(text, root, holder, _members(holder, holder, root, draft[0])))
    if equal_as_doubles([draft_members(item.plain) for item in holder.items], [_counted(item) for item in draft]):
        return before
    example = holder.items[0] if holder.items else None
    bases = _bases(holder.items, draft)
    parts = [(base, _members(base, example, root, item)) for base, item in zip(bases, draft, strict=True)]
    return encode_json(mark, rewrite_json(text, root, holder, None, parts))


def _bases(items: Sequence[Node], draft: Draft) -> list[Node | None]:
    """Finds the subscription of a file that each one of a draft is made from: an equal one, or the one it names.

    After an undo across a save, the names of a draft are those of an older version: equal content counts first.
    """
    contents = [draft_members(item.plain) for item in items]
    free = set(range(len(items)))
    found: dict[int, int] = {}
    for position, item in enumerate(draft):
        counted, named = _counted(item), _named(item, len(items))
        order = sorted(free, key=lambda index: (index != named, index))
        equal = next((index for index in order if equal_as_doubles(contents[index], counted)), None)
        if equal is not None:
            found[position] = equal
            free.discard(equal)
    return [
        None if index is None else items[index]
        for index in (found.get(at, _named(item, len(items))) for at, item in enumerate(draft))
    ]


def _named(item: Mapping[str, Any], count: int) -> int | None:
    saved = item.get("saved")
    return saved if isinstance(saved, int) and not isinstance(saved, bool) and 0 <= saved < count else None


def _members(base: Node | None, example: Node | None, root: Node, item: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the members that a subscription has in the file.

    Args:
        base: The subscription of the file that it is made from, or None.
        example: A subscription of the file, which shows the form and the order of a new one.
        root: The value of the file, which shows the form of a file without subscriptions.
        item: The subscription.
    """
    item = _counted(item)
    # What has keys of the Public API's form beside those of the runtime's can only be written in the latter.
    is_runtime = any(key in PUBLIC_API_NAMES for key in item)
    if base is not None and is_runtime and is_public_api(base.plain):
        base = None
    found: dict[str, Any] = {} if base is None else base.plain
    like: dict[str, Any] = found if base is not None else {} if example is None else example.plain
    is_public = is_public_api(like) if base is not None or example is not None else root.items is None
    is_public = is_public and not is_runtime
    names = {own: public for public, own in PUBLIC_API_NAMES.items()} if is_public else {}
    members: dict[str, Any] = {key: value for key, value in found.items() if key in names}
    for key, value in item.items():
        own = names.get(key, key)
        if own in found:
            is_equal = equal_as_doubles(given(key, found[own]), given(key, value))
            members[own] = found[own] if is_equal else value
        elif base is None or key not in DEFAULTS or not equal_as_doubles(DEFAULTS[key], given(key, value)):
            members[own] = value
    if base is None:
        order = [*(key for key in like if key in members), *(key for key in members if key not in like)]
        members = {key: members[key] for key in order}
    return members
