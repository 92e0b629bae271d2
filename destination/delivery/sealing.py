"""Seals the partner's answers, so that the ledger without the settings does not reveal them.

The key is derived with PBKDF2 from the secrets of the settings, which a resumed run has as well; the salt is the run's
identifier. A sealed text is a nonce, a tag and the text encrypted with a stream of SHAKE-256: encrypt, then
authenticate (RFC 7366). It uses the standard library only, because every installation needs it.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

from destination.fields import Settings
from destination.runtime import Instance

_ROUNDS: Final = 100_000
_NONCE: Final = 16
_TAG: Final = 32


class Seal:
    """Seals texts, and opens what was sealed with the same secrets and the same name.

    Args:
        secrets: The secrets for the key, in any order.
        name: The name of what is sealed together, such as a run; it need not be secret.

    Example:
        >>> seal = Seal(["s3cr3t"], "run-1")
        >>> sealed = seal.close(b"an answer")
        >>> seal.open(sealed), Seal(["other"], "run-1").open(sealed)
        (b'an answer', None)
    """

    __slots__ = ("_keys", "_name", "_secrets")

    def __init__(self, secrets: Sequence[str], name: str) -> None:
        self._secrets = secrets
        self._name = name
        self._keys: tuple[bytes, bytes] | None = None  # slow to derive, on purpose, and rarely needed

    def close(self, text: bytes) -> bytes:
        """Seals a text."""
        stream_key, tag_key = self._both_keys()
        nonce = os.urandom(_NONCE)
        hidden = _under(stream_key, nonce, text)
        return nonce + hmac.digest(tag_key, nonce + hidden, "sha256") + hidden

    def open(self, sealed: bytes) -> bytes | None:
        """Opens a sealed text; returns None if it was sealed with other secrets, or is damaged."""
        stream_key, tag_key = self._both_keys()
        nonce, tag, hidden = sealed[:_NONCE], sealed[_NONCE : _NONCE + _TAG], sealed[_NONCE + _TAG :]
        if not hmac.compare_digest(tag, hmac.digest(tag_key, nonce + hidden, "sha256")):
            return None
        return _under(stream_key, nonce, hidden)

    def _both_keys(self) -> tuple[bytes, bytes]:
        if self._keys is None:
            # Each with its length, so that "ab" and "c" differ from "a" and "bc".
            raw = [secret.encode("utf-8", "surrogatepass") for secret in sorted(set(self._secrets))]
            whole = b"".join(len(secret).to_bytes(8, "big") + secret for secret in raw)
            both = hashlib.pbkdf2_hmac("sha256", whole, self._name.encode(), _ROUNDS, dklen=64)
            self._keys = both[:32], both[32:]
        return self._keys


def _under(key: bytes, nonce: bytes, text: bytes) -> bytes:
    stream = hashlib.shake_256(key + nonce).digest(len(text))
    return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(text), "big")


def sealing_secrets(instance: Instance[Any]) -> tuple[str, ...]:
    """Returns the secrets for the key of an instance's answers.

    These are its secret settings and the OAuth client's secret, which outlive a run. If it has none, these are its
    tokens. If it has none of these either, all of its settings: then everybody who knows them can read the answers.
    They could also send requests to the partner.

    Example:
        >>> from destination.definition import Authentication
        >>> from destination.runtime import Destination
        >>> fields = {"host": {"label": "Host", "type": "string"}, "key": {"label": "Key", "type": "password"}}
        >>> demo = Destination(name="Demo", slug="demo", authentication=Authentication(fields=fields), actions={})
        >>> sealing_secrets(demo.instance({"host": "h.test", "key": "s3cr3t"}))
        ('s3cr3t',)
    """
    values: Mapping[str, Any] = (
        instance.settings.to_json() if isinstance(instance.settings, Settings) else instance.settings
    )
    lasting = [values.get(key) for key in instance.definition.secret_keys]
    tokens = instance.tokens.auth
    for found in (
        [*lasting, instance.tokens.client_secret],
        [tokens.get("refreshToken"), tokens.get("accessToken")],
        [values[key] for key in values],
    ):
        secrets = tuple(str(value) for value in found if value not in (None, ""))
        if secrets:
            return secrets
    return ()
