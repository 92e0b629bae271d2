"""Studios over events in memory, for the tests of the corpus, of searches and of comparisons."""

import asyncio
import io
from collections.abc import Iterable, Mapping
from typing import Any

from destination.delivery import ByteInput
from destination.runtime import Destination
from destination.studio.comparing import compare
from destination.studio.corpus import Corpus
from destination.studio.session import Studio
from destination.values import write_json
from tests.workbench.diff.post import API_KEY, post


class SavedVersion:
    """A document that cannot be saved."""

    name = "mappings.json"

    def __init__(self, subscriptions: Iterable[Mapping[str, Any]]) -> None:
        self.subscriptions = [{"key": f"s{index}", "saved": index, **item} for index, item in enumerate(subscriptions)]


def lines_of(events: Iterable[Any]) -> bytes:
    """Returns events as NDJSON; what is bytes already is a line as it is."""
    return b"".join((event if isinstance(event, bytes) else write_json(event)) + b"\n" for event in events)


def corpus_of(events: Iterable[Any], name: str = "events.ndjson") -> Corpus:
    """Returns a corpus that is not read yet."""
    return Corpus(ByteInput(io.BytesIO(lines_of(events)), name))


def loaded(events: Iterable[Any]) -> Corpus:
    """Returns a corpus that is read to its end."""
    corpus = corpus_of(events)
    asyncio.run(corpus.load())
    return corpus


def studio_of(
    subscriptions: Iterable[Mapping[str, Any]],
    corpus: Corpus,
    definition: Destination[Any] = post,
    settings: Mapping[str, Any] | None = None,
) -> Studio:
    """Returns a studio with these saved mappings."""
    settings = {"apiKey": API_KEY} if settings is None else settings
    return Studio(definition, settings, SavedVersion(subscriptions), corpus)


async def compared(studio: Studio, draft: Iterable[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Compares a draft, by default the saved version itself, and returns the last line."""
    lines = [line async for line in compare(studio, studio.saved if draft is None else list(draft))]
    return lines[-1]
