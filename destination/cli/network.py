"""How a command talks to the partner: time limit and certificates."""

from pathlib import Path
from typing import TYPE_CHECKING

from destination.availability import is_certificate_refused
from destination.cli.files import NamedFile, reads
from destination.errors import ConnectionError as NoConnectionError
from destination.errors import DefinitionError, PartnerUnavailableError, RequestTimeoutError
from destination.errors import TimeoutError as NoAnswerInTimeError
from destination.records import dataclass
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.request import HttpxTransport, PyreqwestTransport

_UNREACHED = (NoConnectionError, NoAnswerInTimeError, PartnerUnavailableError, RequestTimeoutError)
_UNKNOWN_ISSUERS = frozenset(
    {
        "DEPTH_ZERO_SELF_SIGNED_CERT",
        "SELF_SIGNED_CERT_IN_CHAIN",
        "UNABLE_TO_GET_ISSUER_CERT",
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """The options of the network, named as on the command line.

    Attributes:
        timeout: The limit of a request that sets none of its own, in seconds, or None for the usual one.
        ca_file: Certificates to trust beside the usual ones.
        client_cert: The certificate to show.
        client_key: Its key, where it is in a file of its own.
    """

    timeout: float | None = None
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None

    @property
    def timeout_ms(self) -> float | None:
        """The time limit in milliseconds."""
        return None if self.timeout is None else self.timeout * 1000

    @property
    def files(self) -> list[NamedFile]:
        """The files that they name, for `refuse_shared`."""
        named = (("--ca-file", self.ca_file), ("--client-cert", self.client_cert), ("--client-key", self.client_key))
        return [file for option, path in named for file in reads(option, path)]

    def transport(self, max_connections: int) -> "PyreqwestTransport | HttpxTransport":
        """Makes the transport of a command that sends: all of them trust the same certificates.

        Args:
            max_connections: Maximum number of requests at once.

        Raises:
            UsageProblem: A file cannot be used.
        """
        from destination.request import TlsOptions, delivery_transport

        if self.client_key is not None and self.client_cert is None:
            raise UsageProblem("--client-key goes with --client-cert")
        try:
            return delivery_transport(max_connections, tls=TlsOptions(self.ca_file, self.client_cert, self.client_key))
        except DefinitionError as error:
            raise UsageProblem(str(error)) from None


def is_unreached(error: BaseException) -> bool:
    """Returns whether there was no answer at all, or none of the partner's own."""
    return isinstance(error, _UNREACHED)


def advice_on(error: BaseException, to_check: str) -> str:
    """Says what to look at where no answer came.

    Args:
        error: Why none came.
        to_check: Says which settings have the partner's address, such as `check endpoint in settings.toml`.
    """
    if not isinstance(error, NoConnectionError) or not is_certificate_refused(error):
        return f"{to_check} and the network"
    if error.code == "ERR_TLS_INVALID_CONTEXT":
        return "nothing was sent"
    if error.code in _UNKNOWN_ISSUERS:
        return "if you trust its issuer, give the issuer's certificate with --ca-file"
    if str(error.code).startswith("ERR_SSL_"):
        return "give the client's certificate with --client-cert"
    return f"{to_check} and the certificate"
