"""What the tests of several packages share: settings of ABsmartly, a moment, and a field."""

from typing import Any, Final

SETTINGS: Final[dict[str, str]] = {
    "collectorEndpoint": "https://demo.absmartly.io/v1",
    "apiKey": "s3cr3t-key",
    "environment": "test",
}
"""Settings of ABsmartly; nothing is sent there."""

TIMESTAMP: Final = "2023-01-01T00:00:00.000Z"
MOMENT: Final = 1_672_531_200_000
"""`TIMESTAMP` in Unix milliseconds."""

TEXT: Final[dict[str, Any]] = {"label": "Text", "description": "", "type": "string"}
"""A field of an action or setting, or the beginning of one: `{**TEXT, "required": True}`."""

PATIENCE_S: Final = 600
"""How long a test waits, in seconds, for what happens at once on an idle machine; only a hang takes this long."""
