"""`destination studio`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from destination.cli.options import DEFAULT_DESTINATION, Mappings, Settings, Slug, with_fields_as_options
from destination.cli.parameters import Argument, Option
from destination.secret_sources import SecretSourceError, look_up_secret
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.studio import Forwarder


class StudioOptions(NamedTuple):
    """The options of `destination studio`."""

    events: Annotated[
        str | None,
        Argument(metavar="[EVENTS]", help="NDJSON or a JSON array, also gzipped; - is standard input."),
    ] = None
    mappings: Mappings = None
    settings: Settings = None
    destination: Slug = DEFAULT_DESTINATION
    port: Annotated[int, Option(min=0, max=65535, metavar="PORT", help="0 is any free port.")] = 8484
    host: Annotated[str, Option(metavar="HOST", help="The address to listen at.")] = "127.0.0.1"
    allow_send: Annotated[
        bool, Option("--allow-send", help="Let a person send from the page: its Send and Replay buttons.")
    ] = False
    forward: Annotated[
        str | None,
        Option("--forward", metavar="URL", help="Show live events of the forwarder with this admin address."),
    ] = None
    forward_token_env: Annotated[
        str | None,
        Option("--forward-token-env", metavar="NAME", help="The environment variable with its token."),
    ] = None
    forward_token_file: Annotated[
        Path | None, Option("--forward-token-file", metavar="FILE", help="The file with its token.")
    ] = None
    open_page: Annotated[bool, Option("--open/--no-open", help="Open the page in a browser.")] = False


@with_fields_as_options
def studio(options: StudioOptions) -> int:
    """See what events become, and change mappings and triggers, on a local page.

    The page shows each event of a file, why it is sent or not, and what each edit changes for all of them. Nothing is
    sent without --allow-send, and then only when a person presses a button. Without EVENTS, the page makes events.
    Ctrl-C ends it. It needs an extra: pip install 'destination-actions[server]'

    \b
    Exit status: 0 ended by Ctrl-C, 2 it could not start (a file cannot be read, the port is in use).

    \b
    Examples:
      destination studio
      destination studio examples/events.ndjson --mappings mappings.json
      destination studio events.ndjson.gz -m mappings.json -s settings.toml --allow-send
      destination studio --forward http://127.0.0.1:8081 --forward-token-env ADMIN_TOKEN
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.files import reads, reads_events, reads_mappings, refuse_shared
    from destination.cli.instances import chosen_settings, make_instance
    from destination.cli.output import Output
    from destination.cli.serving import RequestLog, address_of, needing_server, open_listening
    from destination.delivery.loop import seldom_collected
    from destination.listening import is_loopback
    from destination.runtime.given import find_destination

    definition = find_destination(options.destination)
    with needing_server("studio"):
        from destination.local_server import serve
        from destination.studio import Studio, create_studio
        from destination.studio.corpus import open_corpus
        from destination.studio.document import open_document
    output = Output()
    refuse_shared(
        reads_events("EVENTS", options.events), reads("--settings", options.settings), reads_mappings(options.mappings)
    )
    forwarder = _forwarder(options.forward, options.forward_token_env, options.forward_token_file)
    values = chosen_settings(definition, options.settings, output, sends=options.allow_send, why=" (--allow-send)")
    make_instance(definition, values, [], output, settings_name=str(options.settings or "settings"))
    made = Studio(
        definition,
        values,
        open_document(definition, options.mappings, output.note),
        open_corpus(options.events),
        allow_send=options.allow_send,
        forwarder=forwarder,
        placeholders=options.settings is None,
    )
    with open_listening(options.host, options.port) as listening:
        address = address_of(options.host, listening.getsockname()[1])
        if not is_loopback(options.host):
            output.note(f"whoever reaches {options.host} can use this page; without --host, only this machine can")
        output.line(f"{definition.name}: the studio is at {address} (Ctrl-C ends it)")
        if options.open_page:
            _open_page(address)
        with seldom_collected():  # a look through all objects would hold the page for 50 ms
            serve(create_studio(made, host=options.host, log=RequestLog(output)), listening, "studio")
    return 0


def _forwarder(url: str | None, variable: str | None, file: Path | None) -> "Forwarder | None":
    """Returns the forwarder that the options name, with its token looked up.

    Raises:
        UsageProblem: The address or the token cannot be used.
    """
    from destination.studio import Forwarder
    from destination.studio.live import check_address

    given = {"--forward-token-env": variable, "--forward-token-file": file}
    options = [option for option, value in given.items() if value is not None]
    if url is None:
        if options:
            raise UsageProblem(f"{options[0]} is the token of a forwarder: give its address with --forward URL")
        return None
    if len(options) > 1:
        raise UsageProblem("--forward-token-env and --forward-token-file exclude each other")
    check_address(url)
    if not options:
        return Forwarder(url.rstrip("/"))
    reference = {"env": variable} if variable is not None else {"file": str(file)}
    try:
        return Forwarder(url.rstrip("/"), look_up_secret(reference, Path()))
    except SecretSourceError as error:
        raise UsageProblem(f"{options[0]} {error}") from None


def _open_page(address: str) -> None:
    import webbrowser

    webbrowser.open(address)
