"""Finds every value of requests, by its location."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from destination.records import dataclass
from destination.request import Request
from destination.values import MISSING, deep_equals, is_index, read_json

Position: TypeAlias = tuple[str | int, ...]
"""Keys of objects and indexes of lists, starting at the top of a payload or a body."""


def write_position(position: Position) -> str:
    """Writes a position for people.

    Example:
        >>> write_position(("goals", 0, "unit price", "n"))
        "goals[0]['unit price'].n"
    """
    text = ""
    for key in position:
        if isinstance(key, int):
            text += f"[{key}]"
        elif key.replace("_", "a").replace("-", "a").replace("$", "a").isalnum() and not is_index(key):
            text += f".{key}" if text else key
        else:
            text += f"[{key!r}]"
    return text


class Location(NamedTuple):  # made and hashed for each value of each run
    """The location of one value in the requests of a subscription.

    Attributes:
        request: The number of the request, from 0.
        part: `method`, `host`, `path`, `query`, `header`, `form` (a body that is a form) or `body`.
        position: The position in that part: a header's name, a parameter's name and number, or a position in the body.

    Example:
        >>> print(Location(0, "body", ("goals", 0, "name")), "|", Location(0, "header", ("x-api-key",)))
        body.goals[0].name | header x-api-key
    """

    request: int
    part: Literal["method", "host", "path", "query", "header", "form", "body"]
    position: Position = ()

    def __str__(self) -> str:
        if self.part == "body":
            inside = write_position(self.position)
            text = f"body{inside}" if inside.startswith("[") else f"body.{inside}" if inside else "body"
        elif self.part == "path":
            text = "URL path"
        else:
            text = " ".join([self.part, *(str(key) for key in self.position[:1])])
        return text if self.request == 0 else f"request {self.request + 1}: {text}"

    def to_json(self) -> dict[str, Any]:
        """Returns `{"request", "part", "position", "text"}`."""
        return {"request": self.request, "part": self.part, "position": list(self.position), "text": str(self)}


Locations: TypeAlias = dict[Location, Any]
"""Every value of requests by its location."""


def locate(requests: tuple[Request, ...], but: Collection[Location] = ()) -> Locations:
    """Lists every value of requests, also the objects and lists in a JSON body, parents before children.

    Args:
        requests: The requests.
        but: Locations to leave out, with all that is in them.

    Example:
        >>> found = locate((Request("POST", "https://h.test/v1?k=1", body=b'{"a":[5]}'),))
        >>> [(str(at), value) for at, value in found.items() if at.part in ("query", "body")]
        [('query k', '1'), ('body', {'a': [5]}), ('body.a', [5]), ('body.a[0]', 5)]
    """
    found: Locations = {}
    for number, request in enumerate(requests):
        found.update(_around_body(number, request))
        omitted = {location.position for location in but if location.part == "body" and location.request == number}
        in_body = _in_body(request, _json_body(request), omitted)
        found.update((Location(number, *inside), value) for inside, value in in_body)
    for location in but:
        found.pop(location, None)
    return found


def _around_body(number: int, request: Request) -> Iterator[tuple[Location, Any]]:
    url = urlsplit(request.url)
    yield Location(number, "method"), request.method
    yield Location(number, "host"), f"{url.scheme}://{url.netloc}"
    yield Location(number, "path"), url.path
    for index, (key, value) in enumerate(parse_qsl(url.query, keep_blank_values=True)):
        yield Location(number, "query", (key, index)), value
    for name, header in request.headers.items():
        yield Location(number, "header", (name,)), header


def _json_body(request: Request) -> Any:
    """Returns the body as JSON; `MISSING` if there is no body, or if it is not valid JSON."""
    try:
        return MISSING if request.body is None else read_json(request.body)
    except ValueError:
        return MISSING


def _in_body(
    request: Request, value: Any, omitted: Collection[Position] = ()
) -> Iterator[tuple[tuple[Literal["form", "body"], Position], Any]]:
    if value is not MISSING:
        todo: list[tuple[Position, Any]] = [((), value)]
        for position, item in todo:  # grows while it is walked: bodies may nest deeply
            if position not in omitted:
                yield ("body", position), item
                todo.extend(((*position, key), inner) for key, inner in _members(item))
    elif request.body is not None:
        text = request.body.decode("utf-8", "replace")
        if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
            for index, (key, each) in enumerate(parse_qsl(text, keep_blank_values=True)):
                yield ("form", (key, index)), each
        else:
            yield ("body", ()), text


def _members(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


# --- comparing requests ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Changes:
    """The differences of some requests from others.

    Attributes:
        values: The locations of the first requests that have other values, with the value that the second requests
            have there, or `MISSING`. An object or a list differs if anything in it does.
        has_more: Whether the second requests have values at further locations.

    Example:
        >>> one, other = (Request("GET", f"https://h.test/?k={key}") for key in "ab")
        >>> changes = LocatedRequests((one,)).changes((other,))
        >>> [(str(at), value) for at, value in changes.values.items()], changes.has_more
        ([('query k', 'b')], False)
    """

    values: Locations
    has_more: bool

    @property
    def same_locations(self) -> bool:
        """Whether both have values at the same locations."""
        return not self.has_more and MISSING not in self.values.values()


class LocatedRequests:
    """Requests with every value in them, prepared to be compared with many others.

    Args:
        requests: The requests.

    Attributes:
        values: Every value by its location, parents before children.

    Example:
        >>> def request(goal):
        ...     return (Request("POST", "https://h.test/", body=b'{"goal":"%s","n":[1]}' % goal),)
        >>> changes = LocatedRequests(request(b"a")).changes(request(b"b"))
        >>> [(str(at), value) for at, value in changes.values.items()], changes.same_locations
        ([('body.goal', 'b'), ('body', {'goal': 'b', 'n': [1]})], True)
    """

    def __init__(self, requests: tuple[Request, ...]) -> None:
        self._requests = requests
        self._bodies = [_node_of(number, _json_body(request)) for number, request in enumerate(requests)]
        self.values = locate(requests)

    def changes(self, others: tuple[Request, ...]) -> Changes | None:
        """Compares with other requests; returns None if their number differs."""
        if len(others) != len(self._requests):
            return None
        changed: Locations = {}
        has_more = False
        for number, (one, other) in enumerate(zip(self._requests, others, strict=True)):
            same_headers = one.headers == other.headers
            if not same_headers or one.url != other.url or one.method != other.method:
                has_more |= _compare(dict(_around_body(number, one)), dict(_around_body(number, other)), changed)
            if one.body == other.body and same_headers:
                continue
            before, after = self._bodies[number], _json_body(other)
            if before.value is not MISSING and after is not MISSING:
                has_more |= _compare_json(before, after, changed)
            else:
                bodies = (_in_body(one, before.value), _in_body(other, after))
                old, new = ({Location(number, *inside): value for inside, value in body} for body in bodies)
                has_more |= _compare(old, new, changed)
        return Changes(changed, has_more)


def _compare(old: Locations, new: Locations, changed: Locations) -> bool:
    """Adds the changes of one part of a request; returns whether the new one has further locations."""
    for location, value in old.items():
        after = new.get(location, MISSING)
        if after is MISSING or not deep_equals(value, after):
            changed[location] = after
    return not new.keys() <= old.keys()


class _Node(NamedTuple):
    """A value of a JSON body, with its location and what is in it."""

    location: Location
    value: Any
    scalars: "list[tuple[str | int, Any, _Node]]"
    containers: "list[tuple[str | int, _Node]]"


def _node_of(number: int, body: Any) -> _Node:
    top = _Node(Location(number, "body"), body, [], [])
    todo = [top]
    for node in todo:  # grows while it is walked: bodies may nest deeply
        for key, item in _members(node.value):
            inside = _Node(Location(number, "body", (*node.location.position, key)), item, [], [])
            if isinstance(item, (dict, list)):
                node.containers.append((key, inside))
                todo.append(inside)
            else:
                node.scalars.append((key, item, inside))
    return top


def _compare_json(old: _Node, new: Any, changed: Locations) -> bool:
    """Adds the changes of a JSON body; returns whether the new one has further locations."""
    has_more = False
    todo: list[tuple[_Node, Any, int]] = [(old, new, -1)]  # each with the index of what it is in
    for index, (node, after, around) in enumerate(todo):  # grows while it is walked
        before = node.value
        there: dict[Any, Any] = {}
        if isinstance(before, dict) and isinstance(after, dict):
            there = after
            is_equal = after.keys() <= before.keys()
        elif isinstance(before, list) and isinstance(after, list):
            there = dict(enumerate(after))
            is_equal = len(after) <= len(before)
        else:
            is_equal = after is not MISSING and deep_equals(before, after)
        for key, item, inside in node.scalars:
            other = there.get(key, MISSING)
            if item.__class__ is not other.__class__ or item != other:
                todo.append((inside, other, index))
        for key, inside in node.containers:
            todo.append((inside, there.get(key, MISSING), index))
        if is_equal:
            continue
        has_more |= isinstance(after, (dict, list)) and bool(after)
        changed[node.location] = after
        while around >= 0 and todo[around][0].location not in changed:
            node, after, around = todo[around]
            changed[node.location] = after
    return has_more


def value_at(value: Any, position: Position) -> Any:
    """Returns the value at a position, or `MISSING`.

    Example:
        >>> value_at({"a": [1, {"b": 2}]}, ("a", 1, "b")), value_at({"a": [1]}, ("a", 1, "b"))
        (2, MISSING)
    """
    for key in position:
        if isinstance(value, list):
            value = value[key] if isinstance(key, int) and key < len(value) else MISSING
        else:
            value = value.get(key, MISSING) if isinstance(value, dict) else MISSING
    return value


def with_value(payload: Any, position: Position, value: Any) -> Any:
    """Returns a copy of a payload with another value at one position; the other values are shared, not copied.

    Example:
        >>> with_value({"a": [1, {"b": 2}]}, ("a", 1, "b"), 3)
        {'a': [1, {'b': 3}]}
    """
    if not position:
        return value
    top = container = _copied(payload)
    for key in position[:-1]:
        container[key] = _copied(container[key])
        container = container[key]
    container[position[-1]] = value
    return top


def _copied(container: Any) -> Any:
    return dict(container) if isinstance(container, dict) else list(container)
