"""The HTML pages that commands write: one file each, which runs no script and loads nothing from the network.

`render` fills a template that extends `base.html`; it escapes and masks every value. `write_page` writes the result.
`charts` draws plots, and `run` is the page of a delivery. The package imports neither `delivery` nor `workbench`: a
page takes plain data, or what has the attributes that it names.
"""

from typing import TYPE_CHECKING

from destination.late import late_names

if TYPE_CHECKING:
    from destination.pages.page import Mask, PageError, render, write_page
    from destination.pages.run import SAMPLES, ErrorSample, RunCounts, RunFacts, SubscriptionCounts, render_run
    from destination.pages.time_series import Latencies, Timeline

__getattr__ = late_names(
    globals(),
    {
        "destination.pages.page": "Mask PageError render write_page",
        "destination.pages.run": "SAMPLES ErrorSample RunCounts RunFacts SubscriptionCounts render_run",
        "destination.pages.time_series": "Latencies Timeline",
    },
)

__all__ = [
    "SAMPLES",
    "ErrorSample",
    "Latencies",
    "Mask",
    "PageError",
    "RunCounts",
    "RunFacts",
    "SubscriptionCounts",
    "Timeline",
    "render",
    "render_run",
    "write_page",
]
