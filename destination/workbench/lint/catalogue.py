"""Registers all rules, in the order of their codes' families."""

from collections.abc import Iterator
from typing import Any

from destination.definition import DestinationDefinition, LintFinding, LintRule
from destination.workbench.lint import event_rules, field_rules, mapping_rules, plan_rules, trigger_rules
from destination.workbench.lint.subject import Subject


def _by_the_run(_subject: Subject) -> Iterator[LintFinding]:
    """Finds nothing: `run` makes these findings, for they depend on those of all other rules."""
    yield from ()


USELESS = LintRule("I001", "warning", "An `ignore` that ignores nothing.", _by_the_run)
UNKNOWN = LintRule("I002", "warning", "An `ignore` of a code that does not exist.", _by_the_run)

RULES: tuple[LintRule[Subject], ...] = (
    *trigger_rules.RULES,
    *event_rules.RULES,
    *plan_rules.RULES,
    *mapping_rules.RULES,
    *field_rules.RULES,
    USELESS,
    UNKNOWN,
)
"""The rules for every destination."""


def all_rules(definition: DestinationDefinition[Any]) -> tuple[LintRule[Any], ...]:
    """Returns the rules for every destination, and those that a destination ships.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> codes = [rule.code for rule in all_rules(absmartly)]
        >>> "T001" in codes, [code for code in codes if code.startswith("ABS")]
        (True, ['ABS001', 'ABS002', 'ABS003'])
    """
    return (*RULES, *definition.lint_rules)
