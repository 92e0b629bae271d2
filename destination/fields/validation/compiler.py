"""A schema becomes closures, in the order of keywords that ajv 8 generates its code in.

The type comes first (it may convert the data), then the keywords of any type (`const`, `enum`, `not`, `anyOf`,
`oneOf`, `allOf`, `if`), then those of numbers, strings, arrays and objects. That order is the order of the
findings.
"""

from collections.abc import Callable
from typing import Any, Final

from destination.errors import DefinitionError
from destination.fields.validation.data_types import (
    TESTS,
    any_of,
    first_conversion,
    fits_when_unwrapped,
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
"""ajv's groups of keywords, in its order, each with the type of data that it looks at."""

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
    """Compiles one schema and everything in it.

    Args:
        references: Schemas that `$ref` may name, by that name; they may name each other.
    """

    def __init__(self, references: dict[str, Any] | None = None) -> None:
        self._references = references
        self._referenced: dict[str, Check | None] = {}

    def compile(self, schema: Any, where: str = "#", mode: Mode = COERCE) -> Check | None:
        """The check of a schema, or None where any data pass it.

        Raises:
            DefinitionError: ajv would refuse to compile the schema.
        """
        if isinstance(schema, bool):
            return None if schema else _refuse_everything(where, mode)
        if self._references is not None and "$ref" in schema:
            return self._reference(schema["$ref"], where, mode)
        if self.asks_nothing(schema):
            return None
        return self._object(Node(schema, where, mode, self.compile, self.asks_nothing))

    def asks_nothing(self, schema: Any) -> bool:
        """Whether any data pass a schema, because no keyword in it asks for something.

        Raises:
            DefinitionError: It has a keyword that there is not.
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

    def _reference(self, name: str, where: str, mode: Mode) -> Check:
        if name not in self._referenced:
            self._referenced[name] = None
            self._referenced[name] = self.compile((self._references or {})[name], where, mode)

        def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
            referenced = self._referenced[name]
            return data if referenced is None else referenced(data, pointer, findings)

        return check

    def _object(self, node: Node) -> Check:
        types = _types(node.schema)
        # ajv reports the one type that it cannot convert to only after that type's keywords were due.
        late = types[0] if len(types) == 1 and _has_keywords(node.schema, types[0]) else None
        if node.mode.coerce and first_conversion(types):
            late = None
        groups = [
            _group(node, kind, keywords, report_type=kind is not None and kind == late) for kind, keywords in _GROUPS
        ]
        if not node.mode.all_errors and groups[0] is None and types:
            groups[0] = _pass  # `type` is one of the first group's keywords: a wrong one ends it, even alone
        checks = [group for group in groups if group]
        if types and not late:
            return _typed(node, types, checks)
        return in_turn(checks, all_errors=node.mode.all_errors) if checks else _pass


def _pass(data: Any, _pointer: str, _findings: list[Finding]) -> Any:
    return data


def _refuse_everything(where: str, mode: Mode) -> Check:
    node = Node({}, where, mode, lambda *_: None, lambda _: True)
    return node.check_when("false schema", None, "boolean schema is false", fails=lambda _data: True)


def _types(schema: dict[str, Any]) -> list[str]:
    asked = schema.get("type")
    if not asked:
        return []
    return list(asked) if isinstance(asked, list) else [asked]


def _has_keywords(schema: dict[str, Any], kind: str) -> bool:
    return any(kind == name and not keywords.keys().isdisjoint(schema) for name, keywords in _GROUPS)


def _group(node: Node, kind: str | None, keywords: dict[str, _Keyword], *, report_type: bool) -> Check | None:
    """The keywords of one type of data, for data of that type only."""
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
    asked = node.schema["type"]
    words = ",".join(asked) if isinstance(asked, list) else asked
    return node.reporter("type", asked, f"must be {words}")


def _typed(node: Node, types: list[str], keywords: list[Check]) -> Check:
    """Tests the type, converting where that is possible, and goes on with the keywords in either case."""
    accepts = any_of(types)
    unwrap = node.mode.coerce and first_conversion(types) is not None
    convert = first_conversion(types) if node.mode.coerce else None
    fits = fits_when_unwrapped(types)
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
                if fits(value):
                    converted = value
            if converted is MISSING and convert:
                converted = convert(value)
            if converted is MISSING:
                report(value, pointer, findings)
            else:
                kept = value = converted
        # What could not be converted stays as it was, though the keywords see it unwrapped.
        failed = len(findings) > before
        for step in steps:
            value = step(value, pointer, findings)
            if not all_errors and len(findings) > before:
                break
        return kept if failed else value

    return check
