"""The directives, one file each, and the table of all of them."""

from typing import Final

from destination.mapping.directive import Directive
from destination.mapping.directives import (
    array_path,
    case,
    exclude_when_null,
    flatten,
    if_,
    jinja,
    json_,
    jsonpath,
    liquid,
    literal,
    merge,
    path,
    replace,
    template,
    transform,
)

DIRECTIVES: Final[dict[str, Directive]] = {
    directive.name: directive
    for directive in (
        if_.DIRECTIVE,
        case.DIRECTIVE,
        replace.DIRECTIVE,
        array_path.DIRECTIVE,
        path.DIRECTIVE,
        template.DIRECTIVE,
        literal.DIRECTIVE,
        flatten.DIRECTIVE,
        json_.DIRECTIVE,
        merge.DIRECTIVE,
        transform.DIRECTIVE,
        exclude_when_null.DIRECTIVE,
        liquid.DIRECTIVE,
        jsonpath.DIRECTIVE,
        jinja.DIRECTIVE,
    )
}
"""Every directive by its name: Segment's thirteen, then `@jsonpath` and `@jinja`."""

__all__ = ["DIRECTIVES"]
