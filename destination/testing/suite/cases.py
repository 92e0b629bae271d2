"""The cases of the free suite: events that show what each subscription of an instance does."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from destination.errors import DefinitionError
from destination.runtime import Instance
from destination.testing.suite.case import SuiteCase
from destination.testing.suite.generator import Generator
from destination.values import stringify

MAX_CASES: Final = 150
"""So many cases a subscription has at most."""

Values = Mapping[str, Mapping[str, Any]]


def suite_cases(
    instance: Instance[Any], *, values: Values | None = None, limit: int = MAX_CASES
) -> tuple[SuiteCase, ...]:
    """Events that show what each subscription does: with few fields and with all, each branch, each field amiss.

    For each subscription: an event that gives the required fields only and one that gives all; one for every branch
    of every `@if`; for each condition of the trigger one just inside and one just outside; for each field one where
    it is absent, null, empty and of another type. The same instance has the same cases wherever they are made.

    Args:
        instance: The instance.
        values: Values for fields of which the generator cannot know what they must be, by action and field, in the
            place of its own: `{"trackExposure": {"exposure": {…}}}`.
        limit: So many cases of a subscription at most; the last one says how many are left out.

    Raises:
        DefinitionError: `values` names an action or a field that is not there.

    Example:
        >>> from destination.definition import find
        >>> settings = {"collectorEndpoint": "https://a.test/v1", "apiKey": "s3cr3t", "environment": "test"}
        >>> cases = suite_cases(find("actions-absmartly").instance(settings))
        >>> [case.name for case in cases][:3]
        ['Track Calls / required fields only', 'Track Calls / all fields', 'Track Calls / agent @if else']
        >>> cases[1].why
        'A value of its own for each field. Also: agent @if then. Also: trigger type = "track" just inside.'
    """
    given = {} if values is None else values
    _check_values(instance, given)
    found: list[SuiteCase] = []
    for index, item in enumerate(instance.subscriptions):
        action = item.subscription.partner_action if isinstance(item.subscription.partner_action, str) else ""
        found.extend(_bounded(_distinct(Generator(instance, index, given.get(action, {})).cases()), limit))
    return tuple(_with_own_names(found))


def _distinct(cases: list[SuiteCase]) -> list[SuiteCase]:
    """Of several cases with the same event the first, which then says what the others were for.

    The first two stay: that all fields are the required ones is worth seeing.
    """
    kept: dict[str, SuiteCase] = {}
    for case in cases[1:]:
        key = stringify(case.event)
        first = kept.get(key)
        kept[key] = case if first is None else replace(first, why=f"{first.why} Also: {case.label}.")
    return [*cases[:1], *kept.values()]


def _bounded(cases: list[SuiteCase], limit: int) -> list[SuiteCase]:
    left_out = len(cases) - limit
    if left_out <= 0 or not limit:
        return cases
    last = cases[limit - 1]
    note = f"this is the last of {limit} cases, {left_out} more are left out: raise the limit to have them"
    return [*cases[: limit - 1], replace(last, notes=(*last.notes, note), left_out=left_out)]


def _with_own_names(cases: list[SuiteCase]) -> list[SuiteCase]:
    """The cases, a number after each name that was there before."""
    seen: dict[str, int] = {}
    named = []
    for case in cases:
        seen[case.name] = seen.get(case.name, 0) + 1
        number = seen[case.name]
        named.append(case if number == 1 else replace(case, name=f"{case.name} ({number})"))
    return named


def _check_values(instance: Instance[Any], values: Values) -> None:
    actions = instance.definition.actions
    for slug, fields in values.items():
        if slug not in actions:
            raise DefinitionError(f"values are given for the action {slug!r}, which is none of: {', '.join(actions)}")
        unknown = [key for key in fields if key not in actions[slug].input_fields]
        if unknown:
            known = ", ".join(actions[slug].input_fields)
            raise DefinitionError(f"values are given for {slug}.{unknown[0]}, which is no field: there are {known}")
