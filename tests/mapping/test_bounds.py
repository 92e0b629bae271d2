"""The bounds of what a mapping does for one event."""

import json
import threading
from typing import Any

import pytest

from destination.errors import MappingError
from destination.mapping import compile_mapping, transform, transform_batch, validate_mapping
from destination.mapping.bounds import MAX_FREE_COPIES, MAX_PARTS, MAX_TEXT_LENGTH, MAX_WORK
from destination.mapping.measured import MeasuredMapping

PATH = {"@path": "$.v"}
WORK = "the mapping takes more than 10,000,000 steps of work for this event"


def too_long(name: str) -> str:
    return f"{name}: a text has at most 2,000,000 characters, but this one has more"


def failure(directive: Any, found: Any) -> str:
    with pytest.raises(MappingError) as caught:
        transform({"f": directive}, {"v": found})
    return str(caught.value)


def replaced(value: Any, replacement: str, **options: Any) -> Any:
    return {"@replace": {"pattern": "a", "replacement": replacement, "value": value, **options}}


# --- texts -----------------------------------------------------------------------------------------------


def test_a_text_may_have_two_million_characters() -> None:
    assert transform({"f": {"@template": "{{v}}"}}, {"v": "a" * MAX_TEXT_LENGTH}) == {"f": "a" * MAX_TEXT_LENGTH}
    assert failure({"@template": "x{{v}}"}, "a" * MAX_TEXT_LENGTH) == too_long("@template")


@pytest.mark.parametrize("template", ["{{v}}{{v}}", "{{v}}{{v}}{{v}}", "{{{v}}}{{{v}}}", "{{{v}}} {{v}}"])
def test_templates_are_bounded_whatever_their_form(template: str) -> None:
    assert failure({"@template": template}, "b" * 1_100_000) == too_long("@template")


def test_nested_replacements_are_bounded() -> None:
    mapping: Any = PATH
    for _ in range(9):
        mapping = replaced(mapping, "a" * 10)
    assert failure(mapping, "aaaaa") == too_long("@replace")


@pytest.mark.parametrize("options", [{}, {"ignorecase": True}])
def test_replacements_with_what_stands_around_are_bounded(options: Any) -> None:
    assert failure(replaced(PATH, "$`$'$&$`$'", **options), "a" * 20_000) == too_long("@replace")
    assert transform({"f": replaced(PATH, "[$`|$']", **options)}, {"v": "xay"}) == {"f": "x[x|y]y"}


def test_the_second_replacement_is_bounded_too() -> None:
    mapping = {
        "@replace": {"pattern": "b", "replacement": "c", "pattern2": "a", "replacement2": "a" * 10, "value": PATH}
    }
    assert failure(mapping, "a" * 300_000) == too_long("@replace")


def test_case_of_letters_is_bounded() -> None:
    assert failure({"@case": {"operator": "upper", "value": PATH}}, "ß" * 2_000_001) == too_long("@case")


def test_encoded_and_decoded_json_is_bounded() -> None:
    assert failure({"@json": {"mode": "encode", "value": PATH}}, ["x" * 700_000] * 3) == too_long("@json")
    assert failure({"@json": {"mode": "encode", "value": [PATH] * 5_000}}, "x" * 10_000) == WORK
    assert failure({"@json": {"mode": "decode", "value": PATH}}, json.dumps("x" * 2_000_000)) == too_long("@json")


# --- objects and lists -----------------------------------------------------------------------------------


def test_merged_texts_are_bounded() -> None:
    assert failure({"@merge": {"direction": "right", "objects": [PATH]}}, "a" * 500_000) == WORK
    assert (
        len(transform({"f": {"@merge": {"direction": "left", "objects": [PATH]}}}, {"v": "a" * 50_000})["f"]) == 50_000
    )


def test_flattened_keys_are_bounded() -> None:
    chain: Any = 1
    for _ in range(1_900):
        chain = {"k" * 200: chain, "leaf": 1}
    assert failure({"@flatten": {"separator": ".", "value": PATH}}, chain) == WORK


def test_a_large_shape_for_a_long_list_is_bounded() -> None:
    shape = {str(number): {"@path": "$.a"} for number in range(2_000)}
    assert failure({"@arrayPath": ["$.v", shape]}, [{"a": 1}] * 2_000) == WORK


def test_values_that_double_are_bounded() -> None:
    mapping: Any = PATH
    for _ in range(30):
        mapping = {"@transform": {"apply": {"a": mapping}, "mapping": {"a": [{"@path": "$.a"}, {"@path": "$.a"}]}}}
    assert failure(mapping, 1) == WORK


def test_the_event_in_many_fields_is_bounded() -> None:
    fields = {str(number): PATH for number in range(MAX_FREE_COPIES + 1)}
    assert failure(fields, "a" * 100_000) == WORK
    assert failure(fields, [{"a": number} for number in range(10_000)]) == WORK
    assert transform(fields, {"v": "a" * 90_000}) == dict.fromkeys(fields, "a" * 90_000)


def test_copies_are_counted_in_every_variant() -> None:
    mapping = compile_mapping({str(number): PATH for number in range(MAX_FREE_COPIES + 1)})
    event = {"v": "a" * 100_000}
    assert mapping.without_coercion(dict.fromkeys(mapping.raw, str), []) is None
    assert str(mapping.steps(event).error) == WORK
    for use in (mapping.without_copies(), mapping.trace, lambda event: mapping.batch([event])):
        with pytest.raises(MappingError, match=WORK):
            use(event)
    with pytest.raises(MappingError, match=WORK):
        MeasuredMapping(mapping.raw)(event, lambda _tags, _duration: None)


def test_a_mapping_with_too_many_parts_is_refused() -> None:
    fields = {str(number): PATH for number in range(MAX_PARTS - 1)}
    assert validate_mapping(fields) == []
    problems = [str(problem) for problem in validate_mapping({**fields, "one": PATH})]
    assert problems == ["a mapping has at most 10,000 objects, lists and directives"]
    table = {"names": {str(number): number for number in range(50_000)}}
    assert validate_mapping(table) == []


# --- the budget ------------------------------------------------------------------------------------------

BUSY = [{"@template": "{{v}}"}] * 6


def test_each_event_has_a_budget_of_its_own() -> None:
    event = {"v": "a" * 1_500_000}
    mapping = compile_mapping({"f": BUSY})
    for _ in range(3):
        assert mapping(event)["f"] == [event["v"]] * 6
    assert len(transform_batch({"f": BUSY}, [event] * 3)) == 3
    fitting = compile_mapping({"f": BUSY[0]}).without_coercion({"f": str}, ["f"])
    assert fitting is not None
    assert all(fitting(event) == {"f": event["v"]} for _ in range(10))
    assert failure([*BUSY, BUSY[0]], event["v"]) == WORK


def test_one_failure_leaves_the_budget_of_the_next_event() -> None:
    mapping = compile_mapping({"f": [*BUSY, BUSY[0]]})
    with pytest.raises(MappingError):
        mapping({"v": "a" * 1_500_000})
    assert mapping({"v": "b"})["f"][0] == "b"


def test_threads_have_budgets_of_their_own() -> None:
    mapping, event = compile_mapping({"f": BUSY}), {"v": "a" * 1_500_000}
    done: list[int] = []

    def work() -> None:
        done.extend(len(mapping(event)["f"]) for _ in range(3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [6] * 12


def test_what_is_constant_needs_no_budget_of_an_event() -> None:
    constant = {"@template": "x" * 1_500_000}
    mapping = compile_mapping({"f": [constant] * 20})
    assert len(mapping({})["f"]) == 20


def test_an_event_of_a_megabyte_goes_through_an_ordinary_mapping() -> None:
    product = {"sku": "sku-1", "name": "Linen shirt, größe M", "price": 12.5, "tags": ["a", "b"], "note": "x" * 60}
    event = {"event": "Order", "text": "word " * 40_000, "products": [product] * 6_000, "traits": {"a": {"b": 1}}}
    assert len(json.dumps(event)) > 1_000_000
    mapping = {
        "event": {"@path": "$"},
        "products": {
            "@arrayPath": ["$.products", {"id": {"@path": "$.sku"}, "n": {"@template": "{{name}} {{price}}"}}]
        },
        "text": {"@replace": {"pattern": " ", "replacement": "_", "ignorecase": True, "value": {"@path": "$.text"}}},
        "upper": {"@case": {"operator": "upper", "value": {"@path": "$.text"}}},
        "encoded": {"@json": {"mode": "encode", "value": {"@path": "$.products"}}},
        "flat": {"@flatten": {"separator": ".", "value": {"@path": "$.products"}}},
        "merged": {"@merge": {"direction": "right", "objects": [{"@path": "$.traits"}, {"@path": "$"}]}},
        "liquid": {"@liquid": "{{ text | truncate: 20 | upcase }} {{ products | size }}"},
        "jinja": {"@jinja": "{{ products|map(attribute='price')|sum }} {{ text|wordcount }}"},
        "skus": {"@jsonpath": "$.products[*].sku"},
    }
    payload = transform(mapping, event)
    assert len(payload["products"]) == len(payload["skus"]) == 6_000
    assert payload["liquid"] == "WORD WORD WORD WO... 6000"
    assert payload["jinja"] == "75000 40000"


def test_the_budget_is_what_the_documentation_says() -> None:
    assert (MAX_WORK, MAX_TEXT_LENGTH, MAX_PARTS, MAX_FREE_COPIES) == (10_000_000, 2_000_000, 10_000, 100)
