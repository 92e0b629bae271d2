"""Finds every value of requests, by its location."""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from destination.records import dataclass
from destination.request import Request
from destination.values import MISSING, is_index, read_json

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


@dataclass(frozen=True, slots=True)
class Location:
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


def locate(requests: tuple[Request, ...]) -> Locations:
    """Lists every value of requests, also the objects and lists in a JSON body, parents before children.

    Example:
        >>> found = locate((Request("POST", "https://h.test/v1?k=1", body=b'{"a":[5]}'),))
        >>> [(str(at), value) for at, value in found.items() if at.part in ("query", "body")]
        [('query k', '1'), ('body', {'a': [5]}), ('body.a', [5]), ('body.a[0]', 5)]
    """
    found: Locations = {}
    for number, request in enumerate(requests):
        url = urlsplit(request.url)
        found[Location(number, "method")] = request.method
        found[Location(number, "host")] = f"{url.scheme}://{url.netloc}"
        found[Location(number, "path")] = url.path
        for index, (key, value) in enumerate(parse_qsl(url.query, keep_blank_values=True)):
            found[Location(number, "query", (key, index))] = value
        for name, header in request.headers.items():
            found[Location(number, "header", (name,))] = header
        found.update((Location(number, *inside), value) for inside, value in _body(request))
    return found


def _body(request: Request) -> Iterator[tuple[tuple[Literal["form", "body"], Position], Any]]:
    if request.body is None:
        return
    try:
        value = read_json(request.body)
    except ValueError:
        text = request.body.decode("utf-8", "replace")
        if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
            for index, (key, each) in enumerate(parse_qsl(text, keep_blank_values=True)):
                yield ("form", (key, index)), each
        else:
            yield ("body", ()), text
        return
    todo: list[tuple[Position, Any]] = [((), value)]
    for position, item in todo:  # grows while it is walked: bodies may nest deeply
        yield ("body", position), item
        if isinstance(item, dict):
            todo.extend(((*position, key), inner) for key, inner in item.items())
        elif isinstance(item, list):
            todo.extend(((*position, index), inner) for index, inner in enumerate(item))


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
