"""A collector for the rows of delivery: a process of its own that reads requests and answers, and does nothing else.

`python -m tests.benchmarks.collector` prints its port. It answers every request alike; `GET /count` tells how many
came, with how many bytes of body.
"""

import http.client
import select
import socket
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self

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
    def __init__(self) -> None:
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
                    connections[accepted.fileno()] = _Connection(accepted)
                    poll.register(accepted, select.EPOLLIN)
                    continue
                connection = connections[number]
                try:
                    data = connection.socket.recv(_READ)
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


class Collector:
    """A running collector; a context manager that ends it.

    Attributes:
        port: Where it listens, on 127.0.0.1.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.collector"],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    @property
    def endpoint(self) -> str:
        """The setting of an ABsmartly instance."""
        return f"http://127.0.0.1:{self.port}/v1"

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
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
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
    server = _Server()
    print(server.listener.getsockname()[1], flush=True)
    server.serve()
