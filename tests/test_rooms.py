"""The rooms of the project and the words of its names: how long a module is, who imports it, what it is called."""

import ast
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("destination", "actions", "presets", "pyspark_destination")

MAX_LINES = 400
JOINED_LINES = 250

KINDS = {
    "destination/cli/*.py": "destination/cli/app.py",
    "destination/definition/formats/*.py": "destination/definition/formats/__init__.py",
    "destination/fields/formats/*.py": "destination/fields/formats/__init__.py",
    "destination/fields/validation/keywords/*.py": "destination/fields/validation/compiler.py",
    "destination/mapping/directives/*.py": "destination/mapping/directives/__init__.py",
    "destination/mapping/liquid/filters/*.py": "destination/mapping/liquid/filters/__init__.py",
    "destination/workbench/lint/*_rules.py": "destination/workbench/lint/catalogue.py",
}
"""Files of a kind, and the module that registers them; such a file has no other importer, and stays."""

OWN_ROOM: dict[str, str] = {}
"""Modules that are an exception to a rule, each with the reason."""

WORDS = {
    # An expression for "kind name", in snake case, behind the module if it begins with one: the replacement.
    r"\w+ (\w+_)?(short|careful|long)_way(_\w+)?": "nothing: there is one way for one event",
    r"\w+ flights?|class flight_\w+": "InFlightEvent, in_flight",
    r"destination\.runtime\S* function (take|begin|finish|refuse)": "prepare, send, match",
    r"\w+ (fit|fitting)": "coerce_and_validate, accepts_unchanged",
    r"destination\.(runtime|mapping)\S* \w+ (share|sharing)": "without_copies",
    r"\w+ may_tell": "may_carry_audience",
    r"\w+ (told|tell)": "notify, notable_indexes, BatchAnswer",
    r"class (ends|shows|again|item)": "OutcomeSink, ProgressView, ResendBatch, SubscriptionRunner",
    r"\w+ (owed|find_owed)": "retry_only, FailedSubscription, match_failed",
    r"class dispatch": "TriggerIndex",
    r"\w+ (\w+_)?second_attempts?": "reauthorise",
    r"class (lane|bulk|try)": "PairComparison, BulkProbe, ProbeRun",
    r"class (barred|unsure|found)": "Unsatisfiable, Unknown, Solution",
    r"variable ways|class aim": "INVERSES, Target",
    r"class (watch|steps|crew|work)": "DeliveryMonitor, StepProgress, WorkerPool, WorkerTask",
    r"\w+ (\w+_)?free_suites?": "generated suite",
    r"\w+ (\w+_)?places?(_\w+)?": "path, pointer, line, node or location: one word, one thing",
    r"\w+ (hungry|land)|attribute due": "_needs_more, _release_slot, _ready",
    r"destination\.delivery\S* \w+ letters?": "dead_letter",
}
"""Words that must not come back in names, and what stands in their place. A leading underscore does not count."""


# --- what there is ---------------------------------------------------------------------------------------


def modules() -> dict[str, Path]:
    """Each module of the project by its path from the root."""
    return {
        path.relative_to(ROOT).as_posix(): path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def sources() -> dict[str, str]:
    return {name: path.read_text(encoding="utf-8") for name, path in modules().items()}


def dotted(module: str) -> str:
    """The name under which a module is imported."""
    name = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return name if name.startswith(("destination", "pyspark_destination")) else f"destination.{name}"


SOURCES = sources()


# --- rooms -----------------------------------------------------------------------------------------------


def long_modules(texts: Mapping[str, str]) -> dict[str, int]:
    """The modules that are too long, with their lines."""
    lines = {module: text.count("\n") for module, text in texts.items()}
    return {module: count for module, count in lines.items() if count >= MAX_LINES}


def importers(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """For each module, the modules that import it or something from it, inside functions too."""
    known = {dotted(module): module for module in texts}
    found: dict[str, set[str]] = {module: set() for module in texts}
    for module, text in texts.items():
        for name in _imports(text):
            name = name if name.startswith(("destination", "pyspark_destination")) else f"destination.{name}"
            # `from a.b import c` imports the module a.b.c where there is one, otherwise a name of a.b.
            imported = known.get(name) or known.get(name.rpartition(".")[0])
            if imported and imported != module:
                found[imported].add(module)
    return found


def _imports(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def lonely_modules(texts: Mapping[str, str]) -> dict[str, str]:
    """The modules that only one sibling imports and that are short enough to move into it, with that sibling."""
    found = {}
    for module, others in importers(texts).items():
        if len(others) != 1 or module.endswith("/__init__.py"):
            continue
        (importer,) = others
        is_sibling = Path(importer).parent == Path(module).parent and not importer.endswith("/__init__.py")
        is_of_a_kind = any(fnmatch(module, files) and importer == registry for files, registry in KINDS.items())
        joined = texts[module].count("\n") + texts[importer].count("\n")
        if is_sibling and not is_of_a_kind and joined < JOINED_LINES:
            found[module] = importer
    return found


def test_no_module_is_long() -> None:
    """A module has one job, and stays under 400 lines."""
    assert {module: lines for module, lines in long_modules(SOURCES).items() if module not in OWN_ROOM} == {}


def test_a_module_that_only_its_sibling_imports_is_part_of_it() -> None:
    assert {one: importer for one, importer in lonely_modules(SOURCES).items() if one not in OWN_ROOM} == {}


def test_every_exception_is_still_one() -> None:
    exceptions = {*long_modules(SOURCES), *lonely_modules(SOURCES)}
    assert [module for module in OWN_ROOM if module not in exceptions] == []
    for registry in KINDS.values():
        assert registry in SOURCES, registry


def test_what_the_rules_for_rooms_find() -> None:
    texts = {
        "destination/a/__init__.py": "from destination.a.top import x\nfrom destination.a.shown import y\n",
        "destination/a/top.py": "from destination.a import lonely\nfrom destination.a.shared import z\n",
        "destination/a/shown.py": "def y():\n    import destination.a.shared\n",
        "destination/a/lonely.py": "\n" * 100,
        "destination/a/shared.py": "",
        "destination/b/far.py": "from actions.only import w\n",
        "actions/only.py": "",
    }
    assert lonely_modules(texts) == {"destination/a/lonely.py": "destination/a/top.py"}
    assert lonely_modules(texts | {"destination/a/lonely.py": "\n" * 248}) == {}
    assert importers(texts)["destination/a/shared.py"] == {"destination/a/top.py", "destination/a/shown.py"}
    assert importers(texts)["actions/only.py"] == {"destination/b/far.py"}
    registered = {
        "destination/workbench/lint/catalogue.py": "from destination.workbench.lint.x_rules import X\n",
        "destination/workbench/lint/x_rules.py": "from destination.workbench.lint.help import h\n",
        "destination/workbench/lint/help.py": "",
    }
    assert lonely_modules(registered) == {"destination/workbench/lint/help.py": "destination/workbench/lint/x_rules.py"}
    assert long_modules({"short.py": "\n" * 399, "long.py": "\n" * 400}) == {"long.py": 400}


# --- words -----------------------------------------------------------------------------------------------


def names_of(module: str, text: str) -> Iterator[tuple[int, str, str]]:
    """What a module defines: line, kind (module, class, function, argument, attribute or variable) and name."""
    yield 1, "module", Path(module).stem if not module.endswith("__init__.py") else Path(module).parent.name
    for node in ast.walk(ast.parse(text)):
        for kind, (types, attribute) in _DEFINING.items():
            if isinstance(node, types) and isinstance(getattr(node, "ctx", ast.Store()), ast.Store):
                name = getattr(node, attribute)
                if name:
                    yield getattr(node, "lineno", 1), kind.partition(" ")[0], name


_DEFINING: dict[str, tuple[tuple[type[ast.AST], ...], str]] = {
    "class": ((ast.ClassDef,), "name"),
    "function": ((ast.FunctionDef, ast.AsyncFunctionDef), "name"),
    "argument": ((ast.arg,), "arg"),
    "attribute": ((ast.Attribute,), "attr"),
    "variable": ((ast.Name,), "id"),
    "variable of an error or a pattern": ((ast.ExceptHandler, ast.MatchAs, ast.MatchStar), "name"),
    "variable of an import": ((ast.alias,), "asname"),
}
"""The nodes of the syntax tree that define a name, and the attribute that holds it."""


def snake(name: str) -> str:
    """A name in lower case, its words parted by underscores, without those around it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_")


def replacement_of(module: str, kind: str, name: str) -> str | None:
    """What a name should be instead, if it has a word that must not come back."""
    plain = f"{kind} {snake(name)}"
    for expression, replacement in WORDS.items():
        scoped = f"{dotted(module)} {plain}" if expression.startswith("destination") else plain
        if re.fullmatch(expression, scoped):
            return replacement
    return None


def old_words(texts: Mapping[str, str]) -> list[str]:
    """Where a module defines a name with a word that must not come back, and what the name should be."""
    return [
        f"{module}:{line}: {kind} {name} → {replacement}"
        for module, text in texts.items()
        for line, kind, name in names_of(module, text)
        if (replacement := replacement_of(module, kind, name))
    ]


def test_no_old_word_comes_back_in_a_name() -> None:
    assert old_words(SOURCES) == []


@pytest.mark.parametrize(
    ("module", "text", "found"),
    [
        ("destination/a/places.py", "", ["module places"]),
        ("destination/places/__init__.py", "", ["module places"]),
        ("destination/a.py", "class _Place: pass", ["class _Place"]),
        ("destination/a.py", "def _place_of(): pass", ["function _place_of"]),
        ("destination/a.py", "def f(*, place=1): pass", ["argument place"]),
        ("destination/a.py", "lambda place: place", ["argument place"]),
        ("destination/a.py", "self.line_and_place = 1", ["attribute line_and_place"]),
        ("destination/a.py", "class A:\n    place: str", ["variable place"]),
        ("destination/a.py", "_PLACE = 1", ["variable _PLACE"]),
        ("destination/a.py", "[1 for place in x]", ["variable place"]),
        ("destination/a.py", "import json as place", ["variable place"]),
        ("destination/a.py", "try: pass\nexcept E as told: pass", ["variable told"]),
        ("destination/a.py", "match x:\n    case [told, *place]: pass", ["variable told", "variable place"]),
        ("destination/a.py", "placeholder = replace = x.place(place)", []),
        ("destination/a.py", "class Found: pass\nfound = 1", ["class Found"]),
        ("destination/a.py", "def take(self): pass", []),
        ("destination/runtime/a.py", "def take(self): pass\ntake = 1", ["function take"]),
        ("destination/a.py", "flights = in_flight = 1\nclass InFlightEvent: pass", ["variable flights"]),
        ("destination/a.py", "letter = 1", []),
        ("destination/delivery/a.py", "letter = dead_letter = 1", ["variable letter"]),
    ],
)
def test_what_the_rule_for_words_finds(module: str, text: str, found: list[str]) -> None:
    assert [one.split(": ", 1)[1].split(" → ")[0] for one in old_words({module: text})] == found
