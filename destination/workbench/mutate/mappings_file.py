"""A file of mappings, and what stands in it with a change; its form stays."""

from typing import Any

from destination.values import read_json, write_json
from destination.workbench.mutate.mutant import Mutant

_KEYS = {"trigger": ("subscribe", "trigger"), "mapping": ("mapping", "settings")}
"""For a part of a subscription, its key in the form of Segment's runtime and of its Public API."""


class MappingsFile:
    """The content of a file of mappings, which `read_subscriptions` has read.

    Args:
        content: The bytes of the file.

    Example:
        >>> file = MappingsFile(b'{"data": {"subscriptions": [{"trigger": "a", "actionSlug": "x", "settings": {}}]}}')
        >>> file.changed(Mutant(0, "", "mapping", (), "", {"n": 1}))
        b'{"data":{"subscriptions":[{"trigger":"a","actionSlug":"x","settings":{"n":1}}]}}'
        >>> file.changed(Mutant(0, "", "subscription", (), ""))
        b'{"data":{"subscriptions":[]}}'
    """

    def __init__(self, content: bytes) -> None:
        self._content = content.removeprefix(b"\xef\xbb\xbf")

    def changed(self, mutant: Mutant) -> bytes:
        """The content with a change."""
        whole: Any = read_json(self._content)
        holder, key = _holder(whole)
        records: list[dict[str, Any]] = whole if holder is None else _as_list(holder[key])
        if mutant.part == "subscription":
            records = records[: mutant.index] + records[mutant.index + 1 :]
        else:
            record = records[mutant.index]
            public_api = "trigger" in record or "actionSlug" in record
            record[_KEYS[mutant.part][public_api]] = mutant.value
        return _written(whole, holder, key, records)

    def emptied(self) -> bytes:
        """The content without any subscription.

        Example:
            >>> MappingsFile(b'[{"subscribe": "a"}]').emptied()
            b'[]'
        """
        whole: Any = read_json(self._content)
        holder, key = _holder(whole)
        return _written(whole, holder, key, [])


def _holder(whole: Any) -> tuple[dict[str, Any] | None, str]:
    """The object that holds the subscriptions, and under which key; None where they are the whole."""
    if isinstance(whole, list):
        return None, ""
    holder: dict[str, Any] = whole["data"] if isinstance(whole.get("data"), dict) else whole
    return holder, "subscription" if "subscription" in holder else "subscriptions"


def _as_list(value: Any) -> list[dict[str, Any]]:
    return value if isinstance(value, list) else [value]


def _written(whole: Any, holder: dict[str, Any] | None, key: str, records: list[dict[str, Any]]) -> bytes:
    if holder is None:
        return write_json(records)
    if key == "subscription" and len(records) == 1:
        holder[key] = records[0]
    else:
        holder.pop(key)
        holder["subscriptions"] = records
    return write_json(whole)
