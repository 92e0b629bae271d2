"""Which function offers the choices of a field that Segment's app asks about."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from destination.mapping.paths import split_path
from destination.values import string_to_number

DynamicFunction: TypeAlias = Callable[[Any, Any], Any]
"""`(request, data)` to `{"choices": [{"label", "value"}], "nextPage"?, "error"?}`."""

DynamicFields: TypeAlias = Mapping[str, DynamicFunction | Mapping[str, DynamicFunction]]
"""By field: a function, or for the members of an object (or of the objects in a list) one each; `__keys__` offers
the keys of an object that takes any, `__values__` the values of the keys that have no function of their own."""

# JavaScript's `.` stops at four line ends, and so a path may begin in its middle.
_ITEM = re.compile(r"([^\n\r\u2028\u2029]*)\.\[([0-9]+)\]\.([^\n\r\u2028\u2029]*)")
_MEMBER = re.compile(r"([^\n\r\u2028\u2029]*)\.([^\n\r\u2028\u2029]*)")


def find_dynamic_field(fields: DynamicFields | None, path: str) -> tuple[DynamicFunction | None, dict[str, Any] | None]:
    """The function for a path, and what it is told of the place; None where no function is found.

    A path is a field's key (`list`), a member of an object (`user.email`), an item of a list with its place
    (`items.[2].sku`), or `user.__keys__`. Source: `extractFieldContextAndHandler` of Segment's runtime, oddities
    included: a path may be cut by quotes and brackets as `@path` does it.

    Example:
        >>> fields = {"list": print, "items": {"sku": print}, "user": {"__values__": print}}
        >>> find_dynamic_field(fields, "items.[2].sku")[1], find_dynamic_field(fields, "user.email")[1]
        ({'selectedArrayIndex': 2}, {'selectedKey': 'email'})
        >>> find_dynamic_field(fields, "unknown")
        (None, None)
    """
    handler = path
    context: dict[str, Any] | None = None
    item = _ITEM.search(path)
    if item is not None and item[3]:
        handler, context = f"{item[1]}.{item[3]}", {"selectedArrayIndex": string_to_number(item[2])}
    else:
        member = item or _MEMBER.search(path)
        if member is not None:
            parent = (fields or {}).get(member[1])
            # What JavaScript's objects have of themselves (`constructor`) is no function of the author's: divergence.
            if parent is not None and (callable(parent) or member[2] not in parent):
                handler, context = f"{member[1]}.__values__", {"selectedKey": member[2]}
    function = _look_up(fields, handler)
    return (None, None) if function is None else (function, context)


def _look_up(fields: Any, path: str) -> DynamicFunction | None:
    found = fields
    for key in split_path(path):
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found if callable(found) else None


def no_dynamic_field(path: str) -> dict[str, Any]:
    """The answer where no function is found.

    Example:
        >>> no_dynamic_field("list")["error"]
        {'message': 'No dynamic field named list found.', 'code': '404'}
    """
    return {
        "choices": [],
        "nextPage": "",
        "error": {"message": f"No dynamic field named {path} found.", "code": "404"},
    }
