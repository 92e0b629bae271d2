"""The studio on a real loopback port, in a thread that ends with its test, and pages of a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from destination.catalog.absmartly import absmartly
from destination.listening import open_socket
from destination.local_server import make_server
from destination.studio import Studio, create_studio
from destination.studio.corpus import open_corpus
from destination.studio.document import open_document
from tests.kit import SETTINGS

TOKEN = "the-token"


def make_studio(mappings: Any = None, events: str | None = None, **more: Any) -> Studio:
    """A studio of ABsmartly with the settings of the tests."""
    document = open_document(absmartly, mappings, print)
    return Studio(absmartly, SETTINGS, document, open_corpus(events), **more)


@contextmanager
def serving(studio: Studio, **more: Any) -> Iterator[str]:
    """The address of a running studio; its token is `TOKEN`."""
    server = make_server(create_studio(studio, token=TOKEN, **more), "studio")
    with open_socket("127.0.0.1", 0) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def client_of(studio: Studio, **more: Any) -> Iterator[httpx.Client]:
    """A client of a running studio that sends what its page sends."""
    with serving(studio, **more) as address:
        headers = {"X-Studio-Token": TOKEN, "Origin": address}
        with httpx.Client(base_url=address, headers=headers, trust_env=False) as client:
            yield client
