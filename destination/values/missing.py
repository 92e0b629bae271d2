"""`undefined`, beside `None` for `null`."""

from typing import Final, final


@final
class Missing:
    """The type of `MISSING`. It is falsy and has one instance.

    Example:
        >>> Missing() is Missing(), bool(Missing()), Missing()
        (True, False, MISSING)
    """

    # With it the collector of cycles knows the instance, and every dict that holds it (`remove_undefined` needs that).
    __slots__ = ("__weakref__",)
    _instance: "Missing | None" = None

    def __new__(cls) -> "Missing":
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"

    def __copy__(self) -> "Missing":
        return self

    def __deepcopy__(self, _memo: object) -> "Missing":
        return self

    def __reduce__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()
"""JavaScript's `undefined`: a key that is absent, as opposed to one that is null.

Example:
    >>> from destination.values import MISSING, get_property
    >>> get_property({"a": None}, "a") is None, get_property({"a": None}, "b") is MISSING
    (True, True)
"""
