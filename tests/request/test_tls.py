import asyncio
import os
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from destination.availability import is_certificate_refused, is_unavailable
from destination.errors import ConnectionError as ClientConnectionError
from destination.errors import DefinitionError
from destination.request import HttpxTransport, PyreqwestTransport, RequestClient, Response, TlsOptions
from destination.request import tls as tls_module
from tests.request.loopback import Loopback, answer
from tests.request.tls_server import HOST, alert, saying, self_signed, server_context, tls_server, year

make: type[HttpxTransport | PyreqwestTransport] = HttpxTransport

H2_SETTINGS = bytes.fromhex("000006040000000000000300000064")


pytestmark = pytest.mark.usefixtures("usual_certificates")


@pytest.fixture(autouse=True, params=[HttpxTransport, PyreqwestTransport])
def _each_transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs with each of the transports."""
    monkeypatch.setattr(sys.modules[__name__], "make", request.param)


def fetch(url: str, **more: Any) -> Response:
    async def main() -> Response:
        async with make(**more) as transport:
            return await RequestClient(transport=transport)(url, "put", json={}, timeout_ms=60_000)

    return asyncio.run(main())


def failure(url: str, **more: Any) -> ClientConnectionError:
    with pytest.raises(ClientConnectionError) as caught:
        fetch(url, **more)
    assert is_unavailable(caught.value)
    return caught.value


@contextmanager
def server_for(ca: trustme.CA, host: str = HOST, *, alpn: list[str] | None = None, **attributes: Any) -> Iterator[str]:
    dates = {key: attributes.pop(key) for key in ("not_before", "not_after") if key in attributes}
    context = server_context(ca.issue_cert(host, **dates), **attributes)
    if context.verify_mode == ssl.CERT_REQUIRED:
        ca.configure_trust(context)
    if alpn is not None:
        context.set_alpn_protocols(alpn)
    with tls_server(context) as url:
        yield url


# --- what is trusted -------------------------------------------------------------------------------------


def test_an_unknown_issuer_is_named(ca: trustme.CA) -> None:
    with server_for(ca) as url:
        error = failure(url)
    assert error.code == "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"
    assert str(error).endswith("the certificate's issuer is not trusted here")
    assert is_certificate_refused(error)


def test_a_ca_file_is_trusted_beside_the_usual_ones(ca: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    usual = trustme.CA()
    store = tmp_path / "store.pem"
    usual.cert_pem.write_to_path(str(store))
    with pytest.MonkeyPatch.context() as patch, server_for(ca) as url, server_for(usual) as other:
        patch.setenv("SSL_CERT_FILE", str(store))
        tls = TlsOptions(ca_file=ca_file)
        assert (fetch(url, tls=tls).status, fetch(other, tls=tls).status) == (200, 200)


def test_every_certificate_of_a_ca_file_counts(ca: trustme.CA, tmp_path: Path) -> None:
    path = tmp_path / "bundle.pem"
    path.write_bytes(b"# one\n" + trustme.CA().cert_pem.bytes() + b"# two\r\n" + ca.cert_pem.bytes())
    with server_for(ca) as url:
        assert fetch(url, tls=TlsOptions(ca_file=path)).ok


def test_ssl_cert_file_takes_the_place_of_the_store(
    ca: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = trustme.CA()
    monkeypatch.setattr(
        tls_module, "_from_system", lambda: (ssl.PEM_cert_to_DER_cert(stranger.cert_pem.bytes().decode()),)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    with server_for(ca) as url, server_for(stranger) as other:
        assert fetch(url).ok
        assert is_certificate_refused(failure(other))


def test_ssl_cert_dir_names_folders(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second, stranger = trustme.CA(), trustme.CA()
    for folder, authority, name in (("a", ca, "0123abcd.0"), ("b", second, "company.pem")):
        (tmp_path / folder / "folder").mkdir(parents=True)
        authority.cert_pem.write_to_path(str(tmp_path / folder / name))
        (tmp_path / folder / "README").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join(str(tmp_path / name) for name in ("nowhere", "a", "b")))
    with server_for(ca) as url, server_for(second) as other, server_for(stranger) as third:
        assert (fetch(url).ok, fetch(other).ok) == (True, True)
        assert is_certificate_refused(failure(third))


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_an_environment_that_leads_to_no_certificate_is_named(
    name: str, ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    with server_for(ca) as url:
        error = failure(url)
    assert str(error).endswith(f"no certificate can be read from {name} ({tmp_path / 'nowhere'})")
    assert error.code == "ERR_TLS_INVALID_CONTEXT"
    assert is_certificate_refused(error)


def test_an_empty_variable_names_nothing(monkeypatch: pytest.MonkeyPatch, ca: trustme.CA) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "")
    trusted = ssl.PEM_cert_to_DER_cert(ca.cert_pem.bytes().decode())
    monkeypatch.setattr(tls_module, "_from_system", lambda: (trusted,))
    with server_for(ca) as url:
        assert fetch(url).ok


def test_where_the_store_is_empty_certifi_s_certificates_are_trusted(
    ca: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls_module, "_from_system", lambda: ())
    monkeypatch.setattr("certifi.where", lambda: str(ca_file))
    with server_for(ca) as url:
        assert fetch(url).ok


def test_without_tls_no_certificate_is_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere"))

    async def main() -> int:
        async with Loopback(lambda _: answer()) as server, make() as transport:
            return (await RequestClient(transport=transport)(server.url)).status

    assert asyncio.run(main()) == 200


@pytest.mark.parametrize("is_ca", [False, True])
def test_a_self_signed_certificate_is_named_and_can_be_trusted(is_ca: bool, tmp_path: Path) -> None:
    path = self_signed(tmp_path, is_ca=is_ca)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with tls_server(context) as url:
        error = failure(url)
        assert error.code == "DEPTH_ZERO_SELF_SIGNED_CERT"
        assert str(error).endswith("self-signed certificate, which is not trusted here")
        assert is_certificate_refused(error)
        tls = TlsOptions(ca_file=path)
        assert fetch(url, tls=tls).ok
        assert fetch(url, verify=False).ok

        async def twice() -> list[int]:
            async with make(tls=tls) as transport:
                request = RequestClient(transport=transport)
                return [(await request(url)).status for _ in range(2)]

        assert asyncio.run(twice()) == [200, 200]


def test_a_root_that_is_sent_along_and_not_trusted_is_named(ca: trustme.CA) -> None:
    leaf = ca.issue_cert(HOST)
    context = server_context(leaf)
    ca.configure_trust(context)  # OpenSSL completes the chain that it sends from what it trusts
    with tls_server(context) as url:
        error = failure(url)
    assert error.code == "SELF_SIGNED_CERT_IN_CHAIN"
    assert is_certificate_refused(error)


@pytest.mark.parametrize(
    ("dates", "code", "words"),
    [
        ({"not_before": year(2019), "not_after": year(2020)}, "CERT_HAS_EXPIRED", "certificate has expired"),
        ({"not_before": year(2090), "not_after": year(2091)}, "CERT_NOT_YET_VALID", "certificate is not yet valid"),
    ],
)
def test_a_certificate_out_of_its_time_is_named(
    dates: dict[str, Any], code: str, words: str, ca: trustme.CA, ca_file: Path
) -> None:
    with server_for(ca, **dates) as url:
        error = failure(url, tls=TlsOptions(ca_file=ca_file))
    assert (error.code, str(error)) == (code, f"request to {url}/ failed, reason: {words}")
    assert is_certificate_refused(error)


@pytest.mark.parametrize("host", ["example.org", "127.0.0.2"])
def test_a_certificate_for_another_host_is_named(host: str, ca: trustme.CA, ca_file: Path) -> None:
    with server_for(ca, host) as url:
        error = failure(url, tls=TlsOptions(ca_file=ca_file))
    assert error.code == "ERR_TLS_CERT_ALTNAME_INVALID"
    assert str(error).endswith("the certificate is for another host")
    assert is_certificate_refused(error)


# --- client certificates ---------------------------------------------------------------------------------


def test_a_wanted_client_certificate_is_named(ca: trustme.CA, ca_file: Path) -> None:
    with server_for(ca, verify_mode=ssl.CERT_REQUIRED) as url:
        error = failure(url, tls=TlsOptions(ca_file=ca_file))
    assert error.code == "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert str(error).endswith("the server wants a client certificate")
    assert is_certificate_refused(error)


def test_before_tls_1_3_a_wanted_client_certificate_is_one_of_two_reasons(ca: trustme.CA, ca_file: Path) -> None:
    with server_for(ca, verify_mode=ssl.CERT_REQUIRED, maximum_version=ssl.TLSVersion.TLSv1_2) as url:
        error = failure(url, tls=TlsOptions(ca_file=ca_file))
    assert error.code == "EPROTO"
    assert "it may want a client certificate" in str(error)
    assert not is_certificate_refused(error)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("apart", [False, True])
def test_a_client_certificate_is_shown(
    version: ssl.TLSVersion, apart: bool, ca: trustme.CA, ca_file: Path, client_cert: Path, tmp_path: Path
) -> None:
    key = None
    if apart:
        leaf = ca.issue_cert("apart@example.org")
        client_cert.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
        key = tmp_path / "client.key"
        leaf.private_key_pem.write_to_path(str(key))
    tls = TlsOptions(ca_file, client_cert, key)
    with server_for(ca, verify_mode=ssl.CERT_REQUIRED, maximum_version=version) as url:
        assert fetch(url, tls=tls).ok
        assert fetch(url, tls=tls, verify=False).ok


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_that_is_refused_is_named(
    version: ssl.TLSVersion, ca: trustme.CA, ca_file: Path, client_cert: Path
) -> None:
    trustme.CA().issue_cert("stranger@example.org").private_key_and_cert_chain_pem.write_to_path(str(client_cert))
    with server_for(ca, verify_mode=ssl.CERT_REQUIRED, maximum_version=version) as url:
        error = failure(url, tls=TlsOptions(ca_file, client_cert))
    assert error.code == "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"
    assert str(error).endswith("the server refused the client certificate: it does not trust its issuer")
    assert is_certificate_refused(error)


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (42, "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "(bad certificate)"),
        (43, "ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "it is unsupported"),
        (44, "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED", "the client certificate: it is revoked"),
        (45, "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "the client certificate: it has expired"),
        (46, "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", "(certificate unknown)"),
        (48, "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "it does not trust its issuer"),
        (49, "ERR_SSL_TLSV1_ALERT_ACCESS_DENIED", "(access denied)"),
    ],
)
def test_what_a_server_says_of_the_client_certificate_is_not_taken_for_its_own(
    number: int, code: str, words: str
) -> None:
    with saying(alert(number)) as url:
        error = failure(url)
    assert (error.code, is_certificate_refused(error)) == (code, True)
    assert "the server refused the client certificate" in str(error)
    assert words in str(error)


# --- what else breaks TLS --------------------------------------------------------------------------------


def test_a_server_that_speaks_only_http_2_is_named(ca: trustme.CA, ca_file: Path) -> None:
    with saying(alert(120)) as url:  # it finds nothing of its own among the protocols that are offered
        error = failure(url)
    assert error.code == "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL"
    assert str(error).endswith("the server does not speak HTTP/1.1, perhaps only HTTP/2")
    context = server_context(ca.issue_cert(HOST))
    context.set_alpn_protocols(["h2"])  # agrees on nothing, and goes on with HTTP/2
    with tls_server(context, H2_SETTINGS) as url:
        error = failure(url, tls=TlsOptions(ca_file=ca_file))
    assert error.code == "HPE_INVALID_CONSTANT"
    assert "the server may speak only HTTP/2" in str(error)


@pytest.mark.parametrize(
    ("first", "code", "words"),
    [
        (alert(40), "EPROTO", "the server refused the TLS handshake"),
        (alert(70), "EPROTO", "no TLS version in common"),
        (alert(112), "EPROTO", "the server has no certificate for this host"),
        (alert(80), "EPROTO", "the server broke TLS off: internal"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "EPROTO", "the server speaks no TLS there"),
        (b"", "ECONNRESET", "disconnected before secure TLS connection was established"),
    ],
)
def test_a_handshake_that_fails_otherwise_is_named(first: bytes, code: str, words: str) -> None:
    with saying(first) as url:
        error = failure(url)
    assert error.code == code
    assert words in str(error)
    assert not is_certificate_refused(error)


# --- files that cannot be used ---------------------------------------------------------------------------


def test_files_that_cannot_be_used_are_refused_at_once(
    ca: trustme.CA, ca_file: Path, client_cert: Path, tmp_path: Path
) -> None:
    nowhere, text, damaged, encrypted = (tmp_path / name for name in ("nowhere", "text", "damaged", "encrypted"))
    text.write_text("no certificate")
    damaged.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    encrypted.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n")
    other_key = tmp_path / "other.key"
    ca.issue_cert("other@example.org").private_key_pem.write_to_path(str(other_key))
    found = {
        TlsOptions(ca_file=nowhere): f"CA file {nowhere} cannot be read: No such file or directory",
        TlsOptions(ca_file=text): f"CA file {text} holds no certificate in PEM form",
        TlsOptions(ca_file=damaged): f"CA file {damaged}: certificate 1 is damaged",
        TlsOptions(client_key=other_key): f"client key {other_key} needs its client certificate",
        TlsOptions(client_cert=nowhere): f"client certificate {nowhere} cannot be read: No such file or directory",
        TlsOptions(client_cert=text): f"client certificate {text} holds no certificate in PEM form",
        TlsOptions(
            client_cert=ca_file
        ): f"client certificate {ca_file} holds no private key: give it as the client key",
        TlsOptions(client_cert=client_cert, client_key=text): f"client key {text} holds no private key in PEM form",
        TlsOptions(client_cert=client_cert, client_key=encrypted): f"the private key in {encrypted} is encrypted",
        TlsOptions(client_cert=client_cert, client_key=other_key): "the key is another certificate's",
    }
    for options, message in found.items():
        with pytest.raises(DefinitionError) as caught:
            make(tls=options)
        assert message in str(caught.value)
