"""A service in this process: what a start and a reload refuse, and what a stop does with a replay."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from destination.delivery import DeadLetters, RecordingError
from destination.forwarding.accepted import Accepted
from destination.forwarding.config import ConfigError, ForwardConfig
from destination.forwarding.dead_letter_file import read_dead_letters
from destination.forwarding.forwarder import Forwarder
from destination.forwarding.loaded import Loaded
from destination.forwarding.logs import Log
from destination.forwarding.queue import Queue
from destination.forwarding.service import Service
from destination.listening import open_socket
from destination.request import Request, Response
from destination.runtime import Instance
from destination.values import write_json
from tests.delivery.shop import shop, shop_instance, subscription, track
from tests.kit import PATIENCE_S

Handler = Callable[[Request], Response]


def fine(_request: Request) -> Response:
    return Response(200)


def loaded(folder: Path, handler: Handler = fine, **table: Any) -> Loaded:
    """A configuration with one destination, `shop`."""
    destination = {"name": "shop", "slug": "shop", "no_batch": True, "attempts": 1, **table}
    tables = {"queue": {"path": "queue.db"}, "destinations": [destination]}
    config = ForwardConfig.model_validate(tables, context={"folder": folder, "path": folder / "forward.toml"})
    return Loaded(config, {"shop": shop_instance(handler, subscription("A", "a"))})


def accepted(number: int) -> Accepted:
    return Accepted("wk", f"m{number}", write_json(track(number)), 1_700_000_000.0)


async def serve(service: Service, during: Callable[[], Any]) -> None:
    """Runs a service while a function runs, and stops it."""
    with open_socket("127.0.0.1", 0) as http:
        running = asyncio.create_task(service.run(http))
        try:
            await during()
        finally:
            service.stop()
            await running


# --- starting --------------------------------------------------------------------------------------------


def test_a_start_that_fails_frees_the_queue_and_the_files(tmp_path: Path) -> None:
    writing = DeadLetters(tmp_path / "b.ndjson", append=True)
    both = loaded(tmp_path, dead_letters="a.ndjson")
    tables = both.config.destinations[0]
    second = tables.model_copy(update={"name": "second", "dead_letters": tmp_path / "b.ndjson"})
    config = both.config.model_copy(update={"destinations": [tables, second]})
    broken = Loaded(config, {"shop": both.instances["shop"], "second": shop_instance()})

    async def main() -> None:
        with pytest.raises(RecordingError, match="another run is writing"):
            await Service.open(broken, lambda: broken, Log(lambda _: None))
        DeadLetters(tmp_path / "a.ndjson", append=True).close()
        await Queue(tmp_path / "queue.db", {}).close()

    asyncio.run(main())
    writing.close()


def test_a_file_of_refused_events_that_cannot_be_opened_refuses_the_start(tmp_path: Path) -> None:
    found = loaded(tmp_path, dead_letters="a.ndjson")
    http = found.config.http.model_copy(update={"refused": tmp_path})
    broken = Loaded(found.config.model_copy(update={"http": http}), found.instances)

    async def main() -> None:
        with pytest.raises(ConfigError, match=r"http.refused: .* cannot be written"):
            await Service.open(broken, lambda: broken, Log(lambda _: None))
        await Queue(tmp_path / "queue.db", {}).close()

    asyncio.run(main())


def test_a_part_that_ends_by_itself_ends_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []

    async def ended(_self: Forwarder) -> None:
        return

    async def main() -> bool:
        service = await Service.open(loaded(tmp_path), lambda: loaded(tmp_path), Log(lines.append))
        with open_socket("127.0.0.1", 0) as http:
            return await service.run(http)

    monkeypatch.setattr(Forwarder, "run", ended)
    assert asyncio.run(main()) is False
    assert any(" fault " in line for line in lines)


# --- reloading -------------------------------------------------------------------------------------------


class Closing(Instance[Any]):
    """An instance that notes that it was closed."""

    closed = 0

    async def aclose(self) -> None:
        type(self).closed += 1
        await super().aclose()


def test_a_reload_whose_file_is_in_use_changes_nothing_and_closes_what_it_made(tmp_path: Path) -> None:
    lines: list[str] = []
    writing = DeadLetters(tmp_path / "b.ndjson", append=True)
    now = loaded(tmp_path, dead_letters="b.ndjson")
    made = Closing(shop, {}, [subscription("B", "b")])
    now = Loaded(now.config, {"shop": made})

    async def main() -> None:
        service = await Service.open(loaded(tmp_path, dead_letters="a.ndjson"), lambda: now, Log(lines.append))

        async def during() -> None:
            with pytest.raises(ConfigError, match="another run is writing"):
                await service.reload()
            assert list(service.states()) == ["shop"]
            assert list(service.dead_letters("shop")) == []

        await serve(service, during)

    asyncio.run(main())
    writing.close()
    assert Closing.closed == 1
    assert any(" not reloaded " in line for line in lines)


def test_a_reload_that_raises_what_load_raises_goes_on_as_before(tmp_path: Path) -> None:
    sent: list[str] = []

    def handler(request: Request) -> Response:
        sent.append(request.url)
        return Response(200)

    def load() -> Loaded:
        raise ConfigError("forward.toml:3: no")

    async def main() -> None:
        service = await Service.open(loaded(tmp_path, handler), load, Log(lambda _: None))

        async def during() -> None:
            with pytest.raises(ConfigError):
                await service.reload()
            await service._put([accepted(1)])

        await serve(service, during)

    asyncio.run(main())
    assert sent == ["https://shop.test/a"]


def test_a_reload_while_it_stops_is_refused(tmp_path: Path) -> None:
    async def main() -> None:
        service = await Service.open(loaded(tmp_path), lambda: loaded(tmp_path), Log(lambda _: None))

        async def during() -> None:
            service.stop()
            with pytest.raises(ConfigError, match="is stopping"):
                await service.reload()

        await serve(service, during)

    asyncio.run(main())


# --- what the admin port shows ---------------------------------------------------------------------------


def test_it_is_not_ready_while_the_queue_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        service = await Service.open(loaded(tmp_path), lambda: loaded(tmp_path), Log(lambda _: None))

        async def during() -> None:
            assert service.not_ready() is None
            with monkeypatch.context() as patched:
                patched.setattr(Queue, "error", property(lambda _: "the disk is full"))
                assert service.not_ready() == "the disk is full"

        await serve(service, during)

    asyncio.run(main())


def test_dead_letters_of_an_unknown_destination_or_without_a_file_cannot_be_had(tmp_path: Path) -> None:
    async def main() -> None:
        service = await Service.open(loaded(tmp_path), lambda: loaded(tmp_path), Log(lambda _: None))

        async def during() -> None:
            with pytest.raises(LookupError, match="there is no destination 'none'"):
                service.dead_letters("none")
            with pytest.raises(LookupError, match="keeps no dead letters"):
                await service.replay("shop", ["m1"])

        await serve(service, during)

    asyncio.run(main())


def test_a_stop_lets_a_replay_finish_what_it_began_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "dead.ndjson"
    lines = [
        {"deadLetter": 1, "failures": [{"subscription": "A", "index": 0}], "event": track(number)} for number in (1, 2)
    ]
    path.write_bytes(b"".join(write_json(line) + b"\n" for line in lines))
    begun, going_on = asyncio.Event(), asyncio.Event()
    sent: list[bytes] = []

    async def held(request: Request) -> Response:
        sent.append(request.body or b"")
        begun.set()
        await going_on.wait()
        return Response(200)

    async def main() -> None:
        found = loaded(tmp_path, held, dead_letters="dead.ndjson", concurrency=1)  # type: ignore[arg-type]
        service = await Service.open(found, lambda: found, Log(lambda _: None), drain_s=PATIENCE_S)

        async def during() -> None:
            replaying = asyncio.create_task(service.replay("shop", ["m1", "m2"]))
            await begun.wait()
            service.stop()
            asyncio.get_running_loop().call_soon(going_on.set)
            found = await replaying
            assert found.acknowledged + found.deferred == 2

        await serve(service, during)

    asyncio.run(main())
    assert len(sent) == 1
    assert [one.message_id for one in read_dead_letters(path)] == ["m2"]


def test_a_stop_abandons_a_replay_at_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "dead.ndjson"
    line = {"deadLetter": 1, "failures": [{"subscription": "A", "index": 0}], "event": track(1)}
    path.write_bytes(write_json(line) + b"\n")
    begun = asyncio.Event()

    async def never(_request: Request) -> Response:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def main() -> None:
        found = loaded(tmp_path, never, dead_letters="dead.ndjson")  # type: ignore[arg-type]
        service = await Service.open(found, lambda: found, Log(lambda _: None), drain_s=0)

        async def during() -> None:
            replaying = asyncio.create_task(service.replay("shop", ["m1"]))
            await begun.wait()
            service.stop()
            assert (await replaying).deferred == 1

        await serve(service, during)

    asyncio.run(main())
    assert [one.message_id for one in read_dead_letters(path)] == ["m1"]


def test_after_a_reload_the_secrets_of_calls_that_were_begun_before_are_masked(tmp_path: Path) -> None:
    def with_key(key: str) -> Loaded:
        found = loaded(tmp_path)
        tables = {
            "http": {"write_keys": [key]},
            "queue": {"path": "queue.db"},
            "destinations": [{"name": "shop", "slug": "shop"}],
        }
        config = ForwardConfig.model_validate(tables, context={"folder": tmp_path, "path": tmp_path / "forward.toml"})
        return Loaded(config, found.instances)

    keys = iter(["second-key", "third-key"])

    async def main() -> None:
        service = await Service.open(
            with_key("first-key"), lambda: with_key(next(keys)), Log(lambda _: None), drain_s=0
        )

        async def during() -> None:
            await service.reload()
            assert service.masks.text("first-key second-key") == "<redacted> <redacted>"
            await service.reload()
            assert service.masks.text("second-key third-key") == "<redacted> <redacted>"

        await serve(service, during)

    asyncio.run(main())
