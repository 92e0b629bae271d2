"""Recognises publish requests that are valid beyond doubt, without pydantic, which takes longer than a short run.

What is not recognised is for `contract` to judge. What is recognised has no error by the contract
(test_what_is_plainly_valid_is_valid_by_the_contract).
"""

from typing import Any, Final

_MAX_UID: Final = 640
_MAX_VARIANT: Final = 128


def is_plainly_valid(event: Any) -> bool:
    """Returns whether a publish request is valid; where it returns False, it may be valid all the same.

    Example:
        >>> is_plainly_valid({"units": [{"type": "userId", "uid": "u1"}], "publishedAt": 1})
        True
    """
    if type(event) is not dict or type(event.get("publishedAt")) is not int:
        return False
    if any(type(event.get(flag, False)) is not bool for flag in ("hashed", "historic")):
        return False
    return (
        _all(event.get("units"), _is_unit)
        and _all(event.get("goals", []), _is_goal)
        and _all(event.get("exposures", []), _is_exposure)
        and _all(event.get("attributes", []), _is_attribute)
    )


def _all(items: Any, test: Any) -> bool:
    return type(items) is list and all(type(item) is dict and test(item) for item in items)


def _is_unit(unit: dict[str, Any]) -> bool:
    uid = unit.get("uid")
    return type(unit.get("type")) is str and (uid is None or (type(uid) is str and 1 <= len(uid) <= _MAX_UID))


def _is_goal(goal: dict[str, Any]) -> bool:
    return (
        type(goal.get("name")) is str
        and type(goal.get("achievedAt")) is int
        and type(goal.get("properties")) in (dict, type(None))
    )


def _is_exposure(exposure: dict[str, Any]) -> bool:
    number, variant = exposure.get("id"), exposure.get("variant")
    return (
        type(number) is int
        and number >= 0
        and type(variant) is int
        and 0 <= variant <= _MAX_VARIANT
        and type(exposure.get("name")) is str
        and type(exposure.get("exposedAt")) is int
        and type(exposure.get("assigned")) is bool
        and type(exposure.get("eligible")) is bool
        and type(exposure.get("unit")) in (str, type(None))
    )


def _is_attribute(attribute: dict[str, Any]) -> bool:
    return type(attribute.get("name")) is str and type(attribute.get("setAt")) is int
