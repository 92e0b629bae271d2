"""A draft in other forms, and an event with its result as a case that pytest runs."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.definition import from_terraform, read_subscriptions
from destination.studio.exporting import export, test_case
from destination.studio.session import StudioProblem, members_of
from tests.studio.opened import PAGES, draft_of, studio_of

EVENT = {
    "type": "page",
    "name": "Home: no. 1",
    "userId": "u-1",
    "timestamp": "2026-03-01T10:00:00.000Z",
    "é": ["'", 1.0],
}
SETTINGS = {"collectorEndpoint": "https://shop.example/v1", "apiKey": "s3cr3t-key", "environment": "live"}


def case_of(studio: Any, draft: Any, event: Any = EVENT, form: str = "yaml") -> dict[str, Any]:
    return test_case(studio, draft, {"text": json.dumps(event)}, form)


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest in a process of its own, in a folder without any configuration."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("form", ["json", "public-api"])
def test_json_reads_back_as_the_draft(form: str) -> None:
    studio = studio_of()
    found = export(studio, studio.saved, form)
    assert read_subscriptions(json.loads(found["text"])) == absmartly.preset_subscriptions()
    assert found["name"] == ("presets.json" if form == "json" else "presets.public-api.json")


def test_terraform_reads_back_as_the_draft() -> None:
    studio = studio_of()
    found = export(studio, studio.saved, "terraform")
    assert from_terraform(found["text"], absmartly.actions) == absmartly.preset_subscriptions()


def test_a_mapping_that_segment_cannot_read_is_an_error_with_its_words() -> None:
    draft = [{**PAGES, "mapping": {"name": {"@jsonpath": "$.a"}}}]
    for form in ("json", "public-api", "terraform"):
        found = export(studio_of(), draft, form)
        assert (found["text"], "does not know @jsonpath at /name" in found["error"]) == ("", True)


def test_what_a_form_has_no_key_for_is_a_note() -> None:
    found = export(studio_of(), [{**PAGES, "ID": "s-1"}], "terraform")
    assert found["notes"] == [
        "Pages: terraform cannot carry its own identifier (id), which Terraform gets by an import"
    ]


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(StudioProblem, match="the forms are: json, public-api, terraform"):
        export(studio_of(), [], "xml")
    with pytest.raises(StudioProblem, match="the forms are: yaml, json"):
        case_of(studio_of(), [], form="xml")


def test_a_case_passes_and_fails_when_the_mapping_changes(tmp_path: Path) -> None:
    """With every source of mappings and in both forms; one process runs them all."""
    file, later = tmp_path / "shop.json", tmp_path / "later.json"
    for one in (file, later):
        one.write_text(json.dumps([PAGES]))
    studios = {"beside": studio_of(file), "presets": studio_of(), "settings": studio_of(settings=SETTINGS)}
    edited = [{**draft_of(studios["beside"])[0], "subscribe": 'type = "page" and userId = "u-1"'}]
    names: list[str] = []
    for form in ("yaml", "json"):
        for label, studio in studios.items():
            for draft in (studio.saved, edited):
                made = case_of(studio, draft, form=form)
                assert made["name"] == f"page-home-no-1.cases.{form}"
                names.append(f"{label}-{len(names)}.cases.{form}")
                (tmp_path / names[-1]).write_text(made["text"], encoding="utf-8")
    studio = studio_of(later)
    (tmp_path / "later.cases.yaml").write_text(case_of(studio, studio.saved)["text"], encoding="utf-8")
    later.write_text(json.dumps([{**PAGES, "subscribe": 'type = "track"'}]))
    done = run_pytest(tmp_path)
    output = done.stdout + done.stderr
    assert f"1 failed, {len(names)} passed" in output, output
    assert "later.cases.yaml::page Home: no. 1: Pages" in output


def test_a_case_has_its_mappings_unless_they_are_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    file.write_text(json.dumps([PAGES]))
    studio = studio_of(file)
    made = case_of(studio, studio.saved)
    assert (made["note"], "mappings: shop.json" in made["text"]) == ("Put it into the folder of shop.json.", True)
    made = case_of(studio, [{**members_of(studio.saved[0]), "name": "Mine", "key": "s0", "saved": 0}])
    assert (made["note"], "name: Mine" in made["text"], "saved:" in made["text"]) == (None, True, False)
    assert "presets: true" in case_of(studio_of(), studio_of().saved)["text"]


def test_a_case_has_the_settings_without_secret_ones() -> None:
    studio = studio_of(settings=SETTINGS)
    made = case_of(studio, [PAGES], form="json")
    found = json.loads(made["text"])
    assert found["settings"] == {"collectorEndpoint": "https://shop.example/v1", "environment": "live"}
    assert "s3cr3t" not in made["text"]
    assert "https://shop.example/v1/context" in made["text"]
    assert "settings" not in json.loads(case_of(studio_of(placeholders=True), [PAGES], form="json")["text"])


def test_a_case_of_an_event_that_nobody_takes_says_so() -> None:
    found = json.loads(case_of(studio_of(), [PAGES], {"type": "alias"}, "json")["text"])
    assert found["cases"][0]["name"] == "alias: no subscription"
    assert found["cases"][0]["expect"] == {"matched": [], "subscriptions": {}}


@pytest.mark.parametrize("text", ["[]", "{", "7"])
def test_a_text_that_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(StudioProblem, match="not a JSON object"):
        test_case(studio_of(), [PAGES], {"text": text}, "yaml")
