"""Reads files of cases and the files that they name."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Final

from destination.definition import Subscription, find, read_subscriptions
from destination.definition.destination import placeholders
from destination.definition.formats.terraform_in import read_terraform_file
from destination.errors import DefinitionError, SchemaValidationError
from destination.records import dataclass
from destination.runtime import Destination, Instance, Redactor
from destination.testing.cases.document import Document, read_document
from destination.testing.compare import Path as ValuePath
from destination.testing.events import create_test_event
from destination.values import MISSING, read_json

SUFFIXES: Final = (".cases.json", ".cases.yaml", ".cases.yml")
"""The ends of the names of files of cases."""

FILE_KEYS: Final = (
    "destination",
    "mappings",
    "subscriptions",
    "presets",
    "settings",
    "base",
    "cases",
    "$schema",
    "note",
)
CASE_KEYS: Final = ("name", "event", "base", "expect", "note")
EXPECT_KEYS: Final = ("matched", "subscriptions")
OUTCOME_KEYS: Final = ("payload", "requests", "error", "incomplete")


@dataclass(frozen=True, slots=True)
class Case:
    """An event, and the result that is expected.

    Attributes:
        name: The name, unique in its file.
        event: The whole event.
        expect: The expected result, in part; `MISSING` if nothing is expected yet.
        path: The path of the case in the file.
        line: The line of the case, from 1.
    """

    name: str
    event: dict[str, Any]
    expect: Any
    path: ValuePath
    line: int


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of cases.

    Attributes:
        document: The file's text and values.
        destination: The destination of the subscriptions.
        subscriptions: The subscriptions.
        settings: The settings, with placeholders for required ones that the file leaves out.
        cases: The cases, in order.
    """

    document: Document
    destination: Destination[Any]
    subscriptions: tuple[Subscription, ...]
    settings: Mapping[str, Any]
    cases: tuple[Case, ...]

    def instance(self, subscriptions: tuple[Subscription, ...] | None = None) -> Instance[Any]:
        """Makes an instance of the destination with the file's settings.

        Args:
            subscriptions: The subscriptions of the instance; those of the file if None.

        Raises:
            CaseFileError: The settings are not valid, or there are too many subscriptions.
        """
        try:
            return self.destination.instance(
                self.settings, self.subscriptions if subscriptions is None else subscriptions
            )
        except SchemaValidationError as error:
            redactor = Redactor(self.settings, self.destination.secret_keys)
            message = redactor.text("; ".join(item.message for item in error.errors))
            raise self.document.error(("settings",), f"{message}; correct the settings") from None
        except DefinitionError as error:
            raise self.document.error(("subscriptions",), str(error)) from None


def read_cases(path: Path) -> CaseFile:
    """Reads a file of cases and the files that it names.

    Raises:
        CaseFileError: Something in the file, or a file that it names, cannot be used.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> text = '{"destination": "actions-absmartly", "cases": [{"name": "A page", "event": {"type": "page"}}]}'
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "a.cases.json"
        ...     _ = path.write_text(text)
        ...     file = read_cases(path)
        >>> file.destination.slug, [case.name for case in file.cases]
        ('actions-absmartly', ['A page'])
    """
    return _FileReader(read_document(path)).read()


class _FileReader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._folder = document.path.parent

    def read(self) -> CaseFile:
        found = self._object((), FILE_KEYS)
        destination = self._destination(found)
        settings = found.get("settings") or {}
        if not isinstance(settings, dict):
            raise self._document.error(("settings",), "is not an object; give the settings by name")
        return CaseFile(
            self._document,
            destination,
            tuple(self._subscriptions(found, destination)),
            {**placeholders(destination), **settings},
            tuple(self._cases(found)),
        )

    def _object(self, path: ValuePath, keys: tuple[str, ...]) -> dict[str, Any]:
        node = self._document.node(path)
        if node is None or node.members is None:
            raise self._document.error(path, f"is not an object; it takes {', '.join(keys)}")
        for key in node.members:
            if key not in keys:
                raise self._document.error((*path, key), f"is not a known key; {proposal(key, keys)}")
        plain: dict[str, Any] = node.plain
        return plain

    def _destination(self, found: Mapping[str, Any]) -> Destination[Any]:
        name = found.get("destination")
        if not isinstance(name, str) or not name:
            raise self._document.error(
                ("destination",), "is missing; give the slug of a destination, or module:attribute"
            )
        try:
            definition = resolve_name(name) if ":" in name else find(name)
        except (DefinitionError, ImportError, AttributeError, ValueError) as error:
            raise self._document.error(("destination",), str(error)) from None
        if not isinstance(definition, Destination):
            raise self._document.error(("destination",), f"{name} is not a destination that can make instances")
        return definition

    def _subscriptions(self, found: Mapping[str, Any], destination: Destination[Any]) -> list[Subscription]:
        given = [key for key in ("mappings", "subscriptions", "presets") if found.get(key) is not None]
        if len(given) > 1:
            raise self._document.error((given[1],), f"cannot be combined with {given[0]}; keep one of them")
        if not given or found.get("presets") is True:
            return destination.preset_subscriptions()
        key = given[0]
        try:
            if key == "presets":
                return self._presets(found["presets"], destination)
            if key == "mappings" and str(found[key]).endswith(".tf"):
                return self._terraform((key,), str(found[key]), destination)
            return read_subscriptions(self._file((key,), found[key]) if key == "mappings" else found[key])
        except DefinitionError as error:
            raise self._document.error((key,), str(error)) from None

    def _presets(self, names: Any, destination: Destination[Any]) -> list[Subscription]:
        presets = {preset.name: preset for preset in destination.presets}
        if not isinstance(names, list):
            raise self._document.error(("presets",), "is neither a list of names nor true")
        for index, name in enumerate(names):
            if name not in presets:
                raise self._document.error(
                    ("presets", index), f"is not a preset; {proposal(str(name), tuple(presets))}"
                )
        return [presets[name].subscription() for name in names]

    def _terraform(self, path: ValuePath, name: str, destination: Destination[Any]) -> list[Subscription]:
        try:
            return [one.subscription for one in read_terraform_file(self._folder / name, destination.actions)]
        except (OSError, ValueError) as error:
            raise self._document.error(path, f"{name} cannot be read: {error}") from None

    def _file(self, path: ValuePath, name: Any) -> Any:
        """Reads the JSON of a file that this one names, by a path relative to it."""
        if not isinstance(name, str):
            raise self._document.error(path, "is not a string; give the name of a JSON file, relative to this file")
        try:
            return read_json((self._folder / name).read_bytes().removeprefix(b"\xef\xbb\xbf"))
        except OSError as error:
            raise self._document.error(path, f"{name} cannot be read: {error.strerror or error}") from None
        except ValueError as error:
            raise self._document.error(path, f"{name} is not valid JSON: {error}") from None

    def _cases(self, found: Mapping[str, Any]) -> Iterator[Case]:
        if not isinstance(found.get("cases"), list):
            raise self._document.error(("cases",), "is not a list; give cases with a name, an event and what to expect")
        names: set[str] = set()
        for index in range(len(found["cases"])):
            path = ("cases", index)
            case = self._object(path, CASE_KEYS)
            name = case.get("name")
            if not isinstance(name, str) or not name:
                raise self._document.error(path, "has no name; add one")
            if name in names:
                raise self._document.error(
                    (*path, "name"), f"{name!r} is the name of another case; choose a different one"
                )
            names.add(name)
            base = self._base(("base",), found) if "base" not in case else self._base((*path, "base"), case)
            event = self._event(path, case, base)
            expect = self._expect((*path, "expect"), case)
            yield Case(name, event, expect, path, self._document.line(path))

    def _base(self, path: ValuePath, holder: Mapping[str, Any]) -> dict[str, Any] | None:
        base = holder.get("base")
        if base is None or isinstance(base, dict):
            return base
        if base == "test":
            return create_test_event()
        return self._loaded_event(path, base)

    def _loaded_event(self, path: ValuePath, name: Any) -> dict[str, Any]:
        event = self._file(path, name)
        if not isinstance(event, dict):
            raise self._document.error(path, f"{name} does not hold an event; an event is a JSON object")
        return event

    def _event(self, path: ValuePath, case: Mapping[str, Any], base: dict[str, Any] | None) -> dict[str, Any]:
        event = case.get("event", MISSING if base is None else {})
        if event is MISSING:
            raise self._document.error(path, "has no event; give an event, the name of a file with one, or a base")
        if not isinstance(event, dict):
            event = self._loaded_event((*path, "event"), event)
        laid: dict[str, Any] = event if base is None else _laid_over(base, event)
        return laid

    def _expect(self, path: ValuePath, case: Mapping[str, Any]) -> Any:
        if case.get("expect") is None:
            return MISSING
        expect = self._object(path, EXPECT_KEYS)
        matched, subscriptions = expect.get("matched"), expect.get("subscriptions")
        if matched is not None and not (isinstance(matched, list) and all(isinstance(name, str) for name in matched)):
            raise self._document.error((*path, "matched"), "is not a list of names of subscriptions")
        if subscriptions is not None:
            if not isinstance(subscriptions, dict):
                raise self._document.error(
                    (*path, "subscriptions"),
                    "is not an object; give the expected results by the names of subscriptions",
                )
            for name, outcome in subscriptions.items():
                if outcome is not None and outcome != {"absent": True}:
                    self._object((*path, "subscriptions", name), OUTCOME_KEYS)
        return expect


def proposal(key: str, keys: tuple[str, ...]) -> str:
    """Returns a proposal for an unknown key.

    Example:
        >>> proposal("match", ("matched", "subscriptions")), proposal("x", ("matched",))
        ('did you mean matched?', 'it takes matched')
    """
    close = get_close_matches(key, keys, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"it takes {', '.join(keys) or 'none'}"


def _laid_over(base: Any, event: Any) -> Any:
    """Merges an event into a base, object by object; its values win, and `{"absent": true}` removes one."""
    if not (isinstance(base, dict) and isinstance(event, dict)):
        return event
    merged = dict(base)
    for key, value in event.items():
        if value == {"absent": True}:
            merged.pop(key, None)
        else:
            merged[key] = _laid_over(base.get(key), value)
    return merged
