"""How a destination keeps audiences."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceConfig:
    """Whether and how a destination has audiences of its own; Segment's `audienceConfig`.

    Attributes:
        mode: `synced`: audiences are made at the partner, and members are sent in syncs; `realtime`: members are
            sent as they come and go.
        full_audience_sync: A sync holds all members, not only what changed; for `synced`.
        create_audience: `create_audience(request, data)` makes an audience and gives its identifier.
        get_audience: `get_audience(request, data)` looks an audience up.

    Example:
        >>> AudienceConfig(mode="realtime").has_functions
        False
    """

    mode: Literal["synced", "realtime"]
    full_audience_sync: bool = False
    create_audience: Callable[[Any, Any], Any] | None = None
    get_audience: Callable[[Any, Any], Any] | None = None

    @property
    def has_functions(self) -> bool:
        """Whether audiences can be made and looked up; it takes both."""
        return self.create_audience is not None and self.get_audience is not None
