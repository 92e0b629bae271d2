"""Liquid templates: every tag and filter of liquidjs, enabled or disabled, with right, odd and missing arguments.

`now`, `today` and samples of longer lists are left out: their answers change from run to run.
"""

from random import Random
from typing import Any

from tests.conformance.generators.draw import chance, mutate_text, pick, weighted
from tests.conformance.generators.events import event
from tests.conformance.generators.liquid_words import (
    ALPHABET,
    DISABLED_FILTERS,
    DISABLED_TAGS,
    ENABLED_FILTERS,
    FILTERS,
    LITERALS,
    ODD_PATHS,
    OPERATORS,
    PATHS,
    SUITED,
    TEXT,
)


def value(draw: Random) -> str:
    """A value expression without filters."""
    kind = draw.randrange(20)
    if kind < 10:
        return draw.choice(PATHS)
    if kind < 19:
        return draw.choice(LITERALS)
    return draw.choice(ODD_PATHS)


_DIRECTIVES = "aAbBcCdDeFGgHhIjklLmMNnpPqQRrsStTuUvVwWxXyYzZ%+"


def _date_format(draw: Random) -> str:
    parts = []
    for _ in range(draw.randrange(1, 4)):
        flags = pick(draw, "", "", "", "-", "_", "0", "^", "#", ":", "-_", "^0", "::")
        width = pick(draw, "", "", "", "3", "5", "10", "1", "0")
        parts.append(f"%{flags}{width}{draw.choice(_DIRECTIVES)}")
    return '"' + pick(draw, " ", "", "-", "é%").join(parts) + '"'


def filter_(draw: Random, name: str = "") -> str:
    """A filter with its arguments."""
    name = name or (draw.choice(DISABLED_FILTERS) if chance(draw, 0.06) else draw.choice(ENABLED_FILTERS))
    known = [_date_format(draw)] if name == "date" and chance(draw, 0.5) else FILTERS[name]
    arguments = draw.choice(known)
    kind = draw.randrange(14)
    if kind == 0:
        arguments = ", ".join(value(draw) for _ in range(draw.randrange(4)))
    elif kind == 1:
        arguments += f", {value(draw)}" if arguments else value(draw)
    elif kind == 2:
        arguments = f"{pick(draw, 'key', 'allow_false', 'x')}: {value(draw)}"
    space = pick(draw, " ", " ", " ", "", "  ")
    return f"{name}:{space}{arguments}" if arguments else name + pick(draw, "", "", "", ":")


def filtered(draw: Random) -> str:
    """A value with filters."""
    text = value(draw)
    for _ in range(draw.choice([0, 1, 1, 1, 2, 3])):
        text += pick(draw, " | ", " | ", "|") if chance(draw, 0.97) else pick(draw, " ", " | | ", ", ", " || ")
        text += filter_(draw)
    return text


def suited(draw: Random, name: str = "") -> str:
    """A filter on a value that it works on."""
    name = name or draw.choice(ENABLED_FILTERS)
    return f"{draw.choice(SUITED[name])} | {filter_(draw, name)}"


def condition(draw: Random) -> str:
    """A condition of `if` and its like."""
    if chance(draw, 0.06):
        same = pick(draw, "properties.tags", "properties.products", "properties", "(1..3)", "empty", "blank")
        return f"{same} {pick(draw, '==', '!=', 'contains')} {pick(draw, same, value(draw))}"
    parts = [value(draw)]
    for _ in range(draw.choice([0, 1, 1, 1, 2, 3, 4])):
        operator = draw.choice(OPERATORS[:9]) if chance(draw, 0.95) else draw.choice(OPERATORS)
        parts += [operator, value(draw)]
    if chance(draw, 0.08):
        parts.insert(0, "not")
    return pick(draw, " ", " ", " ", " ", "").join(parts) if chance(draw, 0.1) else " ".join(parts)


def _output(draw: Random) -> str:
    left, right = pick(draw, "{{ ", "{{ ", "{{ ", "{{", "{{- "), pick(draw, " }}", " }}", " }}", "}}", " -}}")
    return f"{left}{condition(draw) if chance(draw, 0.08) else filtered(draw)}{right}"


def _tag(draw: Random, text: str) -> str:
    left, right = pick(draw, "{% ", "{% ", "{% ", "{%", "{%- "), pick(draw, " %}", " %}", " %}", "%}", " -%}")
    return f"{left}{text}{right}"


def _name(draw: Random) -> str:
    return pick(draw, "x", "y", "event", "x", "a-b", "properties", "é")


def _if(draw: Random, depth: int) -> str:
    word = pick(draw, "if", "if", "unless")
    text = _tag(draw, f"{word} {filtered(draw) if chance(draw, 0.1) else condition(draw)}") + _body(draw, depth - 1)
    for _ in range(draw.choice([0, 0, 1, 2])):
        text += _tag(draw, f"elsif {condition(draw)}") + _body(draw, depth - 1)
    if chance(draw, 0.5):
        text += _tag(draw, "else") + _body(draw, depth - 1)
    end = f"end{word}" if chance(draw, 0.97) else pick(draw, "endif", "end", "endunless", "else")
    return text + _tag(draw, end)


def _assign(draw: Random) -> str:
    name = _name(draw)
    odd = pick(
        draw, f"assign {name} {value(draw)}", f"assign {name} = ", f"assign {name}={value(draw)}", f"assign {name} == 1"
    )
    made = _tag(draw, pick(draw, *[f"assign {name} = {filtered(draw)}"] * 9, odd))
    return made + pick(draw, f"{{{{ {name} }}}}", f"{{{{ {name} | {filter_(draw)} }}}}", "")


def _capture(draw: Random, depth: int) -> str:
    name = pick(draw, "x", "y", '"z"', "event", "")
    block = _tag(draw, f"capture {name}") + _body(draw, depth - 1) + _tag(draw, "endcapture")
    return block + "{{ x }}{{ z | upcase }}"


def _counter(draw: Random) -> str:
    parts = [
        pick(draw, "{% increment x %}", "{% decrement x %}", "{{ x }}", "{% assign x = 9 %}", "{% increment y %}")
        for _ in range(4)
    ]
    return "".join(parts)


def _cycle(draw: Random) -> str:
    items = ", ".join(value(draw) for _ in range(draw.randrange(1, 4)))
    group = pick(draw, "", "", "'g': ", "event: ")
    return f"{{% cycle {group}{items} %}}" * draw.randrange(1, 4)


def _verbatim(draw: Random, depth: int) -> str:
    word = pick(draw, "raw", "comment", "comment", "raw", "block b", "block")
    inner = pick(
        draw, _body(draw, depth - 1), draw.choice(DISABLED_TAGS), "{{ x", "{% nothing %}", "{% if %}", "{{ event }}"
    )
    return f"{_tag(draw, word)}{inner}{_tag(draw, 'end' + word.split()[0])}"


def _liquid_tag(draw: Random) -> str:
    lines = [
        pick(
            draw, f"assign x = {filtered(draw)}", f"echo {filtered(draw)}", "echo x",
            f"if {condition(draw)}\n echo 1\nelse\n echo 2\nendif",
            "increment x", "# a comment", "", "comment\nx\nendcomment", "break", "cycle 1, 2",
            pick(draw, "unknown", "raw", "decrement y", "echo 'x'"),
        )
        for _ in range(draw.randrange(1, 5))
    ]  # fmt: skip
    return "{% liquid\n" + "\n".join(lines) + pick(draw, "\n%}", " %}", "-%}")


def _other_tag(draw: Random) -> str:
    text = pick(
        draw, f"echo {filtered(draw)}", f"# {value(draw)}", "#", "echo", "break", "continue", "unknown", "else",
        "endif", "", "if", "assign",
        "increment", "decrement 5", "liquid", "capture", "raw", "comment", "cycle", f"IF {value(draw)}", "assign x",
        f"when {value(draw)}",
    )  # fmt: skip
    return _tag(draw, text)


def _piece(draw: Random, depth: int) -> str:
    drawn: str = weighted(
        draw,
        (8, _output),
        (5, lambda _: draw.choice(TEXT)),
        (4 if depth > 0 else 0, lambda _: _if(draw, depth)),
        (3, _assign),
        (1 if depth > 0 else 0, lambda _: _capture(draw, depth)),
        (1, _counter),
        (1, _cycle),
        (1 if depth > 0 else 0, lambda _: _verbatim(draw, depth)),
        (1, _liquid_tag),
        (1, _other_tag),
    )
    return drawn


def _body(draw: Random, depth: int) -> str:
    return "".join(_piece(draw, max(depth, 0)) for _ in range(draw.choice([0, 1, 1, 2])))


def template(draw: Random, depth: int = 2) -> str:
    """A template."""
    drawn: str = weighted(
        draw,
        (9, lambda _: f"{{{{ {suited(draw)} }}}}"),
        (
            2,
            lambda _: (
                f"{{{{ {suited(draw, pick(draw, 'date', 'date', 'date', 'date_to_string', 'date_to_long_string'))} }}}}"
            ),
        ),
        (4, lambda _: f"{{{{ {value(draw)} | {filter_(draw)} }}}}"),
        (4, lambda _: f"{{{{ {value(draw)} | {filter_(draw)} | {filter_(draw)} }}}}"),
        (3, lambda _: _tag(draw, f"if {condition(draw)}") + "yes{% else %}no{% endif %}"),
        (10, lambda _: "".join(_piece(draw, depth) for _ in range(draw.randrange(1, 5)))),
        (2, lambda _: mutate_text(draw, _piece(draw, depth), ALPHABET, draw.randrange(1, 3))),
        (
            1,
            lambda _: pick(
                draw,
                draw.choice(DISABLED_TAGS),
                draw.choice(DISABLED_TAGS),
                "",
                "x" * 1000,
                "x" * 1001,
                "é" * 500 + "🎉" * 251,
            ),
        ),
        (1, lambda _: f"{{% if {value(draw)} %}}{draw.choice(DISABLED_TAGS)}{{% endif %}}"),
        (
            1,
            lambda _: (
                f'{{{{ "{pick(draw, "one", "a", "")}" | split: "," | sample{pick(draw, "", ": 1", ": 2", ": 0")} }}}}'
            ),
        ),
    )
    return drawn


def liquid(draw: Random) -> dict[str, Any]:
    """Arguments of `mapping.liquid`."""
    return {
        "template": template(draw) if chance(draw, 0.995) else pick(draw, 5, None, True, ["x"], {"a": 1}),
        "event": event(draw),
    }


GENERATORS = {"mapping.liquid": liquid}
