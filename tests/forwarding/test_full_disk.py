"""A full disk as clients see it: 503 while there is no room, 200 again afterwards, and nothing of a 200 is lost."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest

from destination.forwarding.logs import Log
from destination.forwarding.service import Service
from destination.listening import open_socket
from destination.request import Request, Response
from destination.values import read_json
from tests.delivery.shop import track
from tests.forwarding.test_service import loaded
from tests.kit import PATIENCE_S

_BATCH = 25


@pytest.mark.thorough
def test_a_full_disk_is_a_503_and_then_it_recovers(tmp_path: Path) -> None:
    arrived: Counter[str] = Counter()
    accepted: set[str] = set()
    is_open = False

    def shop(request: Request) -> Response:
        if is_open:
            arrived[read_json(request.body or b"")["id"]] += 1
        return Response(200 if is_open else 503)

    async def main() -> None:
        nonlocal is_open
        found = loaded(tmp_path, shop, attempts=1_000)
        service = await Service.open(found, lambda: found, Log(lambda _: None), drain_s=PATIENCE_S)
        service._queue._file.writer.execute("PRAGMA max_page_count = 400")
        with open_socket("127.0.0.1", 0) as http:
            running = asyncio.create_task(service.run(http))
            try:
                url = f"http://127.0.0.1:{http.getsockname()[1]}/v1/batch"
                async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as client:
                    refused = await _send_until(client, url, accepted, 503)
                    assert refused.headers["retry-after"]
                    assert refused.json()["code"] == "queue_unavailable"
                    assert (await _send(client, url, len(accepted))).status_code == 503
                    size = len(accepted)
                    is_open = True
                    # The client sends what was refused again, which is no duplicate of what was not kept.
                    await _send_until(client, url, accepted, 200)
                    assert len(accepted) == size + _BATCH
                    await _send_until(client, url, accepted, 503, at_most=4 * size)
            finally:
                service.stop()
                await running

    asyncio.run(asyncio.wait_for(main(), PATIENCE_S))
    assert set(arrived) == accepted
    assert set(arrived.values()) == {1}


async def _send(client: httpx.AsyncClient, url: str, first: int) -> httpx.Response:
    batch = [track(number, event="x" * 1_000, userId="u") for number in range(first, first + _BATCH)]
    return await client.post(url, json={"writeKey": "wk", "batch": batch})


async def _send_until(
    client: httpx.AsyncClient, url: str, accepted: set[str], status: int, *, at_most: int = 1_000_000
) -> httpx.Response:
    """Sends batch after batch until one has that status, or so many events are accepted."""
    while True:
        first = len(accepted)
        answer = await _send(client, url, first)
        if answer.status_code == 200:
            accepted.update(f"m{number}" for number in range(first, first + _BATCH))
        else:
            assert answer.status_code == 503
            await asyncio.sleep(0.01)
        if answer.status_code == status or len(accepted) >= at_most:
            return answer
