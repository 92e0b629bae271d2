"""Mends triggers in files: `destination lint --fix`. Nothing else of a file changes, not even its white space."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from destination.cli.output import Output
from destination.definition import DestinationDefinition
from destination.definition.given.files import read_file, reason_of
from destination.definition.given.mapping_forms import parse_mappings
from destination.definition.given.mapping_origins import LoadedMappings
from destination.definition.given.mappings import GivenMappings, is_object
from destination.private_files import FileChangedError, ReadOnlyFileError, replace_known_content
from destination.runtime.problems import label
from destination.usage_problem import UsageProblem
from destination.values.json_rewriting import character_offsets, decode_json, encode_json
from destination.values.positions import Node
from destination.workbench.lint import Fix, fix_trigger
from destination.workbench.lint import lint as find
from destination.workbench.lint.fix import FIXABLE

_KEYS: Final = ("subscribe", "trigger")


def fix_files(
    mappings: GivenMappings,
    definition: DestinationDefinition[Any],
    output: Output,
    *,
    select: Sequence[str],
    ignore: Sequence[str],
) -> None:
    """Mends the triggers in all JSON files.

    Args:
        mappings: The files.
        definition: The destination.
        output: Takes a line for each trigger that is mended, on standard error.
        select: Codes, or beginnings of codes, of the rules that count.
        ignore: Codes, or beginnings of codes, of the rules that do not count.

    Raises:
        UsageProblem: A file cannot be read or written.
    """
    for source in mappings.sources:
        if is_object(source) or Path(source).suffix == ".tf":
            output.note(f"{source}: is not changed, since --fix mends JSON files only")
            continue
        raw = read_file(Path(source), "mappings file", "a JSON file with subscriptions")
        loaded = parse_mappings(raw, source, definition.actions, mappings.action_ids)
        fixes = _fixes(loaded, definition, select, ignore)
        if not fixes:
            continue
        mended = _mended(raw, loaded, fixes)
        _check(mended, source, loaded, fixes, definition, mappings)
        _write(Path(source), raw, mended)
        for index, fix in fixes.items():
            item = loaded.subscriptions[index]
            meaning = "the same events match" if fix.keeps_meaning else "other events may match now"
            where = loaded.location(index, "subscribe")
            output.note(f"{where}: {label(item, index)}: mended {', '.join(fix.codes)} ({meaning}): {fix.text}")


def _fixes(
    loaded: LoadedMappings, definition: DestinationDefinition[Any], select: Iterable[str], ignore: Iterable[str]
) -> dict[int, Fix]:
    """Returns the mended triggers by the index of their subscription; what a subscription ignores stays."""
    report = find(definition, loaded.subscriptions, select=select, ignore=ignore)
    codes: dict[int, set[str]] = {}
    for finding in report.findings:
        if finding.code in FIXABLE and finding.index is not None and _node(loaded, finding.index) is not None:
            codes.setdefault(finding.index, set()).add(finding.code)
    found = {index: fix_trigger(loaded.subscriptions[index].subscribe, codes[index]) for index in sorted(codes)}
    return {index: fix for index, fix in found.items() if fix is not None}


def _node(loaded: LoadedMappings, index: int) -> Node | None:
    node = loaded.origins[index].node
    members = (node.members if node is not None else None) or {}
    return next((members[key].node for key in _KEYS if key in members), None)


def _mended(raw: bytes, loaded: LoadedMappings, fixes: dict[int, Fix]) -> bytes:
    mark, text = decode_json(raw)
    pieces: list[tuple[int, int, str]] = []
    for index, fix in fixes.items():
        node = _node(loaded, index)
        if node is not None:
            offsets = character_offsets(text, node)
            pieces += [(offsets[start], offsets[end], new.replace('"', '\\"')) for start, end, new in fix.edits]
    for start, end, new in sorted(pieces, reverse=True):
        text = text[:start] + new + text[end:]
    return encode_json(mark, text)


def _check(
    mended: bytes,
    source: str,
    loaded: LoadedMappings,
    fixes: dict[int, Fix],
    definition: DestinationDefinition[Any],
    mappings: GivenMappings,
) -> None:
    """Makes sure, before anything is written, that the file would hold the mended triggers and else what it held."""
    expected = [
        replace(item, subscribe=fixes[index].text) if index in fixes else item
        for index, item in enumerate(loaded.subscriptions)
    ]
    if parse_mappings(mended, source, definition.actions, mappings.action_ids).subscriptions != expected:
        raise UsageProblem(f"{source}: cannot be mended without changing something else; mend the triggers by hand")


def _write(path: Path, before: bytes, after: bytes) -> None:
    """Replaces the content of a file; at no time is half of it there."""
    try:
        replace_known_content(path, before, after)
    except FileChangedError:
        raise UsageProblem(f"{path}: was changed meanwhile, nothing is mended; run again") from None
    except ReadOnlyFileError:
        raise UsageProblem(f"{path}: cannot be mended: it is read-only") from None
    except OSError as error:
        raise UsageProblem(f"{path}: cannot be mended: {reason_of(error).lower()}") from None
