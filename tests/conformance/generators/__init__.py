"""What the vectors and the live test are drawn from: for each op a function of a `random.Random`.

An op of a later issue comes in as one more entry of a module's `GENERATORS`.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.conformance.generators import absmartly, actions, app_calls, batches, fields, fql, liquid, mapping

Generator = Callable[[Random], dict[str, Any]]

GENERATORS: dict[str, Generator] = {
    **fql.GENERATORS,
    **mapping.GENERATORS,
    **liquid.GENERATORS,
    **fields.GENERATORS,
    **actions.GENERATORS,
    **absmartly.GENERATORS,
    **batches.GENERATORS,
    **app_calls.GENERATORS,
}
