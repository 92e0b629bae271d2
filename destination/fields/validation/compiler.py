"""Compiles a schema into closures, in the order in which ajv 8 generates code for its keywords.

The type comes first (it may convert the data). Then come the keywords for data of any type (`const`, `enum`, `not`,
`anyOf`, `oneOf`, `allOf`, `if`), and then those for numbers, strings, arrays and objects. Findings have that order.
"""

from collections.abc import Callable
from typing import Any, Final

from destination.errors import DefinitionError
from destination.fields.validation.data_types import (
    TESTS,
    accepts_unwrapped,
    any_of,
    first_conversion,
)
from destination.fields.validation.findings import Finding
from destination.fields.validation.keywords import any_type, containers, scalars
from destination.fields.validation.nodes import COERCE, Check, Mode, Node, in_turn
from destination.values import MISSING

_Keyword = Callable[[Node], Check | None]

_GROUPS: Final[tuple[tuple[str | None, dict[str, _Keyword]], ...]] = (
    (None, any_type.KEYWORDS),
    ("number", scalars.NUMBER_KEYWORDS),
    ("string", scalars.STRING_KEYWORDS),
    ("array", containers.ARRAY_KEYWORDS),
    ("object", containers.OBJECT_KEYWORDS),
)
"""The groups of keywords in ajv's order, each with the type of data that it applies to."""

_RULES = frozenset(name for _, keywords in _GROUPS for name in keywords) | {"type", "$comment"}
_NO_RULES = frozenset(
    [
        "$schema",
        "$defs",
        "definitions",
        "$vocabulary",
        "$async",
        "title",
        "description",
        "default",
        "deprecated",
        "readOnly",
        "writeOnly",
        "examples",
        "contentMediaType",
        "contentEncoding",
        "contentSchema",
    ]
)
_NOT_HERE = frozenset(
    [
        "$id",
        "id",
        "nullable",
        "pattern",
        "patternProperties",
        "propertyNames",
        "dependencies",
        "contains",
        "additionalItems",
        "multipleOf",
        "maxProperties",
        "minProperties",
        "formatMaximum",
        "formatMinimum",
        "formatExclusiveMaximum",
        "formatExclusiveMinimum",
    ]
)


class SchemaCompiler:
    """Compiles a schema and the schemas inside it.

    Args:
        references: The schemas that a `$ref` may name, by name; they may refer to each other.
    """

    def __init__(self, references: dict[str, Any] | None = None) -> None:
        self._references = references
        self._referenced: dict[str, Check | None] = {}

    def compile(self, schema: Any, path: str = "#", mode: Mode = COERCE) -> Check | None:
        """Compiles a schema into a check; returns None where any data pass.

        Raises:
            DefinitionError: ajv does not compile the schema.
        """
        if isinstance(schema, bool):
            return None if schema else _refuse_everything(path, mode)
        if self._references is not None and "$ref" in schema:
            return self._reference(schema["$ref"], path, mode)
        if self.accepts_anything(schema):
            return None
        return self._object(Node(schema, path, mode, self.compile, self.accepts_anything))

    def accepts_anything(self, schema: Any) -> bool:
        """Returns whether any data pass a schema because it has no keyword with a rule.

        Raises:
            DefinitionError: The schema has an unknown or unsupported keyword.
        """
        if isinstance(schema, bool):
            return schema
        for name in schema:
            if self._references is not None and name == "$ref":
                return False
            if name in _RULES or name in _NO_RULES:
                continue
            if name in _NOT_HERE or name == "$ref":
                raise DefinitionError(f'the keyword "{name}" has no place in the schema of fields')
            raise DefinitionError(f'strict mode: unknown keyword: "{name}"')
        return _RULES.isdisjoint(schema)

    def _reference(self, name: str, path: str, mode: Mode) -> Check:
        if name not in self._referenced:
            self._referenced[name] = None
            self._referenced[name] = self.compile((self._references or {})[name], path, mode)

        def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
            referenced = self._referenced[name]
            return data if referenced is None else referenced(data, pointer, findings)

        return check

    def _object(self, node: Node) -> Check:
        types = _types(node.schema)
        # For a single type without conversion, ajv reports a wrong type when it comes to that type's keywords.
        late = types[0] if len(types) == 1 and _has_keywords(node.schema, types[0]) else None
        if node.mode.coerce and first_conversion(types):
            late = None
        groups = [
            _group(node, kind, keywords, report_type=kind is not None and kind == late) for kind, keywords in _GROUPS
        ]
        if not node.mode.all_errors and groups[0] is None and types:
            groups[0] = _pass  # `type` is in the first group: a wrong type ends the check after it
        checks = [group for group in groups if group]
        if types and not late:
            return _typed(node, types, checks)
        return in_turn(checks, all_errors=node.mode.all_errors) if checks else _pass


def _pass(data: Any, _pointer: str, _findings: list[Finding]) -> Any:
    return data


def _refuse_everything(path: str, mode: Mode) -> Check:
    node = Node({}, path, mode, lambda *_: None, lambda _: True)
    return node.check_when("false schema", None, "boolean schema is false", fails=lambda _data: True)


def _types(schema: dict[str, Any]) -> list[str]:
    declared = schema.get("type")
    if not declared:
        return []
    return list(declared) if isinstance(declared, list) else [declared]


def _has_keywords(schema: dict[str, Any], kind: str) -> bool:
    return any(kind == name and not keywords.keys().isdisjoint(schema) for name, keywords in _GROUPS)


def _group(node: Node, kind: str | None, keywords: dict[str, _Keyword], *, report_type: bool) -> Check | None:
    """Compiles the keywords for one type of data; they apply to data of that type only."""
    used = [make for name, make in keywords.items() if name in node.schema]
    if not used:
        return None
    checks = [check for check in (make(node) for make in used) if check]
    inner = in_turn(checks, all_errors=node.mode.all_errors) if checks else _pass
    if kind is None:
        return inner if checks else None
    is_kind = TESTS[kind]
    if not report_type:

        def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
            return inner(data, pointer, findings) if is_kind(data) else data

        return check if checks else None
    report = _type_reporter(node)

    def check_or_report(data: Any, pointer: str, findings: list[Finding]) -> Any:
        if is_kind(data):
            return inner(data, pointer, findings)
        report(data, pointer, findings)
        return data

    return check_or_report


def _type_reporter(node: Node) -> Callable[[Any, str, list[Finding]], None]:
    declared = node.schema["type"]
    words = ",".join(declared) if isinstance(declared, list) else declared
    return node.reporter("type", declared, f"must be {words}")


def _typed(node: Node, types: list[str], keywords: list[Check]) -> Check:
    """Tests the type and converts the data if possible, then applies the keywords in either case."""
    accepts = any_of(types)
    unwrap = node.mode.coerce and first_conversion(types) is not None
    convert = first_conversion(types) if node.mode.coerce else None
    accepts_item = accepts_unwrapped(types)
    report = _type_reporter(node)
    steps = tuple(keywords)
    all_errors = node.mode.all_errors

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        before = len(findings)
        kept = value = data
        if not accepts(data):
            converted: Any = MISSING
            if unwrap and isinstance(data, list) and len(data) == 1:
                value = data[0]
                if accepts_item(value):
                    converted = value
            if converted is MISSING and convert:
                converted = convert(value)
            if converted is MISSING:
                report(value, pointer, findings)
            else:
                kept = value = converted
        # The keywords get the unwrapped value, but the result of a failed conversion is the original one.
        failed = len(findings) > before
        for step in steps:
            value = step(value, pointer, findings)
            if not all_errors and len(findings) > before:
                break
        return kept if failed else value

    return check
