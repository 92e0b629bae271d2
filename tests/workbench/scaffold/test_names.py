import sys
from pathlib import Path

import pytest

from destination.workbench.scaffold import MAX_NAME, NameRefusedError, Scaffold, check_name, files_of, write_files
from tests.export import ROOT


@pytest.mark.parametrize("name", ["my_crm", "crm2", "a", "x" * MAX_NAME])
def test_names_of_packages_are_taken(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["actions", "presets"])
def test_folders_of_this_project_take_no_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are installed inside of `destination`; only a run of these tests has their folder on its path."""
    monkeypatch.setattr(sys, "path", [place for place in sys.path if place and Path(place).resolve() != ROOT])
    check_name(name)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("My-CRM", "such as my_crm"),
        ("2crm", "begin with a letter"),
        ("crm_", "single _, and begin with a letter, such as crm"),
        ("../crm", "such as crm"),
        ("", "cannot be a package's name"),
        ("größe", "such as gr_e"),
        ("crm\n", "such as crm"),
        ("class", "a keyword of Python"),
        ("match", "a keyword of Python"),
        ("destination", "this project's own package"),
        ("tests", "the folder of the tests"),
        ("json", "an installed module"),
        ("httpx", "an installed module"),
        ("absmartly", "actions-absmartly is installed already"),
        ("x" * (MAX_NAME + 1), "take a shorter name"),
    ],
)
def test_other_names_are_refused(name: str, why: str) -> None:
    with pytest.raises(NameRefusedError) as refused:
        check_name(name)
    assert why in str(refused.value)
    with pytest.raises(NameRefusedError):
        files_of(Scaffold(name=name))


def test_a_folder_of_that_name_in_the_current_one_is_no_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_crm").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    check_name("my_crm")


def test_a_module_elsewhere_on_the_path_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_crm.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(NameRefusedError, match="an installed module"):
        check_name("my_crm")


def test_only_a_new_or_empty_folder_is_written_to(tmp_path: Path) -> None:
    write_files(tmp_path / "new" / "folder", {"a.txt": "a"})
    (tmp_path / "empty").mkdir()
    write_files(tmp_path / "empty", {"a.txt": "a"})
    with pytest.raises(NameRefusedError, match="is not empty"):
        write_files(tmp_path / "empty", {"b.txt": "b"})
    with pytest.raises(NameRefusedError, match="is a file"):
        write_files(tmp_path / "empty" / "a.txt", {"b.txt": "b"})
    assert [path.name for path in (tmp_path / "empty").iterdir()] == ["a.txt"]
