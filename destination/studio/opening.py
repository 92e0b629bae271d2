"""Opens what the studio works on, as the command line names it."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from destination.definition.given.mappings import GivenMappings
from destination.runtime import Destination


class _EmptyCorpus:
    """A corpus without events."""

    async def load(self) -> None:
        """Reads nothing."""

    def status(self) -> dict[str, Any]:
        """Says that all of it is read."""
        return {"name": None, "events": 0, "unreadable": 0, "complete": True, "error": None}

    def event(self, index: int) -> dict[str, Any]:
        """Finds no event."""
        raise LookupError(index)


class _Presets:
    """The presets of a destination."""

    def __init__(self, definition: Destination[Any]) -> None:
        self.name = "presets"
        self.subscriptions = [
            {"key": f"s{index}", "saved": index, **item.to_json()}
            for index, item in enumerate(definition.preset_subscriptions())
        ]

    def to_json(self) -> dict[str, Any]:
        """Returns the member `document` of the session."""
        return {
            "name": self.name,
            "kind": "presets",
            "saveable": False,
            "whyNot": "presets are a part of the destination",
            "version": 0,
            "subscriptions": self.subscriptions,
        }


def open_document(definition: Destination[Any], mappings: GivenMappings | None, note: Callable[[str], None]) -> Any:
    """Reads the mappings; the presets if None.

    Args:
        definition: The destination.
        mappings: What was given.
        note: Called with a line if a file is only a part of what its owner has.

    Raises:
        UsageProblem: They cannot be read.
    """
    try:
        module = import_module("destination.studio.document")
    except ModuleNotFoundError as error:
        if error.name != "destination.studio.document":
            raise
        return _Presets(definition)
    return module.open_document(definition, mappings, note)


def open_corpus(events: str | None) -> Any:
    """Opens the events, which are read later; no events if None.

    Args:
        events: The file; `-` is standard input.

    Raises:
        UsageProblem: The file cannot be opened.
    """
    try:
        module = import_module("destination.studio.corpus")
    except ModuleNotFoundError as error:
        if error.name != "destination.studio.corpus":
            raise
        return _EmptyCorpus()
    return module.open_corpus(events)
