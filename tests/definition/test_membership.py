from typing import Any

import pytest

from destination import EngineTypeError, resolve_audience_membership


def engage(kind: str = "track", computation_class: Any = "audience", key: Any = "vip", value: Any = True) -> Any:
    members = {key: value} if isinstance(key, str) else {str(key): value}
    return {
        "type": kind,
        "context": {"personas": {"computation_class": computation_class, "computation_key": key}},
        "properties" if kind == "track" else "traits": members,
    }


@pytest.mark.parametrize("kind", ["track", "identify"])
@pytest.mark.parametrize("computation_class", ["audience", "journey_step"])
@pytest.mark.parametrize("value", [True, False])
def test_engage_tells_in_properties_or_traits(kind: str, computation_class: str, value: bool) -> None:
    assert resolve_audience_membership(engage(kind, computation_class, value=value)) is value


@pytest.mark.parametrize(
    "event",
    [
        engage("page"),
        engage(computation_class="trait"),
        engage(computation_class=None),
        engage(computation_class=["audience"]),
        engage(key=""),
        engage(key=None),
        engage(value="true"),
        engage(value=1),
        engage(value=None),
        {**engage(), "properties": None},
        {**engage(), "properties": []},
        {**engage(), "type": ["track"]},
        {"type": "track"},
        {"type": "track", "context": 5},
        {"type": "track", "context": {"personas": "text"}},
        {},
        None,
        0,
        "",
        "text",
        [],
        True,
    ],
)
def test_event_that_does_not_tell(event: Any) -> None:
    assert resolve_audience_membership(event) is None


def test_key_may_be_a_number() -> None:
    assert resolve_audience_membership(engage(key=5)) is True
    assert resolve_audience_membership({**engage(key=0), "properties": [True]}) is None
    assert resolve_audience_membership({**engage(key=1), "properties": [0, False]}) is False


@pytest.mark.parametrize("context", [None, {"personas": None}])
def test_event_whose_context_is_null_dies(context: Any) -> None:
    with pytest.raises(EngineTypeError, match="is null"):
        resolve_audience_membership({"type": "track", "context": context}, "add")


@pytest.mark.parametrize(
    ("mode", "new", "updated", "deleted"),
    [
        ("add", True, None, None),
        ("update", None, True, None),
        ("upsert", True, True, None),
        ("delete", None, None, False),
        ("mirror", True, True, False),
        ("replace", None, None, None),
        ("", None, None, None),
        (None, None, None, None),
    ],
)
def test_rows_of_reverse_etl(mode: str | None, new: Any, updated: Any, deleted: Any) -> None:
    told = [
        resolve_audience_membership({"type": "track", "event": name}, mode) for name in ("new", "updated", "deleted")
    ]
    assert told == [new, updated, deleted]
    assert resolve_audience_membership({"type": "identify", "event": "new"}, mode) is None
    assert resolve_audience_membership({"type": "track", "event": ["new"]}, mode) is None


def test_engage_goes_before_reverse_etl() -> None:
    assert resolve_audience_membership({**engage(value=False), "event": "new"}, "mirror") is False
    assert resolve_audience_membership({**engage(value="no"), "event": "new"}, "mirror") is True
