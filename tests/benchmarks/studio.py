"""The rows of the studio: how soon an edit shows what it does, and how long anything waits for the corpus."""

import asyncio
import copy
import itertools
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import process_time, thread_time
from types import SimpleNamespace
from typing import Any

import httpx

from destination.catalog.absmartly import absmartly
from destination.delivery.loop import seldom_collected
from destination.studio.app import TOKEN_HEADER, create_studio
from destination.studio.comparing import compare
from destination.studio.corpus import Corpus, open_corpus
from destination.studio.inspection import explain
from destination.studio.searching import search
from destination.studio.session import Studio
from destination.values import write_json
from tests.benchmarks.engine import SETTINGS
from tests.benchmarks.events import make_events
from tests.benchmarks.measure import minimums, timed
from tests.benchmarks.rows import Row

GROUP = "Studio"
FEW = 5_000
MANY = 100_000
ROUNDS = 5
ORIGIN = "http://127.0.0.1"


def studio_rows() -> Iterator[Row]:
    """Measures all rows of the group."""
    with tempfile.TemporaryDirectory() as folder:
        events = [write_json(event) + b"\n" for event in make_events(MANY)]
        few, many = Path(folder, "few.ndjson"), Path(folder, "many.ndjson")
        few.write_bytes(b"".join(events[:FEW]))
        many.write_bytes(b"".join(events))
        del events
        yield from _of_an_edit(few)
        yield from _of_opening(many)
        yield from _of_waiting(many)


# --- the work --------------------------------------------------------------------------------------------


def studio_over(file: Path) -> Studio:
    """Opens the studio over a file of events, with the presets as the saved version."""
    presets = absmartly.preset_subscriptions()
    saved = [{"key": f"s{index}", "saved": index, **item.to_json()} for index, item in enumerate(presets)]
    corpus = open_corpus(str(file))
    asyncio.run(corpus.load())
    return Studio(absmartly, SETTINGS, SimpleNamespace(subscriptions=saved), corpus)


def edits(studio: Studio) -> Iterator[list[dict[str, Any]]]:
    """Yields drafts that make another `name` of every goal, no two alike: none is known from an earlier round."""
    number = 0
    while True:
        number += 1
        draft = [dict(item) for item in copy.deepcopy(studio.saved)]
        draft[0]["mapping"]["name"] = {"@template": f"Goal {number}: {{{{event}}}}"}
        yield draft


async def compared(studio: Studio, draft: Any) -> dict[str, Any]:
    """Compares a draft to the end."""
    lines = [line async for line in compare(studio, draft)]
    return lines[-1]


# --- the rows --------------------------------------------------------------------------------------------


def _of_an_edit(file: Path) -> Iterator[Row]:
    studio = studio_over(file)
    drafts = edits(studio)
    goal = {"index": next(index for index, kind in enumerate(studio.corpus.types) if kind == "track")}
    asyncio.run(compared(studio, studio.saved))
    one, all_events = minimums(
        [
            timed(lambda: explain(studio, next(drafts), "s0", goal)),
            timed(lambda: asyncio.run(compared(studio, next(drafts)))),
        ],
        count=ROUNDS,
        warm_up=1,
    )
    yield Row(GROUP, "the verdict of an edit for one event", one * 1e3, "at most", 100, "4 presets, one edited", "ms")
    details = "4 presets, one edited; 80 % of the events change"
    yield Row(GROUP, f"the verdict of an edit for {FEW:,} events", all_events, "at most", 1, details, "s")


def _of_opening(file: Path) -> Iterator[Row]:
    (seconds,) = minimums([timed(lambda: _opened(file))], count=3, warm_up=0)
    size = file.stat().st_size / 1e6
    yield Row(GROUP, f"opening {MANY:,} events", seconds, "at most", 5, f"{size:.0f} MB of NDJSON", "s")
    command = [sys.executable, "-m", "tests.benchmarks.studio", str(file)]
    memory = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    details = f"{memory:.0f} MB for {size:.0f} MB of NDJSON"
    yield Row(GROUP, f"memory of {MANY:,} events: ÷ the size of their file", memory / size, "at most", 1.5, details)


def _opened(file: Path) -> Corpus:
    corpus = open_corpus(str(file))
    asyncio.run(corpus.load())
    return corpus


def _of_waiting(file: Path) -> Iterator[Row]:
    studio = studio_over(file)
    drafts = edits(studio)
    asyncio.run(compared(studio, studio.saved))

    numbers = itertools.count()

    async def paths() -> None:
        await search(studio, {"query": f"$.properties.orderId != x{next(numbers)}"})  # a known query is not run again

    works: dict[str, Callable[[], Awaitable[Any]]] = {
        "comparing": lambda: compared(studio, next(drafts)),
        "searching": paths,
    }
    with seldom_collected():  # as the command does
        held = {name: min(asyncio.run(_longest(work)) for _ in range(2)) * 1e3 for name, work in works.items()}
    details = f"{MANY:,} events; " + ", ".join(f"{name} {value:.1f} ms" for name, value in held.items())
    yield Row(GROUP, "the longest time that the loop is held", max(held.values()), "at most", 10, details, "ms")
    waited = asyncio.run(_answered(studio, next(drafts), next(drafts)))
    details = f"asked of the server while {MANY:,} events are compared; the median of {ROUNDS} answers"
    yield Row(GROUP, "the verdict for one event, meanwhile", waited * 1e3, "at most", 100, details, "ms")


async def _longest(work: Callable[[], Awaitable[Any]]) -> float:
    """Returns the longest time on the core, in seconds, between two turns of another task of the loop."""
    longest, done = 0.0, False

    async def other() -> None:
        nonlocal longest
        before = thread_time()
        while not done:
            await asyncio.sleep(0)
            now = thread_time()
            longest, before = max(longest, now - before), now

    waiting = asyncio.create_task(other())
    await work()
    done = True
    await waiting
    return longest


async def _answered(studio: Studio, compared_draft: Any, explained_draft: Any) -> float:
    """Returns the time on the core, in seconds, until the server explains an event while a comparison goes on."""
    comparing = asyncio.create_task(compared(studio, compared_draft))
    body = {"draft": explained_draft, "selected": "s0", "event": {"index": 1}}
    spent = []
    async with _client(studio) as client:
        for _ in range(ROUNDS):
            begin = process_time()
            answer = await client.post("/api/explain", json=body)
            spent.append(process_time() - begin)
            answer.raise_for_status()
    if comparing.done():
        raise AssertionError("the comparison was over before the answers were there")
    comparing.cancel()
    return sorted(spent)[ROUNDS // 2]


@asynccontextmanager
async def _client(studio: Studio) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_studio(studio, token="t"))
    headers = {TOKEN_HEADER: "t", "origin": ORIGIN}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
        yield client


def _resident() -> float:
    """Returns the memory of this process, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1e3 for line in status.splitlines() if line.startswith("VmRSS"))


if __name__ == "__main__":
    before = _resident()
    corpus = _opened(Path(sys.argv[1]))
    print(_resident() - before)
