"""Jinja2 in a sandbox that is bounded in time and memory: the engine of `@jinja`.

A mapping may come from outside. So a template must not reach Python, and must not use up time or memory. Jinja's
sandbox prevents the first. For the second, a template's work counts against the budget of its mapping (`bounds`), and
every value that an operator or a filter makes has a limit. Only statements, filters and methods whose cost depends on
the size of their input are available; others are refused by name when a template is compiled.
"""

import math
from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from functools import lru_cache, wraps
from typing import Any, Final

from jinja2 import ChainableUndefined, Undefined, meta, nodes, pass_context
from jinja2.exceptions import TemplateError as JinjaError
from jinja2.filters import do_int
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from destination.errors import MappingError
from destination.mapping.bounds import begin_work, spend
from destination.mapping.sandbox_work import (
    PER_NODE,
    PER_UNDEFINED,
    bounded_number,
    counted,
    counting_filter,
    counting_test,
    looked_at,
    names,
    sliced,
    spend_on_call,
    strip_tags,
)
from destination.values import (
    MISSING,
    as_double,
    from_units,
    get_property,
    is_number,
    stringify,
    to_string,
    utf16_length,
)

MAX_TEMPLATE_LENGTH: Final = 4_000
"""In UTF-16 code units."""
MAX_SIZE: Final = 100_000
"""Of the result, and of any text (characters) or list (items) on the way."""
MAX_TURNS: Final = 10_000
"""Iterations of all loops of one rendering together."""
MAX_RANGE: Final = 1_000
MAX_NESTING: Final = 100
"""Nested nodes of a template; the time to compile grows with the cube of this."""

_BUDGET = " budget"  # no name that a template can write
_STATEMENTS = (nodes.Output, nodes.If, nodes.For, nodes.Assign, nodes.AssignBlock, nodes.With, nodes.FilterBlock)


_FILTERS = names(
    "abs capitalize count d default dictsort first float groupby int items last length list lower map max min reject "
    "rejectattr reverse select selectattr sort striptags title trim truncate unique upper urlencode wordcount"
)
_METHODS: dict[type, frozenset[str]] = {
    str: names(
        "capitalize count endswith find isdigit lower lstrip removeprefix removesuffix rstrip split startswith strip "
        "title upper"
    ),
    dict: names("get items keys values"),
    list: names("count index"),
}


class TemplateError(Exception):
    """A template has a syntax error, or failed on a value of an event."""


class _Budget:
    __slots__ = ("characters", "turns")

    def __init__(self) -> None:
        self.turns = MAX_TURNS
        self.characters = MAX_SIZE


def _sized(value: Any) -> Any:
    """Returns the value if it is small enough; what it contains more than once counts each time."""
    if isinstance(value, (str, list, tuple, dict)):
        left = MAX_SIZE
        looked = 0
        todo = [value]
        while todo:
            item = todo.pop()
            left -= len(item) if isinstance(item, str) else 1
            if left < 0:
                raise TemplateError(f"a value grew beyond {MAX_SIZE} characters or items")
            looked += 1
            if isinstance(item, (list, tuple)):
                todo.extend(item)
            elif isinstance(item, dict):
                todo.extend(item.values())
        spend(8 * looked)
    return value


def _limited(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)  # which also keeps Jinja's mark of what it passes
    def run(*arguments: Any, **options: Any) -> Any:
        return _sized(function(*arguments, **options))

    return run


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or value is MISSING or isinstance(value, Undefined):
        return ""
    if isinstance(value, (bool, int, float)):
        return to_string(value)
    if isinstance(value, (list, dict)):
        return stringify(_sized(value))
    if isinstance(value, (tuple, range, KeysView, ValuesView, ItemsView)):
        return stringify(_sized([list(item) if isinstance(item, tuple) else item for item in value]))
    raise TemplateError(f"a {type(value).__name__} is not text (a filter such as map needs `| list` after it)")


def _tojson(value: Any) -> str:
    return stringify(MISSING if isinstance(value, Undefined) else _sized(value))


def _join(values: Any, separator: Any = "", attribute: Any = None) -> str:
    if attribute is not None:
        values = (get_property(value, str(attribute)) for value in counted(values))
    between, texts, size = _text(separator), [], 0
    for value in counted(values):
        texts.append(_text(value))
        size += len(texts[-1]) + len(between)
        if size > MAX_SIZE:
            raise TemplateError(f"a value grew beyond {MAX_SIZE} characters or items")
    return from_units(between.join(texts))


def _replace(value: Any, old: Any, new: Any, count: int = -1) -> str:
    text, old, new = _text(value), _text(old), _text(new)
    spend(len(text))
    if len(text) + text.count(old) * len(new) > MAX_SIZE:
        raise TemplateError(f"a value grew beyond {MAX_SIZE} characters or items")
    return text.replace(old, new, count)


def _round(value: Any, precision: int = 0) -> Any:
    if not is_number(value):
        raise TemplateError("round is for numbers")
    return round(bounded_number(value), max(-400, min(400, precision)))


def _sum(values: Any, attribute: Any = None, start: float = 0) -> Any:
    for value in counted(values):
        number = value if attribute is None else get_property(value, str(attribute))
        if not is_number(number):
            raise TemplateError("sum is for numbers")
        start = bounded_number(start + number)
    return start


def _range(*arguments: int) -> range:
    numbers = range(*arguments)
    if len(numbers) > MAX_RANGE:
        raise TemplateError(f"a range of more than {MAX_RANGE} numbers")
    return numbers


def _int(value: Any, default: Any = 0, base: int = 10) -> Any:
    return bounded_number(do_int(value, default, base))


@pass_context
def _turns(context: Context, values: Any, parts: int) -> Iterator[Any]:
    budget = context[_BUDGET]
    for value in values:
        spend(PER_NODE * parts)
        budget.turns -= 1
        if budget.turns < 0:
            raise TemplateError(f"its loops turn more than {MAX_TURNS} times")
        yield value


@pass_context
def _output(context: Context, value: Any) -> str:
    text = _text(value)
    spend(PER_NODE + len(text))
    budget = context[_BUDGET]
    budget.characters -= len(text)
    if budget.characters < 0:
        raise TemplateError(f"it writes more than {MAX_SIZE} characters")
    return text


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def call(self, context: Context, function: Any, /, *arguments: Any, **options: Any) -> Any:
        spend_on_call(function, [*arguments, *options.values()])
        return _sized(super().call(context, function, *arguments, **options))

    def getattr(self, obj: Any, attribute: str) -> Any:
        spend(PER_NODE)
        if isinstance(obj, dict) and attribute in obj:
            return obj[attribute]
        methods = _METHODS.get(type(obj))
        if methods is None:
            spend(PER_UNDEFINED)
            return super().getattr(obj, attribute)
        return getattr(obj, attribute) if attribute in methods else self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        spend(PER_NODE)
        return super().getitem(obj, argument)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if is_number(left) and is_number(right):
            left, right = bounded_number(left), bounded_number(right)
            result = (
                float(left) ** float(right) if operator == "**" else super().call_binop(context, operator, left, right)
            )
            return as_double(result) if is_number(result) else math.nan  # Python has complex roots of what is negative
        if operator == "*" and isinstance(right, int) and isinstance(left, str):
            if len(left) * right > MAX_SIZE:
                raise TemplateError(f"a value grew beyond {MAX_SIZE} characters or items")
            return left * right
        if operator == "+" and isinstance(left, (str, list)):
            spend(len(left) + (len(right) if isinstance(right, (str, list)) else 0))
            return _sized(super().call_binop(context, operator, left, right))
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            raise TemplateError(f"{operator} with a value that is missing")
        raise TemplateError(f"{operator} is not for {type(left).__name__} and {type(right).__name__}")


@lru_cache(maxsize=1)
def _environment() -> _Environment:
    environment = _Environment(
        undefined=ChainableUndefined, finalize=_output, keep_trailing_newline=True, autoescape=False, cache_size=0
    )
    filters = {name: counting_filter(name, environment.filters[name]) for name in _FILTERS}
    filters |= {
        "int": counting_filter("int", _int),
        "striptags": counting_filter("striptags", lambda value: strip_tags(_text(value))),
    }
    filters |= {"join": _join, "replace": _replace, "round": _round, "string": _text, "sum": _sum, "tojson": _tojson}
    filters |= {" join": _join, " sized": _sized}
    environment.filters = {name: _limited(run) for name, run in filters.items()}
    environment.filters |= {" turns": _turns, " compared": looked_at, " sliced": sliced}
    tests: dict[str, Any] = dict(environment.tests)
    environment.tests = {name: counting_test(name, run) for name, run in tests.items()}
    environment.globals = {"range": _range, "namespace": environment.globals["namespace"]}
    return environment


class Template:
    """A compiled template.

    Attributes:
        paths: The keys of the event that it may read, as far as they are written in it.
    """

    __slots__ = ("_generate", "paths")

    def __init__(self, generate: Callable[[dict[str, Any]], Iterator[str]], paths: list[tuple[str, ...]]) -> None:
        self._generate = generate
        self.paths = paths

    def render(self, event: Any) -> str:
        """Renders the text for an event.

        Raises:
            TemplateError: The template failed on the event, or exceeded a limit.
            MappingError: The mapping has not enough steps of work left.
        """
        variables = dict(event) if isinstance(event, dict) else {}
        variables["this"] = event
        variables[_BUDGET] = _Budget()
        parts: list[str] = []
        size = 0
        try:
            for part in self._generate(variables):
                size += len(part)
                if size > MAX_SIZE:
                    raise TemplateError(f"it writes more than {MAX_SIZE} characters")
                parts.append(part)
        except MappingError:
            raise
        except (TemplateError, RecursionError, MemoryError) as error:
            raise TemplateError(str(error) or type(error).__name__) from None
        except Exception as error:  # noqa: BLE001  operators and filters raise what Python raises for such values
            raise TemplateError(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from None
        return from_units("".join(parts))


@lru_cache(maxsize=256)
def compile_jinja(source: str) -> Template:
    """Compiles a template.

    Raises:
        TemplateError: It has a syntax error, is too long, or uses something that the sandbox does not have.

    Example:
        >>> compile_jinja("{{ event | lower }}!").render({"event": "Hi"})
        'hi!'
    """
    if utf16_length(source) > MAX_TEMPLATE_LENGTH:
        raise TemplateError(f"it has more than {MAX_TEMPLATE_LENGTH} characters")
    environment = _environment()
    begin_work()  # what is constant is computed now
    try:
        tree = environment.parse(source)
        _check(tree)
        _bound(tree)  # before anything folds its constants
        paths = _paths(tree)
        code = environment.compile(tree)
        template = environment.template_class.from_code(environment, code, dict(environment.globals))
    except TemplateError:
        raise
    except JinjaError as error:
        raise TemplateError(f"{error.message} (line {getattr(error, 'lineno', 1)})") from None
    except (RecursionError, MemoryError):
        raise TemplateError("it nests too deeply") from None
    except Exception as error:  # noqa: BLE001  Jinja's optimizer and Python's compiler meet constants as they are
        raise TemplateError(f"{type(error).__name__}: {error}") from None
    return Template(template.generate, paths)


def _check(tree: nodes.Template) -> None:
    level: list[nodes.Node] = [tree]
    for _ in range(MAX_NESTING):
        level = [child for node in level for child in node.iter_child_nodes()]
    if level:
        raise TemplateError("it nests too deeply")
    for statement in tree.find_all(nodes.Stmt):
        if not isinstance(statement, _STATEMENTS):
            raise TemplateError(f"{type(statement).__name__.lower()} is not for use here (line {statement.lineno})")
        if isinstance(statement, nodes.For) and statement.recursive:
            raise TemplateError(f"a recursive loop is not for use here (line {statement.lineno})")


def _bound(tree: nodes.Template) -> None:
    """Puts the budget into loops and comparisons, and the limits into `~` and whatever builds a list or an object."""
    for loop in list(tree.find_all(nodes.For)):
        parts = nodes.Const(1 + sum(1 for _ in loop.find_all(nodes.Node)), lineno=loop.lineno)
        loop.iter = nodes.Filter(loop.iter, " turns", [parts], [], None, None, lineno=loop.lineno)
    for item in list(tree.find_all(nodes.Getitem)):
        if isinstance(item.arg, nodes.Slice):
            item.node = nodes.Filter(item.node, " sliced", [], [], None, None, lineno=item.lineno)
    for compare in list(tree.find_all(nodes.Compare)):
        sides: list[nodes.Compare | nodes.Operand] = [compare, *compare.ops]
        for side in sides:
            side.expr = nodes.Filter(side.expr, " compared", [], [], None, None, lineno=compare.lineno)
    for node in [tree, *tree.find_all(nodes.Node)]:
        for field, value in list(node.iter_fields()):
            if isinstance(value, nodes.Node):
                setattr(node, field, _limit(value))
            elif isinstance(value, list):
                value[:] = [_limit(item) for item in value]


def _limit(node: Any) -> Any:
    if isinstance(node, nodes.Concat):
        items = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(items, " join", [], [], None, None, lineno=node.lineno)
    if isinstance(node, (nodes.List, nodes.Dict)) or (isinstance(node, nodes.Tuple) and node.ctx == "load"):
        return nodes.Filter(node, " sized", [], [], None, None, lineno=node.lineno)
    return node


def _paths(tree: nodes.Template) -> list[tuple[str, ...]]:
    names = meta.find_undeclared_variables(tree)
    inner: set[int] = set()
    paths: dict[tuple[str, ...], None] = {}
    for node in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Name)):
        keys: list[str] = []
        base: nodes.Node = node
        if id(node) in inner:
            continue
        while isinstance(base, (nodes.Getattr, nodes.Getitem)):
            inner.add(id(base.node))
            if isinstance(base, nodes.Getattr):
                keys.append(base.attr)
            elif isinstance(base.arg, nodes.Const):
                keys.append(str(base.arg.value))
            else:
                keys.clear()
            base = base.node
        if isinstance(base, nodes.Name) and base.name in names:
            keys.append(base.name)
            found = tuple(reversed(keys))
            paths[found[1:] if found[0] == "this" else found] = None
    return list(paths)
