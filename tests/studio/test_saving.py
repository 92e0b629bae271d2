"""Saving a draft changes the values that differ, and no other character of the file."""

import json
from pathlib import Path
from typing import Any

import pytest

from destination.definition import Subscription, to_terraform
from destination.studio import saving
from destination.studio.saving import save
from destination.studio.session import Studio, StudioProblem
from tests.studio.opened import PAGES, draft_of, studio_of

ODD = """\ufeff{"data" : {\r
   "subscriptions": [\r
      { "id":"s-1" ,"name": "P\\u00e4ges",  "actionSlug":"trackGoal", "trigger": "type = \\u0022page\\u0022",\r
        "settings": { "name": {"@path": "$.name"}, "achieved_at":1.50, "big": 12345678901234567891 } ,\r
        "ours": [1,2 , 3]},\r
      { "id":"s-2", "name": "Goals", "enabled": null, "actionSlug":"trackGoal", "trigger": "type = \\"track\\"" }\r
   ],\r
   "pagination": {"current": "MA=="}\r
}}\r
"""


def write(path: Path, text: str) -> Path:
    path.write_bytes(text.encode())
    return path


def text_of(path: Path) -> str:
    return path.read_bytes().decode()


def saved(studio: Studio, draft: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return save(studio, {"draft": draft, "version": studio.document.version, **more})


def test_a_changed_value_is_all_that_changes(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.json", ODD)
    studio = studio_of(path)
    draft = draft_of(studio)
    draft[0]["subscribe"] = 'type = "pages"'
    draft[0]["mapping"]["name"]["@path"] = "$.title"
    answer = saved(studio, draft)
    assert text_of(path) == ODD.replace("page\\u0022", "pages\\u0022").replace("$.name", "$.title")
    assert answer["document"]["version"] == studio.document.version
    assert [item["subscribe"] for item in answer["document"]["subscriptions"]] == ['type = "pages"', 'type = "track"']


def test_a_draft_without_an_edit_changes_nothing(tmp_path: Path) -> None:
    """A browser reads 1.50 as 1.5, and rounds an integer that no double can hold."""
    path = write(tmp_path / "odd.json", ODD)
    studio = studio_of(path)
    draft = draft_of(studio)
    draft[0]["mapping"]["big"] = 12345678901234567168
    inode = path.stat().st_ino
    saved(studio, draft)
    assert (text_of(path), path.stat().st_ino) == (ODD, inode)


def test_a_file_in_the_form_of_the_public_api_stays_in_it(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.json", ODD)
    studio = studio_of(path)
    draft = draft_of(studio)
    assert {"ID": "s-1", "partnerAction": "trackGoal"}.items() <= draft[0].items()
    draft[1]["enabled"] = False
    draft.append({"key": "n1", "saved": None, **PAGES})
    saved(studio, draft)
    found = json.loads(text_of(path).removeprefix("\ufeff"))["data"]["subscriptions"]
    assert found[1] == {**json.loads(ODD[1:])["data"]["subscriptions"][1], "enabled": False}
    assert list(found[2]) == ["name", "actionSlug", "trigger", "settings", "enabled"]
    assert text_of(path).startswith(ODD[: ODD.index('null, "actionSlug"')])


def test_subscriptions_are_removed_copied_and_moved_with_their_text(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.json", ODD)
    first = ODD[ODD.index('{ "id":"s-1"') : ODD.index(',\r\n      { "id":"s-2"')]
    second = ODD[ODD.index('{ "id":"s-2"') : ODD.index("\r\n   ],")]
    studio = studio_of(path)
    one, two = draft_of(studio)
    saved(studio, [two, {**one, "key": "n1"}, one])
    assert text_of(path) == ODD.replace(f"{first},\r\n      {second}", f"{second},\r\n      {first},\r\n      {first}")
    saved(studio, [one])
    assert text_of(path) == ODD.replace(f"{first},\r\n      {second}", first)


def test_a_copy_that_is_edited_keeps_the_rest_of_the_text(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.json", ODD)
    studio = studio_of(path)
    one, two = draft_of(studio)
    saved(studio, [one, {**one, "key": "n1", "name": "Copy"}, two])
    assert '"name": "Copy",  "actionSlug":"trackGoal"' in text_of(path)
    assert text_of(path).count("12345678901234567891 } ,\r\n") == 2


def test_members_of_a_mapping_are_added_where_the_draft_has_them_and_removed(tmp_path: Path) -> None:
    text = '[\n  {\n    "name": "A",\n    "partnerAction": "a",\n    "subscribe": "",\n'
    text += '    "mapping": {\n      "x": { "@path": "$.x" },\n      "y": 1\n    }\n  }\n]'
    path = write(tmp_path / "m.json", text)
    studio = studio_of(path)
    draft = draft_of(studio)
    draft[0]["mapping"] = {"x": {"@path": "$.x"}, "new": {"@path": "$.new"}, "y": 1}
    saved(studio, draft)
    added = text.replace('" },\n', '" },\n      "new": { "@path": "$.new" },\n')
    assert text_of(path) == added
    draft = draft_of(studio)
    draft[0]["mapping"] = {"new": {"@path": "$.new"}, "more": {"a": {"@path": "$.b"}}}
    saved(studio, draft)
    assert text_of(path) == (
        added.replace('      "x": { "@path": "$.x" },\n', "").replace(
            '      "y": 1\n', '      "more": {\n        "a": { "@path": "$.b" }\n      }\n'
        )
    )


def test_a_list_in_an_object_on_one_line_stays_on_one_line(tmp_path: Path) -> None:
    path = write(
        tmp_path / "m.json", '{"subscriptions":[{"name":"A","partnerAction":"a","subscribe":"","mapping":{}}]}'
    )
    studio = studio_of(path)
    draft = draft_of(studio)
    draft[0]["mapping"] = {"a": [1, {"b": None}]}
    draft.append({"key": "n1", **PAGES, "name": "é"})
    saved(studio, draft)
    pages = json.dumps({**PAGES, "name": "é"}, separators=(",", ":"), ensure_ascii=False)
    order = '"name":"é","partnerAction":"trackGoal","subscribe":"type = \\"page\\"","mapping":'
    assert text_of(path).startswith(
        '{"subscriptions":[{"name":"A","partnerAction":"a","subscribe":"","mapping":{"a":[1,{"b":null}]}},{'
    )
    assert order in text_of(path)
    assert "\n" not in text_of(path)
    assert len(text_of(path).partition("},{")[2]) == len(pages) - 1 + len("]}")


def test_a_file_without_subscriptions_gets_some(tmp_path: Path) -> None:
    for text, key in (("[]\n", "subscribe"), ('{"data": {"subscriptions": []}}', "trigger")):
        path = write(tmp_path / "m.json", text)
        studio = studio_of(path)
        saved(studio, [{"key": "n1", **PAGES}])
        assert key in text_of(path)
        assert [item["name"] for item in studio.document.subscriptions] == ["Pages"]


def test_a_file_with_one_subscription_holds_no_other_number(tmp_path: Path) -> None:
    path = write(tmp_path / "one.json", '{"data": {"subscription": {"trigger": "a", "actionSlug": "b"}}}')
    studio = studio_of(path)
    draft = draft_of(studio)
    draft[0]["subscribe"] = "ab"
    saved(studio, draft)
    assert text_of(path) == '{"data": {"subscription": {"trigger": "ab", "actionSlug": "b"}}}'
    with pytest.raises(StudioProblem, match="exactly one subscription"):
        saved(studio, [])


def test_a_file_that_changed_on_disk_is_not_overwritten_unless_one_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "m.json", json.dumps([PAGES], indent=2))
    studio = studio_of(path)
    draft = draft_of(studio)
    draft[0]["name"] = "Mine"
    write(path, json.dumps([{**PAGES, "name": "Theirs"}], indent=2))
    with pytest.raises(StudioProblem, match="changed on disk") as caught:
        saved(studio, draft)
    assert caught.value.status == 409
    assert [line for line in caught.value.more["conflict"] if line[0] in "-+"] == [
        '-    "name": "Theirs",',
        '+    "name": "Mine",',
    ]
    assert "Theirs" in text_of(path)
    saved(studio, draft, overwrite=True)
    assert text_of(path) == json.dumps([{**PAGES, "name": "Mine"}], indent=2)


def test_a_file_that_is_not_json_any_more_is_written_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "m.json", json.dumps([PAGES]))
    studio = studio_of(path)
    write(path, "<<<<<<< ours")
    saved(studio, draft_of(studio), overwrite=True)
    assert json.loads(text_of(path)) == [PAGES]


def test_equal_subscriptions_that_change_their_positions_are_no_change(tmp_path: Path) -> None:
    """Also if their texts differ, by an escape or by the form that each has."""
    public = '{"id": "", "ID": "", "actionId": "", "actionSlug": "a", "trigger": "\\u0078"}'
    runtime = '{"ID":"","ActionID":"","partnerAction":"a","subscribe":"x"}'
    path = write(tmp_path / "m.json", f"[{public}, {runtime}]")
    studio = studio_of(path)
    draft = draft_of(studio)
    saved(studio, draft[::-1])
    assert text_of(path) == f"[{public}, {runtime}]"
    saved(studio, [{**draft[1], "name": "Mine"}, draft[0]])
    assert text_of(path) == f'[{{"name": "Mine",{runtime[1:]}, {public}]'


def test_a_file_that_is_gone_is_written_again_when_one_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.json", ODD)
    studio = studio_of(path)
    path.unlink()
    with pytest.raises(StudioProblem, match="was removed from the disk") as caught:
        saved(studio, draft_of(studio))
    assert (caught.value.status, path.exists()) == (409, False)
    saved(studio, draft_of(studio), overwrite=True)
    assert text_of(path) == ODD


def test_an_undo_across_a_save_keeps_the_text_of_what_is_still_there(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.json", ODD)
    studio = studio_of(path)
    before = draft_of(studio)
    saved(studio, before[1:])
    saved(studio, before)
    second = ODD[ODD.index('{ "id":"s-2"') : ODD.index("\r\n   ],")]
    assert second in text_of(path)
    assert [item["ID"] for item in studio.document.subscriptions] == ["s-1", "s-2"]


def test_a_preview_shows_the_lines_and_writes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "m.json", json.dumps([PAGES], indent=1))
    studio = studio_of(path)
    draft = draft_of(studio)
    draft[0]["enabled"] = False
    found = saved(studio, draft, preview=True)
    assert [line for line in found["changes"] if line[0] in "-+"] == ['-  "enabled": true,', '+  "enabled": false,']
    assert text_of(path) == json.dumps([PAGES], indent=1)
    assert saved(studio, draft_of(studio), preview=True) == {"changes": []}


def test_what_is_not_one_json_file_is_saved_to_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one, two = (write(tmp_path / name, json.dumps([PAGES])) for name in ("a.json", "b.json"))
    (tmp_path / "studio_mappings_x.py").write_text(f"mine = [{PAGES!r}]")
    terraform = write(tmp_path / "m.tf", to_terraform([Subscription.from_json(PAGES)]))
    kinds = []
    for sources in ((), (one, two), ("studio_mappings_x:mine",), (terraform,)):
        studio = studio_of(*sources)
        kinds.append(studio.document.kind)
        draft = draft_of(studio)
        with pytest.raises(StudioProblem, match="new JSON file"):
            saved(studio, draft)
        target = tmp_path / f"new-{kinds[-1]}.json"
        answer = saved(studio, draft, path=str(target))
        assert (answer["document"]["kind"], answer["document"]["saveable"]) == ("json", True)
        assert [item["name"] for item in answer["document"]["subscriptions"]] == [item["name"] for item in draft]
    assert kinds == ["presets", "several", "object", "terraform"]
    assert text_of(one) == json.dumps([PAGES])


def test_a_new_file_never_replaces_one_unless_one_says_so(tmp_path: Path) -> None:
    path = write(tmp_path / "m.json", json.dumps([PAGES]))
    studio = studio_of()
    draft = [{"key": "n1", **PAGES, "name": "Mine"}]
    with pytest.raises(StudioProblem, match="exists already") as caught:
        saved(studio, draft, path=str(path))
    assert caught.value.status == 409
    assert any('"name": "Mine"' in line for line in caught.value.more["conflict"])
    assert json.loads(text_of(path)) == [PAGES]
    saved(studio, draft, path=str(path), overwrite=True)
    assert json.loads(text_of(path))[0]["name"] == "Mine"


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "name of a new"), ("m.tf", "ends in .json"), ("none/m.json", "no folder"), (7, "name of a new")],
)
def test_a_name_that_cannot_be_a_new_file_is_refused(tmp_path: Path, name: Any, message: str) -> None:
    path = str(tmp_path / name) if isinstance(name, str) and name else name
    with pytest.raises(StudioProblem, match=message):
        saved(studio_of(), [], path=path)


def test_a_link_stays_a_link_and_a_read_only_file_stays_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "real.json", json.dumps([PAGES]))
    link = tmp_path / "link.json"
    link.symlink_to(path)
    studio = studio_of(link)
    draft = draft_of(studio)
    draft[0]["name"] = "Mine"
    saved(studio, draft)
    assert link.is_symlink()
    assert json.loads(text_of(path))[0]["name"] == "Mine"
    path.chmod(0o444)
    assert studio.document.to_json()["saveable"] is False
    with pytest.raises(StudioProblem, match="read-only"):
        saved(studio, [])
    path.chmod(0o644)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link.json", "real.json"]


def test_nothing_is_written_that_would_not_read_as_the_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "m.json", json.dumps([PAGES]))
    studio = studio_of(path)
    draft = draft_of(studio)
    draft[0]["name"] = "Mine"
    for wrong in (json.dumps([PAGES]), "[", '[{"name": "Mine"}]'):
        monkeypatch.setattr(saving, "rewrite_json", lambda *_, wrong=wrong: wrong)
        with pytest.raises(StudioProblem, match="change of something else"):
            saved(studio, draft)
    assert json.loads(text_of(path)) == [PAGES]


def test_a_mapping_that_nests_too_deeply_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "m.json", json.dumps([PAGES]))
    studio = studio_of(path)
    deep: Any = 1
    for _ in range(1500):
        deep = [deep]
    with pytest.raises(StudioProblem, match="nests too deeply"):
        saved(studio, [{**draft_of(studio)[0], "mapping": {"a": deep}}])
    assert json.loads(text_of(path)) == [PAGES]
