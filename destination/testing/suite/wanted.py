"""Which payload is wanted: a value for each field that a mapping gives, and other values to try in its place."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from destination.fields import InputField
from destination.fields.input_field import FieldCondition, FieldConditions
from destination.mapping.shape import directive_name, is_directive
from destination.testing.suite.sample import ITEMS, Names, number, sample, text
from destination.values import MISSING, strict_equals

_ANYTHING: Final = InputField(label="", type="string")
_NUMERIC: Final = ("number", "integer")


def wanted_payload(
    fields: Mapping[str, InputField],
    mapping: Mapping[str, Any],
    names: Names,
    given: Mapping[str, Any],
    *,
    required_only: bool,
) -> dict[str, Any]:
    """A value for each field of a mapping, distinct for each.

    Fields that others depend on have the values that these ask for, where that is simple.

    Args:
        fields: The action's fields.
        mapping: The mapping.
        names: What leads to the payload.
        given: Values by field that are to be taken as they are.
        required_only: Only the fields that are required; one that is required under a condition counts where the
            condition holds. Of keys that are no fields none is.

    Example:
        >>> fields = {"name": InputField(label="Name", type="string", required=True),
        ...           "seats": InputField(label="Seats", type="integer")}
        >>> mapping = {"name": {"@path": "$.event"}, "seats": {"@path": "$.properties.seats"}}
        >>> wanted_payload(fields, mapping, ("shop",), {}, required_only=False)
        {'name': 'name-47d914', 'seats': 4319}
        >>> wanted_payload(fields, mapping, ("shop",), {"name": "N"}, required_only=True)
        {'name': 'N'}
    """
    every = {
        key: given[key] if key in given else _value(fields.get(key), part, (*names, key), required_only)
        for key, part in mapping.items()
    }
    _settle_conditions(fields, every, given)
    if not required_only:
        return every
    needed = {key for key in every if key in fields and fields[key].required is True}
    waiting = {key: fields[key].required for key in every if key in fields and key not in needed}
    for _ in range(len(waiting)):
        now = {key: every[key] for key in every if key in needed}
        more = {key for key, asked in waiting.items() if isinstance(asked, FieldConditions) and _holds(asked, now)}
        if more <= needed:
            break
        needed |= more
    return {key: value for key, value in every.items() if key in needed}


def _value(field: InputField | None, part: Any, names: Names, required_only: bool) -> Any:
    """A value that a part of a mapping could give: in the shape of the part, of the field's type."""
    array_path = part["@arrayPath"] if isinstance(part, dict) and "@arrayPath" in part else None
    if isinstance(array_path, list):
        shape = array_path[1] if len(array_path) > 1 else None
        if isinstance(shape, dict) and shape:
            single = field.model_copy(update={"multiple": False}) if field is not None else None
            return [_value(single, shape, (*names, str(index)), required_only) for index in range(ITEMS)]
        return sample(field or _ANYTHING.model_copy(update={"multiple": True}), names, required_only=required_only)
    if isinstance(part, dict) and not is_directive(part) and (field is None or field.type == "object"):
        properties = (field.properties if field is not None else None) or {}
        keys = [key for key in part if not required_only or key not in properties or properties[key].required is True]
        return {key: _value(properties.get(key), part[key], (*names, key), required_only) for key in keys or part}
    return sample(field or _guess(part), names, required_only=required_only)


def _guess(part: Any) -> InputField:
    """What a key without a field is taken for."""
    name = directive_name(part) if isinstance(part, dict) and is_directive(part) else ""
    return _ANYTHING.model_copy(update={"type": "object"}) if name in ("@merge", "@flatten") else _ANYTHING


# --- conditions ------------------------------------------------------------------------------------------


def _settle_conditions(fields: Mapping[str, InputField], payload: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Gives fields that others depend on the values that these ask for; of several the first."""
    settled = set(given)
    for key in payload:
        field = fields.get(key)
        for asked in (field.depends_on, field.required) if field is not None else ():
            if not isinstance(asked, FieldConditions):
                continue
            for condition in asked.conditions:
                other = condition.field_key
                if other in payload and other not in settled and _can_settle(condition):
                    payload[other] = condition.value[0] if isinstance(condition.value, list) else condition.value
                    settled.add(other)


def _can_settle(condition: FieldCondition) -> bool:
    asks_for_any = "value" not in condition.model_fields_set
    return condition.operator == "is" and not asks_for_any and condition.value not in ([], None)


def _holds(asked: FieldConditions, payload: Mapping[str, Any]) -> bool:
    verdicts = [_one_holds(condition, payload) for condition in asked.conditions]
    return any(verdicts) if asked.match == "any" else all(verdicts)


def _one_holds(condition: FieldCondition, payload: Mapping[str, Any]) -> bool:
    found = payload.get(condition.field_key or "", MISSING)
    if "value" not in condition.model_fields_set:
        return (found is MISSING or found is None) == (condition.operator == "is")
    # Segment: of a field that is absent neither `is` nor `is_not` holds
    return found is not MISSING and strict_equals(found, condition.value) == (condition.operator == "is")


# --- other values ----------------------------------------------------------------------------------------


def other_values(field: InputField | None, names: Names) -> Iterator[tuple[str, Any]]:
    """Values to try in the place of a right one, each with its name; `MISSING` stands for none at all.

    Example:
        >>> [name for name, _ in other_values(InputField(label="Seats", type="integer"), ("shop", "seats"))]
        ['absent', 'null', 'empty', 'as text', 'as an object']
    """
    yield "absent", MISSING
    yield "null", None
    field = field or _ANYTHING
    yield "empty", [] if field.multiple else {} if field.type == "object" else ""
    own = (*names, "other")
    if field.multiple:
        single = field.model_copy(update={"multiple": False})
        yield "as a single value", sample(single, own)
    elif field.type == "object":
        yield "as text", text(own)
        yield "as a list", [text(own)]
    elif field.type in (*_NUMERIC, "boolean"):
        yield "as text", text(own)
        yield "as an object", {"other": text(own)}
    else:
        if field.choices or field.format or field.type == "datetime":
            yield "as other text", f"no {field.format or field.type}" if not field.choices else text(own)
        yield "as a number", number(own)
        yield "as an object", {"other": text(own)}
