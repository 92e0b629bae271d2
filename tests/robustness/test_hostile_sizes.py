"""Texts made to be slow: whatever reads text does so in linear time.

What takes time with the square of the length meets the limit of a test, which counts the process's own time and no
other's: linear work needs a hundredth of it.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from destination.catalog.absmartly import absmartly
from destination.errors import DestinationError
from destination.fields import compile_fields
from destination.fql import compile_trigger
from destination.mapping import compile_mapping
from destination.request import MockTransport
from destination.values import parse_date, read_json, string_to_number, to_string, trim
from tests.conformance.generators.absmartly import SETTINGS
from tests.conformance.generators.fields import FORMATS
from tests.conformance.generators.liquid_words import ENABLED_FILTERS, FILTERS
from tests.thorough import some

SIZE = 40_000
LIMIT_S = 20

HOSTILE: dict[str, str] = {
    "letters": "a" * SIZE,
    "blanks": " " * SIZE + "x",
    "breaks": "\r\n" * (SIZE // 2) + "x",
    "digits": "1" * SIZE,
    "minus": "-" * SIZE,
    "dots": "a." * (SIZE // 2),
    "ats": "a@" * (SIZE // 2),
    "colons": ":" * SIZE,
    "hex groups": "1:" * (SIZE // 2),
    "slashes": "/" * SIZE,
    "percent": "%41" * (SIZE // 3),
    "brackets": "[" * SIZE,
    "braces": "{" * SIZE,
    "expressions": "{a}" * (SIZE // 3),
    "parentheses": "(" * SIZE,
    "groups": "(a*)*" * (SIZE // 5),
    "tags": "<" * SIZE,
    "scripts": "<script" * (SIZE // 7),
    "comments": "<!--" * (SIZE // 4),
    "entities": "&" * SIZE,
    "quotes": '"' * SIZE,
    "words": "a " * (SIZE // 2),
    "commas": "," * SIZE,
    "months": "Jan " * (SIZE // 4),
    "zones": "+01:00" * (SIZE // 6),
    "durations": "P" + "1Y" * (SIZE // 2),
    "wide": "🎉" * (SIZE // 2),
    "halves": "\ud83c" * SIZE,
    "templates": "{{" * (SIZE // 2),
    "backslashes": "\\" * SIZE,
    "numbers": "1e" * (SIZE // 2),
    "tildes": "~" * SIZE,
}


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    """Ends a test that computes for longer than `LIMIT_S`, where the system can count that."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(_signal: int, _frame: Any) -> None:
        pytest.fail(f"{LIMIT_S} seconds of computing were not enough: is this linear?")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_S)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def ends(function: Callable[..., Any], *given: Any) -> None:
    with suppress(DestinationError):
        function(*given)


@pytest.mark.parametrize("text", some(HOSTILE.values(), every=8), ids=list(HOSTILE))
def test_triggers(text: str) -> None:
    event = {"type": "track", "event": text, "properties": {"a": text}}
    for fql in (text, f'event = "{text}"', f"properties.{text} = 1", f'event = "a" and {text}', f"contains({text}"):
        ends(lambda fql: compile_trigger(fql)(event), fql)
    for fql in ('contains(event, "aab")', 'match(event, "*b")', 'match(properties.a, "a*")', 'event = "x"'):
        ends(compile_trigger(fql), event)


@pytest.mark.parametrize("text", some(HOSTILE.values(), every=8), ids=list(HOSTILE))
def test_paths_and_templates(text: str) -> None:
    event = {"a": text, "b": {text[:10]: 1}}
    both = {"@template": "{{a}}{{{a}}}" + text}
    for mapping in ({"@path": text}, {"@template": text}, both, {"@arrayPath": [text, {}]}):
        ends(compile_mapping({"v": mapping}), event)


@pytest.mark.parametrize("text", some(HOSTILE.values(), every=8), ids=list(HOSTILE))
def test_directives_on_text(text: str) -> None:
    event = {"a": text}
    read = {"@path": "$.a"}
    for mapping in (
        {"@case": {"operator": "upper", "value": read}},
        {"@replace": {"pattern": "aa", "replacement": "$&$&", "value": read, "ignorecase": True, "global": True}},
        {"@replace": {"pattern": text[:10], "replacement": "", "value": read, "pattern2": "a", "replacement2": "b"}},
        {"@json": {"mode": "decode", "value": read}},
        {"@json": {"mode": "encode", "value": read}},
        {"@flatten": {"separator": ".", "value": read}},
        {"@if": {"blank": read, "then": read}},
    ):
        ends(compile_mapping({"v": mapping}), event)


@pytest.mark.parametrize("name", some(ENABLED_FILTERS, every=8))
def test_liquid_filters(name: str) -> None:
    for text in HOSTILE.values():
        for given in FILTERS[name][:2]:
            template = f"{{{{ a | {name}{': ' + given if given else ''} }}}}"
            ends(compile_mapping({"v": {"@liquid": template}}), {"a": text})


@pytest.mark.parametrize("text", some(HOSTILE.values(), every=8), ids=list(HOSTILE))
def test_liquid_templates(text: str) -> None:
    for template in (text[:1000], "{{ " + text[:990], "{% if " + text[:980], "{{ a | " + text[:980]):
        ends(compile_mapping({"v": {"@liquid": template}}), {"a": 1})


@pytest.mark.parametrize("name", some(FORMATS, every=8))
def test_formats(name: str) -> None:
    compiled = compile_fields({"f": {"label": "F", "type": "string", "format": name}})
    for text in HOSTILE.values():
        ends(compiled.clean_and_validate, {"f": text})


@pytest.mark.parametrize("kind", some(["string", "number", "integer", "boolean", "datetime", "object"]))
def test_coercion(kind: str) -> None:
    compiled = compile_fields({"f": {"label": "F", "type": kind}, "g": {"label": "G", "type": kind, "multiple": True}})
    for text in HOSTILE.values():
        ends(compiled.clean_and_validate, {"f": text, "g": [text, text]})


@pytest.mark.parametrize("text", some(HOSTILE.values(), every=8), ids=list(HOSTILE))
def test_values(text: str) -> None:
    for function in (parse_date, string_to_number, trim, to_string):
        function(text)
    with suppress(ValueError):
        read_json(text)


@pytest.mark.parametrize("text", some(HOSTILE.values(), every=8), ids=list(HOSTILE))
def test_settings_and_events(text: str) -> None:
    goal = {"subscribe": 'type = "track"', "partnerAction": "trackGoal"}
    mapping = {"units": {"u": {"@path": "$.userId"}}, "name": {"@path": "$.event"}, "agent": {"@path": "$.event"}}
    event = {"type": "track", "userId": text, "event": text, "timestamp": text}
    for endpoint in (text, f"https://{text}/", SETTINGS["collectorEndpoint"]):
        settings = {**SETTINGS, "collectorEndpoint": endpoint}
        with suppress(DestinationError):
            instance = absmartly.instance(settings, [{**goal, "mapping": mapping}], transport=MockTransport())
            instance.plan(event)
            instance.plan({**event, "timestamp": "2023-01-01"})
