"""Whole mappings and events for property tests: every directive in every other, and wrong things everywhere."""

from typing import Any

from hypothesis import strategies as st

TEXTS = st.sampled_from(["", "a", "Ab cb", " ", "🎉x", "\ud83c", "lower", "left", "{{a}}", '{"a":1}', "[1,]", "ß"])
SCALARS = st.one_of(st.none(), st.booleans(), st.sampled_from([0, 1, -1, 3.5, 1e21, 2**60]), TEXTS)
KEYS = st.sampled_from(["a", "b", "p", "x", "1", "0", "", "a b", "k.d", "length", "__proto__", "_metadata", "mapping"])
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [
        *("", ".", "..", "$.a", "a", "$.p.x", "p.x.y", "$.list", "list[0].sku", "list[1]", "list.length", "s[0]"),
        *("p['a b']", 'p["k.d"]', "p[a]", "$.$.a", "it's", "s.length", "x.1", "list[0].tags", "a.b.c.d", "0"),
    ]
)
TEMPLATES = st.lists(
    st.sampled_from(["{{a}}", "{{ p.x }}", "{{{s}}}", "{{list}}", "{{}}", "{{ }}", "{", "}}", "text ", "$&"]),
    max_size=4,
).map("".join)
EVENTS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {},
    optional={
        "a": st.one_of(SCALARS, st.just({"b": {"c": {"d": [1, None]}}})),
        "p": st.one_of(SCALARS, st.just({"x": {"y": 1}, "a b": 2, "k.d": 3, "k": {"d": 4}})),
        "s": TEXTS,
        "x": st.just({"z": None, "1": "one", "0": {"n": None}}),
        "list": st.sampled_from([[{"sku": "a", "tags": ["t"]}, {"sku": None}], {"sku": "one"}, [], ["s", None], "str"]),
        "0": SCALARS,
        "its": JSON,
    },
)


def _options(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """All keys most of the time, some of them missing otherwise."""
    full = st.fixed_dictionaries(fields)
    return st.one_of(full, full, full, st.fixed_dictionaries({}, optional=fields))


def _directives(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    short = st.sampled_from(["a", "b", "ab", "🎉", "\ud83c", " ", "abcdefghijk", "s", "$", "", 5])
    replacement = st.sampled_from(["", "x", "$&", "$$", "$`", "$'", "$1", "0123456789!", None])
    values: dict[str, st.SearchStrategy[Any]] = {
        "@path": PATHS | inner,
        "@template": TEMPLATES | inner,
        "@literal": inner,
        "@excludeWhenNull": inner,
        "@if": _options({"exists": inner, "then": inner, "else": inner})
        | _options({"blank": inner, "then": inner, "else": inner}),
        "@case": _options({"operator": st.sampled_from(["lower", "upper", "Upper"]), "value": inner | TEXTS}),
        "@replace": _options(
            {
                "pattern": short,
                "replacement": replacement,
                "value": inner | TEXTS,
                "ignorecase": st.booleans(),
                "global": st.booleans(),
            }
        ),
        "@arrayPath": st.tuples(PATHS | inner, inner | st.dictionaries(KEYS, inner, max_size=2)).map(list),
        "@json": _options({"mode": st.sampled_from(["encode", "decode", "ENCODE"]), "value": inner}),
        "@flatten": _options({"separator": st.sampled_from([".", "_"]) | inner, "value": inner}),
        "@merge": _options(
            {"direction": st.sampled_from(["left", "right", "LEFT"]), "objects": st.lists(inner, max_size=3)}
        ),
        "@transform": _options(
            {"apply": st.dictionaries(KEYS, inner, max_size=2) | inner, "mapping": st.dictionaries(KEYS, inner) | inner}
        ),
        "@liquid": st.sampled_from(["{{ a }}", "{{ s | upcase }}", "{% if %}", "", 5]),
        "@jsonpath": st.sampled_from(["$.list[*].sku", "$..x", "$[", {"path": "$.a", "mode": "first"}, 5]),
        "@jinja": st.sampled_from(["{{ s | upper }}", "{{ a + 1 }}", "{% if %}", 5]),
        "@bogus": inner,
    }
    return st.sampled_from(sorted(values)).flatmap(lambda name: values[name].map(lambda value: {name: value}))


PARTS: st.SearchStrategy[Any] = st.recursive(
    SCALARS | PATHS.map(lambda path: {"@path": path}),
    lambda inner: st.one_of(
        _directives(inner),
        _directives(inner),
        st.lists(inner, max_size=3),
        st.dictionaries(KEYS, inner, max_size=3),
    ),
    max_leaves=8,
)
MAPPINGS: st.SearchStrategy[Any] = st.one_of(
    st.dictionaries(KEYS, PARTS, max_size=4),
    PARTS,
    st.fixed_dictionaries({"__segment_internal_directive": PARTS, "a": PARTS}),
)
