"""Events from the Arrow batches of a column `value`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from destination.delivery import Record
from destination.delivery.record import MAX_RECORD_BYTES, Piece
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql.types import StructType

VALUE: Final = "value"
AT_ONCE: Final = 512
"""The number of events that are parsed at once."""


def check_schema(schema: "StructType") -> None:
    """Checks on the driver that a DataFrame has a column of events.

    Raises:
        UsageProblem: It has no column `value`, or one of another type than string or binary.

    Example:
        >>> from types import SimpleNamespace
        >>> check_schema(SimpleNamespace(fields=[SimpleNamespace(name="payload")]))
        Traceback (most recent call last):
        destination.usage_problem.UsageProblem: the DataFrame has no column value with events as JSON; ...
    """
    types = {field.name: field.dataType.simpleString() for field in schema.fields if field.name == VALUE}
    if VALUE not in types:
        names = ", ".join(field.name for field in schema.fields)
        raise UsageProblem(
            f"the DataFrame has no column {VALUE} with events as JSON; its columns are {names}: "
            "rename one, or use events_from_columns"
        )
    if types[VALUE] not in ("string", "binary"):
        hint = "use to_json" if types[VALUE] == "variant" else "use events_from_columns"
        raise UsageProblem(f"the column {VALUE} is of type {types[VALUE]}, not string or binary; {hint}")


def records_of(batches: "Iterator[RecordBatch]") -> Iterator[list[Record]]:
    """Yields the events of the column `value`; a row that holds none becomes a record with an error.

    Args:
        batches: The Arrow batches of a partition.

    Example:
        >>> import pytest; pyarrow = pytest.importorskip("pyarrow")
        >>> batch = pyarrow.RecordBatch.from_pydict({"value": ['{"type": "page"}', None]})
        >>> [(record.label, record.event) for records in records_of(iter([batch])) for record in records]
        [('row 1', {'type': 'page'}), ('row 2', None)]
    """
    count = 0
    for batch in batches:
        column = _as_bytes(batch.column(batch.schema.get_field_index(VALUE)))
        for first in range(0, len(column), AT_ONCE):
            records = []
            for raw in column.slice(first, AT_ONCE).to_pylist():
                count += 1
                records.append(_record(raw or b"", count))
            yield records


def _as_bytes(column: Any) -> Any:
    from pyarrow import binary, large_binary, types

    if types.is_string(column.type):
        return column.cast(binary())
    return column.cast(large_binary()) if types.is_large_string(column.type) else column


def _record(raw: bytes, number: int) -> Record:
    record = Record("row", Piece(number, raw, len(raw) <= MAX_RECORD_BYTES), MAX_RECORD_BYTES, number)
    if record.list_key is not None:
        record.refuse_list(f"a list of events (under {record.list_key}), where one event is expected: explode it")
    return record
