"""Answers of partners, sealed: who has the ledger and not the settings can read nothing of them.

The key comes from what is secret in the settings, which the run that goes on has as well, by PBKDF2 with the run's name
as its salt. A sealed text is a nonce, a tag and the text under a stream of SHAKE-256: encrypt, then authenticate
(RFC 7366), with primitives of the standard library, since no more is needed and the ledger belongs to every
installation.
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
        secrets: What the key comes from, in any order.
        name: What is sealed together, such as a run; it need not be secret.

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
        self._keys: tuple[bytes, bytes] | None = None  # slow to make, on purpose, and seldom needed

    def close(self, text: bytes) -> bytes:
        """The text, sealed."""
        stream_key, tag_key = self._both_keys()
        nonce = os.urandom(_NONCE)
        hidden = _under(stream_key, nonce, text)
        return nonce + hmac.digest(tag_key, nonce + hidden, "sha256") + hidden

    def open(self, sealed: bytes) -> bytes | None:
        """The text; None where it was sealed with other secrets, or is damaged."""
        stream_key, tag_key = self._both_keys()
        nonce, tag, hidden = sealed[:_NONCE], sealed[_NONCE : _NONCE + _TAG], sealed[_NONCE + _TAG :]
        if not hmac.compare_digest(tag, hmac.digest(tag_key, nonce + hidden, "sha256")):
            return None
        return _under(stream_key, nonce, hidden)

    def _both_keys(self) -> tuple[bytes, bytes]:
        if self._keys is None:
            # Each with its length: else "ab" and "c" would be the same as "a" and "bc".
            raw = [secret.encode("utf-8", "surrogatepass") for secret in sorted(set(self._secrets))]
            whole = b"".join(len(secret).to_bytes(8, "big") + secret for secret in raw)
            both = hashlib.pbkdf2_hmac("sha256", whole, self._name.encode(), _ROUNDS, dklen=64)
            self._keys = both[:32], both[32:]
        return self._keys


def _under(key: bytes, nonce: bytes, text: bytes) -> bytes:
    stream = hashlib.shake_256(key + nonce).digest(len(text))
    return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(text), "big")


def sealing_secrets(instance: Instance[Any]) -> tuple[str, ...]:
    """What the key for an instance's answers comes from.

    Its secret settings and the client's secret, which outlive a run. Where it has none, its tokens; where it has none
    of these either, all of its settings: then who knows them can read the answers, and may ask the partner as well.

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
