from pathlib import Path

import pytest

from destination.catalog.absmartly import absmartly
from destination.definition import to_metadata
from destination.values import write_json
from destination.workbench.catalog_page import catalog_page
from tests.cli.conftest import Invoke


def test_the_page_goes_to_standard_output(invoke: Invoke) -> None:
    result = invoke("docs", "actions-absmartly")
    assert result.exit_code == 0
    assert result.stdout == catalog_page(absmartly)


def test_the_page_goes_to_a_file(invoke: Invoke, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    result = invoke("docs", "actions-absmartly", "--output", page)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"destination: the page is in {page}\n"
    assert page.read_text(encoding="utf-8") == catalog_page(absmartly)


def test_a_destination_may_come_from_metadata(invoke: Invoke, tmp_path: Path) -> None:
    path = tmp_path / "metadata.json"
    path.write_bytes(b"\xef\xbb\xbf" + write_json(to_metadata(absmartly)))
    assert invoke("docs", path).stdout.startswith("<!-- Made by: destination docs actions-absmartly -->")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("actions-absmartli", None, "did you mean 'actions-absmartly'?"),
        ("nope.json", None, "nope.json: cannot be read: no such file or directory"),
        ("bad.json", b"{", "bad.json: is not valid JSON: "),
        ("list.json", b"[]", "list.json: "),
        ("empty.json", b"{}", "empty.json: "),
    ],
)
def test_what_is_no_destination_is_status_2(
    invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = invoke("docs", name)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_page_that_cannot_be_written_is_status_2(invoke: Invoke, tmp_path: Path) -> None:
    result = invoke("docs", "actions-absmartly", "--output", tmp_path)
    assert result.exit_code == 2
    assert f"--output {tmp_path}: cannot be written: is a directory" in result.stderr
