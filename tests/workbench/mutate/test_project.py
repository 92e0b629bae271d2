"""A file of mappings in a copy of a project; the project itself never changes."""

import json
import sys
from pathlib import Path

import pytest

from destination.workbench.mutate.mutant import Mutant
from destination.workbench.mutate.project import MappingsFile, ProjectCopy, ProjectError

RECORD = {"name": "A", "subscribe": "a", "partnerAction": "x", "mapping": {"n": 1}}
PUBLIC = {"name": "A", "trigger": "a", "actionSlug": "x", "settings": {"n": 1}, "id": "s1"}
TRIGGER = Mutant(0, "A", "trigger", ("subscribe",), "", "b")
GONE = Mutant(0, "A", "subscription", (), "")


def python(source: str) -> list[str]:
    return [sys.executable, "-S", "-c", source]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "mappings").mkdir(parents=True)
    (folder / "mappings" / "m.json").write_text("before")
    return folder


def test_the_form_of_a_file_stays() -> None:
    for whole, changed in (
        ([RECORD], [{**RECORD, "subscribe": "b"}]),
        ([PUBLIC], [{**PUBLIC, "trigger": "b"}]),
        ({"data": {"subscriptions": [PUBLIC]}}, {"data": {"subscriptions": [{**PUBLIC, "trigger": "b"}]}}),
        ({"data": {"subscription": PUBLIC}}, {"data": {"subscription": {**PUBLIC, "trigger": "b"}}}),
        ({"subscriptions": [RECORD]}, {"subscriptions": [{**RECORD, "subscribe": "b"}]}),
    ):
        file = MappingsFile(b"\xef\xbb\xbf" + json.dumps(whole).encode())
        assert json.loads(file.changed(TRIGGER)) == changed
    assert json.loads(MappingsFile(json.dumps([RECORD, PUBLIC]).encode()).changed(GONE)) == [PUBLIC]
    single = MappingsFile(json.dumps({"data": {"subscription": PUBLIC}}).encode())
    assert json.loads(single.changed(GONE)) == json.loads(single.emptied()) == {"data": {"subscriptions": []}}


def test_the_tests_see_the_copy_and_the_project_stays(project: Path) -> None:
    command = python("import sys; sys.exit(open('mappings/m.json').read() == 'after')")
    with ProjectCopy(project, project / "mappings" / "m.json", command) as copy:
        assert copy.measure().outcome == "passed"
        copy.write(b"after")
        run = copy.run()
    assert (run.outcome, run.status) == ("failed", 1)
    assert (project / "mappings" / "m.json").read_text() == "before"


def test_what_is_imported_comes_from_the_copy(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "src").mkdir()
    (project / "src" / "shop_of_this_test.py").write_text("import pathlib; here = pathlib.Path(__file__)")
    monkeypatch.setenv("PYTHONPATH", str(project / "src"))
    with ProjectCopy(
        project, project / "mappings" / "m.json", python("import shop_of_this_test as s; print(s.here)")
    ) as copy:
        run = copy.run()
    assert run.outcome == "passed"
    assert "destination-mutate-" in run.output


def test_a_link_is_never_written_through(project: Path) -> None:
    elsewhere = project.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "m.json").write_text("before")
    (project / "linked").symlink_to(elsewhere, target_is_directory=True)
    (project / "link.json").symlink_to(elsewhere / "m.json")
    for inside in ("linked/m.json", "link.json"):
        with ProjectCopy(project, project / inside, python("pass")) as copy:
            copy.write(b"after")
    assert (elsewhere / "m.json").read_text() == "before"


def test_environments_caches_and_loops_are_not_copied(project: Path) -> None:
    for name in ("env", ".git", "node_modules"):
        (project / name).mkdir()
        (project / name / "pyvenv.cfg").write_text("")
    (project / "loop").symlink_to(project, target_is_directory=True)
    (project / "gone").symlink_to(project / "nowhere")
    far = project.parent / "far"
    for name in ("b", "c"):
        (far / name).mkdir(parents=True)
    (far / "b" / "c").symlink_to(far / "c", target_is_directory=True)
    (far / "c" / "b").symlink_to(far / "b", target_is_directory=True)
    (project / "linked").symlink_to(far / "b", target_is_directory=True)
    with ProjectCopy(
        project, project / "mappings" / "m.json", python("import os; print(sorted(os.walk('.')))")
    ) as copy:
        assert copy.run().output.strip() == str(
            [
                (".", ["linked", "mappings"], []),
                ("./linked", ["c"], []),
                ("./linked/c", [], []),
                ("./mappings", [], ["m.json"]),
            ]
        )


def test_a_run_that_does_not_end_is_ended(project: Path) -> None:
    with ProjectCopy(project, project / "mappings" / "m.json", python("import time; time.sleep(60)")) as copy:
        copy.limit_s = 0.3
        run = copy.run()
    assert (run.outcome, run.status) == ("timeout", None)
    assert run.seconds < 30


def test_the_copy_goes_whatever_happens(project: Path) -> None:
    copy = ProjectCopy(project, project / "mappings" / "m.json", python("import os; print(os.getcwd())"))
    places = []

    def interrupted() -> None:
        with copy:
            places.append(Path(copy.run().output.strip()))
            assert places[0].is_dir()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not places[0].exists()


def test_a_folder_that_is_too_big_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("destination.workbench.mutate.project.MAX_BYTES", 3)
    copy = ProjectCopy(project, project / "mappings" / "m.json", python("pass"))
    with pytest.raises(ProjectError, match="start in the folder of the project"):
        copy.__enter__()


def test_a_file_elsewhere_and_a_command_that_is_none_are_told(project: Path) -> None:
    with pytest.raises(ProjectError, match="is not in"):
        ProjectCopy(project, project.parent / "other.json", python("pass"))
    with (
        ProjectCopy(project, project / "mappings" / "m.json", ["no-such-command"]) as copy,
        pytest.raises(ProjectError, match="no-such-command: cannot be started: no such file"),
    ):
        copy.run()
