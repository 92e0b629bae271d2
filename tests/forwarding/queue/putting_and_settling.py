"""`python -m tests.forwarding.queue.putting_and_settling FILE FIRST`: puts and settles events until it is killed.

It writes a line `+ FIRST COUNT` after events were accepted, and `- DESTINATION NUMBER` before one is settled.
"""

import asyncio
import os
import sys

from destination.forwarding.queue import Queue
from tests.forwarding.events import name_of, numbered


def _write(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def _put(queue: Queue, first: int) -> None:
    while True:
        sizes = (1, 7, 50, 3)
        firsts = [first, first + 1, first + 8, first + 58]
        await asyncio.gather(*(_put_one(queue, at, size) for at, size in zip(firsts, sizes, strict=True)))
        first += sum(sizes)


async def _put_one(queue: Queue, first: int, count: int) -> None:
    await queue.put(numbered(first, count, text="x" * 300))
    _write(f"+ {first} {count}")


async def _settle(queue: Queue, destination: str, every: int) -> None:
    """Settles events in another order than theirs; some are left for later."""
    source = queue.source(destination, block=64)
    kept = []
    while (records := await source.next()) is not None:
        kept += records
        kept.sort(key=lambda record: record.ordinal % every)
        for record in kept[: len(kept) * 3 // 4]:
            _write(f"- {destination} {name_of(record)}")
            queue.settled(destination, record, "acknowledged")
        kept = kept[len(kept) * 3 // 4 :]
        await asyncio.sleep(0)


async def main() -> None:
    queue = Queue(sys.argv[1], {"a": None, "b": None})
    await asyncio.gather(_put(queue, int(sys.argv[2])), _settle(queue, "a", 2), _settle(queue, "b", 7))


if __name__ == "__main__":
    asyncio.run(main())
