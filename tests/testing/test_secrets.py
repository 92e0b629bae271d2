"""A secret that the request client encodes itself is in nothing that is shown, and in no file that is committed."""

from typing import Any

import pytest

from destination import Action, Authentication, Destination
from destination.cli.dry_run import outcome_as_json
from destination.request import SearchParams
from destination.testing.cases.check import found_in
from destination.testing.cases.model import Case
from destination.testing.compare import Difference
from destination.testing.text import review_text
from destination.workbench.explain import explain_event
from tests.kit import TEXT

KEY = "a+b/c=d&e 'ü"
FORMS = (KEY, "a%2Bb", "a+b", "c%3Dd", "YStiL2M9ZCZl")
EVENT = {"type": "track", "event": "Order", "messageId": "m"}


def _perform(request: Any, data: Any) -> Any:
    key = data.settings["key"]
    if data.payload.get("name") == "fails":
        raise ValueError(f"cannot send {dict(data.settings)!r}")
    by_form = request("https://h.test/form", "post", body=SearchParams({"key": key}), username="me", password=key)
    return request("https://h.test/v1", search_params={"key": key, "n": 1}), by_form


FIELDS: dict[str, Any] = {"key": {"label": "Key", "description": "", "type": "password"}}
ASKING: Destination[Any] = Destination(
    name="Asking",
    slug="asking",
    authentication=Authentication(fields=FIELDS),
    actions={"ask": Action(title="Ask", description="", fields={"name": TEXT}, perform=_perform)},
)


@pytest.mark.parametrize("name", ["order", "fails"])
def test_an_encoded_secret_stands_in_no_view_of_an_event(name: str) -> None:
    given = [{"name": "A", "subscribe": 'type = "track"', "partnerAction": "ask", "mapping": {"name": name}}]
    instance = ASKING.instance({"key": KEY}, given)
    plan = instance.plan(EVENT)
    (outcome,) = plan
    views = {
        "plan and --dry-run": instance.redactor.json(outcome_as_json(outcome, instance.redactor)).decode(),
        "explain": instance.redactor.json(explain_event(instance, EVENT).to_json()).decode(),
        "a snapshot": review_text(plan, instance.redactor),
        "a recorded case": str(found_in(Case("A", EVENT, {}, (), 1), instance)),
    }
    for view, text in views.items():
        assert "<redacted>" in text, view
        assert not [form for form in FORMS if form in text], view
        if name == "order":
            assert "https://h.test/v1?key=<redacted>&n=1" in text, view


def test_a_difference_is_masked_before_it_is_cut() -> None:
    redactor = ASKING.instance({"key": "s3cr3t-key-0123456789"}, []).redactor
    for before in range(275, 300):
        difference = Difference(("a",), "x" * before + "s3cr3t-key-0123456789", "y")
        assert "s3c" not in str(difference.masked(redactor))
