"""Loads the certificates of TLS connections, by one rule for all transports.

Trusted are the certificates that the environment variables SSL_CERT_FILE and SSL_CERT_DIR name, if one of them is set.
Otherwise those of the system's store are trusted, or if that is empty, those of certifi. A CA file adds its own.
"""

import os
import re
import ssl
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from destination.errors import DefinitionError
from destination.records import dataclass
from destination.request.url import Url

_FILE, _FOLDERS = "SSL_CERT_FILE", "SSL_CERT_DIR"
# The stores of Linux distributions and BSDs, for a Python whose OpenSSL was built for another path.
_BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
)
_OWN_STORES: Final = ("win32", "cygwin", "darwin")
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----")


@dataclass(frozen=True, slots=True)
class TlsOptions:
    """The files for TLS connections; without any, the usual certificates are trusted and none is presented.

    Attributes:
        ca_file: Certificates in PEM format that are trusted in addition to the usual ones.
        client_cert: The client's certificate in PEM format with its chain, for servers that require one.
        client_key: The certificate's private key in PEM format, not encrypted; None if it is in `client_cert`.

    Example:
        >>> TlsOptions(ca_file=Path("company-ca.pem")).load()
        Traceback (most recent call last):
        destination.errors.DefinitionError: CA file company-ca.pem cannot be read: No such file or directory
    """

    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None

    def load(self) -> "Tls":
        """Reads the files.

        Raises:
            DefinitionError: A file cannot be read or used; the message names it.
        """
        added: tuple[bytes, ...] = ()
        if self.ca_file is not None:
            added = tuple(_certificates(_read(self.ca_file, "CA file")))
            if not added:
                raise DefinitionError(f"CA file {self.ca_file} holds no certificate in PEM form")
            _check_certificates(added, self.ca_file)
        return Tls(self, added, self._identity())

    def _identity(self) -> bytes:
        cert, key = self.client_cert, self.client_key
        if cert is None:
            if key is not None:
                raise DefinitionError(f"client key {key} needs its client certificate")
            return b""
        chain = _read(cert, "client certificate")
        if not _CERTIFICATE.search(chain):
            raise DefinitionError(f"client certificate {cert} holds no certificate in PEM form")
        held = chain if key is None else _read(key, "client key")
        if not _KEY.search(held):
            where = f"client certificate {cert} holds no private key: give it as the client key"
            raise DefinitionError(where if key is None else f"client key {key} holds no private key in PEM form")
        if b"ENCRYPTED" in held:
            raise DefinitionError(f"the private key in {key or cert} is encrypted: give it decrypted")
        try:
            _new_context().load_cert_chain(cert, key, password="")  # else OpenSSL asks on the terminal
        except ssl.SSLError as error:
            mismatch = error.reason == "KEY_VALUES_MISMATCH"
            why = "the key is another certificate's" if mismatch else (error.reason or str(error))
            raise DefinitionError(f"client certificate {cert} cannot be used: {why}") from None
        except OSError as error:
            raise DefinitionError(f"client certificate {cert} cannot be used: {error.strerror}") from None
        return chain if key is None else chain + b"\n" + held


@dataclass(frozen=True)
class Tls:
    """The loaded certificates for the TLS connections of a transport.

    Attributes:
        options: The files from which they were loaded.
        added: The certificates of the CA file, in DER format.
        identity: The client's certificate and key in PEM format; empty without one.
    """

    options: TlsOptions
    added: tuple[bytes, ...]
    identity: bytes

    @property
    def roots(self) -> tuple[bytes, ...]:
        """Returns all trusted certificates, in DER format.

        Raises:
            DefinitionError: SSL_CERT_FILE or SSL_CERT_DIR is set, and no certificate can be read from there.
        """
        return (*self._usual.certificates, *self.added)

    @property
    def beside_the_store(self) -> tuple[bytes, ...]:
        """Returns the trusted certificates without those of the environment and the system's store.

        They are for a client that reads the environment and the store itself.

        Raises:
            DefinitionError: As for `roots`.
        """
        return self.added if self._usual.is_known_to_system_clients else self.roots

    @cached_property
    def _usual(self) -> "_Usual":
        return _usual_certificates()

    def context(self, *, verify: bool = True) -> ssl.SSLContext:
        """Makes an OpenSSL context for clients.

        Args:
            verify: False to accept any certificate.

        Raises:
            DefinitionError: As for `roots`.
        """
        context = _new_context()
        if verify:
            roots = self.roots
            if not _is_usable(b"".join(roots), context):  # a store may hold certificates that OpenSSL cannot read
                for root in roots:
                    _is_usable(root, context)
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.options.client_cert is not None:
            context.load_cert_chain(self.options.client_cert, self.options.client_key, password="")
        return context


def is_secure(url: Url, proxy: str | None) -> bool:
    """Returns whether a connection to a URL uses TLS, to the server or to the proxy.

    Example:
        >>> from destination.request.url import parse_url
        >>> is_secure(parse_url("https://h/"), None), is_secure(parse_url("http://h/"), "http://proxy:3128")
        (True, False)
    """
    return url.scheme == "https" or (proxy is not None and proxy.lower().startswith("https:"))


def _new_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # As in rustls and Node, any trusted certificate ends a chain, even if it is not a root.
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    return context


# --- certificates ----------------------------------------------------------------------------------------


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DefinitionError(f"{what} {path} cannot be read: {error.strerror}") from None


def _certificates(pem: bytes) -> Iterator[bytes]:
    """Yields the certificates of a PEM file in DER format."""
    for block in _CERTIFICATE.findall(pem):
        try:
            yield ssl.PEM_cert_to_DER_cert(block.decode("ascii"))
        except ValueError:  # not Base64
            yield b""


def _check_certificates(certificates: Iterable[bytes], path: Path) -> None:
    for number, certificate in enumerate(certificates, 1):
        if not _is_usable(certificate, _new_context()):
            raise DefinitionError(f"CA file {path}: certificate {number} is damaged")


def _is_usable(certificates: bytes, context: ssl.SSLContext) -> bool:
    """Returns whether OpenSSL can read certificates; if so, the context trusts them."""
    try:
        context.load_verify_locations(cadata=certificates)
    except (ssl.SSLError, ValueError):
        return False
    return True


# --- what is trusted without a CA file -------------------------------------------------------------------


class _Usual(NamedTuple):
    """The certificates that are trusted without a CA file.

    Attributes:
        certificates: The certificates, in DER format.
        is_known_to_system_clients: Whether a client that reads the environment and the system's store has all of them.
    """

    certificates: tuple[bytes, ...]
    is_known_to_system_clients: bool


def _usual_certificates() -> _Usual:
    environment = {name: os.environ[name] for name in (_FILE, _FOLDERS) if name in os.environ}
    named = _from_environment(environment)
    # Such a client reads an empty variable as a path, and reads no variable on Windows and macOS.
    reads_alike = sys.platform not in _OWN_STORES and "" not in environment.values()
    if named is not None:
        if not named:
            given = " and ".join(f"{name} ({value})" for name, value in environment.items() if value)
            raise DefinitionError(f"no certificate can be read from {given}")
        return _Usual(named, reads_alike)
    system = _from_system()
    if system:
        return _Usual(system, reads_alike or sys.platform in _OWN_STORES)
    import certifi

    return _Usual(_from_files([Path(certifi.where())]), is_known_to_system_clients=False)


def _from_environment(environment: Mapping[str, str]) -> tuple[bytes, ...] | None:
    """Returns the certificates that the environment names; None if it names none."""
    file, folders = environment.get(_FILE), environment.get(_FOLDERS)
    if not file and not folders:
        return None
    paths = [Path(file)] if file else []
    for folder in (folders or "").split(os.pathsep):
        if folder:
            paths.extend(_files_in(folder))
    return _from_files(paths)


def _from_system() -> tuple[bytes, ...]:
    if sys.platform == "win32":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_default_certs()
        return tuple(context.get_ca_certs(binary_form=True))
    built_for = ssl.get_default_verify_paths()
    for bundle in (built_for.openssl_cafile, *_BUNDLES):
        found = _from_files([Path(bundle)])
        if found:
            return found
    return _from_files(_files_in(built_for.openssl_capath))


def _files_in(folder: str) -> list[Path]:
    try:
        return sorted(path for path in Path(folder).iterdir() if path.is_file())
    except OSError:
        return []


def _from_files(paths: Iterable[Path]) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for path in paths:
        try:
            found.extend(_certificates(path.read_bytes()))
        except OSError:
            continue
    return tuple(dict.fromkeys(filter(None, found)))
