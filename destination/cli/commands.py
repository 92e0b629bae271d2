"""The commands: their names, where each is, and the line of help about it."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple


class Command(NamedTuple):
    """A command of `destination`, not imported yet.

    Attributes:
        module: The module of `destination.cli` that has its function.
        function: The name of the function.
        summary: The line about it in the list of commands.
        is_configured: Whether its defaults come from pyproject.toml.
    """

    module: str
    function: str
    summary: str
    is_configured: bool = True

    def load(self) -> Callable[..., Any]:
        """Imports the command; what it needs to work is imported when it is called."""
        function: Callable[..., Any] = getattr(import_module(f"destination.cli.{self.module}"), self.function)
        if not self.is_configured:
            return function
        from destination.cli.configuration import configured

        return configured(function)


class CommandGroup(NamedTuple):
    """Commands under one name.

    Attributes:
        summary: The line about them in the list of commands.
        members: The commands, by their names.
    """

    summary: str
    members: Mapping[str, Command]


COMMANDS: Final[Mapping[str, Command | CommandGroup]] = {
    "run": Command("run", "run", "Send the events of a file."),
    "forward": Command(
        "forward", "forward", "Take live events over HTTP, and send them to destinations.", is_configured=False
    ),
    "plan": Command("plan", "plan", "Show what one event would send."),
    "explain": Command("explain", "explain", "Explain why an event is sent or not, value by value."),
    "validate": Command("validate", "validate", "Find what is wrong with mappings."),
    "lint": Command("lint", "lint", "Find what mappings say and probably do not mean."),
    "diff": Command("diff", "diff", "Show what a change of mappings does to real events."),
    "coverage": Command("coverage", "coverage", "Show which parts of mappings and of events are used."),
    "mutate": Command("mutate", "mutate", "Change mappings in small ways; show what no test notices."),
    "check-events": Command("check_events", "check_events", "Check events against a tracking plan."),
    "convert": Command("convert", "convert", "Write mappings in another form: JSON, Terraform, Python."),
    "list": Command("list_", "list_destinations", "List the installed destinations.", is_configured=False),
    "show": Command("show", "show", "Show a destination: settings, actions, fields, presets."),
    "docs": Command("docs", "docs", "Write the catalog page of a destination."),
    "new": Command("new", "new", "Make a new destination: a package of its own, with tests.", is_configured=False),
    "check-auth": Command("check_auth", "check_auth", "Ask the partner whether the settings let you in."),
    "serve-tester": Command("serve_tester", "serve_tester", "Serve a destination to Segment's Actions Tester."),
    "studio": Command("studio", "studio", "See and change mappings on a local page, with events."),
    "config": Command("config", "config", "Show the defaults of options in pyproject.toml.", is_configured=False),
    "dead-letters": CommandGroup(
        "List, send again or remove events that failed for good.",
        {
            "list": Command(
                "dead_letters", "list_dead_letters", "List the events that failed for good.", is_configured=False
            ),
            "show": Command(
                "dead_letters", "show_dead_letter", "Show dead letters with their events, as JSON.", is_configured=False
            ),
            "replay": Command(
                "dead_letters", "replay_dead_letters", "Send dead letters again, each once.", is_configured=False
            ),
            "drop": Command(
                "dead_letters",
                "drop_dead_letters",
                "Remove dead letters, or what waits for an old name.",
                is_configured=False,
            ),
        },
    ),
    "migrate": CommandGroup(
        "Turn the settings of an older integration into mappings.",
        {
            "classic": Command(
                "migrate",
                "classic",
                "Turn the settings of ABsmartly Classic into subscriptions for ABsmartly (Actions).",
                is_configured=False,
            )
        },
    ),
}
"""In the order of the help."""

HELP: Final = """Send Segment events to Actions destinations, and see what a mapping makes of them.

\b
Examples:
  destination run examples/events.ndjson               try it: an embedded collector, nothing leaves this machine
  destination run events.ndjson --dry-run              what would be sent, one JSON line an event
  destination run events.ndjson -s settings.toml       send
  destination plan event.json -m mappings.json         one event, in detail
  destination explain event.json -m mappings.json      why it is sent, or why not
  destination lint -m mappings.json                    what is wrong with mappings, or not as meant
  destination convert mappings.json mappings.tf        mappings in another form
  destination diff old.json new.json --events e.ndjson what a change of them does to real events
"""
