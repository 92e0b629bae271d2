"""What `destination diff` prints: the example of docs/diff.md.

`python -m tests.pictures.diff FILE.html` writes its page. docs/images/diff-page.png is a picture of that, taken with a
browser: `chromium --headless --no-sandbox --hide-scrollbars --window-size=1000,1000 --screenshot=PICTURE.png FILE.html`
"""

import json
import re
import sys
from pathlib import Path

from destination.catalog.absmartly import absmartly
from destination.cli.diff_text import diff_lines
from destination.workbench.diff import Comparison, DiffReport, Versions, render_page
from tests.pictures.terminal import picture_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "diff.md"
VERSIONS = Versions("ABsmartly (Actions)", "shop.json", "changed.json", "events.ndjson")

_FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_WIDTH = 106
_SETTINGS = {
    "collectorEndpoint": "https://your-subdomain.absmartly.io/v1",
    "apiKey": "<key>",
    "environment": "production",
}


def example() -> DiffReport:
    """What the example of docs/diff.md comes to."""
    files = dict(_FILE.findall(PAGE.read_text(encoding="utf-8")))
    old, new = (absmartly.instance(_SETTINGS, json.loads(files[name])) for name in ("shop.json", "changed.json"))
    comparison = Comparison(old, new, samples=3)
    for number, line in enumerate(files["events.ndjson"].splitlines(), 1):
        comparison.add(json.loads(line), f"line {number}")
    return comparison.report()


def draw() -> str:
    """The picture."""
    command = "destination diff shop.json changed.json --events events.ndjson --settings settings.toml"
    lines = list(diff_lines(example(), VERSIONS, str))
    for line in lines:
        line.truncate(_WIDTH, overflow="ellipsis")
    return picture_of([*lines], command, "diff", _WIDTH)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_page(example(), VERSIONS), encoding="utf-8")
