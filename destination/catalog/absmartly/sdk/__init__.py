"""ABsmartly's Python SDK and Segment's analytics client together: `pip install 'destination-actions[sdk]'`.

`ExposureLogger` tracks exposures for other destinations, `ExposurePublisher` publishes them through Segment.
`add_units` and `unit_object` add further units to an event before it is sent.
"""

from typing import TYPE_CHECKING, Any

from destination.catalog.absmartly.sdk.events import Identity, NotTrackedError, add_units, product_units, unit_object

if TYPE_CHECKING:
    from destination.catalog.absmartly.sdk.handlers import ExposureLogger, ExposurePublisher

__all__ = [
    "ExposureLogger",
    "ExposurePublisher",
    "Identity",
    "NotTrackedError",
    "add_units",
    "product_units",
    "unit_object",
]

# These two need the SDK; adding units does not.
_HANDLERS = ("ExposureLogger", "ExposurePublisher")


def __getattr__(name: str) -> Any:
    if name not in _HANDLERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.handlers"), name)
