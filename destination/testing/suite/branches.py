"""The branches of a mapping: every `@if`, and what has to be chosen around it to reach it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from destination.mapping.shape import Place, is_directive

Choice: TypeAlias = Literal["then", "else", "blank"]
Choices: TypeAlias = Mapping[Place, Choice]
"""By the place of an `@if`: the branch that is to be taken. Without one it is `then`."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch of an `@if`.

    Attributes:
        place: Where in the mapping the `@if` stands, without its own key.
        choice: Which branch: `then`, `else`, or `blank`: the `else` of a `blank` condition, taken for `""`.
        choices: What to choose so that this branch is reached: itself, and the `@if`s around it.
    """

    place: Place
    choice: Choice
    choices: Choices

    @property
    def name(self) -> str:
        """For people: the field, and which branch of it.

        Example:
            >>> Branch(("agent",), "else", {}).name
            'agent @if else'
        """
        return f"{'.'.join(self.place)} @if {self.choice}"


def branches(mapping: Any) -> tuple[Branch, ...]:
    """Every branch of every `@if` in a mapping.

    Example:
        >>> plan = {"@path": "$.traits.plan"}
        >>> [branch.name for branch in branches({"plan": {"@if": {"exists": plan, "then": plan}}})]
        ['plan @if then', 'plan @if else']
        >>> inner = {"@if": {"blank": plan, "then": "x"}}
        >>> [branch.name for branch in branches({"plan": {"@if": {"exists": plan, "else": inner}}})][2:]
        ['plan.@if.else @if then', 'plan.@if.else @if else', 'plan.@if.else @if blank']
    """
    found: list[Branch] = []
    todo: list[tuple[Any, Place, dict[Place, Choice]]] = [(mapping, (), {})]
    while todo:
        part, place, around = todo.pop()
        inner: list[tuple[Any, Place, dict[Place, Choice]]] = []
        if isinstance(part, list):
            inner = [(item, (*place, str(index)), around) for index, item in enumerate(part)]
        elif isinstance(part, dict):
            condition = part.get("@if")
            if isinstance(condition, dict) and is_directive(part):
                inner = _add(found, condition, place, around)
            else:
                inner = [(value, (*place, key), around) for key, value in part.items() if key != "_metadata"]
        todo.extend(reversed(inner))
    return tuple(found)


def _add(
    found: list[Branch], condition: dict[str, Any], place: Place, around: dict[Place, Choice]
) -> list[tuple[Any, Place, dict[Place, Choice]]]:
    kinds: list[Choice] = ["then", "else"] if "exists" in condition else ["then", "else", "blank"]
    found.extend(Branch(place, kind, {**around, place: kind}) for kind in kinds)
    below: list[tuple[Any, Place, dict[Place, Choice]]] = []
    for key in ("exists", "blank", "then", "else"):
        if key in condition:
            chosen: Choice = "else" if key == "else" else "then"
            below.append((condition[key], (*place, "@if", key), {**around, place: chosen}))
    return below
