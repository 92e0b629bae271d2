import importlib.util
import json
import random
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.definition import Subscription, to_python, write_subscriptions
from destination.definition.given.mappings import GivenMappings, read_mappings
from destination.values import read_json, stringify
from tests.cli.conftest import Invoke

_SCHEDULE = {"strategy": "PERIODIC", "config": {"interval": "1h"}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _sorted(value: Any) -> Any:
    """A value with the keys of objects in order, as Terraform has them."""
    return read_json(json.dumps(read_json(stringify(value)), sort_keys=True))


def _texts(random: random.Random) -> str:
    return "".join(
        random.choice(["a", "é", "😀", '"', "'", "\\", "\n", "${x}", "%{", "{{ name }}", " ", "\u2028"])
        for _ in range(4)
    )


def _value(random: random.Random, depth: int = 3) -> Any:
    kind = random.randrange(9 if depth else 6)
    if kind < 6:
        return [None, True, random.randrange(-(2**40), 2**40), random.random(), _texts(random), "x"][kind]
    if kind == 6:
        return [_value(random, depth - 1) for _ in range(random.randrange(3))]
    if kind == 7:
        return {random.choice(["@path", "@template"]): "$." + _texts(random)}
    return {_texts(random): _value(random, depth - 1) for _ in range(random.randrange(3))}


def _subscriptions(random: random.Random) -> list[Subscription]:
    return [
        Subscription(
            name=f"S {number} {_texts(random)}".strip(),
            subscribe='type = "track"',
            partner_action=random.choice(list(absmartly.actions)),
            mapping={"agent": _value(random), "properties": _value(random)},
            enabled=random.random() < 0.7,
            model_id=random.choice([None, "m1"]),
            reverse_etl_schedule=random.choice([None, _SCHEDULE, {"strategy": "MANUAL", "config": None}]),
        )
        for number in range(random.randrange(1, 4))
    ]


@pytest.mark.parametrize("seed", range(12))
def test_a_round_trip_over_all_forms_changes_nothing(invoke: Invoke, folder: Path, seed: int) -> None:
    generator = random.Random(seed)
    subscriptions = _subscriptions(generator)
    (folder / "0.json").write_text(stringify(write_subscriptions(subscriptions)), encoding="utf-8")
    names = ["0.json"]
    forms = ["1.json", f"round_{seed}.py", "2.json"]
    generator.shuffle(forms)
    for name in forms:
        source = names[-1]
        source = f"{Path(source).stem}:subscriptions" if source.endswith(".py") else source
        form = ("--form", generator.choice(["runtime", "public-api"])) if name.endswith(".json") else ()
        result = invoke("convert", source, name, *form)
        assert result.exit_code == 0, result.stderr
        names.append(name)
    last = names[-1]
    last = f"{Path(last).stem}:subscriptions" if last.endswith(".py") else last
    assert read_mappings(GivenMappings((last,)), absmartly, print) == subscriptions


@pytest.mark.parametrize("seed", range(12))
def test_a_round_trip_over_terraform_changes_only_the_order_of_keys(invoke: Invoke, folder: Path, seed: int) -> None:
    subscriptions = [
        # A reference to a variable without a value cannot come back.
        Subscription(**{**_members(one), "model_id": None})
        for one in _subscriptions(random.Random(seed))
    ]
    (folder / "0.json").write_text(stringify(write_subscriptions(subscriptions)), encoding="utf-8")
    assert invoke("convert", "0.json", "1.tf").exit_code == 0
    assert invoke("convert", "1.tf", "2.json").exit_code == 0
    found = read_mappings(GivenMappings(("2.json",)), absmartly, print)
    assert [_sorted(one.to_json()) for one in found] == [_sorted(one.to_json()) for one in subscriptions]


def _members(one: Subscription) -> dict[str, Any]:
    names = ("name", "subscribe", "partner_action", "mapping", "enabled", "model_id", "reverse_etl_schedule")
    return {name: getattr(one, name) for name in names}


def test_schedule_is_read_under_both_names() -> None:
    for key in ("reverseETLSchedule", "reverse_etl_schedule"):
        assert Subscription.from_json({"subscribe": "", key: _SCHEDULE}).reverse_etl_schedule == _SCHEDULE
        assert Subscription.from_json({"trigger": "", key: _SCHEDULE}).reverse_etl_schedule == _SCHEDULE


def test_written_python_is_what_a_person_would_write(folder: Path) -> None:
    text = to_python(
        [Subscription(name="It's", subscribe='type = "page"', partner_action="a", mapping={"n": {"@path": "$.x"}})]
    )
    assert text == (
        "from destination import Subscription, path\n\nsubscriptions = [\n    Subscription(\n"
        '        name="It\'s",\n        subscribe=\'type = "page"\',\n        partner_action="a",\n'
        '        mapping={\n            "n": path("$.x"),\n        },\n    ),\n]\n'
    )
    (folder / "written.py").write_text(text)
    spec = importlib.util.spec_from_file_location("written", folder / "written.py")
    assert spec is not None


def test_what_a_form_cannot_carry_is_named(invoke: Invoke, folder: Path) -> None:
    record = {
        "name": "A", "subscribe": "type = \"track\"", "partnerAction": "trackGoal", "mapping": {},
        "ID": "s1", "ConfigID": "d1", "ProjectID": "p1", "modelId": "m1", "owner": "me",
    }  # fmt: skip
    (folder / "a.json").write_text(json.dumps([record]))
    api = invoke("convert", "a.json", "b.json", "--form", "public-api").stderr
    assert "A: public-api cannot carry the identifier of the source (ProjectID)" in api
    assert "A: the key 'owner' is unknown: its value is ignored" in api
    terraform = invoke("convert", "a.json", "b.tf").stderr
    for part in (
        "its own identifier (id)",
        "(ProjectID)",
        "of the destination, which becomes",
        "of the Reverse ETL model",
    ):
        assert part in terraform
    assert "cannot carry" not in invoke("convert", "a.json", "b.py").stderr


def test_standard_output_needs_a_form(invoke: Invoke, folder: Path) -> None:
    result = invoke("convert", "presets", "-")
    assert (result.exit_code, "or --form with one of: runtime, public-api" in result.stderr) == (2, True)
    shown = json.loads(invoke("convert", "presets", "-", "--form", "public-api").stdout)
    assert len(shown["data"]["subscriptions"]) == 4


def test_a_file_that_exists_is_not_replaced(invoke: Invoke, folder: Path) -> None:
    (folder / "a.json").write_text("mine")
    result = invoke("convert", "presets", "a.json")
    assert (result.exit_code, "a.json: exists already" in result.stderr) == (2, True)
    assert (folder / "a.json").read_text() == "mine"
    assert invoke("convert", "presets", "a.json", "--overwrite").exit_code == 0
    result = invoke("convert", "a.json", "a.json", "--overwrite")
    assert (result.exit_code, "are the same file" in result.stderr) == (2, True)


def test_directives_that_segment_does_not_know_are_written_as_python_only(invoke: Invoke, folder: Path) -> None:
    record = {"name": "A", "subscribe": "", "partnerAction": "a", "mapping": {"x": {"@jinja": "{{ 1 }}"}}}
    (folder / "a.json").write_text(json.dumps([record]))
    result = invoke("convert", "a.json", "a.tf")
    assert (result.exit_code, "which does not know @jinja at /x" in result.stderr) == (2, True)
    assert invoke("convert", "a.json", "a.py").exit_code == 0
