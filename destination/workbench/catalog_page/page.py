"""Writes the catalog page of a destination in Markdown: settings, presets, actions and their fields."""

from collections.abc import Collection, Iterator, Mapping
from importlib.resources import files
from typing import Any

from destination.definition import DestinationDefinition
from destination.fields import FieldCondition, FieldConditions, InputField
from destination.records import dataclass
from destination.values import write_json
from destination.values.printable import indent_json, printable_on_page
from destination.workbench.catalog_page import markdown
from destination.workbench.catalog_page.markdown import cell, code, plain, prose, value

NOTHING = "–"


def catalog_page(definition: DestinationDefinition[Any]) -> str:
    """Writes the page of a destination: settings, presets with trigger and mapping, actions with their fields.

    The page depends on the definition alone.

    Args:
        definition: A destination, or a definition that was loaded from metadata.json.

    Example:
        >>> from destination.definition import find
        >>> print(catalog_page(find("actions-absmartly")).splitlines()[2])
        # ABsmartly (Actions)
    """
    import jinja2

    environment = jinja2.Environment(  # noqa: S701  Markdown: the filters below escape
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=printable_on_page,
    )
    environment.filters.update(
        cell=cell,
        code=code,
        plain=plain,
        prose=prose,
        value=value,
        fql=markdown.block,
        mapping=_mapping,
        rows=rows,
        bare=_bare,
    )
    template = environment.from_string(files(__package__).joinpath("page.md.jinja").read_text(encoding="utf-8"))
    return template.render(definition=definition).rstrip("\n") + "\n"


def _mapping(mapping: Any) -> str:
    """Writes a mapping as a block of indented JSON, with the keys in JavaScript's order."""
    return markdown.block(indent_json(write_json(mapping).decode("utf-8")), "json")


def _bare(text: str) -> str:
    """Makes a text safe for an HTML comment, which two dashes could end."""
    return text.replace("--", "- -")


# --- fields as rows of a table ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """A field as a row of a table, each attribute in Markdown for its cell.

    Attributes:
        key: The key; for a member of an object, with the keys around it.
        label: The name for people.
        type: The type, and the limits of the values.
        required: Whether a payload must have the field.
        default: The mapping that Segment's app proposes.
        choices: The values that the field may have.
        description: The description, and remarks.
    """

    key: str
    label: str
    type: str
    required: str
    default: str
    choices: str
    description: str


def rows(fields: Mapping[str, InputField], secrets: Collection[str] = (), before: str = "") -> Iterator[Row]:
    """Yields the fields in their order, each followed by its members.

    Args:
        fields: The fields by key.
        secrets: The keys of settings that are never shown.
        before: What each key begins with: the keys around it, with a dot at the end.

    Example:
        >>> name = InputField(label="Name", type="string", required=True, default={"@path": "$.event"})
        >>> next(rows({"name": name}))
        Row(key='`name`', label='Name', type='string', required='yes', default='`{"@path":"$.event"}`',
            choices='–', description='–')
    """
    for key, field in fields.items():
        path = f"{before}{key}"
        yield Row(
            key=cell(code(path)),
            label=cell(plain(field.label)) or NOTHING,
            type=", ".join(_type(field)),
            required=cell(_required(field)),
            default=cell(value(field.default)) if field.default is not None else NOTHING,
            choices=cell(", ".join(map(_choice, field.choices or ()))) or NOTHING,
            description=cell("\n".join(_description(field, is_secret=path in secrets))) or NOTHING,
        )
        if field.properties:
            yield from rows(field.properties, secrets, f"{path}[]." if field.multiple else f"{path}.")


def _type(field: InputField) -> Iterator[str]:
    yield f"list of {field.type}" if field.multiple else field.type
    if field.format:
        yield cell(plain(field.format))
    unit = " characters" if field.type in ("string", "text", "password") else ""
    least, most = field.minimum or None, field.maximum or None  # Segment: 0 is none
    if least is not None and most is not None:
        yield f"{least} to {most}{unit}"
    elif least is not None:
        yield f"at least {least}{unit}"
    elif most is not None:
        yield f"at most {most}{unit}"
    if field.allow_null:
        yield "or null"
    if field.additional_properties and field.properties:
        yield "other keys too"


def _required(field: InputField) -> str:
    if isinstance(field.required, FieldConditions):
        return f"if {_conditions(field.required)}"
    return "yes" if field.required else "no"


def _conditions(conditions: FieldConditions) -> str:
    word = " or " if conditions.match == "any" else " and "
    return word.join(map(_condition, conditions.conditions))


def _condition(condition: FieldCondition) -> str:
    subject = "the sync mode" if condition.type == "syncMode" else code(condition.field_key or "")
    negated = condition.operator == "is_not"
    if "value" not in condition.fields_set:
        return f"{subject} is {'given' if negated else 'not given'}"
    verb = "is not" if negated else "is"
    if isinstance(condition.value, list):
        return f"{subject} {verb} {'any' if negated else 'one'} of {', '.join(map(value, condition.value))}"
    return f"{subject} {verb} {value(condition.value)}"


def _choice(choice: Any) -> str:
    if not isinstance(choice, Mapping):
        return _shown(choice)
    given, label = choice.get("value"), choice.get("label")
    shown = _shown(given)
    return shown if label in (None, given) else f"{shown} ({plain(str(label))})"


def _shown(choice: Any) -> str:
    return code(choice) if isinstance(choice, str) and choice else value(choice)


def _description(field: InputField, *, is_secret: bool) -> Iterator[str]:
    if field.description:
        yield prose(field.description)
    remarks = []
    if is_secret:
        remarks.append("Secret: it is never shown.")
    if field.depends_on is not None:
        remarks.append(f"Shown if {_conditions(field.depends_on)}.")
    if field.dynamic:
        remarks.append("The choices come from the partner.")
    if field.unsafe_hidden:
        remarks.append("Not shown in Segment's app.")
    if remarks:
        yield " ".join(remarks)
