"""`destination explain`."""

from dataclasses import dataclass
from pathlib import Path

from destination.cli.instances import chosen_instance
from destination.cli.one_event import event_of, read_record
from destination.cli.output import Output
from destination.cli.paths import reads, reads_events, refuse_shared
from destination.cli.problems import UsageProblem
from destination.workbench.explain import explain_event


@dataclass(frozen=True, slots=True)
class _Chosen:
    settings: Path | None
    mappings: Path | None
    destination: str


def explain_file(
    file: str,
    settings: Path | None,
    mappings: Path | None,
    slug: str,
    subscription: str | None,
    *,
    as_json: bool,
    ignore_integrations: bool = False,
) -> int:
    """Explains one event; returns the exit status.

    Raises:
        UsageProblem: Something given cannot be used, or there is no such subscription.
    """
    output = Output()
    refuse_shared(reads_events("FILE", file), reads("--settings", settings), reads("--mappings", mappings))
    instance = chosen_instance(_Chosen(settings, mappings, slug), output, sends=False)
    event = event_of(read_record(file), file)
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
