"""What a delivery came to, as one HTML page that needs no network."""

from destination.delivery.page.page import Facts, render_page, write_page
from destination.delivery.page.samples import ErrorSamples, Sample
from destination.delivery.page.statistics import RunStatistics, TimedTransport
from destination.delivery.page.time_series import Latencies, Timeline

__all__ = [
    "ErrorSamples",
    "Facts",
    "Latencies",
    "RunStatistics",
    "Sample",
    "TimedTransport",
    "Timeline",
    "render_page",
    "write_page",
]
