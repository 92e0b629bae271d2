"""The expressions of HCL: what they are made of, and their values as far as they are known without Terraform."""

import operator
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Final, Literal

from destination.errors import DefinitionError
from destination.records import dataclass
from destination.values import read_json, real_type_of, stringify
from destination.values.positions import Member, Node

Kind = Literal["literal", "template", "tuple", "object", "name", "attribute", "index", "call", "operation", "other"]


class HclError(DefinitionError):
    """A text that is not HCL, or an expression whose value only Terraform knows.

    Attributes:
        line: The line of the fault, from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression, not yet evaluated.

    Attributes:
        kind: What it is; `other` is a form that is not evaluated, such as `for`.
        line: The line in which it begins, from 1.
        source: Its text.
        value: The value of a literal, the name of a name, attribute, function or operator, the form of an `other`.
        parts: Its parts: of a template texts and expressions, of an object pairs of key and value.
    """

    kind: Kind
    line: int
    source: str
    value: Any = None
    parts: tuple[Any, ...] = ()


@dataclass(slots=True)
class Scope:
    """What the names in expressions mean.

    Attributes:
        values: The expressions by `var.NAME` and `local.NAME`.
        texts: Known texts, such as `path.module`.
        read_file: Reads the file of the function `file`.
    """

    values: Mapping[str, Expression] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    read_file: Callable[[str], str] | None = None
    _open: set[str] = field(default_factory=set)

    def evaluate(self, expression: Expression) -> Any:
        r"""Returns the value of an expression, as JSON has it.

        Raises:
            HclError: Only Terraform knows the value; names the line and what is not known.

        Example:
            >>> from destination.definition.formats.hcl import read_hcl
            >>> body = read_hcl('a = "${local.b}!"\nb = jsonencode({ x = [1] })')
            >>> scope = Scope({"local.b": body.attributes["b"]})
            >>> scope.evaluate(body.attributes["a"])
            '{"x":[1]}!'
        """
        match expression.kind:
            case "literal":
                return expression.value
            case "template":
                return self._template(expression)
            case "tuple":
                return [self.evaluate(item) for item in expression.parts]
            case "object":
                return self._object(expression)
            case "call":
                return self._call(expression)
            case "operation":
                return self._operation(expression)
            case "index":
                return self._item(expression, self.evaluate(expression.parts[0]), self.evaluate(expression.parts[1]))
            case "name" | "attribute":
                return self._reference(expression)
        raise _unknown(expression, f"{expression.value} is not evaluated here")

    def _template(self, expression: Expression) -> Any:
        parts = [part if isinstance(part, str) else self.evaluate(part) for part in expression.parts]
        if len(parts) == 1 and not isinstance(expression.parts[0], str):
            return parts[0]
        return unicodedata.normalize("NFC", "".join(_text(part, expression) for part in parts))

    def _object(self, expression: Expression) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_expression, value in expression.parts:
            key = _text(self.evaluate(key_expression), key_expression)
            if key in found:
                raise HclError(
                    f"has the key {key!r} twice in one object, on lines {lines[key]} and {key_expression.line}; "
                    "keep one of them",
                    key_expression.line,
                )
            lines[key] = key_expression.line
            found[key] = self.evaluate(value)
        return found

    def _reference(self, expression: Expression) -> Any:
        source = "".join(expression.source.split())
        if source in self.texts:
            return self.texts[source]
        if source in self.values:
            if source in self._open:
                raise HclError(f"{source} is defined by itself", expression.line)
            self._open.add(source)
            try:
                return self.evaluate(self.values[source])
            finally:
                self._open.discard(source)
        is_own = source.count(".") > 1 and source.startswith(("var.", "local."))
        if expression.kind == "attribute" and (is_own or not _is_name(expression)):
            return self._item(expression, self.evaluate(expression.parts[0]), expression.value)
        if source.startswith("var."):
            raise _unknown(expression, f"{source} has no default in this folder")
        raise _unknown(expression, f"only Terraform knows {source}")

    def _item(self, expression: Expression, base: Any, key: Any) -> Any:
        if isinstance(base, dict) and str(key) in base:
            return base[str(key)]
        if isinstance(base, list) and str(key).isdecimal() and int(key) < len(base):
            return base[int(key)]
        raise HclError(f"{expression.source}: there is no {key!r} in it", expression.line)

    def _operation(self, expression: Expression) -> Any:
        if expression.value == "?":
            condition, yes, no = expression.parts
            return self.evaluate(yes if self.evaluate(condition) in (True, "true") else no)
        operands = [self.evaluate(part) for part in expression.parts]
        function = (_UNARY if len(operands) == 1 else _BINARY)[expression.value]
        try:
            return function(*operands)
        except (TypeError, ArithmeticError) as error:
            raise HclError(f"{expression.source}: {error}", expression.line) from None

    def _call(self, expression: Expression) -> Any:
        arguments = [self.evaluate(part) for part in expression.parts]
        if expression.value == "file" and self.read_file is not None:
            try:
                return self.read_file(_text(arguments[0] if arguments else None, expression))
            except (OSError, ValueError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                raise HclError(f"{expression.source}: cannot be read: {reason}", expression.line) from None
        function = _FUNCTIONS.get(expression.value)
        if function is None:
            raise _unknown(expression, f"the function {expression.value} is not known here")
        try:
            return function(*arguments)
        except (TypeError, ValueError, AttributeError) as error:
            raise HclError(f"{expression.value}(…) cannot be evaluated: {error}", expression.line) from None


def to_node(expression: Expression, scope: Scope) -> Node:
    """Makes the keys and values of an expression with their lines, as far as they are written out in it."""
    node = Node(0, 0, expression.line, 0)
    if expression.kind == "call" and expression.value == "jsonencode" and len(expression.parts) == 1:
        return to_node(expression.parts[0], scope)
    if expression.kind == "object":
        node.members = {}
        for key, value in expression.parts:
            name = _text(scope.evaluate(key), key)
            node.members[name] = Member(Node(0, 0, key.line, 0, name), to_node(value, scope))
    elif expression.kind == "tuple":
        node.items = [to_node(item, scope) for item in expression.parts]
    return node


_ESCAPES: Final = {"\\n": "\n", "\\r": "\r", "\\t": "\t", '\\"': '"', "\\\\": "\\", "$${": "${", "%%{": "%{"}


def unescaped(text: str) -> str:
    """Returns what an escape of a template means; other text stays as it is."""
    code_point = text.removeprefix("\\u").removeprefix("\\U")
    return _ESCAPES.get(text, text) if code_point == text else chr(int(f"0x{code_point}", 0))


def dedent_template(text: str) -> str:
    """Removes the indentation that all lines of a `<<-` text have."""
    lines = text.split("\n")
    indent = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
    return "\n".join(line[indent:] for line in lines)


def _is_name(expression: Expression) -> bool:
    """Whether an attribute is one of a name, such as `each.value`, and not of a value that is written out."""
    while expression.kind == "attribute":
        expression = expression.parts[0]
    return expression.kind == "name"


def _unknown(expression: Expression, reason: str) -> HclError:
    return HclError(f"{reason}; write the value out, or use the output of terraform show -json", expression.line)


def _text(value: Any, expression: Expression) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (dict, list)):
        raise HclError(f"{expression.source}: expected text, but found: {real_type_of(value)}", expression.line)
    return stringify(value)


def _merge(*objects: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for one in objects:
        merged |= one or {}
    return merged


def _concat(*lists: Any) -> list[Any]:
    return [item for one in lists for item in one]


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    # Terraform sorts the keys of objects.
    "jsonencode": lambda value: stringify(_sorted(value)),
    "jsondecode": read_json,
    "merge": _merge,
    "concat": _concat,
    "tostring": lambda value: value if isinstance(value, str) or value is None else stringify(value),
    "join": lambda separator, items: separator.join(items),
    "lower": str.lower,
    "upper": str.upper,
    "trimspace": str.strip,
    "replace": lambda text, old, new: text.replace(old, new),
    "format": lambda text, *values: _format(text, values),
    "tolist": list,
    "tomap": dict,
}
"""What of Terraform's functions mappings use."""

_UNARY: Final[Mapping[str, Callable[..., Any]]] = {"-": operator.neg, "!": operator.not_}
_BINARY: Final[Mapping[str, Callable[..., Any]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "&&": lambda one, other: one and other,
    "||": lambda one, other: one or other,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _format(text: str, values: tuple[Any, ...]) -> str:
    if text.replace("%%", "").replace("%s", "").count("%"):
        raise ValueError("of the verbs of format only %s is known here")
    return text % tuple(value if isinstance(value, str) else stringify(value) for value in values)
