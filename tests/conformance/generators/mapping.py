"""Mappings: every directive inside every other, wrong types and missing options at each place, odd paths."""

from random import Random
from typing import Any

from tests.conformance.generators import liquid
from tests.conformance.generators.draw import KEYS, chance, json_value, mutate_json, pick, places, scalar, weighted
from tests.conformance.generators.events import event, no_event

PATHS = [
    "$.event", "event", "$.userId", "$.anonymousId", "$.name", "$.type", "$.timestamp", "$.properties", "$.traits",
    "$.context.library.name", "$.properties.price", "properties.currency", "$.properties.products",
    "$.properties.products[0]", "$.properties.products[0].name", "properties.products.0.price",
    "$.properties.products.length", "$.properties.tags", "$.properties.tags[0]", "$.properties.a.b.c",
    "$.properties.json",
    "$.missing", "$.properties.missing.deeper", "$.context.ip", "$.traits.email",
]  # fmt: skip
ODD_PATHS = [
    "", ".", "$", "$.", "..", "x$.p", "$.$.event", "$event", "$.properties['a b']", '$.properties["a b"]', "['event']",
    "$['properties']['price']", "$.it's", "properties['dot.key']", "properties[a]", "properties[a b]", "properties.a b",
    "$.properties.products[10].name", "$.properties.products[-1]", "$.event[0]", "$.event.0", "$.event.length",
    "$.userId.x",
    "$.properties..price", "$..price", "$.properties.", "$.properties.tags.length", "$.properties.price.length", "[0]",
    "$.properties.products[*].name", "$.properties['products'][0]['name']", "$.properties.tags[1][1]", "properties[0]",
    " $.event", "$.event ", "$.properties.products[0", "$.properties]price", "$.properties.\"key-1\"", "é",
    "$.properties.é",
    "@.event", "$.properties.key-1", "0", "length", "$.properties.10", "properties.products[0][name]",
    "$.properties.constructor", "$.event.trim", "toString", "$.properties.tags.map", "$.__proto__",
]  # fmt: skip
_TEMPLATE_PARTS = [
    "{{PATH}}", "{{ PATH }}", "{{ PATH }}", "{{{PATH}}}", "{{{ PATH }}}", "Page: ", " - ", "é🎉", "{{}}", "{{ }}", "{{",
    "}}",
    "{", "{{{{a}}}}", "$&", "\n", "{{ PATH }", "{{\nPATH\n}}",
]  # fmt: skip
UNKNOWN = ["@foo", "@Path", "@", "@path2", "@if ", "@exists", "@@path", "@jsonPath"]


def path_into(draw: Random, given: Any) -> str:
    """A path to some place in the event, in one of the ways to write it."""
    trails = places(given)
    if not trails:
        return "$.x"
    text = pick(draw, "$", "$", "")
    for step in draw.choice(trails):
        if isinstance(step, int):
            text += pick(draw, f"[{step}]", f".{step}")
        elif " " in step or "'" in step or chance(draw, 0.05):
            text += pick(draw, f"['{step}']", f'["{step}"]', f".{step}")
        else:
            text += f".{step}"
    return text


class _Maker:
    """Draws directives for one event."""

    def __init__(self, draw: Random, given: Any) -> None:
        self.draw = draw
        self.event = given

    def path(self) -> str:
        kind = self.draw.randrange(10)
        if kind < 4:
            return self.draw.choice(PATHS)
        return path_into(self.draw, self.event) if kind < 8 else self.draw.choice(ODD_PATHS)

    def value(self, depth: int) -> Any:
        """What may stand where a mapping expects a value: a directive, a constant, lists and objects of them."""
        kind = self.draw.randrange(20)
        if kind < 13:
            return self.directive(depth - 1) if depth > 0 else {"@path": self.path()}
        if kind < 17 or depth <= 0:
            return scalar(self.draw)
        if kind == 17:
            return [self.value(depth - 1) for _ in range(self.draw.randrange(4))]
        return self.fields(depth - 1)

    def fields(self, depth: int) -> dict[str, Any]:
        return {self.draw.choice(KEYS): self.value(depth) for _ in range(self.draw.randrange(1, 4))}

    def text(self, depth: int) -> Any:
        """A string or a directive for it."""
        return self.value(depth) if chance(self.draw, 0.6) else scalar(self.draw)

    def options(self, depth: int, **given: Any) -> Any:
        """The options of a directive, sometimes with one left out, wrong or too many, or no object at all."""
        draw = self.draw
        kind = draw.randrange(80)
        if kind == 0:
            return json_value(draw)
        if kind == 1:
            del given[draw.choice(list(given))]
        elif kind == 2:
            given[draw.choice(list(given))] = json_value(draw)
        elif kind == 3:
            given[draw.choice(KEYS)] = self.value(depth)
        elif kind == 4:
            given[draw.choice(list(given))] = self.value(depth)
        return given

    def broken(self) -> Any:
        """A directive with anything for its options; in a list no validation sees it."""
        draw = self.draw
        name = draw.choice(list(_DIRECTIVES))
        keys = _OPTIONS.get(name, ["value"])
        options = {
            key: pick(
                draw, json_value(draw, 1), {"@path": self.path()}, "x" * draw.choice([1, 10, 11]), [{"@path": "$"}]
            )
            for key in draw.sample(keys, draw.randrange(len(keys) + 1))
        }
        return {name: pick(draw, options, options, options, json_value(draw, 1), {"@path": self.path()})}

    def directive(self, depth: int) -> Any:
        draw = self.draw
        name = draw.choice(list(_DIRECTIVES))
        made = {name: _DIRECTIVES[name](self, depth)}
        kind = draw.randrange(250)
        if kind == 0:
            made["_metadata"] = pick(draw, {"label": "x"}, None, 5)
        elif kind == 1:
            made[draw.choice(KEYS)] = self.value(depth - 1)
        elif kind == 2:
            made[pick(draw, "@path", "@literal", "@foo")] = scalar(draw)
        elif kind == 3:
            return {draw.choice(UNKNOWN): self.value(depth - 1)}
        elif kind == 4:
            made[name] = json_value(draw)
        return made

    # --- one method a directive ------------------------------------------------------------------------

    def path_directive(self, depth: int) -> Any:
        return self.path() if chance(self.draw, 0.85) else self.text(depth)

    def template(self, depth: int) -> Any:
        draw = self.draw
        if chance(draw, 0.1):
            return self.value(depth)
        parts = [draw.choice(_TEMPLATE_PARTS).replace("PATH", self.path()) for _ in range(draw.randrange(1, 5))]
        return "".join(parts)

    def literal(self, depth: int) -> Any:
        return json_value(self.draw) if chance(self.draw, 0.6) else self.value(depth)

    def if_(self, depth: int) -> Any:
        draw = self.draw
        given = {pick(draw, "exists", "exists", "blank"): self.value(depth)}
        if chance(draw, 0.1):
            given[pick(draw, "exists", "blank")] = self.value(depth)
        if chance(draw, 0.9):
            given["then"] = self.value(depth)
        if chance(draw, 0.7):
            given["else"] = self.value(depth)
        return self.options(depth, **given)

    def case(self, depth: int) -> Any:
        operator = pick(self.draw, *["lower", "upper"] * 6, "Lower", "title", "")
        return self.options(depth, operator=operator, value=self.text(depth))

    def replace(self, depth: int) -> Any:
        draw = self.draw
        patterns = ["a", "o", "e", " ", ".", "$", "^", "[", "(a|b)", "\\d", "r?", "é", "É", "🎉", "er", "Order",
        "x" * 11, "x" * 10,
                    "", "-", "/", "*", "#", "ß", "5", "true", "\n", "1e", "{", "K", "s", "\ud83c"]  # fmt: skip
        replacements = [
            "",
            "X",
            "$&",
            "[$&]",
            "$$",
            "$`",
            "$'",
            "$1",
            "é",
            "🎉",
            "y" * 11,
            "y" * 10,
            "$<a>",
            "\\n",
            "$",
            "$0",
        ]
        given: dict[str, Any] = {"pattern": draw.choice(patterns), "value": self.text(depth)}
        if chance(draw, 0.8):
            given["replacement"] = draw.choice(replacements)
        if chance(draw, 0.25):
            given["pattern2"] = draw.choice(patterns)
            if chance(draw, 0.7):
                given["replacement2"] = draw.choice(replacements)
        for key in ("global", "ignorecase"):
            if chance(draw, 0.4):
                given[key] = pick(draw, True, False, True, False, None, "true", 0)
        return self.options(depth, **given)

    def array_path(self, depth: int) -> Any:
        draw = self.draw
        lists = [
            "$.properties.products",
            "properties.products",
            "$.properties.tags",
            "$.properties",
            "$.event",
            "$.missing",
            "",
        ]
        path: Any = pick(draw, draw.choice(lists), draw.choice(lists), self.path(), self.value(depth))
        shape: Any = {
            draw.choice(KEYS): pick(
                draw, {"@path": pick(draw, "$.name", "id", "price", "", "0", "length")}, self.value(depth)
            )
            for _ in range(draw.randrange(3))
        }
        made = [path, shape] if chance(draw, 0.8) else [path]
        return (
            made
            if chance(draw, 0.93)
            else pick(draw, [], [path, None], [path, "x"], [path, shape, 1], {"0": path}, path)
        )

    def merge(self, depth: int) -> Any:
        draw = self.draw
        objects: Any = [
            self.fields(depth)
            if chance(draw, 0.3)
            else self.directive(depth - 1)
            if depth > 0
            else {"@path": self.path()}
            for _ in range(draw.randrange(3))
        ]
        objects.append({"@path": pick(draw, "$.properties", "$.traits", "$.context", "$.properties.tags", "$.event")})
        if chance(draw, 0.1):
            objects.append(self.value(depth))
        direction = pick(draw, *["left", "right"] * 6, "LEFT", "Right", "up")
        return self.options(depth, objects=objects, direction=direction)

    def transform(self, depth: int) -> Any:
        draw = self.draw
        apply = self.fields(depth) if chance(draw, 0.93) else self.value(depth)
        key = draw.choice(list(apply)) if isinstance(apply, dict) else draw.choice(KEYS)
        mapping: Any = pick(
            draw,
            {"@path": f"$.{key}"},
            {"v": {"@path": "$"}},
            {"@path": ""},
            self.fields(depth),
            self.directive(depth - 1),
        )
        return self.options(depth, apply=apply, mapping=mapping)

    def flatten(self, depth: int) -> Any:
        draw = self.draw
        value = pick(draw, {"@path": "$.properties"}, {"@path": "$"}, {"@path": "$.context"}, self.value(depth))
        given = {"value": value, "separator": pick(draw, *[".", "_"] * 4, "--", "", " ", "🎉")}
        if chance(draw, 0.3):
            given["omitArrays"] = pick(draw, True, False, "x", 0, None)
        return self.options(depth, **given)

    def json(self, depth: int) -> Any:
        draw = self.draw
        texts = ['{"b":1,"1":2,"a":[1.0,2e3]}', "[1,]", "NaN", "12345678901234567890", '"\\u00e9\\ud83c"', " 5 ", "",
        "nul", "-0",
                 "1E400", '{"a":1,"a":2}', "[[]]", "\u00a01", "01", ".5", "true"]  # fmt: skip
        value = pick(
            draw,
            {"@path": "$.properties.json"},
            draw.choice(texts),
            {"@literal": draw.choice(texts)},
            self.value(depth),
        )
        mode = pick(draw, *["encode", "decode"] * 6, "ENCODE", "Decode", "parse")
        return self.options(depth, value=value, mode=mode)

    def exclude_when_null(self, depth: int) -> Any:
        draw = self.draw
        nulls = {"a": None, "b": [None, {"c": None}], "d": {"e": None, "f": {"g": None, "h": 1}}}
        return pick(draw, nulls, None, self.value(depth), self.value(depth), {"@path": self.path()})

    def liquid(self, depth: int) -> Any:
        draw = self.draw
        if chance(draw, 0.03):
            return self.value(depth)
        if chance(draw, 0.1):
            return pick(draw, "", "x" * 1001, "{{ userId", "{% for %}", liquid.template(draw, 1))
        return pick(
            draw,
            "{{ event }}",
            "{{ properties.price | plus: 1 }}",
            f"{{{{ {liquid.value(draw)} | upcase }}}}",
            "{{ name }}-x",
        )


_DIRECTIVES = {
    "@if": _Maker.if_,
    "@path": _Maker.path_directive,
    "@template": _Maker.template,
    "@literal": _Maker.literal,
    "@arrayPath": _Maker.array_path,
    "@case": _Maker.case,
    "@replace": _Maker.replace,
    "@merge": _Maker.merge,
    "@transform": _Maker.transform,
    "@flatten": _Maker.flatten,
    "@json": _Maker.json,
    "@excludeWhenNull": _Maker.exclude_when_null,
    "@liquid": _Maker.liquid,
}


_OPTIONS = {
    "@if": ["exists", "blank", "then", "else"],
    "@case": ["operator", "value"],
    "@replace": ["pattern", "replacement", "value", "pattern2", "replacement2"],
    "@merge": ["objects", "direction"],
    "@transform": ["apply", "mapping"],
    "@flatten": ["separator", "value"],
    "@json": ["mode", "value"],
}


def _with_root_directive(maker: _Maker, draw: Random) -> dict[str, Any]:
    """Field mappings beside `__segment_internal_directive`, whose directive takes them as its `mapping`."""
    fields = maker.fields(1)
    apply = pick(draw, {"x": {"@path": maker.path()}}, maker.fields(1), maker.value(1))
    root: Any = pick(
        draw, {"@transform": {"apply": apply}}, {"@transform": {"apply": apply}}, {"@merge": {"objects": [apply],
        "direction": "left"}},
        {"@path": "$.event"}, {"@transform": {"apply": apply}, "x": 1}, {}, maker.directive(1), scalar(draw),
    )  # fmt: skip
    return {**fields, "__segment_internal_directive": root}


def directive_for(draw: Random, given: Any, depth: int = 2) -> Any:
    """A directive, with others in it, for an event."""
    return _Maker(draw, given).directive(depth)


def mapping_for(draw: Random, given: Any) -> Any:
    """A mapping for an event."""
    maker = _Maker(draw, given)
    return weighted(
        draw,
        (
            12,
            lambda _: {
                draw.choice(KEYS): maker.directive(draw.choice([0, 1, 1, 2, 3])) for _ in range(draw.randrange(1, 4))
            },
        ),
        (2, lambda _: maker.directive(2)),
        (2, lambda _: maker.fields(2)),
        (1, lambda _: _with_root_directive(maker, draw)),
        (1, lambda _: mutate_json(draw, maker.fields(2), 2)),
        (2, lambda _: {draw.choice(KEYS): [maker.broken() for _ in range(draw.choice([1, 1, 2]))]}),
        (1, lambda _: {draw.choice(KEYS): maker.broken()}),
        (1, lambda _: pick(draw, [maker.value(1), maker.value(0)], {}, [], "ab", 5, None, True)),
    )


def transform(draw: Random) -> dict[str, Any]:
    """Arguments of `mapping.transform`."""
    given = no_event(draw) if chance(draw, 0.02) else event(draw)
    return {"mapping": mapping_for(draw, given), "event": given}


GENERATORS = {"mapping.transform": transform}
