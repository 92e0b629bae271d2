"""What `destination explain` prints: the event and the mappings of docs/explain.md."""

import json
import re
from pathlib import Path

from destination.catalog.absmartly import absmartly
from destination.cli.explain_drawing import Drawing
from destination.workbench.explain import explain_event
from tests.pictures.terminal import picture_of

PAGE = Path(__file__).parents[2] / "docs/explain.md"
_FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SETTINGS = {"collectorEndpoint": "https://demo.absmartly.io/v1", "apiKey": "<key>", "environment": "production"}


def draw() -> str:
    """The picture."""
    files = {name: json.loads(text) for name, text in _FILE.findall(PAGE.read_text(encoding="utf-8"))}
    instance = absmartly.instance(_SETTINGS, files["mappings.json"])
    explanation = explain_event(instance, files["event.json"])
    command = "destination explain event.json --mappings mappings.json"
    return picture_of(Drawing(explanation, str), command, "explain")
