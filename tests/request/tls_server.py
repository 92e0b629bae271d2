"""Real TLS servers on free loopback ports, and fixtures with the certificates that are made here."""

import contextlib
import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.kit import PATIENCE_S

HOST = "127.0.0.1"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"
_UTC = dt.UTC


@pytest.fixture
def usual_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trusts the usual certificates, whatever the environment names."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


@pytest.fixture(scope="session")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def client_cert(ca: trustme.CA, tmp_path: Path) -> Path:
    """A file with a client's certificate and key."""
    path = tmp_path / "client.pem"
    ca.issue_cert("client@example.org").private_key_and_cert_chain_pem.write_to_path(str(path))
    return path


def year(number: int) -> dt.datetime:
    return dt.datetime(number, 1, 1, tzinfo=_UTC)


def server_context(certificate: trustme.LeafCert, **attributes: Any) -> ssl.SSLContext:
    """A server's context; `attributes` are set on it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    for name, value in attributes.items():
        setattr(context, name, value)
    return context


def self_signed(folder: Path, *, is_ca: bool) -> Path:
    """A file with a certificate for this host that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "self-signed")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(year(2020))
        .not_valid_after(year(2100))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"self-signed-{is_ca}.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@contextlib.contextmanager
def tls_server(context: ssl.SSLContext, reply: bytes = ANSWER) -> Iterator[str]:
    """A server that answers each connection once; gives its URL."""

    def serve(connection: socket.socket) -> None:
        tls = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        try:
            tls.do_handshake()
            received = b""
            while b"\r\n\r\n" not in received:
                received += tls.recv(65536)
            tls.sendall(reply)
        except (ssl.SSLError, OSError):
            pass
        _end(socket.socket(fileno=tls.detach()))

    with _listening(serve) as port:
        yield f"https://{HOST}:{port}"


@contextlib.contextmanager
def saying(first: bytes) -> Iterator[str]:
    """A server that says something in the place of a TLS handshake, and closes; gives its URL."""

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(first)
        _end(connection)

    with _listening(serve) as port:
        yield f"https://{HOST}:{port}"


def alert(number: int) -> bytes:
    """A fatal TLS alert."""
    return bytes((0x15, 3, 3, 0, 2, 2, number))


def _end(connection: socket.socket) -> None:
    # What the client still sends is read: else the kernel resets the connection, and what was said last is lost.
    with contextlib.suppress(OSError), connection:
        connection.settimeout(PATIENCE_S)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


@contextlib.contextmanager
def _listening(serve: Any) -> Iterator[int]:
    with socket.create_server((HOST, 0)) as listener:
        ended = threading.Event()
        threads: list[threading.Thread] = []

        def guarded(connection: socket.socket) -> None:
            with contextlib.suppress(OSError):
                connection.settimeout(PATIENCE_S)
                serve(connection)

        def accept() -> None:
            while True:
                connection, _ = listener.accept()
                if ended.is_set():
                    connection.close()
                    return
                thread = threading.Thread(target=guarded, args=(connection,), daemon=True)
                threads.append(thread)
                thread.start()

        acceptor = threading.Thread(target=accept, daemon=True)
        acceptor.start()
        port: int = listener.getsockname()[1]
        try:
            yield port
        finally:
            ended.set()
            with socket.create_connection((HOST, port)):  # wakes it up
                acceptor.join()
            for thread in threads:
                thread.join()
