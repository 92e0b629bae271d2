"""Segment's subscription language: text to AST to predicate, and back to text.

`tokens`, `lexer`, `parser` and `nodes` read a trigger; `operators`, `steps` and `program` compile it;
`trigger` is what the rest of the framework uses. `satisfy/` looks for events that some triggers match.
"""

from destination.fql.generate import UnknownConditionError, generate_fql
from destination.fql.lexer import Token, TokenType, tokenize
from destination.fql.nodes import Condition, ErrorCondition, GroupCondition
from destination.fql.parser import parse_fql
from destination.fql.program import compile_condition, matches
from destination.fql.satisfy import (
    BoundaryEvent,
    Change,
    Impossible,
    Undecided,
    Witness,
    boundary_events,
    satisfy,
)
from destination.fql.trigger import Trace, Trigger, compile_trigger, trace_condition

__all__ = [
    "BoundaryEvent",
    "Change",
    "Condition",
    "ErrorCondition",
    "GroupCondition",
    "Impossible",
    "Token",
    "TokenType",
    "Trace",
    "Trigger",
    "Undecided",
    "UnknownConditionError",
    "Witness",
    "boundary_events",
    "compile_condition",
    "compile_trigger",
    "generate_fql",
    "matches",
    "parse_fql",
    "satisfy",
    "tokenize",
    "trace_condition",
]
