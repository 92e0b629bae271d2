"""The way of one event: the modules in which functions are called from `on_event` to its result, in order."""

import asyncio

from tests.delivery.shop import track
from tests.pictures import svg
from tests.runtime.test_modules_passed import Passed, make, passed

_STEP, _ROW, _LEFT, _HEAD, _EDGE = 19, 30, 262, 44, 16


def followed() -> Passed:
    """What one event passes, after another one has made all that is made once."""
    instance, event = make(), track(1)
    with asyncio.Runner() as runner:
        return passed(lambda: runner.run(instance.on_event(event)))


def draw() -> str:
    """The picture."""
    calls = followed().calls
    stations = [call for number, call in enumerate(calls) if number == 0 or call != calls[number - 1]]
    rows = list(dict.fromkeys(stations))
    width, height = _LEFT + len(stations) * _STEP + _EDGE, _HEAD + len(rows) * _ROW + _EDGE
    at = [(_LEFT + number * _STEP, _HEAD + rows.index(module) * _ROW + 12) for number, module in enumerate(stations)]
    shapes = [svg.text(_EDGE, 28, "One event, from on_event to its result: each point is a module that works on it.")]
    for number, module in enumerate(rows):
        y = _HEAD + number * _ROW + 12
        shapes += [
            svg.line([(_LEFT - 8, y), (width - _EDGE, y)], "grid"),
            svg.text(_EDGE, y + 4, module.removesuffix(".py"), "label code"),
        ]
    shapes += [svg.line(at), *(svg.dot(x, y) for x, y in at)]
    return svg.picture(width, height, "The way of one event through the modules", shapes)
