"""Mappings: JSON with directives, which makes a payload from an event.

`compile_mapping(mapping)` validates a mapping and returns a function from event to payload. `transform` compiles and
calls it at once. `path(…)`, `template(…)` and the other functions write directives in code. Each directive has its own
file in `destination/mapping/directives/`.
"""

from destination.mapping.api import (
    array_path,
    case,
    exclude_when_null,
    flatten,
    if_blank,
    if_exists,
    jinja_template,
    json_decode,
    json_encode,
    jsonpath,
    liquid_template,
    literal,
    merge,
    path,
    replace,
    template,
    transformed,
)
from destination.mapping.compiled import (
    CompiledMapping,
    compile_mapping,
    extensions_used,
    transform,
    transform_batch,
    validate_mapping,
)
from destination.mapping.resolvers import remove_undefined
from destination.mapping.trace import Evaluated, FieldTrace, MappingSteps, Read, TraceStep
from destination.mapping.validate import MappingProblem

__all__ = [
    "CompiledMapping",
    "Evaluated",
    "FieldTrace",
    "MappingProblem",
    "MappingSteps",
    "Read",
    "TraceStep",
    "array_path",
    "case",
    "compile_mapping",
    "exclude_when_null",
    "extensions_used",
    "flatten",
    "if_blank",
    "if_exists",
    "jinja_template",
    "json_decode",
    "json_encode",
    "jsonpath",
    "liquid_template",
    "literal",
    "merge",
    "path",
    "remove_undefined",
    "replace",
    "template",
    "transform",
    "transform_batch",
    "transformed",
    "validate_mapping",
]
