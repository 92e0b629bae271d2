"""Fields as rows of a table."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from destination.fields import FieldCondition, FieldConditions, InputField
from destination.workbench.catalog_page.markdown import cell, code, plain, prose, value

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Row:
    """One field, each part ready for its cell.

    Attributes:
        key: Its key; of a member of an object with the keys before it.
        label: Its name for people.
        type: Its type, and what bounds its values.
        required: Whether it must be there.
        default: What Segment's app proposes.
        choices: The values that it may have.
        description: What it is, and remarks.
    """

    key: str
    label: str
    type: str
    required: str
    default: str
    choices: str
    description: str


def rows(fields: Mapping[str, InputField], secrets: Collection[str] = (), before: str = "") -> Iterator[Row]:
    """The fields in their order, each followed by its members.

    Args:
        fields: The fields by key.
        secrets: The keys of settings that are never shown.
        before: What goes before each key.

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
        return f"where {_conditions(field.required)}"
    return "yes" if field.required else "no"


def _conditions(conditions: FieldConditions) -> str:
    word = " or " if conditions.match == "any" else " and "
    return word.join(map(_condition, conditions.conditions))


def _condition(condition: FieldCondition) -> str:
    subject = "the sync mode" if condition.type == "syncMode" else code(condition.field_key or "")
    negated = condition.operator == "is_not"
    if "value" not in condition.model_fields_set:
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
        remarks.append(f"Shown where {_conditions(field.depends_on)}.")
    if field.dynamic:
        remarks.append("The partner offers the choices.")
    if field.unsafe_hidden:
        remarks.append("Not shown in Segment's app.")
    if remarks:
        yield " ".join(remarks)
