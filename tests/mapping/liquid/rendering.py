"""What the tests of Liquid share."""

from typing import Any

import pytest

from destination.errors import MappingError
from destination.mapping.liquid import compile_liquid

EVENT: dict[str, Any] = {
    "name": "Ada",
    "n": 5,
    "f": 2.5,
    "s": "Hello World",
    "e": "",
    "a": [1, "a", None, [2, 3]],
    "em": [],
    "o": {"a": 1, "b": "x"},
    "t": True,
    "fa": False,
    "nul": None,
    "uni": "🎉x",
    "objs": [{"n": "A", "v": 1, "ok": True}, {"n": "B", "v": "2", "ok": False}, {"n": "C"}],
    "size_o": {"size": 9, "first": "F"},
    "k": "a",
}


def render(template: str, event: Any = EVENT) -> str:
    """What the template gives for an event."""
    return compile_liquid(template)(event)


def failure(template: str, event: Any = EVENT, *, directive: str | None = "@liquid") -> str:
    """The message that the template fails with for an event."""
    compiled = compile_liquid(template)
    with pytest.raises(MappingError) as caught:
        compiled(event)
    assert caught.value.directive == directive
    return str(caught.value)
