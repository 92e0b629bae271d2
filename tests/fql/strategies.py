"""What the property tests draw: triggers, ASTs and events, well-formed and not."""

from typing import Any

from hypothesis import strategies as st

from destination.fql import Condition, GroupCondition
from destination.fql.nodes import Value

TEXT_FIELDS = ["event", "name", "userId"]
PATH_TYPES = ["event-property", "event-trait", "event-context"]
OPERATORS = [
    *("=", "!=", "<", "<=", ">", ">=", "number_equals", "number_not_equals", "contains", "not_contains"),
    *("starts_with", "not_starts_with", "ends_with", "not_ends_with", "exists", "not_exists", "is_true", "is_false"),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["", "a", "track", "5"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b", "0", "length"]), inner),
    max_leaves=6,
)
events = json_values | st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "page"]) | json_values,
        "event": st.sampled_from(["a", "track"]) | json_values,
        "name": json_values,
        "userId": json_values,
        "properties": json_values,
        "traits": json_values,
        "context": json_values,
    },
)

# --- ASTs of any kind, as Segment's JSON -----------------------------------------------------------------

_odd = st.sampled_from([None, 0, 5, "", ".", "and", "group", [], ["a", "b"], {}, {"a": 1}])
_loose_leaves = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["event-type", "event-type", "event", *TEXT_FIELDS, *PATH_TYPES]) | _odd,
        "operator": st.sampled_from(["=", "=", *OPERATORS]) | _odd,
        "value": st.sampled_from(["track", "a", "page"]) | json_values,
        "name": st.sampled_from(["a", "a.b", "a.length", "a[0]"]) | _odd,
    },
)


def _loose_group(children: Any) -> Any:
    operators = st.sampled_from(["and", "or", "and", "or", "nor"])
    return st.fixed_dictionaries({"type": st.just("group"), "operator": operators, "children": children})


loose_conditions = _loose_group(
    st.lists(
        st.recursive(
            _loose_leaves | _odd,
            lambda inner: _loose_group(st.lists(inner, max_size=3)) | _loose_group(_odd),
            max_leaves=6,
        ),
        max_size=4,
    )
)

# --- the ASTs that come back from their text -------------------------------------------------------------

texts = st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]), max_size=8)
_numbers = st.integers(-(10**9), 10**9) | st.floats(1e-5, 1e15).map(lambda number: round(number, 5))
_keys = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="."), min_size=1, max_size=6).filter(
    lambda key: key not in ("and", "or", "null") and not (key[0].isascii() and (key[0].isdigit() or key[0] == "-"))
)
_names = st.lists(_keys, min_size=1, max_size=3).map(".".join)
_suffixes = texts.filter(lambda text: text != "" and not text.endswith("*"))


@st.composite
def round_trip_leaves(draw: st.DrawFn, *, functions: bool = True) -> Condition:
    kind = draw(st.sampled_from(["event-type", *TEXT_FIELDS, *PATH_TYPES]))
    operators = ["=", "!="]
    if functions and kind != "event-type":
        operators += ["contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with"]
    if kind not in ("event-type", "event"):
        operators += ["exists", "not_exists"]
    if kind not in ("event-type", "event", "name"):
        operators += ["is_true", "is_false"]
    if kind in PATH_TYPES:
        operators += ["number_equals", "number_not_equals", "<", "<=", ">", ">="]
    operator = draw(st.sampled_from(operators))
    name = {"name": draw(_names)} if kind in PATH_TYPES else {}
    if operator in ("exists", "not_exists", "is_true", "is_false"):
        return Condition(kind, operator, **name)
    value: Value
    if operator in ("number_equals", "number_not_equals", "<", "<=", ">", ">="):
        value = draw(_numbers)
    elif operator.endswith("ends_with"):
        value = draw(_suffixes)
    else:
        value = draw(texts)
    return Condition(kind, operator, value, **name)


_operators = st.sampled_from(["and", "or"])
_inner_leaves = round_trip_leaves(functions=False)  # their ) would end the group
_inner_groups = st.builds(GroupCondition, _operators, st.lists(_inner_leaves, min_size=2, max_size=3).map(tuple))
round_trip_conditions = st.builds(
    GroupCondition, _operators, st.lists(round_trip_leaves() | _inner_groups, min_size=2, max_size=4).map(tuple)
) | st.builds(GroupCondition, st.just("and"), st.tuples(round_trip_leaves()))

# --- text that is nearly FQL -----------------------------------------------------------------------------

_words = st.sampled_from(
    [
        *(
            "type",
            "event",
            "name",
            "userId",
            "properties.a",
            "properties.a.b",
            "traits.a",
            "context.a",
            "foo",
            "a",
            "n",
        ),
        *("contains(", "match(", "!contains(", "!match(", "and", "or", "null", "true", "false", "constructor"),
        *("=", "!=", "<", "<=", ">", ">=", "!", "(", ")", ",", ".", "[", "]", "\\", "'", '"', "-", "5", "1.5", "1."),
        *('"track"', '"a"', '"a*"', '"*a"', "'a'", '"🎉"', "é", "\r", "\n", "\\.", "\\🎉", "a\\ b"),
    ]
)
soups = st.builds(lambda joint, words: joint.join(words), st.sampled_from(["", " "]), st.lists(_words, max_size=12))
