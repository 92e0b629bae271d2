"""The decided divergences that vectors can meet, each with what this project does instead.

The numbers are those of docs/divergences.md. Divergences 2, 4, 5, 7 and 8 cannot show here: the stub answers `{}`, a
changed mapping is seen by `judge`, the adapter raises the first error as the reference does, and no shipped action
drops a request.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from destination.values import is_number, parse_date, to_string
from tests.conformance.vectors import Answer, Vector

Run = Callable[[str, dict[str, Any]], Answer]


def without_disabled(args: dict[str, Any]) -> dict[str, Any]:
    """Divergence 3: a subscription with `enabled: false` is skipped; the reference runs it."""
    given = args.get("subscriptions")
    if not isinstance(given, list):
        return args
    kept = [one for one in given if not (isinstance(one, dict) and one.get("enabled") is False)]
    return args if len(kept) == len(given) else {**args, "subscriptions": kept}


REWRITES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"destination.on_event": without_disabled}
"""By op: the arguments as a divergence makes the reference see them. A recording keeps its answer as `instead`."""


def expected(vector: Vector, run: Run) -> Answer:
    """What is owed: the reference's answer, or its answer to the rewritten arguments.

    A vector from elsewhere has no recorded answer to these: there this project's own stands in, which shows at least
    that what is skipped leaves no trace.
    """
    rewrite = REWRITES.get(vector.op)
    rewritten = rewrite(vector.args) if rewrite else vector.args
    if rewritten is vector.args:
        return vector.expected
    return vector.instead or run(vector.op, rewritten)


def unreadable_timestamp(vector: Vector, expected: Answer, actual: Answer) -> bool:
    """Divergence 1: no readable timestamp is an error that names the field; the reference sends `null`.

    Where the reference fails on another subscription, its own error may come second here.
    """
    event = vector.args.get("event")
    if vector.op != "destination.on_event" or not isinstance(event, dict):
        return False
    stamp = event.get("timestamp")
    if is_number(stamp) or ("timestamp" in event and not math.isnan(parse_date(to_string(stamp)))):
        return False
    if expected.kind == "ok" and not any(_is_unpublished(one) for one in expected.value["requests"]):
        return False
    return actual.kind == "error" and "timestamp" in actual.messages[0]


def _is_unpublished(request: Any) -> bool:
    body = request["body"]
    return isinstance(body, dict) and "publishedAt" in body and body["publishedAt"] is None


_INHERITED = """
    __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ __proto__ constructor hasOwnProperty
    isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf at concat includes indexOf lastIndexOf
    slice trim trimStart trimEnd padStart padEnd repeat replace replaceAll search split substring toLowerCase
    toUpperCase match matchAll normalize charAt charCodeAt codePointAt startsWith endsWith entries every fill
    filter find findIndex flat flatMap forEach join keys map pop push reduce reverse shift some sort splice
    unshift values toFixed toPrecision toExponential
"""  # of objects, texts, lists and numbers
_NAME = "|".join(_INHERITED.split())
# A member of a path: behind a dot or a bracket, first in a placeholder, or first in a path that is the whole text.
# A name behind a `|` (a filter) or before a bracket (a function of a trigger) is none.
_MEMBER = re.compile(rf"(?:\.|\[['\"]?|\{{\{{-?\s*)(?:{_NAME})\b|^(?:{_NAME})(?=[.\[]|$)")


def inherited_member(vector: Vector, _expected: Answer, _actual: Answer) -> bool:
    """Divergence 25: a path finds nothing that JavaScript's values inherit; the reference finds their functions."""
    places = [vector.args.get(key) for key in ("mapping", "template", "fql", "subscriptions")]
    return any(_MEMBER.search(text) for text in _texts(places))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


EXPLANATIONS: dict[str, Callable[[Vector, Answer, Answer], bool]] = {
    "1 unreadable timestamp": unreadable_timestamp,
    "25 inherited member": inherited_member,
}
"""By number and name: whether a decided divergence explains two answers that differ."""


def explain(vector: Vector, expected: Answer, actual: Answer) -> str | None:
    """The name of the divergence that explains why two answers differ, or None."""
    return next((name for name, explains in EXPLANATIONS.items() if explains(vector, expected, actual)), None)
