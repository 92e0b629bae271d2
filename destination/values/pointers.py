"""JSON pointers (RFC 6901): text that names a value inside a JSON value, such as `/items/0/a~1b`."""

from collections.abc import Iterable


def pointer_part(key: str) -> str:
    """Writes a key as one part of a JSON pointer, with its slash.

    Example:
        >>> pointer_part("name"), pointer_part("a/b~c")
        ('/name', '/a~1b~0c')
    """
    return "/" + key.replace("~", "~0").replace("/", "~1")


def to_pointer(path: Iterable[str | int]) -> str:
    """Writes keys and indexes as a JSON pointer; the pointer of the whole value is empty.

    Example:
        >>> to_pointer(["items", 0, "a/b"]), to_pointer([])
        ('/items/0/a~1b', '')
    """
    return "".join([pointer_part(str(key)) for key in path])


def pointer_keys(pointer: str) -> tuple[str, ...]:
    """Reads the keys of a JSON pointer; indexes stay text.

    Example:
        >>> pointer_keys("/items/0/a~1b"), pointer_keys("")
        (('items', '0', 'a/b'), ())
    """
    return tuple([part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]])
