"""`POST /api/complete`: directives, paths of the event, and fields."""

import json
from typing import Any

import pytest

from destination.mapping import compile_mapping
from destination.mapping.directives import DIRECTIVES
from destination.mapping.paths import compile_path
from destination.studio.completion import complete
from tests.studio.corpora import loaded, studio_of
from tests.studio.test_inspection import PAGE, absmartly_studio
from tests.workbench.diff.post import API_KEY, post, subscription


def offered(event: Any = None) -> dict[str, Any]:
    studio = absmartly_studio(PAGE if event is None else event)
    return complete(studio, studio.saved, "s1", {"index": 0})


@pytest.mark.parametrize("name", DIRECTIVES)
def test_the_form_of_a_directive_is_valid(name: str) -> None:
    compiled = compile_mapping({"field": {name: DIRECTIVES[name].form}})
    assert list(compiled.problems) == []
    compiled(PAGE)


def test_a_directive_is_inserted_as_a_member() -> None:
    for one in offered()["directives"]:
        assert json.loads(f"{{{one['insert']}}}") == {one["name"]: DIRECTIVES[one["name"]].form}
    details = {one["name"]: (one["detail"], one["portable"]) for one in offered()["directives"]}
    assert details["@case"] == ("text in lower or upper case", True)
    assert details["@jinja"][1] is False


def test_a_path_that_is_offered_reads_its_value() -> None:
    event = {"a": [{"b c": 1, "it's": 2}], "": 3, "x": {"y.z": None, "1": True, "🎉": "é" * 200}}
    paths = {one["path"]: one["value"] for one in offered(event)["paths"]}
    assert paths["$.a[0]['b c']"] == "1"
    assert paths["$.x"] != ""
    assert len(paths["$.x.🎉"]) == 80
    for path in paths:
        assert compile_path(path.removeprefix("$."))(event) is not None or path == "$.x['y.z']"


def test_the_fields_are_those_of_the_action() -> None:
    fields = {one["key"]: one for one in offered()["fields"]}
    assert fields["name"]["mapped"] is True
    assert fields["application"]["mapped"] is False
    assert fields["name"]["required"] is True


def test_without_an_event_or_an_action_there_is_less() -> None:
    studio = absmartly_studio()
    answer = complete(studio, [{"key": "n1", "partnerAction": 5, "mapping": None}], "n1", {"text": "["})
    assert (answer["paths"], answer["fields"], len(answer["directives"])) == ([], [], len(DIRECTIVES))


def test_no_secret_is_offered() -> None:
    studio = studio_of([subscription("Send", {})], loaded([{"type": API_KEY, API_KEY: 1}]), post)
    assert API_KEY not in json.dumps(complete(studio, studio.saved, "s0", {"index": 0}))
