from typing import Any

import pytest

from destination.definition import find_dynamic_field


def function(name: str) -> Any:
    def choices(request: Any, data: Any) -> Any:
        return name

    return choices


FIELDS = {
    "plain": function("plain"),
    "obj": {"__keys__": function("keys"), "__values__": function("values"), "a": function("a")},
    "arr": {"id": function("id"), "__values__": function("arr values")},
    "bare": {"b": function("b")},
    "a.b": {"__values__": function("never")},
}


# What the reference chose and told for each of these paths.
@pytest.mark.parametrize(
    ("path", "chosen", "context"),
    [
        ("plain", "plain", None),
        (".plain", "plain", None),
        ("obj.__keys__", "keys", None),
        ("obj.__values__", "values", None),
        ("obj.a", "a", None),
        ("obj..a", "a", None),
        ("obj.a.", "a", None),
        ('obj["a"]', "a", None),
        ("obj['a']", "a", None),
        ("obj.b", "values", {"selectedKey": "b"}),
        ("x\nobj.b", "values", {"selectedKey": "b"}),
        ("obj.", "values", {"selectedKey": ""}),
        ("arr.[3].id", "id", {"selectedArrayIndex": 3}),
        ("arr.[03].id", "id", {"selectedArrayIndex": 3}),
        ("arr.[99999999999999999999999].id", "id", {"selectedArrayIndex": 1e23}),
        ("arr.[3].", "arr values", {"selectedKey": "3"}),
        ("arr.id", "id", None),
    ],
)
def test_path_finds_its_function(path: str, chosen: str, context: Any) -> None:
    found, told = find_dynamic_field(FIELDS, path)
    assert found is not None
    assert (found(None, None), told) == (chosen, context)


@pytest.mark.parametrize(
    "path",
    [
        "", ".", "x", "obj", "arr.[3].z", "plain.x", "plain.length", "a.b.[1].c", "obj.b.c", "[0].id", "plain.",
        "\nplain", "arr.[1].id.[2].id", "bare.c", "arr.[x].id", "a.b.c", "arr.[\u0663].id",
    ],
)  # fmt: skip
def test_path_without_function(path: str) -> None:
    assert find_dynamic_field(FIELDS, path) == (None, None)


@pytest.mark.parametrize("name", ["constructor", "toString", "__proto__", "__class__", "__init__", "hasOwnProperty"])
def test_what_objects_have_of_themselves_is_no_function(name: str) -> None:
    assert find_dynamic_field(FIELDS, name) == (None, None)
    assert find_dynamic_field(FIELDS, f"plain.{name}") == (None, None)
    assert find_dynamic_field(FIELDS, f"obj.{name}")[1] == {"selectedKey": name}


def test_without_dynamic_fields_nothing_is_found() -> None:
    assert find_dynamic_field(None, "a.b") == (None, None)
    assert find_dynamic_field({}, "a") == (None, None)
