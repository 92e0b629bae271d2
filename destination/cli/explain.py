"""`destination explain`."""

from typing import Annotated

from destination.cli.options import (
    DEFAULT_DESTINATION,
    AsJson,
    Event,
    IgnoreIntegrations,
    Mappings,
    MessageId,
    Settings,
    Slug,
)
from destination.cli.parameters import Option
from destination.usage_problem import UsageProblem


def explain(
    file: Event,
    settings: Settings = None,
    mappings: Mappings = None,
    destination: Slug = DEFAULT_DESTINATION,
    subscription: Annotated[
        str | None,
        Option("--subscription", "-n", metavar="NAME", help="Explain only this subscription."),
    ] = None,
    message_id: MessageId = None,
    as_json: AsJson = False,
    ignore_integrations: IgnoreIntegrations = False,
) -> int:
    """Explain why an event is sent or not. Nothing is sent.

    Shows for each subscription the conditions of the trigger, where each value of the payload comes from, where it is
    in the requests, and the requests.

    \b
    Exit status:
      0  every subscription that matches would send its requests
      1  a subscription that matches fails
      2  wrong usage

    \b
    Examples:
      destination explain event.json
      destination explain event.json --mappings mappings.json --subscription Orders
      destination explain events.ndjson --message-id m-1
      head -n 1 events.ndjson | destination explain - --json
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.events import event_of, read_record
    from destination.cli.files import reads, reads_events, reads_mappings, refuse_shared
    from destination.cli.instances import planning_instance
    from destination.cli.output import Output
    from destination.workbench.explain import explain_event

    output = Output()
    refuse_shared(reads_events("FILE", file), reads("--settings", settings), reads_mappings(mappings))
    instance = planning_instance(destination, settings, mappings, output)
    event = event_of(read_record(file, message_id), file)
    explanation = explain_event(instance, event, subscription, ignore_integrations=ignore_integrations)
    if not explanation.subscriptions and subscription is not None:
        known = ", ".join(repr(given.name) for given in instance.given if given.name) or "none with a name"
        raise UsageProblem(output.text(f"there is no subscription {subscription!r}; there are: {known}"))
    if as_json:
        output.json(explanation.to_json())
    else:
        from destination.cli.explain_drawing import Drawing

        output.draw(Drawing(explanation, output.text))
    return 1 if explanation.fails else 0
