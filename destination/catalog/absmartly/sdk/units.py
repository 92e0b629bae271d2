"""Adds units to an event before it is sent: the middleware of ABsmartly's documents, for Python."""

from collections.abc import Iterable, Mapping
from typing import Any

from destination.values import is_number, to_string

Unit = tuple[str, Any]
"""The name of a unit in ABsmartly, and its id."""


def add_units(properties: Mapping[str, Any], units: Iterable[Unit]) -> dict[str, Any]:
    """Copies properties and adds units to `absmartly.units`, which ABsmartly Classic reads.

    Units that are there already stay and come first. ABsmartly (Actions) does not read this list: see `unit_object`.

    Args:
        properties: An event's properties.
        units: Unit names and ids. Ids that are blank, or neither text nor numbers, are left out.

    Example:
        >>> add_units({"total": 9}, [("user_id", "u-1"), ("seat", 7), ("nobody", None)])
        {'total': 9, 'absmartly': {'units': [{'type': 'user_id', 'uid': 'u-1'}, {'type': 'seat', 'uid': '7'}]}}
    """
    given = properties.get("absmartly")
    absmartly = dict(given) if isinstance(given, Mapping) else {}
    there = absmartly.get("units")
    added = [{"type": name, "uid": uid} for name, uid in _usable(units)]
    absmartly["units"] = [*(there if isinstance(there, list) else ()), *added]
    return {**properties, "absmartly": absmartly}


def unit_object(units: Iterable[Unit]) -> dict[str, str]:
    """Makes an object of units, for the variant Track Calls (units of the SDK) of ABsmartly (Actions).

    Of several units of one name, the last one stays. Ids are left out as in `add_units`.

    Example:
        >>> {"total": 9, "units": unit_object([("user_id", "u-1"), ("seat", 7)])}
        {'total': 9, 'units': {'user_id': 'u-1', 'seat': '7'}}
    """
    return dict(_usable(units))


def product_units(properties: Mapping[str, Any], unit: str = "product_id", key: str = "product_id") -> list[Unit]:
    """Makes a unit of each product of an order, as Segment's spec lists them in `products`.

    Args:
        properties: An event's properties.
        unit: The name of the unit in ABsmartly.
        key: The member of a product that identifies it.

    Example:
        >>> order = {"products": [{"product_id": "p-1"}, {"product_id": "p-2"}, {"sku": "x"}]}
        >>> product_units(order)
        [('product_id', 'p-1'), ('product_id', 'p-2')]
        >>> add_units(order, product_units(order))["absmartly"]["units"][1]
        {'type': 'product_id', 'uid': 'p-2'}
    """
    products = properties.get("products")
    found = products if isinstance(products, list) else ()
    return [(unit, item[key]) for item in found if isinstance(item, Mapping) and key in item]


def _usable(units: Iterable[Unit]) -> Iterable[tuple[str, str]]:
    for name, uid in units:
        if (isinstance(uid, str) and uid.strip()) or is_number(uid):
            yield name, to_string(uid)
