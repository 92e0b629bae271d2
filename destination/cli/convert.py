"""`destination convert`."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

from destination.cli.options import DEFAULT_DESTINATION, ActionIds, Slug
from destination.cli.parameters import Argument, Option
from destination.usage_problem import UsageProblem

if TYPE_CHECKING:
    from destination.definition.formats.texts import TextForm

_PRESETS: Final = "presets"
_STANDARD_OUTPUT: Final = "-"
_SUFFIXES: Final[Mapping[str, "TextForm"]] = {".json": "runtime", ".tf": "terraform", ".py": "python"}


class MappingsForm(StrEnum):
    """A form in which mappings are written."""

    RUNTIME = "runtime"
    PUBLIC_API = "public-api"
    TERRAFORM = "terraform"
    PYTHON = "python"


def convert(
    source: Annotated[
        str,
        Argument(metavar="FROM", help="Mappings in any form: a file, a pattern, module:attribute, or presets."),
    ],
    target: Annotated[
        str, Argument(metavar="TO|-", help="The file to write: .json, .tf or .py; - is standard output.")
    ],
    form: Annotated[
        MappingsForm | None,
        Option("--form", help="The form to write. Default: by the name of the file; runtime for .json."),
    ] = None,
    destination: Slug = DEFAULT_DESTINATION,
    prefix: Annotated[
        str, Option(metavar="NAME", help="What the names of Terraform's resources and variables begin with.")
    ] = "",
    overwrite: Annotated[bool, Option("--overwrite", help="Replace a file that exists.")] = False,
    action_ids: ActionIds = MappingProxyType({}),
) -> int:
    """Write mappings in another form: JSON of Segment's runtime or Public API, Terraform, Python code.

    What a form cannot carry is named on standard error.

    \b
    Exit status: 0 written, 2 the mappings cannot be read, or cannot be written in this form.

    \b
    Examples:
      destination convert mappings.json mappings.tf
      destination convert segment.tf mappings.json --action iLgPGgELNm5SgSVaqztJeJ=trackGoal
      destination convert mappings.json - --form public-api
      destination convert presets shop/mappings.py
    """  # noqa: D301  \b keeps the line breaks that follow
    from destination.cli.files import reads, refuse_shared, writes
    from destination.cli.output import Output
    from destination.definition.formats.texts import not_carried, to_text
    from destination.definition.given.files import is_there, reason_of
    from destination.definition.given.mappings import GivenMappings, read_mappings
    from destination.errors import DefinitionError
    from destination.runtime.given import find_destination

    output = Output()
    written_form = _form_of(target, form)
    given = GivenMappings((source,), dict(action_ids))
    to_file = target != _STANDARD_OUTPUT
    definition = find_destination(destination)
    if source == _PRESETS:
        subscriptions = definition.preset_subscriptions()
    else:
        refuse_shared(*(reads("FROM", path) for path in given.files), writes("TO", target if to_file else None))
        subscriptions = read_mappings(given, definition, output.note)
    try:
        text = to_text(subscriptions, written_form, prefix=prefix)
    except DefinitionError as error:
        raise UsageProblem(f"{source}: {error}") from None
    for line in not_carried(subscriptions, written_form):
        output.note(line)
    for index, subscription in enumerate(subscriptions):
        name = subscription.name or f"subscription {index}"
        for remark in subscription.remarks:
            output.note(f"{name}: {remark.message} ({remark.remedy})")
    if not to_file:
        output.text_as_it_is(text)
        return 0
    if is_there(Path(target)) and not overwrite:
        raise UsageProblem(f"{target}: exists already; give another name, or --overwrite")
    try:
        Path(target).write_text(text, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        raise UsageProblem(f"{target}: cannot be written: {reason_of(error).lower()}") from None
    output.note(f"{len(subscriptions)} subscriptions are in {target}, in the form {written_form}")
    return 0


def _form_of(target: str, form: MappingsForm | None) -> "TextForm":
    if form is not None:
        return form.value
    found = _SUFFIXES.get(Path(target).suffix.lower())
    if found is None:
        forms = ", ".join(MappingsForm)
        raise UsageProblem(f"{target}: give a name that ends in .json, .tf or .py, or --form with one of: {forms}")
    return found
