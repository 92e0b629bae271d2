from typing import Any

import pytest

from destination import Action, DefinitionError, Payload, field
from tests.kit import TEXT


class Ping(Payload):
    name: str = field(label="Name", description="Who", default={"@path": "$.name"})


def perform(request: Any, data: Any) -> None:
    return None


def test_fields_come_from_a_payload_model() -> None:
    action: Action[Any, Ping] = Action(title="Ping", description="", payload=Ping, perform=perform)
    assert list(action.input_fields) == ["name"]
    assert action.default_values() == {"name": {"@path": "$.name"}}


def test_model_and_fields_together_are_refused() -> None:
    with pytest.raises(DefinitionError, match="give one of them"):
        Action(title="Ping", description="", payload=Ping, fields={"a": TEXT}, perform=perform)


def test_payload_that_is_no_model_is_refused() -> None:
    with pytest.raises(DefinitionError, match="is not a Payload model"):
        Action(title="Ping", description="", payload=dict, perform=perform)


def test_malformed_field_is_named_where_it_is_declared() -> None:
    with pytest.raises(DefinitionError, match=r"action 'Ping'.*`?a`?"):
        Action(title="Ping", description="", fields={"a": {**TEXT, "type": "strnig"}}, perform=perform)


def test_default_of_null_counts_as_a_default() -> None:
    fields = {"a": {**TEXT, "default": None}, "b": TEXT}
    assert Action(title="Ping", description="", fields=fields, perform=perform).default_values() == {"a": None}
