"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

Settings = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        "-s",
        metavar="FILE.toml",
        help='The destination\'s settings. A value may name an environment variable: apiKey = { env = "NAME" }.',
    ),
]
Mappings = Annotated[
    Path | None,
    typer.Option(
        "--mappings",
        "-m",
        metavar="FILE.json",
        help="Subscriptions, as Segment's runtime or its Public API has them. Default: the destination's presets.",
    ),
]
Slug = Annotated[
    str, typer.Option("--destination", "-d", metavar="SLUG", help="The destination; see: destination list.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of tables.")]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        min=0.001,
        max=86_400,
        metavar="SECONDS",
        help="Time limit of a request that sets none of its own. Default: 10.",
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", metavar="FILE.pem", help="Trust these certificates, beside those of the system."),
]
ClientCert = Annotated[
    Path | None,
    typer.Option("--client-cert", metavar="FILE.pem", help="The certificate to show to servers that want one."),
]
ClientKey = Annotated[
    Path | None,
    typer.Option("--client-key", metavar="FILE.pem", help="Its private key. Default: in the file of --client-cert."),
]
IgnoreIntegrations = Annotated[
    bool,
    typer.Option("--ignore-integrations", help="Take events also where their `integrations` exclude the destination."),
]
DEFAULT_DESTINATION = "actions-absmartly"
