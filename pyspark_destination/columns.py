"""Makes events of the columns of a table: each row becomes JSON in a column `value`."""

import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, Any

from destination.usage_problem import UsageProblem
from destination.values import write_json

if TYPE_CHECKING:
    from pyarrow import DataType, RecordBatch
    from pyspark.sql import DataFrame

Convert = Callable[[Any], Any]


def events_from_columns(table: "DataFrame", *columns: str, drop_nulls: bool = False) -> "DataFrame":
    """Makes a DataFrame with one column `value`, in which each row of a table is an event as JSON.

    Nulls stay nulls, and a number without a fraction is written without one, as JavaScript does. Times are written in
    UTC. A warning names what the table's types cannot keep: whether a null was absent, NaN and infinite numbers
    (which become null, as in JavaScript), decimals with more than 15 digits.

    Args:
        table: The table.
        columns: The columns to take, which are the members of the event; none: all of them.
        drop_nulls: Whether members that are null are left out, for tables in which a null means that there was none.

    Raises:
        UsageProblem: A column does not exist, or has a type that JSON cannot hold.

    Example:
        >>> events_from_columns.__name__  # docs/spark.md has an example that runs
        'events_from_columns'
    """
    unknown = [name for name in columns if name not in table.columns]
    if unknown:
        raise UsageProblem(f"the table has no column {unknown[0]}; it has: {', '.join(table.columns)}")
    chosen = table.select(*(f"`{name}`" for name in columns)) if columns else table
    lost = sorted(set(_lost(chosen.schema, drop_nulls=drop_nulls)))
    if lost:
        warnings.warn(f"events_from_columns cannot keep: {'; '.join(lost)}", stacklevel=2)
    return chosen.mapInArrow(partial(_values, drop_nulls), "value string")


def _lost(schema: Any, *, drop_nulls: bool) -> Iterator[str]:
    from pyspark.sql import types

    if not drop_nulls:
        yield "whether a null was absent (drop_nulls=True leaves all nulls out)"
    todo = [(field.name, field.dataType) for field in schema.fields]
    while todo:
        path, kind = todo.pop()
        if isinstance(kind, types.StructType):
            todo += [(f"{path}.{field.name}", field.dataType) for field in kind.fields]
        elif isinstance(kind, types.ArrayType):
            todo.append((f"{path}[]", kind.elementType))
        elif isinstance(kind, types.MapType):
            todo.append((f"{path}.*", kind.valueType))
        elif isinstance(kind, (types.FloatType, types.DoubleType)):
            yield f"NaN and infinity in {path}"
        elif isinstance(kind, types.DecimalType) and kind.precision > 15:
            yield f"more than 15 digits of {path}"
        elif isinstance(kind, (types.BinaryType, types.VariantType)):
            hint = "cast it to string" if isinstance(kind, types.BinaryType) else "use to_json"
            raise UsageProblem(f"the column {path} is of type {kind.simpleString()}, which JSON cannot hold; {hint}")


def _values(drop_nulls: bool, batches: "Iterator[RecordBatch]") -> "Iterator[RecordBatch]":
    import pyarrow as pa

    for batch in batches:
        convert = _of_struct([(field.name, _convert(field.type, drop_nulls)) for field in batch.schema], drop_nulls)
        events = [write_json(convert(row)).decode("utf-8", "replace") for row in batch.to_pylist()]
        yield pa.RecordBatch.from_arrays([pa.array(events, pa.string())], names=["value"])


def _convert(kind: "DataType", drop_nulls: bool) -> Convert | None:
    """Returns what makes JSON of the values of a type; None for values that are JSON already."""
    from pyarrow import types

    if types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return _of_struct([(field.name, _convert(field.type, drop_nulls)) for field in fields], drop_nulls)
    if types.is_map(kind):
        return partial(_of_map, _convert(kind.item_type, drop_nulls), drop_nulls)
    if types.is_list(kind) or types.is_large_list(kind):
        inner = _convert(kind.value_type, drop_nulls)
        return None if inner is None else partial(_of_list, inner)
    if types.is_floating(kind):
        return _number
    if types.is_decimal(kind):
        return _decimal
    if types.is_temporal(kind):
        return _time
    return None


def _of_struct(fields: list[tuple[str, Convert | None]], drop_nulls: bool) -> Convert:
    def convert(value: dict[str, Any]) -> dict[str, Any]:
        found = {}
        for name, inner in fields:
            item = value[name]
            if item is not None:
                found[name] = item if inner is None else inner(item)
            elif not drop_nulls:
                found[name] = None
        return found

    return convert


def _of_map(inner: Convert | None, drop_nulls: bool, value: list[tuple[Any, Any]]) -> dict[str, Any]:
    return {
        str(key): item if item is None or inner is None else inner(item)
        for key, item in value
        if not (drop_nulls and item is None)
    }


def _of_list(inner: Convert, value: list[Any]) -> list[Any]:
    return [None if item is None else inner(item) for item in value]


def _number(value: float) -> float | int | None:
    if not isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _decimal(value: Decimal) -> float | int | None:
    return int(value) if value == value.to_integral_value() else float(value)


def _time(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(UTC) if value.tzinfo is not None else value
        fraction = "milliseconds" if moment.microsecond % 1000 == 0 else "microseconds"
        text = moment.replace(tzinfo=None).isoformat(timespec=fraction)
        return f"{text}Z" if value.tzinfo is not None else text
    if isinstance(value, date):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else str(value)
