"""Compares an expected value with a found one, in part or as a whole, and lists the differences by path."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from destination.records import dataclass
from destination.values import MISSING, read_json, stringify
from destination.values.pointers import to_pointer

Path: TypeAlias = tuple[str | int, ...]
"""Keys of objects and indexes of lists, starting at the top."""

_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Difference:
    """A path at which the found value differs from the expected one.

    Attributes:
        path: The path.
        expected: What should be there; `MISSING` where nothing should.
        found: What is there; `MISSING` where nothing is.
        differs_at: Where two values differ that are masked, and so look equal: the number of the first character that
            differs, from 1; None where they do not look equal.

    Example:
        >>> print(Difference(("payload", "name"), "a", MISSING))
        /payload/name: expected "a", found nothing
    """

    path: Path
    expected: Any
    found: Any
    differs_at: int | None = None

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer (RFC 6901)."""
        return pointer(self.path)

    def masked(self, mask: Callable[[Any], Any]) -> "Difference":
        """Masks the secrets in both values; do so before they are shortened, or half a secret stays.

        Args:
            mask: Masks the secrets in a JSON value.

        Example:
            >>> print(Difference(("a",), "s3cr3t", "b").masked(lambda value: value.replace("s3cr3t", "…")))
            /a: expected "…", found "b"
            >>> print(Difference(("a",), "s3cr3t", "s3cr4t").masked(lambda value: "…"))
            /a: expected and found are masked, and differ from character 5 on
        """
        expected, found = mask(self.expected), mask(self.found)
        differs_at = self.differs_at
        if differs_at is None and repr(expected) == repr(found) and repr(self.expected) != repr(self.found):
            differs_at = _first_difference(str(self.expected), str(self.found))
        return Difference(self.path, expected, found, differs_at)

    def __str__(self) -> str:
        if self.differs_at is not None:
            return f"{self.pointer}: expected and found are masked, and differ from character {self.differs_at} on"
        return f"{self.pointer}: expected {shown(self.expected)}, found {shown(self.found)}"


def _first_difference(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False), 1)
    return next((index for index, (left, right) in pairs if left != right), min(len(one), len(other)) + 1)


def pointer(path: Path) -> str:
    """Writes a path as a JSON pointer (RFC 6901); the empty path is `/`.

    Example:
        >>> pointer(("requests", 0, "a/b")), pointer(())
        ('/requests/0/a~1b', '/')
    """
    return to_pointer(path) or "/"


def shown(value: Any) -> str:
    """Writes a value as JSON, shortened to 300 characters; `MISSING` is `nothing`.

    Example:
        >>> shown({"a": [1, None]}), shown(MISSING)
        ('{"a":[1,null]}', 'nothing')
    """
    if value is MISSING:
        return "nothing"
    try:
        text = stringify(value)
    except (TypeError, ValueError):  # a Python object, such as a matcher
        text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


def as_json(value: Any) -> Any:
    """Writes a value as JSON and reads it again, so that only JSON values are left.

    Raises:
        TypeError: The value holds something that JSON cannot write.
        ValueError: The value is nested too deeply.

    Example:
        >>> as_json({"a": MISSING, "b": [MISSING, 1.0, (2,)]})
        {'b': [None, 1, [2]]}
    """
    return read_json(stringify(value))


def differences(expected: Any, found: Any, path: Path = (), *, whole: bool = False) -> list[Difference]:
    """Lists the paths at which a found value differs from the expected one.

    Only the expected keys of an object are compared. Lists must have the same length, and their items are compared in
    the same way. Two expected objects have a special meaning: `{"exactly": value}` allows no other keys, and
    `{"absent": True}` expects no value.

    Args:
        expected: JSON, or an object with an `==` of its own, such as `unittest.mock.ANY`.
        found: JSON.
        path: The path of both values, with which the paths of the differences begin.
        whole: Whether other keys are differences too, as inside `exactly`.

    Example:
        >>> found = {"name": "b", "user": {"id": 1, "plan": "pro"}}
        >>> [str(one) for one in differences({"name": "a", "user": {"id": 1}}, found)]
        ['/name: expected "a", found "b"']
        >>> [str(one) for one in differences({"user": {"exactly": {"id": 1}}, "name": {"absent": True}}, found)]
        ['/user/plan: expected nothing, found "pro"', '/name: expected nothing, found "b"']
    """
    return list(_differences(expected, found, path, whole))


def _differences(expected: Any, found: Any, path: Path, whole: bool) -> Iterator[Difference]:
    if not whole and isinstance(expected, Mapping) and len(expected) == 1:
        if "exactly" in expected:
            yield from _differences(expected["exactly"], found, path, True)
            return
        if expected.get("absent") is True:
            if found is not MISSING:
                yield Difference(path, MISSING, found)
            return
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key, value in expected.items():
            yield from _differences(value, found.get(key, MISSING), (*path, key), whole)
        if whole:
            for key in found:
                if key not in expected:
                    yield Difference((*path, key), MISSING, found[key])
    elif is_list(expected) and is_list(found):
        for index in range(max(len(expected), len(found))):
            inner = (*path, index)
            if index >= len(found) or index >= len(expected):
                yield Difference(inner, _at(expected, index), _at(found, index))
            else:
                yield from _differences(expected[index], found[index], inner, whole)
    elif not _equal(expected, found):
        yield Difference(path, expected, found)


def is_list(value: Any) -> bool:
    """Whether a value is a list or a tuple, which JSON writes as a list.

    Example:
        >>> is_list((1, 2)), is_list("ab")
        (True, False)
    """
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _at(items: Sequence[Any], index: int) -> Any:
    return items[index] if index < len(items) else MISSING


def _equal(expected: Any, found: Any) -> bool:
    # JSON: a boolean is not a number, as it is in Python
    if isinstance(expected, (bool, int, float)) and isinstance(expected, bool) != isinstance(found, bool):
        return False
    return bool(expected == found)
