"""Collectors for the rows of delivery: processes that read requests and answer, and do nothing else.

`python -m tests.benchmarks.collector [CERTIFICATE.pem KEY.pem]` prints its port. It answers every request alike.
`GET /count` returns the number of requests and of the bytes in their bodies. `collector.js` does the same on Node.
"""

import http.client
import select
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Literal, Self

import trustme

Kind = Literal["Python", "Node"]
"""What a collector runs on."""

_BODY = b'{"ok":true,"warnings":[],"errors":[]}'
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
_READ = 1 << 20


class _Connection:
    """What was read of a connection's next request: its head so far, or how much of its body is missing."""

    __slots__ = ("close_after", "head", "missing", "socket")

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.head = b""
        self.missing = 0
        self.close_after = False


class _Server:
    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self.tls = tls
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.listener.setblocking(False)
        self.requests = self.size = 0

    def serve(self) -> None:
        poll, listener = select.epoll(), self.listener.fileno()
        poll.register(listener, select.EPOLLIN)
        connections: dict[int, _Connection] = {}
        answer = _ANSWER % (len(_BODY), _BODY)
        while True:
            for number, _ in poll.poll():
                if number == listener:
                    accepted, _ = self.listener.accept()
                    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    if self.tls is not None:
                        accepted = self.tls.wrap_socket(accepted, server_side=True)
                    connections[accepted.fileno()] = _Connection(accepted)
                    poll.register(accepted, select.EPOLLIN)
                    continue
                connection = connections[number]
                try:
                    data = connection.socket.recv(_READ)
                    while self.tls is not None and connection.socket.pending():  # type: ignore[attr-defined]
                        data += connection.socket.recv(_READ)
                    done = self._read(connection, data)
                    if done:
                        connection.socket.sendall(answer * done)
                    closing = not data or (connection.close_after and done > 0)
                except OSError:
                    closing = True
                if closing:
                    poll.unregister(number)
                    connections.pop(number).socket.close()

    def _read(self, connection: _Connection, data: bytes) -> int:
        """Takes what came; gives how many requests ended with it."""
        if connection.missing > len(data):
            connection.missing -= len(data)
            return 0
        done = 1 if connection.missing else 0
        data = connection.head + data[connection.missing :]
        connection.missing = 0
        while (end := data.find(b"\r\n\r\n")) >= 0:
            head, data = data[:end].lower(), data[end + 4 :]
            if head.startswith(b"get /count"):
                counts = b"[%d,%d]" % (self.requests, self.size)
                connection.socket.sendall(_ANSWER % (len(counts), counts))
                continue
            place = head.find(b"\r\ncontent-length:")
            length = int(head[place + 17 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            self.requests += 1
            self.size += length
            connection.close_after = b"\r\nconnection: close" in head
            if len(data) < length:
                connection.missing = length - len(data)
                data = b""
                break
            data = data[length:]
            done += 1
        connection.head = data
        return done


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files of a certificate that only its own issuer vouches for.

    Attributes:
        issuer: The issuer, which a client has to trust.
        certificate: The certificate of 127.0.0.1.
        key: Its key.
    """

    issuer: Path
    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> Self:
        """Makes the files in a folder."""
        issuer = trustme.CA()
        made = issuer.issue_cert("127.0.0.1")
        files = cls(folder / "issuer.pem", folder / "certificate.pem", folder / "key.pem")
        issuer.cert_pem.write_to_path(str(files.issuer))
        made.private_key_pem.write_to_path(str(files.key))
        for part in made.cert_chain_pems:
            part.write_to_path(str(files.certificate), append=True)
        return files


class Collector:
    """A running collector; a context manager that ends it.

    Args:
        kind: What it runs on.
        certificate: Its certificate; without one, requests come without TLS.

    Attributes:
        port: The port on 127.0.0.1 that it listens on.
    """

    def __init__(self, kind: Kind = "Python", certificate: Certificate | None = None) -> None:
        self.certificate = certificate
        script = ["node", str(Path(__file__).with_name("collector.js"))]
        command = script if kind == "Node" else [sys.executable, "-m", "tests.benchmarks.collector"]
        files = [] if certificate is None else [str(certificate.certificate), str(certificate.key)]
        self._process = subprocess.Popen([*command, *files], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    @property
    def endpoint(self) -> str:
        """The setting of an ABsmartly instance."""
        return f"http{'' if self.certificate is None else 's'}://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def counts(self) -> tuple[int, int]:
        """How many requests came so far, and how many bytes of body."""
        if self.certificate is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
        else:
            context = ssl.create_default_context(cafile=self.certificate.issuer)
            connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context)
        connection.request("GET", "/count")
        requests, size = connection.getresponse().read()[1:-1].split(b",")
        connection.close()
        return int(requests), int(size)

    def ceiling(self, body_bytes: int, requests: int, connections: int = 50) -> float:
        """Requests a second that it takes from a client that only writes bytes, one under way on each connection.

        Args:
            body_bytes: The length of each request's body.
            requests: How many, at least.
            connections: How many at once.
        """
        request = b"PUT /v1/context HTTP/1.1\r\nhost: collector\r\ncontent-type: application/json\r\n"
        request += (
            b"x-api-key: key\r\nuser-agent: Segment (Actions)\r\naccept: */*\r\naccept-encoding: gzip,deflate\r\n"
        )
        request += b"content-length: %d\r\n\r\n" % body_bytes + b"x" * body_bytes
        assert self.certificate is None, "it writes bytes without TLS"
        answer = len(_ANSWER % (len(_BODY), _BODY))
        sockets = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(connections)]
        begin, sent = perf_counter(), 0
        while sent < requests:
            for one in sockets:
                one.sendall(request)
            for one in sockets:
                received = 0
                while received < answer:
                    received += len(one.recv(4096))
            sent += connections
        rate = sent / (perf_counter() - begin)
        for one in sockets:
            one.close()
        return rate


if __name__ == "__main__":
    context = None
    if sys.argv[1:]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[1:])
    server = _Server(context)
    print(server.listener.getsockname()[1], flush=True)
    server.serve()
