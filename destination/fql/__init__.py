"""Segment's subscription language: text to AST to predicate, and back to text.

`tokens`, `lexer`, `parser` and `nodes` read a trigger; `operators`, `steps` and `program` compile it;
`trigger` is what the rest of the framework uses.
"""

from destination.fql.generate import UnknownConditionError, generate_fql
from destination.fql.lexer import tokenize
from destination.fql.nodes import Condition, ErrorCondition, GroupCondition
from destination.fql.parser import parse_fql
from destination.fql.program import compile_condition, matches
from destination.fql.tokens import Token, TokenType
from destination.fql.trigger import Trace, Trigger, compile_trigger, trace_condition

__all__ = [
    "Condition",
    "ErrorCondition",
    "GroupCondition",
    "Token",
    "TokenType",
    "Trace",
    "Trigger",
    "UnknownConditionError",
    "compile_condition",
    "compile_trigger",
    "generate_fql",
    "matches",
    "parse_fql",
    "tokenize",
    "trace_condition",
]
