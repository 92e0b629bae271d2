"""Compiles nodes into functions that write their part of the output."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from destination.mapping.liquid import nodes
from destination.mapping.liquid.coerce import BlockDrop, is_truthy, property_key, text_of
from destination.mapping.liquid.compile_values import ValueCompiler
from destination.mapping.liquid.context import Buffer, Context
from destination.mapping.liquid.nodes import Action, Body
from destination.mapping.liquid.problems import Positioned, StopRendering, Unpositioned
from destination.values import MISSING, as_double, is_number, join_text, number_to_string, truthy

Write: TypeAlias = Callable[[str], Any]
Renderer: TypeAlias = Callable[[Context, Write], None]

# liquidjs looks for a block of the layout in an object: it finds what objects inherit, and calls it
# (test_block_with_an_inherited_name).
_NO_OBJECT: Final = "Cannot convert undefined or null to object"
_INHERITED_BLOCKS: Final[dict[str, str | None]] = {
    "__proto__": "renderChild is not a function",
    "constructor": None,
    "toString": None,
    "toLocaleString": "Object.prototype.toLocaleString called on null or undefined",
    "valueOf": _NO_OBJECT,
    "hasOwnProperty": _NO_OBJECT,
    "isPrototypeOf": _NO_OBJECT,
    "propertyIsEnumerable": _NO_OBJECT,
    "__defineGetter__": _NO_OBJECT,
    "__defineSetter__": _NO_OBJECT,
    "__lookupGetter__": _NO_OBJECT,
    "__lookupSetter__": _NO_OBJECT,
}


def compile_body(body: Body, values: ValueCompiler) -> Renderer:
    """Returns the function that renders nodes one after the other."""
    steps = [(_compile(node.action, values), node.line_and_column) for node in body]

    def render(context: Context, write: Write) -> None:
        for step, line_and_column in steps:
            try:
                step(context, write)
            except Unpositioned as problem:
                raise Positioned(problem.message + line_and_column) from None

    return render


def _compile(action: Action, values: ValueCompiler) -> Renderer:
    builder: Callable[[Any, ValueCompiler], Renderer] = _BUILDERS[type(action)]
    return builder(action, values)


def _text(action: nodes.Text, _values: ValueCompiler) -> Renderer:
    text = action.text
    return lambda _context, write: write(text)


def _output(action: nodes.Output, values: ValueCompiler) -> Renderer:
    value = values.filtered(action.value)

    def render(context: Context, write: Write) -> None:
        found = value(context)
        write(found if type(found) is str else text_of(found))

    return render


def _assign(action: nodes.Assign, values: ValueCompiler) -> Renderer:
    name, value = action.name, values.filtered(action.value)

    def render(context: Context, _write: Write) -> None:
        context.assigned[name] = value(context)

    return render


def _capture(action: nodes.Capture, values: ValueCompiler) -> Renderer:
    name, body = action.name, compile_body(action.body, values)

    def render(context: Context, _write: Write) -> None:
        buffer = Buffer()
        body(context, buffer.write)
        context.assigned[name] = join_text(buffer.parts)

    return render


def _counter(action: nodes.Counter, _values: ValueCompiler) -> Renderer:
    name, step = action.name, action.step

    def render(context: Context, write: Write) -> None:
        if name == "__proto__" and name not in context.event:
            # JavaScript: the prototype of an object cannot be set to a number (test_counter_named_proto)
            write("[object Object]" if step > 0 else "NaN")
            return
        before = context.counters.get(name, MISSING)
        if before is MISSING:
            before = context.event.get(name, MISSING)
        before = as_double(before) if is_number(before) else 0
        after = context.counters[name] = as_double(before + step)
        write(number_to_string(before if step > 0 else after))

    return render


def _cycle(action: nodes.Cycle, values: ValueCompiler) -> Renderer:
    group = values.value(action.group)
    candidates = [values.value(candidate) for candidate in action.candidates]
    count = len(candidates)

    def render(context: Context, write: Write) -> None:
        # liquidjs: cycles of one group and one number of values are the same (test_cycles_share_their_index)
        key = f"{count}:{property_key(group(context))}"
        at = context.cycles.get(key, 0)
        context.cycles[key] = (at + 1) % count
        found = candidates[at](context)
        if truthy(found):
            write(text_of(found))

    return render


def _choice(action: nodes.Choice, values: ValueCompiler) -> Renderer:
    branches = [
        (values.filtered(branch.condition), branch.expected, compile_body(branch.body, values))
        for branch in action.branches
    ]
    otherwise = compile_body(action.otherwise, values)

    def render(context: Context, write: Write) -> None:
        for condition, expected, body in branches:
            if is_truthy(condition(context)) is expected:
                body(context, write)
                return
        otherwise(context, write)

    return render


def _block(action: nodes.Block, values: ValueCompiler) -> Renderer:
    body = compile_body(action.body, values)
    if action.name in _INHERITED_BLOCKS:
        return _inherited_block(_INHERITED_BLOCKS[action.name])

    def render(context: Context, write: Write) -> None:
        context.blocks.append(BlockDrop())
        body(context, write)
        context.blocks.pop()

    return render


def _inherited_block(message: str | None) -> Renderer:
    def render(_context: Context, _write: Write) -> None:
        if message is not None:
            raise Unpositioned(message)

    return render


def _group(action: nodes.Group, values: ValueCompiler) -> Renderer:
    return compile_body(action.body, values)


def _stop(_action: nodes.Stop, _values: ValueCompiler) -> Renderer:
    def render(_context: Context, _write: Write) -> None:
        raise StopRendering

    return render


_BUILDERS: Final[dict[type[Any], Callable[[Any, ValueCompiler], Renderer]]] = {
    nodes.Assign: _assign,
    nodes.Block: _block,
    nodes.Capture: _capture,
    nodes.Choice: _choice,
    nodes.Counter: _counter,
    nodes.Cycle: _cycle,
    nodes.Group: _group,
    nodes.Output: _output,
    nodes.Stop: _stop,
    nodes.Text: _text,
}
