"""Sends an event to the partner, when a person pressed Send, and shows the real answers."""

from collections.abc import Mapping
from typing import Any

from destination.request import Response, redact_headers
from destination.runtime import Outcome, Redactor
from destination.studio.session import Draft, Studio, StudioProblem, members_of

_FORBIDDEN = 403


async def send(studio: Studio, draft: Draft, selected: Any, event: Mapping[str, Any]) -> dict[str, Any]:
    """Sends an event through all enabled subscriptions of a draft, as a destination in use does.

    Args:
        studio: What the page works on.
        draft: The draft.
        selected: The key of the subscription that is chosen; the event goes through the others, too.
        event: The event, as the page names it.

    Returns:
        `outcomes`, one for each enabled subscription: `key`, `name`, `matched`, the `requests` that were sent, the
        `responses` and the `error`, or None. Secrets are masked.

    Raises:
        StudioProblem: The studio was started without `--allow-send` (status 403), or the event is not a JSON object.
        DefinitionError: The draft has more than 50 subscriptions.
    """
    if not studio.allow_send:
        raise StudioProblem("Sending is locked. Start the studio with --allow-send to send.", _FORBIDDEN)
    chosen = studio.event_of(event).value
    if chosen is None:
        raise StudioProblem("The text of the event is not a JSON object, so nothing is sent.")
    enabled = [item for item in draft if item.get("enabled") is not False]
    instance = studio.definition.instance(studio.settings, [members_of(item) for item in enabled])
    async with instance:
        result = await instance.on_event(chosen)
    return {
        "outcomes": [
            {"key": item.get("key"), **_shown(outcome, instance.redactor)}
            for item, outcome in zip(enabled, result.outcomes, strict=True)
        ]
    }


def _shown(outcome: Outcome, redactor: Redactor) -> dict[str, Any]:
    error = outcome.error
    return {
        "name": outcome.name,
        "matched": outcome.matched,
        "requests": [redactor.request(request) for request in outcome.requests],
        "responses": [_response(response, redactor) for response in outcome.responses],
        "error": None if error is None else redactor.text(f"{type(error).__name__}: {error}"),
    }


def _response(response: Response, redactor: Redactor) -> dict[str, Any]:
    return {
        "status": response.status,
        "statusText": redactor.text(response.status_text),
        "headers": redactor(redact_headers(response.headers)),
        "body": redactor(response.value),
    }
