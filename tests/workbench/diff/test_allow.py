import pytest

from destination.errors import DefinitionError
from destination.workbench.diff import Allow


@pytest.mark.parametrize(
    ("pattern", "name", "what", "covered"),
    [
        ("Track Calls:/name", "Track Calls", "/name", True),
        ("Track Calls:/name", "Page Calls", "/name", False),
        ("/name", "Page Calls", "/name", True),
        ("/name", "Page Calls", "/names", False),
        ("/properties/*", "A", "/properties/items/*/sku", True),
        ("/items/*/sku", "A", "/items/*/sku", True),
        ("Track*:*", "Track Calls", "newly-failing", True),
        ("A: B:/name", "A: B", "/name", True),
        ("A:/user:id", "A", "/user:id", True),
        ("/user:id", "A", "/user:id", True),
        ("*failing*", "A", "no-longer-failing", True),
        ("request/header/x-agent", "A", "request/header/x-agent", True),
        ("a:/name", "A", "/name", False),
    ],
)
def test_a_pattern_covers(pattern: str, name: str, what: str, covered: bool) -> None:
    allow = Allow([pattern])
    assert allow.covers([name], what) is covered
    assert allow.unused == ([] if covered else [pattern])


@pytest.mark.parametrize("pattern", ["", "A:", "chnged", "name", "A:name", "A:B", "[a"])
def test_a_pattern_that_can_match_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(DefinitionError, match="names nothing that a comparison finds"):
        Allow([pattern])
