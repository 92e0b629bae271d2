from pathlib import Path

import pytest

from tests.cli.conftest import Invoke


def test_a_destination_is_made_in_a_folder_of_its_name(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke("new", "my_crm", "--auth", "basic", "--batch")
    assert result.exit_code == 0
    assert result.stdout.startswith("My Crm (actions-my-crm) is in my_crm:\n  pyproject.toml\n")
    definition = (tmp_path / "my_crm/my_crm/definition.py").read_text()
    assert 'scheme="basic"' in definition
    assert "perform_batch=perform_batch" in (tmp_path / "my_crm/my_crm/actions/send_event.py").read_text()


def test_the_folder_can_be_chosen(invoke: Invoke, tmp_path: Path) -> None:
    assert invoke("new", "my_crm", "--directory", tmp_path / "a/b").exit_code == 0
    assert (tmp_path / "a/b/my_crm/py.typed").is_file()
    again = invoke("new", "my_crm", "--directory", tmp_path / "a/b")
    assert again.exit_code == 2
    assert again.stderr.startswith(f"destination: {tmp_path}/a/b is not empty; give --directory a new or empty folder")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["My-CRM"], "'My-CRM' cannot be a package's name: "),
        (["destination"], "'destination' is the name of this project's own package; take another name"),
        (["my_crm", "--auth", "saml"], "--auth saml: unknown; use one of: custom, basic, oauth"),
        (["my_crm", "--directory", "/dev/null/x"], "/dev/null/x: cannot be written: Not a directory"),
    ],
)
def test_what_cannot_be_used_is_named(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke("new", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"destination: {message}")
    assert list(tmp_path.iterdir()) == []
