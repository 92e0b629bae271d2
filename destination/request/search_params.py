"""Query strings and form bodies, as JavaScript's URLSearchParams writes them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote_plus, unquote_plus

from destination.errors import EngineTypeError
from destination.values import ordered_items, to_string
from destination.values.text import to_well_formed


class SearchParams:
    """Pairs of names and values, in order. As the `body` of a request they are a form.

    Raises:
        EngineTypeError: A list holds something other than pairs.

    Example:
        >>> str(SearchParams({"q": "a b&c~", "n": 1.0, "ok": True, "none": None}))
        'q=a+b%26c%7E&n=1&ok=true&none=null'
        >>> str(SearchParams("?a=1&&b"))
        'a=1&b='
    """

    __slots__ = ("pairs",)

    pairs: tuple[tuple[str, str], ...]

    def __init__(self, params: "SearchParamsInput" = "") -> None:
        if isinstance(params, SearchParams):
            self.pairs = params.pairs
        else:
            self.pairs = tuple(
                (to_well_formed(to_string(name)), to_well_formed(to_string(value))) for name, value in _entries(params)
            )

    def __str__(self) -> str:
        return "&".join(f"{_encode(name)}={_encode(value)}" for name, value in self.pairs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SearchParams) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        return f"SearchParams({', '.join(f'{name}=…' for name, _ in self.pairs)})"


SearchParamsInput: TypeAlias = SearchParams | Mapping[str, Any] | Iterable[tuple[Any, Any]] | str
"""The values that are allowed as `search_params`; names and values are converted to strings as in JavaScript."""


def _entries(params: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(params, Mapping):
        yield from ordered_items(dict(params))
    elif isinstance(params, Iterable) and not isinstance(params, (str, bytes)):
        for pair in params:
            if not isinstance(pair, (tuple, list)) or len(pair) != 2:
                raise EngineTypeError("Each query pair must be a name and a value")
            yield pair[0], pair[1]
    else:
        for part in to_string(params).removeprefix("?").split("&"):
            if part:
                name, _, value = part.partition("=")
                yield unquote_plus(name), unquote_plus(value)


def _encode(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")
