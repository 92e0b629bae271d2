"""Identifies a run by its input, its destination and its mappings."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from destination.delivery.errors import InputError
from destination.delivery.sealing import sealing_secrets
from destination.records import dataclass
from destination.runtime import Instance
from destination.values import write_json

_SAMPLE_BYTES = 1 << 16
_WRITTEN = ("input", "size", "sample", "destination", "mappings")


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """The run that a ledger belongs to.

    An input is identified by its size and a hash of its first and last bytes, so that it can be moved. Standard input
    is identified by its name only. Settings are not part of the identity, so that keys and addresses may change before
    `--resume`.

    Attributes:
        input: The name of the input.
        size: The input's length in bytes, or None if it is not a file.
        sample: A hash of the input's first and last 64 KiB.
        destination: The destination's slug.
        mappings: A hash of the enabled subscriptions.
        secrets: The secrets that seal answers in the ledger; they are neither compared nor shown nor written.

    Example:
        >>> identity = RunIdentity("events.ndjson", 100, "aa", "demo", "bb")
        >>> identity.differs_from(identity.to_json()) is None
        True
        >>> identity.differs_from({**identity.to_json(), "mappings": "cc"}) is None
        False
    """

    input: str
    size: int | None
    sample: str
    destination: str
    mappings: str
    secrets: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @classmethod
    def of(cls, name: str, path: str | os.PathLike[str] | None, instance: Instance[Any]) -> "RunIdentity":
        """Determines the identity of a run.

        Args:
            name: The name of the input in messages.
            path: The input, or None if it cannot be read twice.
            instance: The instance that sends it.

        Raises:
            InputError: The file cannot be read.
        """
        size, sample = (None, "") if path is None else _sample(Path(path))
        return cls(
            name, size, sample, instance.definition.slug, digest_of_mappings(instance), sealing_secrets(instance)
        )

    def to_json(self) -> dict[str, str]:
        """Returns the identity as text, without the secrets."""
        return {key: str(getattr(self, key)) for key in _WRITTEN}

    def differs_from(self, found: Mapping[str, str]) -> str | None:
        """Returns why a ledger does not belong to this run, in words; None if it does."""
        own = self.to_json()
        if not found:
            return "holds no run"
        if own["destination"] != found.get("destination"):
            return f"belongs to a run to {found.get('destination')}, not to {self.destination}"
        if (own["size"], own["sample"]) != (found.get("size"), found.get("sample")):
            return f"belongs to another input ({found.get('input')}, {found.get('size')} bytes) than {self.input}"
        if own["mappings"] != found.get("mappings"):
            return "belongs to a run with other mappings"
        return None


def digest_of_mappings(instance: Instance[Any]) -> str:
    """Returns a hash of an instance's enabled subscriptions."""
    described = [
        [
            subscription.name,
            item.subscribe if isinstance(item.subscribe, str) else repr(item.subscribe),
            str(item.partner_action),
            item.mapping,
        ]
        for subscription in instance.subscriptions
        for item in (subscription.subscription,)
    ]
    return hashlib.sha256(write_json(described)).hexdigest()


def _sample(path: Path) -> tuple[int, str]:
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(_SAMPLE_BYTES)
            file.seek(max(size - _SAMPLE_BYTES, 0))
            tail = file.read(_SAMPLE_BYTES)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    return size, hashlib.sha256(head + tail).hexdigest()
