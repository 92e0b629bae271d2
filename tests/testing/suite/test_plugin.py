"""The generated suite in real runs of pytest."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import import_module

import pytest

from destination.testing import mapping_suite
from destination.testing.suite.snapshots import as_text
from tests.testing.example import Example, _syrupy_left_alone
from tests.testing.suite.store import orders, store

for _module in ("collector", "snapshots"):  # a run inside a run forgets what it imports
    import_module(f"destination.testing.suite.{_module}")

Make = Callable[[Mapping[str, str]], Example]

GOALS = [
    {
        "name": "Goals",
        "subscribe": 'type = "track"',
        "partnerAction": "trackGoal",
        "mapping": {
            "units": {"userId": {"@path": "$.userId"}},
            "name": {"@path": "$.event"},
            "properties": {"plan": {"@path": "$.properties.plan"}},
            "agent": {"@path": "$.properties.agent"},
        },
    }
]
INI = '[tool.pytest.ini_options]\ndestination_suite = ["mappings/shop.json"]\n'
MODULE = 'from destination.testing import mapping_suite\n\ntest_goals = mapping_suite("mappings/shop.json")\n'
SNAPSHOT = "tests/__snapshots__/test_suite/Goals.suite"


def with_mapping(**fields: object) -> str:
    return json.dumps([{**GOALS[0], "mapping": {**GOALS[0]["mapping"], **fields}}])  # type: ignore[dict-item]


@pytest.fixture
def module(example: Make) -> Example:
    return example({"tests/test_suite.py": MODULE, "mappings/shop.json": json.dumps(GOALS)})


def test_one_line_of_a_module_gives_the_tests_and_one_snapshot_file_a_subscription(module: Example) -> None:
    first = module.run_pytest()
    assert set(first.outcomes) == {"failed"}
    assert "Goals / all fields\nA value of its own for each field." in first.output
    assert "Snapshot 'test_goals[Goals / all fields]' does not exist!" in first.output
    assert "suite/case.py" not in first.output, "no traceback"

    update = module.run_pytest("--snapshot-update")
    assert (update.status, list(update.changed)) == (0, [SNAPSHOT])
    assert "# name: test_goals[Goals / units.userId absent]" in update.changed[SNAPSHOT]
    assert "<apiKey>" not in update.changed[SNAPSHOT]

    with_snapshots = Example({**module.files, **update.changed}, module.pytester)
    again = with_snapshots.run_pytest()
    assert (again.status, again.changed) == (0, {})
    assert again.outcomes["passed"] == first.outcomes["failed"]

    # Two fields are swapped: both the payload and the request show it.
    swapped = {"name": {"@path": "$.properties.agent"}, "agent": {"@path": "$.event"}}
    changed = Example({**with_snapshots.files, "mappings/shop.json": with_mapping(**swapped)}, module.pytester)
    run = changed.run_pytest("-k", "all")
    assert run.outcomes == {"failed": 1, "deselected": again.outcomes["passed"] - 1}
    assert '-     "event": "name-' in run.output
    assert '+     "event": "agent-' in run.output
    assert "pytest --snapshot-update" in run.output

    # A field is gone: its snapshots are unused, and told.
    fewer = json.dumps([{**GOALS[0], "mapping": {key: GOALS[0]["mapping"][key] for key in ("units", "name")}}])  # type: ignore[index]
    run = Example({**with_snapshots.files, "mappings/shop.json": fewer}, module.pytester).run_pytest()
    assert "snapshots unused" in run.output


def test_a_line_of_the_configuration_gives_the_tests_of_a_file(example: Make) -> None:
    project = example({"pyproject.toml": INI, "mappings/shop.json": json.dumps(GOALS)})
    update = project.run_pytest("--snapshot-update", "-vv")
    assert (update.status, list(update.changed)) == (0, ["mappings/__snapshots__/shop/Goals.suite"])
    again = Example({**project.files, **update.changed}, project.pytester)
    run = again.run_pytest("-vv", "-k", "userId and absent")
    assert (run.status, run.changed) == (0, {})
    assert "mappings/shop.json::Goals / units.userId absent PASSED" in run.output


def test_a_destination_is_tested_by_its_slug(example: Make) -> None:
    ini = (
        '[tool.pytest.ini_options]\ndestination_suite = ["actions-absmartly", "actions-absmartly: a.json"]\n'
        'destination_suite_limit = "2"\ndestination_suite_values = "values.json"\n'
    )
    values = {
        "trackExposure": {"exposure": {"x": 1}},
    }
    project = example({"pyproject.toml": ini, "a.json": json.dumps(GOALS), "values.json": json.dumps(values)})
    run = project.run_pytest("--snapshot-update", "-vv")
    assert run.outcomes["passed"] == 2 * 4 + 2
    assert "pyproject.toml::Track Calls / all fields PASSED" in run.output
    assert "a.json::Goals / all fields PASSED" in run.output
    assert "generated suite: Goals: 21 cases left out; raise destination_suite_limit" in run.output
    assert '"properties": {"exposure": {"x": 1}}' in run.changed["__snapshots__/pyproject/Exposures (Verbatim).suite"]
    assert "this is the last of 2 cases" in run.changed["__snapshots__/pyproject/Page Calls.suite"]


@pytest.mark.parametrize(
    ("ini", "line"),
    [
        ('destination_suite = ["actions-absmartli"]', "destination_suite: there is no destination 'actions-absmartli'"),
        (
            'destination_suite = ["actions-absmartly"]\ndestination_suite_limit = "many"',
            "destination_suite: destination_suite_limit must be a whole number above 0, but is 'many'",
        ),
        (
            'destination_suite = ["actions-absmartly"]\ndestination_suite_values = "gone.json"',
            "gone.json: cannot be read: No such file or directory",
        ),
        (
            'destination_suite = ["actions-absmartly"]\ndestination_suite_values = "values.json"',
            "values.json: no installed destination has the action 'trackGaol'",
        ),
    ],
)
def test_what_is_wrong_with_the_configuration_is_one_line(example: Make, ini: str, line: str) -> None:
    values = json.dumps({"trackGaol": {"name": "x"}})
    run = example({"pyproject.toml": f"[tool.pytest.ini_options]\n{ini}\n", "values.json": values}).run_pytest()
    assert run.outcomes == {"errors": 1}
    assert line in run.output
    assert "Traceback" not in run.output
    assert ".py:" not in run.output


def test_a_file_that_is_named_and_not_there_ends_the_run(example: Make, capsys: pytest.CaptureFixture[str]) -> None:
    run = example({"pyproject.toml": INI, "test_a.py": "def test_a():\n    pass\n"}).run_pytest()
    assert run.status == pytest.ExitCode.USAGE_ERROR
    assert (
        capsys.readouterr().err == "ERROR: destination_suite: mappings/shop.json: there is no such file of mappings\n\n"
    )


def test_a_file_may_be_named_twice_and_in_a_roundabout_way(example: Make) -> None:
    ini = INI.replace('["mappings/shop.json"]', '["tests/../mappings/shop.json", "tests/../mappings/shop.json"]')
    update = example({"pyproject.toml": ini, "mappings/shop.json": json.dumps(GOALS)}).run_pytest("--snapshot-update")
    assert (update.status, update.outcomes) == (0, {"passed": 23})


def test_what_is_wrong_with_a_module_is_one_line(example: Make) -> None:
    run = example({"test_suite.py": MODULE}).run_pytest()
    assert run.outcomes == {"errors": 1}
    assert "mappings/shop.json: there is no such file of mappings" in run.output
    assert "Traceback" not in run.output


def test_without_syrupy_it_is_told_what_to_install(example: Make) -> None:
    install = "a generated suite compares with snapshots and needs syrupy for it: pip install 'syrupy>=6'"
    configured = example({"pyproject.toml": INI, "mappings/shop.json": json.dumps(GOALS)})
    run = configured.run_pytest("-p", "no:syrupy")
    assert run.outcomes == {"errors": 1}
    assert install in run.output
    named = example({"test_suite.py": MODULE, "mappings/shop.json": json.dumps(GOALS)})
    run = named.run_pytest("-p", "no:syrupy", "-x")
    assert install in run.output


@pytest.mark.thorough
def test_only_snapshots_without_a_test_are_unused(pytester: pytest.Pytester) -> None:
    """Syrupy by itself deletes those of tests that did not run, because they passed before or because of `-x`."""
    pytester.makepyprojecttoml(INI)
    pytester.makepyfile(test_other="def test_a():\n    assert False\n\n\ndef test_z(snapshot):\n    pass\n")
    mappings = pytester.mkdir("mappings") / "shop.json"
    snapshots = mappings.parent / "__snapshots__" / "shop" / "Goals.suite"

    def run(*arguments: str) -> pytest.RunResult:
        with _syrupy_left_alone():
            return pytester.runpytest_inprocess(*arguments)

    mappings.write_text(json.dumps(GOALS))
    run("--snapshot-update")
    total = snapshots.read_text().count("# name: ")
    assert total == 23

    other = with_mapping(agent={"@path": "$.properties.app"})
    mappings.write_text(other)
    failed = run("mappings").parseoutcomes()["failed"]
    assert 1 < failed < total
    some = run("--lf", "--snapshot-update", "-k", "not test_a")
    assert (some.ret, some.parseoutcomes()["passed"]) == (0, failed)
    assert snapshots.read_text().count("# name: ") == total
    assert snapshots.read_text().count('"app": "agent-') > 1
    run("-x", "--snapshot-update", "test_other.py", "mappings")
    run("--deselect", "mappings/shop.json::Goals / all fields", "--snapshot-update")
    assert snapshots.read_text().count("# name: ") == total

    mappings.write_text(other.replace('"name": "Goals"', '"name": "Sales"'))
    run("--snapshot-update", "mappings/shop.json")
    assert [path.name for path in snapshots.parent.iterdir()] == ["Sales.suite"]


def test_any_name_of_a_subscription_makes_a_file(example: Make) -> None:
    names = ["CON", "x" * 300, "é" * 300, "a/b:c", "..", "half \ud83c", "Orders", "orders"]
    subscriptions = [{**GOALS[0], "name": name} for name in names]
    ini = f'{INI}destination_suite_limit = "1"\n'
    project = example({"pyproject.toml": ini, "mappings/shop.json": json.dumps(subscriptions)})
    update = project.run_pytest("--snapshot-update")
    assert (update.status, update.outcomes) == (0, {"passed": len(names)})
    files = {name.rpartition("/")[2].removesuffix(".suite") for name in update.changed}
    assert files == {"_CON", "x" * 100, "é" * 50, "a_b_c", "suite", "half _", "Orders", "orders"}
    assert Example({**project.files, **update.changed}, project.pytester).run_pytest().status == 0


def test_a_run_of_the_test_paths_collects_the_suites_beside_them(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(f'{INI}testpaths = ["tests"]\n')
    for folder in ("tests", "mappings"):
        pytester.mkdir(folder)
    (pytester.path / "tests" / "test_a.py").write_text("def test_a():\n    pass\n")
    (pytester.path / "mappings" / "shop.json").write_text(json.dumps(GOALS))
    with _syrupy_left_alone():
        everything = pytester.runpytest_inprocess("--snapshot-update", "-p", "no:cacheprovider")
        one = pytester.runpytest_inprocess("tests", "-p", "no:cacheprovider")
    assert everything.parseoutcomes()["passed"] == 24
    assert one.parseoutcomes()["passed"] == 1


def test_a_module_without_syrupy_tells_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "syrupy", None)
    with pytest.raises(pytest.Collector.CollectError, match=r"needs syrupy for it: pip install 'syrupy>=6'"):
        mapping_suite("actions-absmartly")


def test_a_suite_can_be_made_for_a_destination_or_an_instance() -> None:
    for target in (store, orders()):
        (mark,) = getattr(mapping_suite(target), "pytestmark")  # noqa: B009  a function has no such attribute by type
        assert mark.args[0] == "suite_case"
        assert "all fields" in {case.label for case in mark.args[1]}


@pytest.mark.parametrize(
    ("content", "line"),
    [("{", "values.json: is not valid JSON"), ('{"order": 5}', "values.json: must hold values by action and field")],
)
def test_values_that_cannot_be_read_are_told(example: Make, content: str, line: str) -> None:
    ini = '[tool.pytest.ini_options]\ndestination_suite = ["actions-absmartly"]\n'
    files = {"pyproject.toml": f'{ini}destination_suite_values = "values.json"\n', "values.json": content}
    run = example(files).run_pytest()
    assert run.outcomes == {"errors": 1}
    assert line in run.output


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": {"z": "Größe", "a": None}}, '{\n  "b": {"a": null, "z": "Größe"}\n}'),
        ({"b": "\ud83c"}, '{\n  "b": "\\ud83c"\n}'),
        (5, "5"),
        ({"b": [["x" * 60], ["y" * 60]]}, f'{{\n  "b": [\n    ["{"x" * 60}"],\n    ["{"y" * 60}"]\n  ]\n}}'),
    ],
)
def test_snapshots_are_json_that_anyone_can_read(value: object, text: str) -> None:
    assert as_text(value) == text
    assert json.loads(text) == value


def test_the_plugin_is_light_to_load() -> None:
    heavy = "pydantic", "httpx", "jinja2", "orjson", "syrupy", "hypothesis", "destination.runtime"
    code = f"import sys, destination.testing.suite.plugin; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_project_without_a_suite_is_left_alone(example: Make) -> None:
    run = example({"test_a.py": "def test_a():\n    pass\n", "mappings/shop.json": json.dumps(GOALS)}).run_pytest()
    assert run.outcomes == {"passed": 1}
