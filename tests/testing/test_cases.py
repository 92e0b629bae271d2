"""Files of cases, run by pytest."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import destination.testing.cases as cases_package
from destination import MISSING, SchemaValidationError, Subscription
from destination.fields import validate_schema
from destination.testing.cases import Case, CaseFileError, found_in, read_cases
from destination.testing.cases.model import CASE_KEYS, EXPECT_KEYS, FILE_KEYS, OUTCOME_KEYS
from destination.values.positions import read_yaml_nodes
from tests.testing.example import Example, Run
from tests.testing.shop import shop
from tests.thorough import some

Project = Callable[[Mapping[str, str]], Example]

HEAD = """\
destination: tests.testing.shop:shop
subscriptions:
  - name: Orders
    subscribe: type = "track" and event = "Order Completed"
    partnerAction: send
    mapping: {name: {"@path": $.event}, user: {"@path": $.userId}}
settings: {apiKey: s3cr3t-key}
base: test
"""
ORDER = """\
cases:
  - name: An order is sent
    event: {event: Order Completed}
    expect:
      matched: [Orders]
      subscriptions:
        Orders:
          payload: {name: Order Completed}
          requests:
            - {method: POST, url: https://shop.test/v1/events, body: {user: user1234}}
"""


@pytest.fixture
def run(example: Project) -> Callable[..., Run]:
    def run_cases(text: str, *arguments: str, name: str = "shop.cases.yaml", **files: str) -> Run:
        return example({name: text}).having(**files).run_pytest(*arguments)

    return run_cases


def test_each_case_is_a_test(run: Callable[..., Run]) -> None:
    done = run(HEAD + ORDER, "-vv")
    assert (done.outcomes, done.status) == ({"passed": 1}, 0)
    assert "shop.cases.yaml::An order is sent PASSED" in done.output


def test_a_difference_is_told_by_its_path(run: Callable[..., Run]) -> None:
    done = run(HEAD + ORDER.replace("name: Order Completed}", "name: Other}"))
    assert done.outcomes == {"failed": 1}
    assert '  /subscriptions/Orders/payload/name: expected "Other", found "Order Completed"' in done.output
    assert "shop.cases.yaml:10: An order is sent" in done.output
    assert "Traceback" not in done.output


def test_what_is_expected_exactly_may_have_nothing_else(run: Callable[..., Run]) -> None:
    text = HEAD + ORDER.replace("payload: {name: Order Completed}", "payload: {exactly: {name: Order Completed}}")
    assert '/subscriptions/Orders/payload/user: expected nothing, found "user1234"' in run(text).output


def test_a_name_that_no_subscription_has_is_told(run: Callable[..., Run]) -> None:
    text = HEAD + "cases:\n  - name: A\n    expect: {matched: [], subscriptions: {Oders: {absent: true}, Order: }}\n"
    done = run(text, "--record")
    assert (done.outcomes, done.changed) == ({"failed": 1}, {})
    assert "  /subscriptions/Oders: is not a subscription; did you mean Orders?\n" in done.output
    assert "  /subscriptions/Order: is not a subscription; did you mean Orders?\n" in done.output


def test_an_event_may_lack_what_the_base_has(run: Callable[..., Run]) -> None:
    text = HEAD + ORDER.replace("{event: Order Completed}", "{event: Order Completed, userId: {absent: true}}")
    assert '/subscriptions/Orders/requests/0/body/user: expected "user1234", found nothing' in run(text).output


def test_an_error_can_be_expected(run: Callable[..., Run]) -> None:
    case = """\
cases:
  - name: A closed shop
    event: {event: Order Completed, userId: u}
    expect: {subscriptions: {Orders: {error: MESSAGE}}}
"""
    text = HEAD.replace("$.event}", "$.name}") + case
    message = "The root value is missing the required field 'name'."
    done = run(text.replace("MESSAGE", message))
    assert "found" not in done.output, done.output
    done = run(text.replace("MESSAGE", "{type: IntegrationError}"))
    assert '/error/type: expected "IntegrationError", found "SchemaValidationError"' in done.output


def test_a_subscription_that_takes_no_event_has_nothing(run: Callable[..., Run]) -> None:
    done = run(HEAD + ORDER.replace("{event: Order Completed}", "{event: Other}"))
    assert '/matched/0: expected "Orders", found nothing' in done.output
    assert '/subscriptions/Orders: expected {"payload":' in done.output


def test_what_makes_a_subscription_fail_is_told_with_the_difference(run: Callable[..., Run]) -> None:
    done = run(HEAD.replace('type = "track" and', "type ~ and") + ORDER)
    assert "note: Orders: subscribe: Invalid subscription : " in done.output


def test_secrets_are_in_no_message(run: Callable[..., Run]) -> None:
    text = HEAD.replace('{"@path": $.event}', "key s3cr3t-key") + ORDER
    done = run(text.replace("url: https:", "headers: {x-api-key: other}, url: https:"))
    assert 'found "key <redacted>"' in done.output
    assert '/headers/x-api-key: expected "other", found "<redacted>"' in done.output
    assert "s3cr3t" not in done.output


def test_events_and_mappings_may_stand_in_files(run: Callable[..., Run]) -> None:
    subscription = {"name": "Orders", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": {"name": "a"}}
    text = json.dumps(
        {
            "destination": "tests.testing.shop:shop",
            "mappings": "mappings.json",
            "cases": [
                {
                    "name": "One",
                    "event": "one.json",
                    "expect": {"subscriptions": {"Orders": {"payload": {"name": "a"}}}},
                }
            ],
        }
    )
    files = {"mappings__json": json.dumps([subscription]), "one__json": '{"type": "track"}'}
    assert run(text, name="shop.cases.json", **files).outcomes == {"passed": 1}


def test_presets_are_the_subscriptions_where_none_are_given(run: Callable[..., Run]) -> None:
    text = """\
destination: actions-absmartly
presets: [Page Calls]
cases:
  - name: A page is a goal
    base: test
    event: {type: page, name: Home}
    expect:
      matched: [Page Calls]
      subscriptions: {Page Calls: {payload: {name: "Page: Home"}}}
"""
    assert run(text).outcomes == {"passed": 1}
    everything = text.replace("presets: [Page Calls]\n", "").replace("type: page", "type: screen")
    assert '/matched/0: expected "Page Calls", found "Screen Calls"' in run(everything).output


def test_now_is_the_first_moment_of_2026_for_templates(run: Callable[..., Run]) -> None:
    text = HEAD.replace('{"@path": $.event}', "{\"@liquid\": \"{{ 'now' | date: '%Y %H:%M' }}\"}")
    assert run(text + ORDER.replace("payload: {name: Order Completed}", 'payload: {name: "2026 00:00"}')).status == 0


@pytest.mark.parametrize(
    ("change", "message"),
    some([
        (("destination: tests", "destinatoin: tests"), "1: /destinatoin: is not a known key; did you mean"),
        (("destination: tests.testing.shop:shop", "destination: shpo"), "there is no destination 'shpo'"),
        (("tests.testing.shop:shop", "tests.testing.shop:TEXT"), "shop:TEXT is not a destination that"),
        (("settings: {apiKey: s3cr3t-key}", "settings: 5"), "7: /settings: is not an object; give the settings"),
        (("settings: {apiKey: s3cr3t-key}", "settings: {apiKey: {a: 1}}"), "7: /settings: "),
        (("base: test", "presets: true"), "8: /presets: cannot be combined with subscriptions; keep one of them"),
        (("base: test", "mappings: a.json"), "cannot be combined with "),
        (("base: test", "base: none.json"), "8: /base: none.json cannot be read: No such file or directory"),
        (("    event: {event", "    evnt: {event"), "11: /cases/0/evnt: is not a known key; did you mean event?"),
        (("- name: An order is sent", "- name:"), "10: /cases/0: has no name; add one"),
        (("matched: [Orders]", "matched: Orders"), "13: /cases/0/expect/matched: is not a list of names"),
        (("payload: {name", "paylod: {name"), "16: /cases/0/expect/subscriptions/Orders/paylod: is not a known key"),
        (("matched: [Orders]", "matched: [Orders"), "is not valid YAML: "),
        (("cases:", "cases: # {"), None),
        (("base: test", "base: &a {b: *a}"), "8: refers to itself; write the value out"),
        (("base: test", "base: {a: 1, a: 2}"), "8: has the key 'a' twice in one object, on line 8; keep one of them"),
        (("base: test", "base: {<<: {}}"), "8: has a merge key (<<); use `base` for what events share"),
        (("base: test", "base: !!python/object:os.system {}"), "8: has the tag tag:yaml.org,2002:python"),
    ], every=4),
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_told_in_one_line(
    run: Callable[..., Run], change: tuple[str, str], message: str | None
) -> None:
    text = (HEAD + ORDER).replace(*change)
    assert text != HEAD + ORDER
    done = run(text)
    if message is None:
        assert done.outcomes == {"passed": 1}
        return
    assert done.status == 2, done.output
    [line] = [line for line in done.output.splitlines() if "shop.cases.yaml:" in line]
    assert message in line
    assert "Traceback" not in done.output
    assert "s3cr3t" not in done.output


def test_yaml_without_pyyaml_says_what_to_install(run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    assert 'needs PyYAML to be read: install "destination-actions[test]"' in run(HEAD + ORDER).output


ABSMARTLY = '{"destination": "actions-absmartly", '
JSON_HEAD = '{"destination": "tests.testing.shop:shop", "subscriptions": [],\n'


@pytest.mark.parametrize(
    ("rest", "message"),
    some([
        ("}", "2: is not valid JSON: Expecting property name enclosed in double quotes"),
        ('"cases": [}', "2: is not valid JSON: Expecting value"),
        ('"cases": [] "base": 1}', "2: is not valid JSON: Expecting ',' delimiter"),
        ('"cases": []} 5', "2: is not valid JSON: there is more text after the value"),
        ('"note": NaN, "cases": []}', "is not valid JSON: it has NaN"),
        ('"note": 1, "note": 2}', "2: has the key 'note' twice in one object, on line 2; keep one of them"),
        ('"note": ' + "[" * 5000, "nests too deeply"),
        ('"cases": {}}', "2: /cases: is not a list; give cases with a name, an event and what to expect"),
        ('"cases": [5]}', "2: /cases/0: is not an object; it takes name, event, base, expect, note"),
        ('"cases": [{"name": "A"}]}', "2: /cases/0: has no event; give an event, the name of a file"),
        ('"cases": [{"name": "A", "event": 5}]}', "2: /cases/0/event: is not a string; give the name of a JSON file"),
        ('"cases": [{"name": "A", "event": "list.json"}]}', "2: /cases/0/event: list.json does not hold an event"),
        ('"cases": [{"name": "A", "event": "bad.json"}]}', "2: /cases/0/event: bad.json is not valid JSON: "),
        ('"cases": [{"name": "A", "event": {}}, {"name": "A"}]}', "2: /cases/1/name: 'A' is the name of another case"),
        ('"cases": [{"name": "A", "event": {}, "expect": {"subscriptions": 5}}]}', "subscriptions: is not an object"),
    ], every=4),
)  # fmt: skip
def test_json_that_cannot_be_used_is_told_in_one_line(run: Callable[..., Run], rest: str, message: str) -> None:
    done = run(JSON_HEAD + rest, name="a.cases.json", list__json="[]", bad__json="{")
    [line] = [line for line in done.output.splitlines() if "a.cases.json:" in line]
    assert message in line
    assert (done.status, "Traceback" in done.output) == (2, False)


@pytest.mark.parametrize(
    ("head", "message"),
    some([
        ('{"cases": []}', "1: /destination: is missing; give the slug of a destination, or module:attribute"),
        ('{"destination": "no.module:x", "cases": []}', "1: /destination: No module named 'no'"),
        (ABSMARTLY + '"presets": 5, "cases": []}', "1: /presets: is neither a list of names"),
        (ABSMARTLY + '"presets": ["Pages"], "cases": []}', "/presets/0: is not a preset; did you mean Page Calls?"),
        (ABSMARTLY + '"subscriptions": 5, "cases": []}', "1: /subscriptions: expected a JSON list"),
        (ABSMARTLY + '"mappings": "bad.json", "cases": []}', "1: /mappings: bad.json is not valid JSON"),
        ("[]", "1: /: is not an object; it takes destination, mappings"),
        ("\udcff", None),
    ], every=4),
)  # fmt: skip
def test_a_head_that_cannot_be_used_is_told_in_one_line(tmp_path: Path, head: str, message: str | None) -> None:
    path = tmp_path / "a.cases.json"
    path.write_bytes(head.encode("utf-8", "surrogateescape"))
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(CaseFileError) as caught:
        read_cases(path)
    assert (message or "is not UTF-8; save it as UTF-8") in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_a_file_that_is_not_there_and_too_many_subscriptions_are_told(tmp_path: Path) -> None:
    with pytest.raises(CaseFileError, match="cannot be read: No such file or directory"):
        read_cases(tmp_path / "none.cases.json")
    path = tmp_path / "a.cases.json"
    path.write_text(JSON_HEAD + '"cases": []}')
    file = read_cases(path)
    assert file.cases == ()
    with pytest.raises(CaseFileError, match=r"/subscriptions: 51 subscriptions are more than the 50"):
        file.instance((Subscription(subscribe="", partner_action="send"),) * 51)


def test_subscriptions_of_one_name_are_told_apart() -> None:
    one = {"name": "A", "subscribe": 'type = "track"', "partnerAction": "send", "mapping": {"name": "x"}}
    instance = shop.instance({"apiKey": "k"}, [one, one])
    found = found_in(Case("A", {"type": "track"}, MISSING, (), 1), instance)
    assert found["matched"] == list(found["subscriptions"]) == ["A", "A (2)"]


def test_a_base_of_a_case_goes_before_that_of_the_file(run: Callable[..., Run]) -> None:
    text = HEAD + ORDER.replace("event: {event", "base: {userId: other}\n    event: {type: track, event")
    assert '/body/user: expected "user1234", found "other"' in run(text).output


def test_what_waits_for_an_answer_is_incomplete(run: Callable[..., Run]) -> None:
    text = HEAD.replace("partnerAction: send", "partnerAction: sendTwice").replace(', user: {"@path": $.userId}', "")
    outcome = "payload: {name: Order Completed}"
    text += ORDER[: ORDER.index("          requests:")].replace(
        outcome, "requests: [{method: POST}]\n          incomplete: true"
    )
    assert run(text).outcomes == {"passed": 1}
    assert "/incomplete: expected false, found true" in run(text.replace("true\n", "false\n")).output


def schema_takes(text: str) -> bool:
    schema = json.loads(Path(str(cases_package.__file__)).with_name("cases.schema.json").read_text())
    try:
        validated = validate_schema(read_yaml_nodes(text).plain, schema)
    except SchemaValidationError:
        return False
    return bool(validated == read_yaml_nodes(text).plain)  # Segment's takes away what the schema has no place for


def test_the_schema_takes_what_the_reader_takes() -> None:
    assert schema_takes(HEAD + ORDER)
    assert schema_takes("destination: a\ncases: [{name: A, event: a.json, base: , expect: }]")
    assert schema_takes("destination: a\npresets: true\ncases: [{name: A, expect: {matched: , subscriptions: {A: }}}]")
    for change in (("base:", "bse:"), ("name: An", "nme: An"), ("matched:", "match:"), ("payload:", "paylod:")):
        assert not schema_takes((HEAD + ORDER).replace(*change)), change


def test_the_schema_knows_every_key_of_the_reader() -> None:
    schema = json.loads(Path(str(cases_package.__file__)).with_name("cases.schema.json").read_text())
    case = schema["properties"]["cases"]["items"]
    expect = case["properties"]["expect"]["anyOf"][1]
    outcome = expect["properties"]["subscriptions"]["anyOf"][1]["additionalProperties"]["anyOf"][1]
    assert set(schema["properties"]) == set(FILE_KEYS)
    assert set(case["properties"]) == set(CASE_KEYS)
    assert set(expect["properties"]) == set(EXPECT_KEYS)
    assert set(outcome["properties"]) == {*OUTCOME_KEYS, "absent"}
