"""The tester on a real loopback port, in a thread that ends with its test."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from destination import Destination, MockTransport, Transport
from destination.server import create_tester, make_server, open_socket
from tests.server.shop import SHOP, partner


@contextmanager
def serving(destination: Destination[Any], transport: Transport | None = None, **more: Any) -> Iterator[httpx.Client]:
    """A client of a running tester."""
    server = make_server(create_tester(destination, transport=transport, **more), "tester")
    with open_socket("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def shop_server() -> Iterator[tuple[httpx.Client, MockTransport]]:
    transport = MockTransport(partner)
    with serving(SHOP, transport) as client:
        yield client, transport


@pytest.fixture
def shop(shop_server: tuple[httpx.Client, MockTransport]) -> httpx.Client:
    """A client of the shop's tester."""
    return shop_server[0]


@pytest.fixture
def sent(shop_server: tuple[httpx.Client, MockTransport]) -> list[Any]:
    """What the shop sends to its partner, from here on."""
    shop_server[1].requests.clear()
    return shop_server[1].requests


Post = Callable[..., Any]


@pytest.fixture
def post(shop: httpx.Client) -> Post:
    """Posts to a route and gives status and JSON."""

    def send(path: str, body: Any = None) -> tuple[int, Any]:
        response = shop.post(path, json=body)
        return response.status_code, response.json()

    return send
