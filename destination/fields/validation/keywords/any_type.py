"""Keywords for data of any type: fixed values, and combinations of schemas."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from destination.errors import DefinitionError, EngineTypeError
from destination.fields.validation.findings import Finding
from destination.fields.validation.nodes import Check, Node, in_turn
from destination.values import MISSING, deep_equals, strict_equals

_LONG_ENUM = 200


def _equal_to(expected: Any) -> Callable[[Any], bool]:
    """Makes the test for a JSON value that equals `expected`."""
    same = deep_equals if isinstance(expected, (dict, list)) else strict_equals
    return lambda data: same(data, expected)


def one_of(allowed: list[Any]) -> Callable[[Any], bool]:
    """Makes the test for a JSON value that equals one of `allowed`."""
    if all(isinstance(value, str) for value in allowed):
        texts = frozenset(allowed)
        return lambda data: isinstance(data, str) and data in texts
    tests = tuple(map(_equal_to, allowed))
    return lambda data: any(test(data) for test in tests)


def _const(node: Node) -> Check:
    same = _equal_to(node.schema["const"])
    return node.check_when("const", None, "must be equal to constant", fails=lambda data: not same(data))


def _enum(node: Node) -> Check:
    allowed = node.schema["enum"]
    if len(allowed) < _LONG_ENUM and any(value is MISSING for value in allowed):
        # Segment: a bare choice that is not a string (test_a_bare_number_among_choices_cannot_be_compiled)
        raise EngineTypeError('a choice that is not a string must be written {"label": …, "value": …}')
    accepts = one_of(allowed)
    message = "must be equal to one of the allowed values"
    return node.check_when("enum", allowed, message, fails=lambda data: not accepts(data))


def _not_(node: Node) -> Check:
    inner = node.compile(node.schema["not"], f"{node.path}/not", _only_whether(node))
    report = node.reporter("not", None, "must NOT be valid")

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        found: list[Finding] = []
        if inner:
            data = inner(data, pointer, found)
        if not found:
            report(data, pointer, findings)
        return data

    return check


def _any_of(node: Node) -> Check | None:
    if any(map(node.accepts_anything, node.schema["anyOf"])):
        return None
    branches = [branch for branch in _each(node, "anyOf") if branch]
    report = node.reporter("anyOf", None, "must match a schema in anyOf")

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        found: list[Finding] = []
        for branch in branches:
            before = len(found)
            data = branch(data, pointer, found)
            if len(found) == before:
                return data
        findings += found
        report(data, pointer, findings)
        return data

    return check


def _one_of_schemas(node: Node) -> Check:
    branches = tuple(_each(node, "oneOf"))
    report = node.reporter("oneOf", None, "must match exactly one schema in oneOf")

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        found: list[Finding] = []
        passed = 0
        for branch in branches:
            before = len(found)
            if branch:
                data = branch(data, pointer, found)
            passed += len(found) == before
            if passed > 1:
                break
        if passed != 1:
            findings += found
            report(data, pointer, findings)
        return data

    return check


def _all_of(node: Node) -> Check | None:
    branches = [branch for branch in _each(node, "allOf") if branch]
    return in_turn(branches, all_errors=node.mode.all_errors) if branches else None


def _if_(node: Node) -> Check | None:
    schema = node.schema
    if "then" not in schema and "else" not in schema:
        raise DefinitionError('strict mode: "if" without "then" and "else" is ignored')
    constraining = [name for name in ("then", "else") if not node.accepts_anything(schema.get(name, True))]
    if not constraining:
        return None
    condition = node.compile(schema["if"], f"{node.path}/if", _only_whether(node))
    clauses = {name: node.compile(schema[name], f"{node.path}/{name}", node.mode) for name in constraining}
    then, else_ = clauses.get("then"), clauses.get("else")
    reports = {name: node.reporter("if", None, f'must match "{name}" schema') for name in ("then", "else")}
    report_then, report_else = reports["then"], reports["else"]

    def check(data: Any, pointer: str, findings: list[Finding]) -> Any:
        found: list[Finding] = []
        if condition:
            # Segment: values that a condition converts stay converted (test_a_condition_turns_a_zero_into_null)
            data = condition(data, pointer, found)
        clause, report = (else_, report_else) if found else (then, report_then)
        if clause:
            before = len(findings)
            data = clause(data, pointer, findings)
            if len(findings) > before:
                report(data, pointer, findings)
        return data

    return check


def _clause(node: Node) -> None:
    for name in ("then", "else"):
        if name in node.schema and "if" not in node.schema:
            raise DefinitionError(f'strict mode: "{name}" without "if" is ignored')


def _each(node: Node, keyword: str) -> list[Check | None]:
    schemas = node.schema[keyword]
    return [node.compile(schema, f"{node.path}/{keyword}/{index}", node.mode) for index, schema in enumerate(schemas)]


def _only_whether(node: Node) -> Any:
    return replace(node.mode, all_errors=False, record=False)


KEYWORDS: Final[dict[str, Callable[[Node], Check | None]]] = {
    "const": _const,
    "enum": _enum,
    "not": _not_,
    "anyOf": _any_of,
    "oneOf": _one_of_schemas,
    "allOf": _all_of,
    "if": _if_,
    "then": _clause,
    "else": _clause,
}
