"""Makes the pair of destination filters that switch from classic to Actions at one moment."""

from datetime import UTC, datetime
from typing import Any

from destination.errors import DefinitionError


def cutover_filters(
    moment: str,
    *,
    source_id: str = "<source id>",
    classic_id: str = "<classic destination id>",
    actions_id: str = "<actions destination id>",
) -> list[dict[str, Any]]:
    """Makes two bodies for Segment's Public API, `POST /destination/<id>/filters`.

    With both filters each event reaches one of the two destinations. Classic drops what Segment receives at that moment
    or later; Actions drops what Segment received before. The conditions are full FQL, which triggers do not support.

    Args:
        moment: An ISO 8601 date and time with its offset, such as `2026-01-31T12:00:00Z`.
        source_id: Segment's identifier of the source.
        classic_id: Segment's identifier of the classic destination.
        actions_id: Segment's identifier of the ABsmartly (Actions) destination.

    Raises:
        DefinitionError: The moment is not a date and time, or has no offset.

    Example:
        >>> for item in cutover_filters("2026-01-31T13:00:00+01:00"):
        ...     print(item["destinationId"], item["if"])
        <classic destination id> (received_at >= '2026-01-31T12:00:00.000Z')
        <actions destination id> (received_at < '2026-01-31T12:00:00.000Z')
    """
    written = _utc(moment)
    return [
        {
            "sourceId": source_id,
            "destinationId": destination_id,
            "title": title,
            "description": f"Cut-over from ABsmartly Classic to ABsmartly (Actions) at {written}.",
            "if": f"(received_at {operator} '{written}')",
            "actions": [{"type": "DROP"}],
            "enabled": True,
        }
        for destination_id, title, operator in (
            (classic_id, "Cut-over: classic ends", ">="),
            (actions_id, "Cut-over: Actions begins", "<"),
        )
    ]


def _utc(moment: str) -> str:
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        raise DefinitionError(
            f"the moment of the cut-over is not a date and time: {moment!r}; write it like 2026-01-31T12:00:00Z"
        ) from None
    if found.tzinfo is None:
        raise DefinitionError(
            f"the moment of the cut-over has no offset: {moment!r}; add Z for UTC, or an offset like +01:00"
        )
    return found.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
