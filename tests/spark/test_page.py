"""The examples of docs/spark.md run, one after the other, in a folder of their own."""

import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from tests.delivery.faulty import write_many, write_mappings
from tests.spark.conftest import ROOT, Lake

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.thorough


def test_the_examples_of_the_page_run(spark: "SparkSession", lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs/spark.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```py\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 6
    assert "```python" not in page
    folder = lake.folder
    for name in ("events", "incoming"):
        (folder / name).mkdir()
        write_many(folder / name / "1.ndjson", 20)
    write_mappings(folder / "changed.json")
    line = (folder / "events" / "1.ndjson").read_text().splitlines()[0]
    table = "'track' as type, 'Goal' as event, 'm1' as messageId, 'u' as userId, map('k', 1) as properties"
    spark.sql(f"select '{line}' as payload, {table}").write.parquet(str(folder / "lake"))
    names: dict[str, Any] = {"spark": spark}
    monkeypatch.chdir(folder)
    for block in blocks:
        code = block.replace("/shared/replay", str(folder / "shared"))
        for path in ("events/", "incoming/", "lake/", "mappings.json", "changed.json", "settings.toml"):
            code = code.replace(f'"{path}"', f'"{folder}/{path}"')
        if "VARIANT" in code:  # of three ways to read events, the lake here has the first two
            code = "\n".join(text for text in code.splitlines() if "VARIANT" not in text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a table cannot keep
            exec(compile(code, "docs/spark.md", "exec"), names)
        names["events"] = spark.read.text(str(folder / "events"))
    assert set(lake.collector.taken) == {f"m{number}" for number in range(1, 21)}
