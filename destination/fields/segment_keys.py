"""Segment's keys of a field, and the values that some of them take."""

import re
from typing import Literal

FieldType = Literal["string", "text", "number", "integer", "datetime", "boolean", "password", "object"]
ObjectUI = Literal["keyvalue", "object", "keyvalue:only", "object:only", "arrayeditor"]
InputMethod = Literal["literal", "variable", "function", "enrichment", "freeform"]
DisplayMode = Literal["expanded", "normal", "collapsed"]
Category = Literal["identifier", "data", "internal", "config", "sync", "hashedPII"]


_ODD_KEYS = {
    "default_object_ui": "defaultObjectUI",
    "depends_on": "depends_on",
    "unsafe_hidden": "unsafe_hidden",
}


def camel_case(name: str) -> str:
    """Writes a name in camelCase, as pydantic's `to_camel` does.

    Example:
        >>> camel_case("order_id"), camel_case("orderId"), camel_case("line_1b")
        ('orderId', 'orderId', 'line1B')
    """
    if re.match("[a-z]+[A-Za-z0-9]*$", name) and not re.search(r"\d[a-z]", name):
        return name
    joined = re.sub("([0-9A-Za-z])_(?=[0-9A-Z])", r"\1", name.title())
    return re.sub("^_*[A-Z]", lambda start: start[0].lower(), joined)


def segment_key(name: str) -> str:
    """Returns Segment's key of an attribute.

    Example:
        >>> segment_key("allow_null"), segment_key("depends_on")
        ('allowNull', 'depends_on')
    """
    return _ODD_KEYS.get(name) or camel_case(name)
