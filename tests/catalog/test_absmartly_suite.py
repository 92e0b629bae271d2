"""What the shipped presets of ABsmartly make of events with every field there, absent, empty or wrong.

The generator cannot know what an exposure is: it is given.
"""

from typing import Any

from destination.testing.suite import mapping_suite

EXPOSURE: dict[str, Any] = {
    "units": [{"type": "session_id", "uid": "5ebf06d8cb5d8137290c4abb64155584fbdb64d8"}],
    "publishedAt": 1767225590000,
    "exposures": [
        {"id": 1, "name": "exp_checkout", "unit": "session_id", "variant": 1, "exposedAt": 1767225580000},
        {"id": 2, "name": "exp_search", "unit": "session_id", "variant": 0, "exposedAt": 1767225585000},
    ],
    "attributes": [{"name": "country", "value": "NL", "setAt": 1767225570000}],
}

test_absmartly = mapping_suite("actions-absmartly", values={"trackExposure": {"exposure": EXPOSURE}})
