"""Finds what `lint` says about one subscription of a draft, with a mended draft where there is one mend."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final
from weakref import WeakKeyDictionary

from destination.definition import Subscription
from destination.errors import DestinationError
from destination.studio.session import Draft, Studio, members_of
from destination.values import utf16_length, write_json
from destination.values.pointers import pointer_keys
from destination.workbench.lint import Finding, fix_trigger, lint

_ABOUT_ALL: Final = ("E001",)
"""Rules about all subscriptions together, none of which has the finding."""
_CLOSE = 0.7
"""How alike an unknown word and the name are that it may be meant for, from 0 to 1."""


def findings_of(studio: Studio, draft: Draft, number: int) -> list[dict[str, Any]]:
    """Lists the findings of `lint` about one subscription, a disabled one too.

    Args:
        studio: The studio.
        draft: The subscriptions.
        number: The index of the one.

    Returns:
        Each with `code`, `severity`, `message`, `remedy`, `pointer` (as lint has it), `from` and `to` (offsets in the
        trigger's text, in UTF-16 units, or None) and `fix`: `{title, draft}`, or None.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> studio = Studio(absmartly, placeholders(absmartly), None, None)
        >>> mapping = absmartly.actions["trackGoal"].default_values()
        >>> draft = [{"key": "s0", "subscribe": "type = 'track'", "partnerAction": "trackGoal", "mapping": mapping}]
        >>> (found,) = findings_of(studio, draft, 0)
        >>> found["code"], found["from"], found["to"], found["fix"]["title"], found["fix"]["draft"][0]["subscribe"]
        ('T007', 7, 14, 'Use double quotes', 'type = "track"')
    """
    try:
        content = write_json([[members_of(item) for item in draft], number])
    except ValueError:  # nested too deeply to be written
        return []
    latest = _latest.setdefault(studio, OrderedDict())
    found = latest.get(content)
    if found is None:
        found = latest[content] = _lint(studio, draft, number)
        if len(latest) > _MAX_LATEST:
            latest.popitem(last=False)
    return [{**studio.redactor(_to_json(one)), "fix": _fix(studio, draft, number, one)} for one in found]


_MAX_LATEST: Final = 16
_latest: "WeakKeyDictionary[Studio, OrderedDict[bytes, list[Finding]]]" = WeakKeyDictionary()
"""The findings of the latest drafts by content: choosing another event changes none."""


def _lint(studio: Studio, draft: Draft, number: int) -> list[Finding]:
    try:
        enabled = [
            {**members_of(item), **({"enabled": True} if index == number else {})} for index, item in enumerate(draft)
        ]
        given = [Subscription.from_json(item) for item in enabled]
        found = lint(studio.definition, given, ignore=_ABOUT_ALL).findings
    except (DestinationError, RecursionError):
        return []
    return [one for one in found if one.index == number]


def _to_json(finding: Finding) -> dict[str, Any]:
    start, end = (None, None) if finding.span is None else finding.span
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "remedy": finding.remedy,
        "pointer": finding.pointer,
        "from": None if start is None else utf16_length(finding.source[:start]),
        "to": None if end is None else utf16_length(finding.source[:end]),
    }


_TITLES = {"T002": "Add the parentheses", "T004": "Write it in lower case", "T007": "Use double quotes"}


def _fix(studio: Studio, draft: Draft, number: int, finding: Finding) -> dict[str, Any] | None:
    item = draft[number]
    if finding.code in _TITLES:
        fixed = fix_trigger(finding.source, [finding.code])
        return None if fixed is None else _mended(draft, number, _TITLES[finding.code], {"subscribe": fixed.text})
    if finding.code == "M002":
        name = _close(str(item.get("partnerAction")), studio.definition.actions)
        return None if name is None else _mended(draft, number, f"Use {name}", {"partnerAction": name})
    if finding.code == "M003":
        return _renamed(studio, draft, number, finding, item)
    return None


def _close(text: str, names: Iterable[str]) -> str | None:
    """Returns the one name that a text may be meant for."""
    known = {name.lower(): name for name in names}
    close = get_close_matches(text.lower(), list(known), n=2, cutoff=_CLOSE)
    return known[close[0]] if len(close) == 1 else None


def _mended(draft: Draft, number: int, title: str, members: Mapping[str, Any]) -> dict[str, Any]:
    mended = [{**item, **members} if index == number else dict(item) for index, item in enumerate(draft)]
    return {"title": title, "draft": mended}


def _renamed(
    studio: Studio, draft: Draft, number: int, finding: Finding, item: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Renames an unknown key to the one field that it may be meant for and that has no mapping yet."""
    mapping = item.get("mapping")
    action = studio.definition.actions.get(str(item.get("partnerAction")))
    _, *keys = pointer_keys(f"/{finding.pointer}")  # of `mapping/KEY`
    if not isinstance(mapping, dict) or len(keys) != 1 or keys[0] not in mapping or action is None:
        return None
    name = _close(keys[0], [field for field in action.input_fields if field not in mapping])
    if name is None:
        return None
    renamed = {name if one == keys[0] else one: value for one, value in mapping.items()}
    return _mended(draft, number, f"Rename it to {name}", {"mapping": renamed})
