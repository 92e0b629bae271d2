"""Tests mappings over a lake: transformations of a DataFrame with a column `value` of events as JSON.

Each has the answers of the command of its name, as rows, so that `groupBy` shows what a change does to any number of
events. Nothing is sent.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pyspark_destination.given import given_instance
from pyspark_destination.rows import VALUE, check_schema

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyspark.sql import DataFrame

Mappings = str | Sequence[str]

PLAN: Final = (
    "row long, messageId string, event string, subscription string, matched boolean, payload string, "
    "requests string, error string, field string, incomplete boolean, optedOut boolean"
)
EXPLAIN: Final = "row long, messageId string, event string, subscription string, state string, explanation string"
DIFF: Final = (
    "row long, messageId string, event string, subscription string, kind string, detail string, at string, "
    "before string, after string"
)
COVERAGE: Final = (
    "what string, number int, name string, path string, text string, result string, count long, read boolean"
)


def plan(
    events: "DataFrame",
    *,
    destination: str,
    mappings: Mappings | None = None,
    settings_file: str | None = None,
    ignore_integrations: bool = False,
) -> "DataFrame":
    """Plans each event: a row for each event and subscription, as `destination run --dry-run` shows it.

    Columns: `row` (identifies the event within this DataFrame), `messageId`, `event` (its name or type),
    `subscription`, `matched`, `payload` and `requests` (JSON), `error`, `field` (the first that is not valid),
    `incomplete`, `optedOut`. A value that holds no event has one row, with an error and without a subscription.

    Args:
        events: A DataFrame with a column `value`, string or binary.
        destination: The slug.
        mappings: Files, patterns or Python objects; None means the presets.
        settings_file: A settings file; placeholders are used without one.
        ignore_integrations: Whether to plan events whose `integrations` exclude the destination.

    Raises:
        UsageProblem: An argument cannot be used.

    Example:
        >>> plan.__name__  # docs/spark.md has examples that run
        'plan'
    """
    from pyspark_destination.readings import plan_rows

    given = given_instance(destination, mappings, settings_file, sends=False)
    return _mapped(events, partial(plan_rows, given, ignore_integrations), PLAN)


def explain(
    events: "DataFrame",
    *,
    destination: str,
    mappings: Mappings | None = None,
    settings_file: str | None = None,
    ignore_integrations: bool = False,
) -> "DataFrame":
    """Explains each event: a row for each event and subscription, as `destination explain --json` shows it.

    It takes hundreds of times as long as `plan`: filter the events first.

    Columns: `row`, `messageId`, `event`, `subscription`, `state`, and `explanation` (JSON).

    Args:
        events: A DataFrame with a column `value`, string or binary.
        destination: The slug.
        mappings: Files, patterns or Python objects; None means the presets.
        settings_file: A settings file; placeholders are used without one.
        ignore_integrations: Whether to explain everything for events whose `integrations` exclude the destination.

    Raises:
        UsageProblem: An argument cannot be used.

    Example:
        >>> explain.__name__  # docs/spark.md has examples that run
        'explain'
    """
    from pyspark_destination.readings import explain_rows

    given = given_instance(destination, mappings, settings_file, sends=False)
    return _mapped(events, partial(explain_rows, given, ignore_integrations), EXPLAIN)


def diff(
    events: "DataFrame",
    old: Mappings,
    new: Mappings,
    *,
    destination: str,
    settings_file: str | None = None,
    ignore_integrations: bool = False,
) -> "DataFrame":
    """Compares two versions of the mappings: a row for each event, subscription and change, as `destination diff`.

    Columns: `row`, `messageId`, `event`, `subscription`, `kind` (such as `newly-sent`), `detail` (the location that
    changed, or the error), `at` (the JSON pointer), `before` and `after` (JSON). Events that end as before have none.

    Args:
        events: A DataFrame with a column `value`, string or binary.
        old: The old mappings: files, patterns or Python objects, or `presets`.
        new: The new mappings, in the same form.
        destination: The slug.
        settings_file: A settings file; placeholders are used without one.
        ignore_integrations: Whether to compare events whose `integrations` exclude the destination.

    Raises:
        UsageProblem: An argument cannot be used.

    Example:
        >>> diff.__name__  # docs/spark.md has examples that run
        'diff'
    """
    from pyspark_destination.readings import diff_rows

    before = given_instance(destination, old, settings_file, sends=False)
    after = given_instance(destination, new, settings_file, sends=False)
    return _mapped(events, partial(diff_rows, before, after, ignore_integrations), DIFF)


def coverage(
    events: "DataFrame",
    *,
    destination: str,
    mappings: Mappings | None = None,
    ignore_integrations: bool = False,
) -> "DataFrame":
    """Counts which parts of the mappings the events reach, as `destination coverage --json` has it.

    Columns: `what` (`point`, `matched` and `failed` of a subscription; `path`, `type events`, `type taken` and
    `type others` of an event type; `events`, `optedOut` and `unreadable` of all), `number` of the subscription,
    `name` of the subscription or event type, `path`, `text`, `result`, `count`, and `read` (whether any mapping reads
    the path).

    Args:
        events: A DataFrame with a column `value`, string or binary.
        destination: The slug.
        mappings: Files, patterns or Python objects; None means the presets.
        ignore_integrations: Whether to count events whose `integrations` exclude the destination.

    Raises:
        UsageProblem: An argument cannot be used.

    Example:
        >>> coverage.__name__  # docs/spark.md has examples that run
        'coverage'
    """
    from pyspark.sql import functions

    from pyspark_destination.readings import coverage_rows

    given = given_instance(destination, mappings, None, sends=False)
    counted = _mapped(events, partial(coverage_rows, given, ignore_integrations), COVERAGE)
    keys = ("what", "number", "name", "path", "text", "result")
    sums = functions.sum("count").alias("count"), functions.max("read").alias("read")
    return counted.groupBy(*keys).agg(*sums)


def _mapped(
    events: "DataFrame", rows: "Callable[[Iterator[RecordBatch]], Iterator[list[tuple[Any, ...]]]]", schema: str
) -> "DataFrame":
    check_schema(events.schema)
    names = [column.split()[0] for column in schema.split(", ")]
    kinds = [column.split()[1] for column in schema.split(", ")]
    return events.select(VALUE).mapInArrow(partial(_arrow_batches, rows, names, kinds), schema)


def _arrow_batches(
    rows: "Callable[[Iterator[RecordBatch]], Iterator[list[tuple[Any, ...]]]]",
    names: list[str],
    kinds: list[str],
    batches: "Iterator[RecordBatch]",
) -> "Iterator[RecordBatch]":
    import pyarrow as pa

    types = {"long": pa.int64(), "int": pa.int32(), "string": pa.string(), "boolean": pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in zip(names, kinds, strict=True)])
    for found in rows(batches):
        if found:
            columns = [
                pa.array(column, field.type) for column, field in zip(zip(*found, strict=True), schema, strict=True)
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
