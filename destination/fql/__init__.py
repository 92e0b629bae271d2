"""Parses, compiles, writes and analyses triggers in Segment's subscription language, FQL.

Read in this order: `lexer`, `parser` and `nodes` turn text into an AST, `steps` and `program` compile it, and
`trigger` is the interface for the other packages. `generate` writes an AST as text. `satisfy/` finds events that
some triggers match and others do not.
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
from destination.fql.trigger import Trace, Trigger, compile_trigger, condition_offsets, trace_condition

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
    "condition_offsets",
    "generate_fql",
    "matches",
    "parse_fql",
    "satisfy",
    "tokenize",
    "trace_condition",
]
