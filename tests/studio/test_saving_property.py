"""Whatever the layout of a file and the edit: the file reads back as the draft, and the rest keeps its text."""

import json
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from destination.studio.document import draft_members
from destination.studio.saving import save
from destination.studio.session import members_of
from destination.values.json_rewriting import equal_as_doubles
from destination.values.positions import read_json_nodes
from tests.studio.opened import draft_of, studio_of
from tests.thorough import examples

_TEXTS = st.sampled_from(["", "a", "é\u2028", 'q"\\/', "\U0001f600\n", "\ud800", "$.userId", "<\t>"]) | st.text(
    max_size=4
)
_SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
_KEYS = st.sampled_from(["@path", "name", "units", "é", "1", "a b"]) | st.text(max_size=3)
_VALUES = st.recursive(
    _SCALARS | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=8,
)
_MAPPINGS = st.dictionaries(_KEYS, _VALUES, max_size=5)


@st.composite
def subscriptions(draw: st.DrawFn) -> dict[str, Any]:
    """A subscription of a file in one of the two forms, its members in any order."""
    form = draw(st.sampled_from([("partnerAction", "subscribe", "mapping"), ("actionSlug", "trigger", "settings")]))
    members = {form[0]: draw(_TEXTS), form[1]: draw(_TEXTS)}
    optional: dict[str, st.SearchStrategy[Any]] = {
        form[2]: _MAPPINGS,
        "name": _TEXTS,
        "enabled": st.sampled_from([True, False, None]),
        "ours": _VALUES,
    }
    members |= draw(st.fixed_dictionaries({}, optional=optional))
    members |= draw(st.fixed_dictionaries({}, optional={"id": _TEXTS, "ID": _TEXTS, "actionId": _TEXTS}))
    return {key: members[key] for key in draw(st.permutations(list(members)))}


@st.composite
def laid_out(draw: st.DrawFn, value: Any) -> str:
    """A JSON text of a value with white space and escapes of any kind."""
    space = st.sampled_from(draw(st.sampled_from([[""], ["", " "], ["", "\n", "\r\n  ", "\t", " \n\n "], ["\n    "]])))

    def write(value: Any) -> str:
        if isinstance(value, dict):
            parts = [f"{write(key)}{draw(space)}:{draw(space)}{write(one)}" for key, one in value.items()]
            return f"{{{joined(parts)}}}"
        if isinstance(value, list):
            return f"[{joined([write(one) for one in value])}]"
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=draw(st.booleans()) or not _is_whole(value))
        return json.dumps(value)

    def joined(parts: list[str]) -> str:
        return ",".join(f"{draw(space)}{part}{draw(space)}" for part in parts) or draw(space)

    return draw(space) + write(value) + draw(space)


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


@st.composite
def edited(draw: st.DrawFn, draft: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A draft with subscriptions removed, copied, moved, added, and changed in one value or several."""
    found = deepcopy(draft)
    for number in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["change", "remove", "copy", "move", "add", "mapping"]))
        if kind == "add" or not found:
            added = {"key": f"n{number}", "saved": None, **draft_members(draw(subscriptions()))}
            found.insert(draw(st.integers(0, len(found))), added)
            continue
        at = draw(st.integers(0, len(found) - 1))
        if kind == "remove":
            del found[at]
        elif kind == "copy":
            found.insert(draw(st.integers(0, len(found))), {**deepcopy(found[at]), "key": f"n{number}"})
        elif kind == "move":
            found.insert(draw(st.integers(0, len(found) - 1)), found.pop(at))
        elif kind == "mapping":
            _change(draw, found[at]["mapping"])
        else:
            member = draw(st.sampled_from(["name", "subscribe", "enabled", "ours", "mapping"]))
            values = {"enabled": st.booleans(), "mapping": _MAPPINGS, "ours": _VALUES}
            found[at][member] = draw(values.get(member, _TEXTS))
    return found


def _change(draw: st.DrawFn, holder: Any) -> None:
    """Changes, adds or removes a value at any depth."""
    keys: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    inner = [key for key in keys if isinstance(holder[key], (dict, list))]
    kind = draw(st.sampled_from(["inside", "replace", "remove", "add"]))
    if kind == "inside" and inner:
        _change(draw, holder[draw(st.sampled_from(inner))])
    elif kind == "add" or not keys:
        if isinstance(holder, dict):
            holder[draw(_KEYS)] = draw(_VALUES)
        else:
            holder.insert(draw(st.integers(0, len(holder))), draw(_VALUES))
    elif kind == "remove":
        del holder[draw(st.sampled_from(keys))]
    else:
        holder[draw(st.sampled_from(keys))] = draw(_VALUES)


def as_a_browser_reads(value: Any) -> Any:
    """The value as the page posts it: it reads every number as a double, and writes 1.0 as 1."""
    if isinstance(value, dict):
        return {key: as_a_browser_reads(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_a_browser_reads(one) for one in value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    double = float(value)
    return int(double) if double.is_integer() and abs(double) < 2**63 else double


def item_texts(text: str) -> list[str]:
    root = read_json_nodes(text)
    while root.members is not None:
        root = next(root.members[key].node for key in ("data", "subscriptions") if key in root.members)
    return [text[item.start : item.end] for item in root.items or []]


@settings(max_examples=examples(400), phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.data())
def test_a_file_reads_back_as_the_draft_and_the_rest_keeps_its_text(data: st.DataObject) -> None:
    items = data.draw(st.lists(subscriptions(), max_size=4))
    wrapped = data.draw(
        st.sampled_from([items, {"subscriptions": items}, {"data": {"pagination": 1, "subscriptions": items}}])
    )
    before = data.draw(laid_out(wrapped))
    mark = data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.json")
        path.write_bytes(mark + before.encode())
        studio = studio_of(path)
        opened = draft_of(studio)
        draft = as_a_browser_reads(data.draw(edited(opened)))
        save(studio, {"draft": draft, "version": studio.document.version})
        raw = path.read_bytes()
        after = raw.removeprefix(mark).decode()

        assert raw.startswith(mark)
        read = [members_of(item) for item in studio.document.subscriptions]
        assert equal_as_doubles(read, [draft_members(members_of(item)) for item in draft])
        old, new = item_texts(before), item_texts(after)
        assert len(new) == len(draft)
        for item, text in zip(draft, new, strict=True):
            if item["saved"] is not None and equal_as_doubles(item, {**opened[item["saved"]], "key": item["key"]}):
                equal = [old[n] for n, one in enumerate(opened) if equal_as_doubles(members_of(one), members_of(item))]
                assert text in equal
        if equal_as_doubles([members_of(one) for one in opened], [members_of(one) for one in draft]):
            assert after == before
