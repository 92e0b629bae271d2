"""Writes a draft in other forms, and an event with its result as a case that pytest runs."""

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from destination.definition.formats.texts import TextForm, not_carried, to_text
from destination.definition.subscription import Subscription
from destination.errors import DefinitionError
from destination.studio.document import Document, draft_members
from destination.studio.session import Draft, Studio, StudioProblem, members_of
from destination.testing.cases.check import check_case, found_in
from destination.testing.cases.document import CaseFileError, read_document
from destination.testing.cases.model import read_cases
from destination.testing.cases.record import Edit, edited, missing_edits
from destination.values.json_rewriting import equal_as_doubles

_FORMS: Final[Mapping[str, tuple[TextForm, str]]] = {
    "json": ("runtime", ".json"),
    "public-api": ("public-api", ".public-api.json"),
    "terraform": ("terraform", ".tf"),
}
_SUFFIXES: Final = {"yaml": ".cases.yaml", "json": ".cases.json"}


def export(studio: Studio, draft: Draft, form: Any) -> dict[str, Any]:
    """Writes a draft in a form of Segment's.

    Args:
        studio: What the page works on.
        draft: The draft.
        form: `json`, `public-api` or `terraform`.

    Returns:
        The `name` of the file and its `text`; `notes`, a line for each member that the form has no key for; `error`, if
        the draft cannot be written in this form. Then the text is empty.

    Raises:
        StudioProblem: There is no such form.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> from destination.studio.document import open_document
        >>> studio = Studio(absmartly, placeholders(absmartly), open_document(absmartly, None, print), None)
        >>> found = export(studio, studio.saved, "terraform")
        >>> found["name"], found["text"].splitlines()[0]
        ('presets.tf', 'variable "destination_id" {')
    """
    if not isinstance(form, str) or form not in _FORMS:
        raise StudioProblem(f"there is no form {form!r}; the forms are: {', '.join(_FORMS)}")
    written, suffix = _FORMS[form]
    name = f"{_stem(studio.document)}{suffix}"
    try:
        subscriptions = [Subscription.from_json(members_of(item)) for item in draft]
        text = to_text(subscriptions, written)
    except DefinitionError as error:
        return {"name": name, "text": "", "notes": [], "error": str(error)}
    except RecursionError:
        return {"name": name, "text": "", "notes": [], "error": "A mapping nests too deeply."}
    return {"name": name, "text": text, "notes": list(not_carried(subscriptions, written))}


def _stem(document: Document) -> str:
    if document.kind in ("object", "several"):
        return "mappings"
    return Path(document.name).name.removesuffix(".json").removesuffix(".tf").removesuffix(".public-api")


# --- a case for pytest -----------------------------------------------------------------------------------


def test_case(studio: Studio, draft: Draft, event: Mapping[str, Any], form: Any) -> dict[str, Any]:
    """Writes an event and its result under a draft as a file of cases, which pytest collects and which passes.

    The mappings are in the file, unless they are those of a file: then the case names that file, and belongs into its
    folder. The settings in it are those of the studio without the secret ones.

    Args:
        studio: What the page works on.
        draft: The draft.
        event: The event, as the page names it.
        form: `yaml` or `json`.

    Returns:
        The `name` of the file, its `text`, and a `note` that says where it belongs, or None.

    Raises:
        StudioProblem: The event is not a JSON object, or no case can be made of it.
    """
    if not isinstance(form, str) or form not in _SUFFIXES:
        raise StudioProblem(f"there is no form {form!r}; the forms are: {', '.join(_SUFFIXES)}")
    chosen = studio.event_of(event).value
    if chosen is None:
        raise StudioProblem("The text of the event is not a JSON object, so no test can be made of it.")
    document: Document = studio.document
    title = _title(chosen)
    name = (re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "event") + _SUFFIXES[form]
    beside = _is_saved(document, draft)
    content = {
        "destination": studio.definition.slug,
        **_mappings(document, draft, beside=beside),
        **({"settings": settings} if (settings := _settings(studio)) else {}),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        if beside and document.path is not None:
            Path(folder, document.path.name).write_bytes(document.raw)
        try:
            text = _recorded(path, form, content, title, chosen)
        except CaseFileError as error:
            raise StudioProblem(str(error).replace(f"{folder}/", "").replace(folder, "")) from None
        except RecursionError:
            raise StudioProblem("The event or a mapping nests too deeply for a test.") from None
    note = f"Put it into the folder of {document.path.name}." if beside and document.path is not None else None
    return {"name": name, "text": text, "note": note}


test_case.__test__ = False  # type: ignore[attr-defined]  # its name is that of the route: pytest must not collect it


def _title(event: Mapping[str, Any]) -> str:
    """Names an event: `page Home`."""
    kind, name = event.get("type"), event.get("event") if event.get("type") == "track" else event.get("name")
    words = [word for word in (kind, name) if isinstance(word, str) and word]
    return " ".join(" ".join(words).split()) or "event without a type"


def _is_saved(document: Document, draft: Draft) -> bool:
    """Whether a draft is what the saved file holds."""
    saved = [draft_members(members_of(item)) for item in document.subscriptions]
    return document.kind in ("json", "presets") and equal_as_doubles(
        saved, [draft_members(members_of(item)) for item in draft]
    )


def _mappings(document: Document, draft: Draft, *, beside: bool) -> dict[str, Any]:
    if not beside:
        return {"subscriptions": [members_of(item) for item in draft]}
    return {"presets": True} if document.path is None else {"mappings": document.path.name}


def _settings(studio: Studio) -> dict[str, Any]:
    """Returns the settings without secret ones; the test has placeholders for those that are missing."""
    if studio.placeholders:
        return {}
    secret = studio.definition.secret_keys
    return {
        key: value
        for key, value in studio.settings.items()
        if key in studio.definition.settings_fields and key not in secret and studio.redactor(value) == value
    }


def _recorded(path: Path, form: str, content: Mapping[str, Any], title: str, event: dict[str, Any]) -> str:
    """Writes the file as `pytest --record` would, and makes sure that its case passes.

    Raises:
        CaseFileError: The file cannot be used.
        StudioProblem: The result of the event is another one each time.
    """
    path.write_bytes(_skeleton(form, content).encode())
    case: dict[str, Any] = {"name": title, "event": event}
    values = [Edit((key,), value) for key, value in content.items()]
    edits = [*values, *(Edit(("cases", 0, key), value) for key, value in case.items())]
    path.write_bytes(edited(read_document(path), edits).encode())
    file = read_cases(path)
    instance = file.instance()
    found = found_in(file.cases[0], instance)
    matched = ", ".join(found["matched"]) or "no subscription"
    edits = [Edit(("cases", 0, "name"), f"{title}: {matched}"), *missing_edits(file.cases[0], found)]
    text = edited(file.document, edits)
    path.write_bytes(text.encode())
    written = read_cases(path).cases[0]
    if check_case(written, found_in(written, instance)):
        raise StudioProblem("The result of this event is another one each time, so no test can be made of it.")
    return text


def _skeleton(form: str, content: Mapping[str, Any]) -> str:
    """Writes the file with all its keys and without values, which the edits add in the layout of each form."""
    if form == "json":
        case = {"name": None, "event": None, "expect": None}
        return json.dumps({**dict.fromkeys(content), "cases": [case]}, indent=2) + "\n"
    return "".join(f"{key}:\n" for key in content) + "cases:\n  - name:\n    event:\n    expect:\n"
