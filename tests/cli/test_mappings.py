"""The forms in which mappings are given, wherever `-m` is."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription, to_python, to_terraform, write_subscriptions
from destination.definition.given.mappings import GivenMappings, load_mappings
from tests.cli.conftest import Invoke, track, write_events

PRESETS = absmartly.preset_subscriptions()
GOOD: dict[str, Any] = {
    "name": "Good",
    "subscribe": 'type = "track"',
    "partnerAction": "trackGoal",
    "mapping": absmartly.actions["trackGoal"].default_values(),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, content: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def plan_state(subscription: Subscription) -> dict[str, Any]:
    values = {
        "name": subscription.name,
        "enabled": True,
        "trigger": subscription.subscribe,
        "action_id": "a1",
        "settings": json.dumps(subscription.mapping),
    }
    resource = {"type": "segment_destination_subscription", "address": "x.y", "values": values}
    return {"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}}


# --- forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("runtime.json", write_subscriptions(PRESETS[:1])),
        ("api.json", write_subscriptions(PRESETS[:1], "public-api")),
        ("mappings.tf", to_terraform(PRESETS[:1])),
        ("terraform-under-another-name.json", "# ours\n" + to_terraform(PRESETS[:1])),
        ("state.json", plan_state(PRESETS[0])),
    ],
)
def test_every_command_reads_every_form(invoke: Invoke, folder: Path, name: str, content: Any) -> None:
    write(folder / name, content)
    write_events(folder / "event.json", track(1))
    events = write_events(folder / "events.ndjson", track(1))
    given = ["-m", name]
    assert invoke("validate", *given).exit_code == 0
    assert "Track Calls: matches" in invoke("plan", "event.json", *given).stdout
    assert "Track Calls" in invoke("explain", "event.json", *given).stdout
    assert "Track Calls" in invoke("coverage", "-e", events, *given).stdout
    assert "1 subscriptions" in invoke("lint", *given).stdout
    assert "1 event compared" in invoke("diff", "presets", name, "--events", events).stdout
    assert '"matched":true' in invoke("run", events, "--dry-run", *given).stdout
    assert "Track Calls" in invoke("mutate", "-e", events, *given).stdout
    ran = invoke("run", events, *given)
    assert (ran.exit_code, "nothing left this machine" in ran.stdout) == (0, True)


def test_python_objects_are_read(invoke: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "shop_code" / "__init__.py", "")
    code = to_python(PRESETS) + "\none = subscriptions[0]\nas_json = [one.to_json()]\n"
    code += "answer = {'data': {'subscriptions': as_json}}\nclass Shop:\n    all = tuple(subscriptions)\nwrong = 5\n"
    write(folder / "shop_code" / "mappings.py", code)
    monkeypatch.syspath_prepend(folder)
    for name, count in (("subscriptions", 4), ("one", 1), ("as_json", 1), ("answer", 1), ("Shop.all", 4)):
        assert f"{count} subscriptions" in invoke("validate", "-m", f"shop_code.mappings:{name}").stdout
    assert "4 subscriptions" in invoke("validate", "-m", "destination.catalog.absmartly:absmartly").stdout
    for name, message in (
        ("shop_code.mappings:wrong", "is int; give a Subscription"),
        ("shop_code.mappings:missing", "has no attribute 'missing'"),
        ("no_such_module:x", "there is no module 'no_such_module', and no file of this name"),
    ):
        result = invoke("validate", "-m", name)
        assert (result.exit_code, message in result.stderr) == (2, True), result.stderr


def test_python_that_cannot_be_imported_names_its_line(
    invoke: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "broken_shop.py", "\nx = 1 / 0\n")
    monkeypatch.syspath_prepend(folder)
    result = invoke("validate", "-m", "broken_shop:x")
    assert result.exit_code == 2
    assert "cannot be imported: ZeroDivisionError: division by zero at" in result.stderr
    assert "broken_shop.py:2" in result.stderr


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit(0)", "cannot be imported: SystemExit: 0"),
        (
            "class Lazy:\n    def __iter__(self):\n        raise RuntimeError('later')\nx = Lazy()",
            "cannot be read: RuntimeError: later",
        ),
    ],
)
def test_python_that_ends_or_raises_is_refused_with_its_line(
    invoke: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch, code: str, message: str
) -> None:
    name = f"ending_shop_{len(code)}"
    write(folder / f"{name}.py", code)
    monkeypatch.syspath_prepend(folder)
    result = invoke("lint", "-m", f"{name}:x")
    assert (result.exit_code, f"{name}:x: {message} at" in result.stderr) == (2, True), result.output


# --- several ---------------------------------------------------------------------------------------------


def test_several_files_and_patterns_are_read_in_order_each_once(invoke: Invoke, folder: Path) -> None:
    for name in ("b", "a", "c"):
        write(folder / "maps" / f"{name}.json", [{**GOOD, "name": name}])
    given = GivenMappings(("maps/b.json", "maps/*.json"))
    loaded = load_mappings(given, absmartly, print)
    assert [one.name for one in loaded.subscriptions] == ["b", "a", "c"]
    assert [loaded.location(index) for index in range(3)] == ["maps/b.json:1", "maps/a.json:1", "maps/c.json:1"]
    assert "3 subscriptions" in invoke("validate", "-m", "maps/b.json", "-m", "maps/*.json").stdout


def test_pattern_without_a_file_is_refused(invoke: Invoke, folder: Path) -> None:
    result = invoke("validate", "-m", "maps/*.json")
    assert (result.exit_code, "maps/*.json: matches no file" in result.stderr) == (2, True)


def test_lines_of_all_forms_are_known(folder: Path) -> None:
    write(folder / "a.json", json.dumps([GOOD], indent=1))
    write(folder / "b.tf", to_terraform(PRESETS[:1]))
    loaded = load_mappings(GivenMappings(("a.json", "b.tf")), absmartly, print)
    lines = {part: loaded.location(0, part) for part in ("", "subscribe", "mapping/name/@path", "mapping/missing")}
    text = (folder / "a.json").read_text().splitlines()
    assert lines == {
        "": "a.json:2",
        "subscribe": f"a.json:{_line(text, 'subscribe')}",
        "mapping/name/@path": f"a.json:{_line(text, '$.event')}",
        "mapping/missing": f"a.json:{_line(text, 'mapping')}",
    }
    text = (folder / "b.tf").read_text().splitlines()
    assert loaded.location(1, "subscribe") == f"b.tf:{_line(text, ' trigger ')}"
    assert loaded.location(1, "mapping/name") == "b.tf:" + str(_line(text, '"name" = {'))


def _line(text: list[str], part: str) -> int:
    return next(number for number, line in enumerate(text, 1) if part in line)


# --- actions of Terraform ---------------------------------------------------------------------------------

_AMBIGUOUS = """
resource "segment_destination_subscription" "goal" {
  name      = "Goal"
  action_id = "iLg"
  trigger   = "type = \\"track\\""
  settings  = jsonencode({ agent = "x" })
}
"""


def test_action_of_an_identifier_is_given(invoke: Invoke, folder: Path) -> None:
    write(folder / "a.tf", _AMBIGUOUS)
    result = invoke("validate", "-m", "a.tf")
    assert result.exit_code == 2
    assert "a.tf:4: segment_destination_subscription.goal: its action_id iLg could mean" in result.stderr
    assert "trackGoal or trackExposure" in result.stderr
    assert "1 subscriptions" in invoke("validate", "-m", "a.tf", "--action", "iLg=trackGoal").stdout
    write_events(folder / "e.ndjson", track(1))
    assert invoke("diff", "a.tf", "a.tf", "--events", "e.ndjson", "--action", "iLg=trackGoal").exit_code == 0


def test_action_option_without_both_sides_is_refused(invoke: Invoke, folder: Path) -> None:
    result = invoke("validate", "--action", "iLg")
    assert (result.exit_code, "--action iLg: give ID=ACTION" in result.stderr) == (2, True)


def test_two_actions_for_one_identifier_are_refused(invoke: Invoke, folder: Path) -> None:
    result = invoke("validate", "--action", "iLg=trackGoal", "--action", "iLg=trackExposure")
    assert result.exit_code == 2
    assert "--action iLg means trackGoal and trackExposure: keep one of them" in result.stderr


def test_variables_of_the_other_files_of_the_folder_count(invoke: Invoke, folder: Path) -> None:
    write(folder / "a.tf", _AMBIGUOUS.replace('"x"', "var.agent"))
    given = ("validate", "-m", "a.tf", "--action", "iLg=trackGoal")
    assert "a.tf:6: var.agent has no default in this folder" in invoke(*given).stderr
    write(folder / "variables.tf", 'variable "agent" {\n  default = "y"\n}\n')
    assert "1 subscriptions" in invoke(*given).stdout


# --- what is wrong ---------------------------------------------------------------------------------------


def test_a_key_that_is_there_twice_is_an_error_with_both_lines(invoke: Invoke, folder: Path) -> None:
    write(folder / "m.json", '[{"name": "A",\n "subscribe": "",\n "mapping": {},\n "subscribe": ""}]')
    result = invoke("run", "nothing.ndjson", "-m", "m.json", "--dry-run")
    assert result.exit_code == 2
    assert "m.json:4: has the key 'subscribe' twice in one object, on lines 2 and 4; keep one of them" in result.stderr


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"enabledd": False}, "enabledd: there is no key 'enabledd': its value is ignored (did you mean 'enabled'?)"),
        ({"subscribe2": ""}, "did you mean 'subscribe'?"),
        ({"enabled": "false"}, "enabled: 'enabled' is true or false, but this is: string (give true or false)"),
        ({"settings": {}}, "did you mean 'mapping'?"),
        ({"partner_action": "x"}, "did you mean 'partnerAction'?"),
        ({"name": 5}, "name: 'name' is text, but this is: number"),
        ({"ID": 5}, "'ID' is text"),
        ({"reverseETLSchedule": "x"}, "'reverseETLSchedule' is an object"),
    ],
)
def test_mistyped_keys_are_problems_and_nothing_is_sent(
    invoke: Invoke, folder: Path, members: dict[str, Any], message: str
) -> None:
    write(folder / "m.json", [{**GOOD, **members}])
    write_events(folder / "e.ndjson", track(1))
    for arguments in (("run", "e.ndjson"), ("plan", "e.ndjson")):
        result = invoke(*arguments, "-m", "m.json")
        assert message in result.stderr
        assert (arguments[0] == "run") is (result.exit_code == 2)
    shown = invoke("validate", "-m", "m.json", "--json")
    assert (shown.exit_code, json.loads(shown.stdout)["errors"]) == (1, 1)


@pytest.mark.parametrize("key", ["comment", "$schema", "owner", "createdAt"])
def test_other_unknown_keys_are_warnings(invoke: Invoke, folder: Path, key: str) -> None:
    write(folder / "m.json", [{**GOOD, key: "x"}])
    shown = json.loads(invoke("validate", "-m", "m.json", "--json").stdout)
    assert (shown["errors"], shown["warnings"]) == (0, 1)
    assert f"the key '{key}' is unknown" in shown["findings"][0]["message"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", gzip.compress(b"[]"), "is packed with gzip; unpack it first: gunzip --keep a.json"),
        ("plan.zip", b"PK\x03\x04...", "is a zip file; unpack it first, or for a plan of Terraform: terraform show"),
        ("a.zst", b"\x28\xb5\x2f\xfd..", "is packed with zstd; unpack it first: zstd --decompress a.zst"),
        ("a.xz", b"\xfd7zXZ\x00..", "is packed with xz"),
        ("a.parquet", b"PAR1....", "is a Parquet file"),
        ("shop/maps.py", b"subscriptions = []", "is Python; name the object in it: shop.maps:subscriptions"),
        ("a.yaml", b"- name: x", "is YAML; subscriptions are JSON or Terraform"),
        ("a.csv", b"name,x\n1,2", "is CSV"),
        ("a.tf", b"resource {", "a.tf:1: is not valid HCL: a block is not closed"),
        ("a.tf", b'variable "x" {}', 'a.tf:1: there is no resource "segment_destination_subscription"'),
        ("a.tf.json", b'{"resource": {}}', "is Terraform in its JSON syntax; give the output of terraform show -json"),
    ],
)
def test_other_kinds_of_file_have_their_own_sentence(
    invoke: Invoke, folder: Path, name: str, content: bytes, message: str
) -> None:
    write(folder / name, content)
    result = invoke("validate", "-m", name)
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr
