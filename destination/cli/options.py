"""Options that several commands have, and commands whose options are the fields of a class."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

from destination.cli.parameters import Argument, Option
from destination.definition.given.mappings import GivenMappings

Settings = Annotated[
    Path | None,
    Option(
        "--settings",
        "-s",
        metavar="FILE.toml",
        help='The destination\'s settings. A value may name an environment variable: apiKey = { env = "NAME" }.',
    ),
]
Mappings = Annotated[GivenMappings | None, "--mappings"]
"""What `--mappings` and `--action` give, together; `configured` makes the options."""
MappingsOrFiles = Annotated[GivenMappings | None, "--mappings", "FILE"]
"""As `Mappings`, and files may also be given as arguments."""
ActionIds = Annotated[Mapping[str, str], "--action"]
"""What `--action` names, for a command without `--mappings`."""
UnusedSettings = Annotated[Path | None, "[tool.destination]"]
"""The settings file of pyproject.toml where a run does not use it, because it is not to send."""
Slug = Annotated[str, Option("--destination", "-d", metavar="SLUG", help="The destination; see: destination list.")]
Event = Annotated[str, Argument(metavar="EVENT.json|-", help="One event; - is standard input.")]
MessageId = Annotated[
    str | None,
    Option("--message-id", metavar="ID", help="The event of a file of many that has this messageId."),
]
AsJson = Annotated[bool, Option("--json", help="JSON instead of tables.")]
Timeout = Annotated[
    float | None,
    Option(
        "--timeout",
        min=0.001,
        max=86_400,
        metavar="SECONDS",
        help="Time limit of a request that sets none of its own. Default: 10.",
    ),
]
CaFile = Annotated[
    Path | None,
    Option("--ca-file", metavar="FILE.pem", help="Trust these certificates, beside those of the system."),
]
ClientCert = Annotated[
    Path | None,
    Option("--client-cert", metavar="FILE.pem", help="The certificate to show to servers that want one."),
]
ClientKey = Annotated[
    Path | None,
    Option("--client-key", metavar="FILE.pem", help="Its private key. Default: in the file of --client-cert."),
]
IgnoreIntegrations = Annotated[
    bool,
    Option("--ignore-integrations", help="Send events although their `integrations` exclude the destination."),
]
DEFAULT_DESTINATION = "actions-absmartly"


def with_fields_as_options(command: Callable[[Any], int]) -> Callable[..., int]:
    """Makes a command of a function whose only parameter is a named tuple.

    Each field of the class is an option or an argument of the command line, so that it is declared once.

    Args:
        command: The function; its docstring is the help.
    """
    (parameter,) = inspect.signature(command).parameters.values()
    fields = inspect.signature(parameter.annotation)

    @wraps(command)
    def call(**given: Any) -> int:
        return command(parameter.annotation(**given))

    # The options are read from these two.
    call.__signature__ = fields  # type: ignore[attr-defined]
    call.__annotations__ = {name: field.annotation for name, field in fields.parameters.items()}
    return call
