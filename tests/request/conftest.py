"""Certificates for the tests of requests."""

from tests.request.tls_server import ca, ca_file, client_cert, usual_certificates

__all__ = ["ca", "ca_file", "client_cert", "usual_certificates"]
