"""What a change of the configuration needs: nothing but a reload, or a restart."""

from typing import Any

import pytest

from destination.forwarding.config import ConfigError, ForwardConfig
from destination.forwarding.loaded import Loaded

SHOP = {"name": "shop", "slug": "actions-absmartly"}
OTHER = {"name": "other", "slug": "actions-absmartly"}


def loaded(**tables: Any) -> Loaded:
    return Loaded(ForwardConfig.model_validate({"destinations": [SHOP], **tables}), {})


def test_destinations_and_write_keys_are_loaded_while_it_runs() -> None:
    before = loaded(http={"write_keys": ["wk-1"]})
    now = loaded(http={"write_keys": {"wk-2": ["other"]}}, destinations=[OTHER])
    assert now.changes_from(before) == ["write keys", "other added", "shop removed"]
    assert now.keys() == {"wk-2": frozenset({"other"})}
    assert now.routes() == {"other": frozenset({"wk-2"})}


def test_a_disabled_destination_counts_as_removed() -> None:
    both = [SHOP, OTHER]
    before = loaded(destinations=both)
    now = loaded(destinations=[SHOP, {**OTHER, "enabled": False}])
    assert now.changes_from(before) == ["other removed", "shop loaded"]


@pytest.mark.parametrize(
    ("tables", "names"),
    [
        ({"http": {"listen": "127.0.0.1:1"}}, "http.listen"),
        ({"queue": {"path": "other.db"}}, "queue.path"),
        ({"queue": {"max_rows": 5}, "log": {"format": "json"}}, "queue.max_rows, log.format"),
        ({"admin": {"listen": "127.0.0.1:1"}}, "admin"),
    ],
)
def test_what_is_in_use_from_the_start_needs_a_restart(tables: dict[str, Any], names: str) -> None:
    with pytest.raises(ConfigError, match=rf"forward.toml: {names} changed, which needs a restart"):
        loaded(**tables).changes_from(loaded())


def test_a_token_needs_a_restart_and_is_not_shown() -> None:
    before, now = (loaded(admin={"token": token}) for token in ("first-token", "other-token"))
    with pytest.raises(ConfigError, match=r"admin.token changed") as raised:
        now.changes_from(before)
    assert "other-token" not in str(raised.value)


def test_secrets_of_the_configuration_are_masked() -> None:
    masks = loaded(http={"write_keys": ["wk-s3cr3t-1"]}, admin={"token": "t0k3n-123"}).masks()
    assert masks.text("wk-s3cr3t-1 t0k3n-123") == "<redacted> <redacted>"
