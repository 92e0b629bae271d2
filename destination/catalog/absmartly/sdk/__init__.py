"""ABsmartly's Python SDK and Segment's analytics client together: `pip install 'destination-actions[sdk]'`.

`ExposureLogger` shows exposures to other destinations, `ExposurePublisher` publishes them through Segment, `add_units`
and `unit_object` put units beside the user into an event before it is sent.
"""

from typing import TYPE_CHECKING, Any

from destination.catalog.absmartly.sdk.identity import Identity, NotTrackedError
from destination.catalog.absmartly.sdk.units import add_units, product_units, unit_object

if TYPE_CHECKING:
    from destination.catalog.absmartly.sdk.event_logger import ExposureLogger
    from destination.catalog.absmartly.sdk.publisher import ExposurePublisher

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
_OF_THE_SDK = {"ExposureLogger": "event_logger", "ExposurePublisher": "publisher"}


def __getattr__(name: str) -> Any:
    module = _OF_THE_SDK.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{module}"), name)
