"""The client of the admin port over TLS: the certificate has to be one that is trusted."""

import asyncio
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
import trustme

from destination.studio.live import client
from destination.studio.live.client import AdminClient
from destination.studio.session import Forwarder, StudioProblem

TOKEN = "s3cr3t-t0k3n"


class _Handler(BaseHTTPRequestHandler):
    """Shows in the answer what it got; a broken one would do so."""

    def do_GET(self) -> None:
        content = b'{"ready": true, "token": "%s"}' % self.headers["authorization"].encode()
        self.send_response(503)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def url(authority: trustme.CA) -> Iterator[str]:
    """A server with a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"https://localhost:{server.server_address[1]}"
        server.shutdown()
        serving.join()


def test_a_certificate_that_is_not_trusted_is_said(url: str) -> None:
    with pytest.raises(StudioProblem, match=r"its certificate is not accepted: .*CERTIFICATE_VERIFY_FAILED"):
        asyncio.run(AdminClient(Forwarder(url, TOKEN)).get("/readyz"))


def test_a_token_that_comes_back_is_masked(url: str, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    monkeypatch.setattr(client, "_tls", lambda: context)
    found = asyncio.run(AdminClient(Forwarder(url, TOKEN)).get("/readyz"))
    assert found == {"ready": True, "token": "Bearer <redacted>"}
