"""The configuration of a forwarder: every mistake is named with its line, and none shows a secret."""

import ipaddress
from pathlib import Path
from typing import Any

import pytest

from destination.forwarding.config import (
    Address,
    ConfigError,
    DestinationTable,
    ForwardConfig,
    line_of,
    load_config,
    read_address,
    read_secret,
)

SECRET = "s3cr3t-t0k3n"
SHOP = '[[destinations]]\nname = "shop"\nslug = "actions-absmartly"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "forward.toml"
    path.write_text(text)
    return path


def faults(folder: Path, text: str) -> list[str]:
    """The mistakes of a configuration, without the path before each."""
    path = write(folder, text)
    with pytest.raises(ConfigError) as raised:
        load_config(path)
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(raised.value.__cause__)
    return [line.removeprefix(str(path)) for line in raised.value.lines]


def load(folder: Path, text: str) -> ForwardConfig:
    return load_config(write(folder, text))


# --- what is read ----------------------------------------------------------------------------------------


def test_a_short_configuration_has_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, SHOP)
    assert config.http.listen == Address("127.0.0.1", 8080)
    assert config.admin is None
    assert config.queue.path == tmp_path / "queue.db"
    assert [one.name for one in config.enabled] == ["shop"]
    assert config.keys_of("shop") is None


def test_paths_count_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").touch()
    config = load(tmp_path, f'[queue]\npath = "q.db"\n{SHOP}settings = "settings.toml"\ndead_letters = "dead.ndjson"')
    assert config.queue.path == tmp_path / "q.db"
    assert config.destinations[0].settings == tmp_path / "settings.toml"
    assert config.destinations[0].dead_letters == tmp_path / "dead.ndjson"


def test_the_options_of_a_destination_are_those_of_a_run() -> None:
    table = DestinationTable.model_validate(
        {
            "name": "shop",
            "slug": "actions-absmartly",
            "attempts": 3,
            "retry_for": 60,
            "rate": 5,
            "batch_size": 20,
            "linger_ms": 50,
            "batch_bytes": 1_000,
            "ordered_by": "userId",
            "keep_going": True,
            "ignore_integrations": True,
        }
    )
    options = table.delivery()
    assert (options.retry.attempts, options.retry.retry_for_s, options.rate) == (3, 60.0, 5.0)
    assert (options.batch_size, options.linger_s, options.batch_bytes) == (20, 0.05, 1_000)
    assert (options.ordered_by, options.keep_going, options.ignore_integrations) == ("userId", True, True)
    single = table.model_copy(update={"no_batch": True})
    assert single.delivery().batch_size is None


def test_the_options_have_the_names_and_defaults_of_a_run() -> None:
    from destination.cli.run_options import RunOptions

    table = DestinationTable.model_validate({"name": "shop", "slug": "x"})
    shared = set(RunOptions._fields) & set(DestinationTable.model_fields)
    assert {"attempts", "retry_for", "rate", "concurrency", "batch_size", "linger_ms", "no_batch"} <= shared
    run = RunOptions("events.ndjson")
    assert {name: getattr(table, name) for name in shared} == {name: getattr(run, name) for name in shared}
    assert run.delivery().batch_limits(()) == table.delivery().batch_limits(())


@pytest.mark.parametrize("form", ["plain", "env", "file"])
def test_a_secret_is_text_a_variable_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("FORWARD_KEY", SECRET)
    (tmp_path / "key").write_text(f"{SECRET}\n")
    written = {"plain": f'"{SECRET}"', "env": '{ env = "FORWARD_KEY" }', "file": '{ file = "key" }'}[form]
    config = load(tmp_path, f"[http]\nwrite_keys = [{written}]\n[admin]\ntoken = {written}\n{SHOP}")
    assert config.secrets == [SECRET, SECRET]
    assert SECRET not in repr(config)
    assert SECRET not in str(config)


def test_write_keys_as_a_table_lead_to_destinations(tmp_path: Path) -> None:
    other = SHOP.replace("shop", "other")
    config = load(tmp_path, f'[http.write_keys]\nwk-1 = ["shop"]\nwk-2 = ["shop", "other"]\n{SHOP}{other}')
    assert config.keys_of("shop") == frozenset({"wk-1", "wk-2"})
    assert config.keys_of("other") == frozenset({"wk-2"})


def test_trusted_proxies_are_networks(tmp_path: Path) -> None:
    config = load(tmp_path, f'[http]\ntrusted_proxies = ["10.0.0.0/8", "::1"]\n{SHOP}')
    assert config.http.trusted_proxies == (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1"))


# --- mistakes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"[htp]\n{SHOP}", ":1: the configuration has no key 'htp'; did you mean http?"),
        (f"[http]\nlisen = 'x'\n{SHOP}", ":2: http has no key 'lisen'; did you mean listen?"),
        (f"[queue]\n\nmax_row = 5\n{SHOP}", ":3: queue has no key 'max_row'; did you mean max_rows?"),
        (f"[admin]\ntokn = '{SECRET}'\n{SHOP}", ":2: admin has no key 'tokn'; did you mean token?"),
        (f"{SHOP}batch_sise = 5", ":4: destinations[0] has no key 'batch_sise'; did you mean batch_size?"),
        (f"{SHOP}max_behind = {{ row = 5 }}", ":4: destinations[0].max_behind has no key 'row'; did you mean rows?"),
        (f"[log]\nlevel = 'loud'\n{SHOP}", ":2: log.level takes 'debug', 'info' or 'warning', not 'loud'"),
        (f"{SHOP}rate = 'fast'", ":4: destinations[0].rate takes a number, not 'fast'"),
        (f"{SHOP}attempts = 0", ":4: destinations[0].attempts takes 1 or more, not 0"),
        (f"{SHOP}attempts = 2.5", ":4: destinations[0].attempts takes a whole number, not 2.5"),
        (f"{SHOP}enabled = 'no'", ":4: destinations[0].enabled takes true or false, not 'no'"),
        (f"{SHOP}settings = 5", ":4: destinations[0].settings takes a settings file or a table of settings"),
        (f"{SHOP}mappings = []", ":4: destinations[0].mappings takes text or a list of texts"),
        ('[[destinations]]\nslug = "x"', ":1: destinations[0] has no name, which it needs"),
        (
            SHOP.replace("[[destinations]]", "[destinations]"),
            ":1: destinations is a list of tables: write [[destinations]], with two brackets, above each",
        ),
        (f"{SHOP}max_behind = {{}}", ":4: destinations[0].max_behind limits nothing: give age_s, rows or bytes"),
        (f"{SHOP}rate = fast", ":4: is not valid TOML: Invalid value (column 8)"),
        ("", ': the configuration has no destinations: add a table [[destinations]] with name = "…" and slug = "…"'),
        (
            f"[http]\nlisten = '8080'\n{SHOP}",
            ':2: http.listen takes "HOST:PORT", such as "127.0.0.1:8080", not \'8080\'',
        ),
        (f"[http]\nlisten = '127.0.0.1:70000'\n{SHOP}", ":2: http.listen has the port 70000; the last one is 65535"),
        (
            f"[http]\ntrusted_proxies = ['ten']\n{SHOP}",
            ":2: http.trusted_proxies takes an IP address or a network such as 10.0.0.0/8, not 'ten'",
        ),
        (
            f"[http]\nwrite_keys = ['{SECRET}', '{SECRET}']\n{SHOP}",
            ":2: http.write_keys key 2 is there twice",
        ),
        (
            f"[http]\nwrite_keys = [\n'{SECRET}',\n{{ env = 'NOT_SET_ANYWHERE' }}]\n{SHOP}",
            ":2: http.write_keys key 2 names the environment variable NOT_SET_ANYWHERE, which is not set",
        ),
        (
            f"[admin]\ntoken = {{ environ = '{SECRET}' }}\n{SHOP}",
            ':2: admin.token takes { env = "NAME" } or { file = "path" }',
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    assert faults(tmp_path, text) == [fault]


def test_all_mistakes_are_listed_in_the_order_of_their_lines(tmp_path: Path) -> None:
    found = faults(tmp_path, f"[http]\nlisten = 5\nkeys = 1\n{SHOP}rate = 0\nretries = 5\n")
    assert [line.split(":")[1] for line in found] == ["2", "3", "7", "8"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (SHOP + SHOP, ":5: 2 destinations have the name shop: each needs its own"),
        (f"{SHOP}enabled = false", ":1: no destination is enabled: there is nothing to send events to"),
        (
            f'[http.write_keys]\n"{SECRET}" = ["shopp"]\n{SHOP}enabled = true',
            ":1: http.write_keys: key 1 names the destination 'shopp', which is not here; did you mean shop?",
        ),
        (
            f"[http]\nlisten = '0.0.0.0:80'\n{SHOP}",
            ":2: http.listen: whoever reaches 0.0.0.0 could send events: give write_keys, or listen at 127.0.0.1",
        ),
        (
            f"[admin]\nlisten = '10.0.0.1:81'\n{SHOP}",
            ":2: admin.listen: whoever reaches 10.0.0.1 could reload: give a token, or listen at 127.0.0.1",
        ),
        (f"[admin]\nevents = true\n{SHOP}", ":2: admin.events: events hold personal data: give a token, too"),
        (
            f"[admin]\nlisten = '127.0.0.1:8080'\n{SHOP}",
            ":2: admin.listen and http.listen are both 127.0.0.1:8080: give two ports",
        ),
        (
            f"{SHOP}when_behind = 'dead-letter'",
            ':4: destinations.shop: when_behind = "dead-letter" needs a file: dead_letters = "dead.ndjson"',
        ),
        (
            f"[http]\nwebhook_key = '{SECRET}'\n{SHOP}",
            ":2: http.webhook_key goes with webhook_secret, which is missing",
        ),
    ],
)
def test_a_contradiction_is_named_with_its_line(tmp_path: Path, text: str, fault: str) -> None:
    found = faults(tmp_path, text)
    assert fault in found


def test_a_destination_that_no_key_leads_to_is_named(tmp_path: Path) -> None:
    other = SHOP.replace("shop", "other")
    assert faults(tmp_path, f"[http.write_keys]\nwk = ['shop']\n{SHOP}{other}") == [
        ":1: http.write_keys: no key leads to the destination other; name it, or disable it"
    ]


def test_files_that_are_missing_or_used_twice_are_named(tmp_path: Path) -> None:
    text = (
        '[queue]\npath = "nowhere/q.db"\n'
        f'{SHOP}settings = "settings.toml"\ndead_letters = "dead"\n'
        f'{SHOP.replace("shop", "other")}dead_letters = "./dead"\nca_file = "ca.pem"\n'
    )
    assert faults(tmp_path, text) == [
        f":2: queue.path: there is no folder {tmp_path / 'nowhere'}",
        f":6: destinations.shop.settings: there is no file {tmp_path / 'settings.toml'}",
        (
            ":11: destinations.other.dead_letters and destinations.shop.dead_letters are the same file: "
            "give one of them another name"
        ),
        f":12: destinations.other.ca_file: there is no file {tmp_path / 'ca.pem'}",
    ]


def test_the_configuration_itself_is_not_written(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, f'{SHOP}dead_letters = "forward.toml"')
    assert found.startswith(":4: destinations.shop.dead_letters and this configuration are the same file")


@pytest.mark.parametrize(
    ("raw", "message"),
    [(b"a = ", "is not valid TOML"), (b"\xff", "is not UTF-8 text"), (b"#" * (1 << 20) + b"x", "is larger than")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "forward.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError, match=message):
        load_config(path)


def test_a_file_that_is_missing_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such configuration"):
        load_config(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="is a folder"):
        load_config(tmp_path)


# --- single values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", ":80", "host:", "host", "::1:80", "[::1]", "[x]:80", "1.2.3:80", "1.2.3.4:x", 80])
def test_an_address_of_another_form_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="takes"):
        read_address(text)


@pytest.mark.parametrize("value", ["", 5, None, {"file": "none"}, {"env": "X", "file": "y"}, {"env": ""}])
def test_a_secret_of_another_form_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(ValueError, match=r"takes|is empty|does not exist"):
        read_secret(value, tmp_path)


def test_the_file_of_a_secret_is_named_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xe9" + SECRET.encode())
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "large").write_text("x" * 70_000)
    for name, message in (("latin", "is not UTF-8"), ("empty", "is empty"), ("large", "larger"), (".", "directory")):
        with pytest.raises(ValueError, match=message) as raised:
            read_secret({"file": name}, tmp_path)
        assert SECRET not in str(raised.value)


def test_the_line_of_a_statement_is_found_behind_comments_and_long_values() -> None:
    text = '# [a]\n[a]\nb = """\n[c]\nd = 1\n"""\n\n[c] # d = 2\nd = [\n  1,\n]\n'
    assert line_of(text, ("a", "b")) == 3
    assert line_of(text, ("c", "d")) == 9
    assert line_of(text, ("c", "e")) == 8
    assert line_of(text, ("x",)) is None
