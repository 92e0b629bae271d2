"""A subscription as stored: a trigger, an action's slug and a mapping (Segment's app calls it a mapping)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, Final, Literal, NamedTuple

from destination.errors import DefinitionError, MappingValidationError
from destination.fql import parse_fql
from destination.mapping import compile_mapping
from destination.records import dataclass
from destination.values import real_type_of
from destination.values.convert import json_type_of

_RUNTIME_KEYS = {"ID": "id", "ConfigID": "config_id", "ActionID": "action_id", "ProjectID": "project_id"}
_PUBLIC_API_KEYS = {"id": "id", "destinationId": "config_id", "actionId": "action_id", "modelId": "model_id"}
_SCHEDULE_KEYS = ("reverseETLSchedule", "reverse_etl_schedule")
_FORMS: Final = (("partnerAction", "subscribe", "mapping"), ("actionSlug", "trigger", "settings"))
_OTHER_FORM: Final = dict([*zip(*_FORMS, strict=True), *zip(*reversed(_FORMS), strict=True)])
_CLOSE: Final = 0.8

PUBLIC_API_NAMES: Final[Mapping[str, str]] = {
    **dict(zip(_FORMS[1], _FORMS[0], strict=True)),
    **{
        key: next(one for one, name in _RUNTIME_KEYS.items() if name == _PUBLIC_API_KEYS[key])
        for key in ("id", "destinationId", "actionId")
    },
}
"""The keys of the Public API's form that have another name in the form of the runtime, each with that name."""


class KeyRemark(NamedTuple):
    """A key of a subscription's JSON that is not understood, or whose value has a wrong type.

    Attributes:
        key: The key.
        message: What was found.
        remedy: What to do.
        severity: `error` if the subscription probably does not do what it says, else `warning`.
    """

    key: str
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One mapping of a destination instance.

    Attributes:
        name: For people; Segment's app shows it.
        subscribe: The trigger, in FQL.
        partner_action: The slug of the action, such as `trackGoal`.
        mapping: The action's fields, resolved from the event by directives.
        enabled: A disabled subscription is skipped (divergence 3).
        id: Segment's identifier of the subscription, where it came from there.
        action_id: Segment's opaque identifier of the action.
        config_id: Segment's identifier of the destination instance.
        project_id: Segment's identifier of the source.
        model_id: Segment's identifier of the Reverse ETL model, where the subscription has one.
        reverse_etl_schedule: When Reverse ETL runs the model: an object with `strategy` and `config`.
        remarks: Keys of the JSON that are unknown or have a wrong type; instances list them as problems.

    Example:
        >>> Subscription(subscribe='type = "page"', partner_action="trackGoal").check()
        >>> Subscription(subscribe="type ~ 1", partner_action="trackGoal").check()
        Traceback (most recent call last):
        destination.errors.FQLSyntaxError: ...
    """

    subscribe: str
    partner_action: str
    name: str = ""
    mapping: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True
    id: str | None = None
    action_id: str | None = None
    config_id: str | None = None
    project_id: str | None = None
    model_id: str | None = None
    reverse_etl_schedule: Mapping[str, Any] | None = None
    remarks: tuple[KeyRemark, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def from_json(cls, value: Any) -> "Subscription":
        """Reads a subscription in the form of Segment's runtime or of its Public API.

        Unknown keys and values of a wrong type become `remarks`. Other errors in the members are found when the
        subscription is compiled, and are reported where the reference (Segment's runtime) reports them.

        Raises:
            DefinitionError: The value is not an object.

        Example:
            >>> Subscription.from_json({"trigger": 'type = "page"', "actionSlug": "trackGoal"}).subscribe
            'type = "page"'
        """
        if not isinstance(value, dict):
            raise DefinitionError(f"a subscription is a JSON object, but this is: {real_type_of(value)}")
        public_api = is_public_api(value)
        slug_key, trigger_key, mapping_key = _FORMS[public_api]
        id_keys = _PUBLIC_API_KEYS if public_api else _RUNTIME_KEYS
        ids = {name: value[key] for key, name in id_keys.items() if key in value}
        # The runtime's form has no key of its own for these two, and ignores them.
        ids.setdefault("model_id", value.get("modelId"))
        enabled = value.get("enabled")
        return cls(
            name=str(value.get("name") or ""),
            subscribe=value.get(trigger_key, ""),
            partner_action=value.get(slug_key, ""),
            # Segment: a mapping that is falsy counts as none
            mapping=value.get(mapping_key) or {},
            enabled=enabled is not False,
            reverse_etl_schedule=next((value[key] for key in _SCHEDULE_KEYS if value.get(key) is not None), None),
            remarks=tuple(_remarks(value, _FORMS[public_api], id_keys)),
            **ids,
        )

    def to_json(self) -> dict[str, Any]:
        """Writes the form of Segment's runtime, without a check of the mapping; `to_portable` writes it for Segment.

        `modelId` and `reverseETLSchedule` are there if the subscription has them; the runtime ignores both.

        Example:
            >>> Subscription(name="Pages", subscribe='type = "page"', partner_action="trackGoal").to_json()
            {'name': 'Pages', 'enabled': True, 'partnerAction': 'trackGoal',
             'subscribe': 'type = "page"', 'mapping': {}}
        """
        record: dict[str, Any] = {
            "name": self.name,
            "enabled": self.enabled,
            "partnerAction": self.partner_action,
            "subscribe": self.subscribe,
            "mapping": self.mapping,
        }
        record.update({key: getattr(self, name) for key, name in _RUNTIME_KEYS.items() if getattr(self, name)})
        if self.model_id:
            record["modelId"] = self.model_id
        if self.reverse_etl_schedule is not None:
            record["reverseETLSchedule"] = self.reverse_etl_schedule
        return record

    def check(self) -> None:
        """Raises the first error of the trigger or the mapping; for tests.

        Raises:
            FQLSyntaxError: The trigger cannot be parsed.
            MappingValidationError: The mapping holds invalid directives.
            DefinitionError: The trigger is not text, or empty; or a key is mistyped or has a value of a wrong type.
        """
        if not self.subscribe or not isinstance(self.subscribe, str):
            raise DefinitionError("Failed to validate subscription")
        error = getattr(parse_fql(self.subscribe), "error", None)
        if error is not None:
            raise error
        for remark in self.remarks:
            if remark.severity == "error":
                raise DefinitionError(f"{remark.message} ({remark.remedy})")
        problems = compile_mapping(self.mapping).problems
        if problems:
            raise MappingValidationError([problem.message for problem in problems])


def is_public_api(value: Mapping[str, Any]) -> bool:
    """Returns whether the JSON of a subscription has the form of the Public API; else it has that of the runtime.

    Example:
        >>> is_public_api({"trigger": 'type = "page"'}), is_public_api({"subscribe": 'type = "page"'})
        (True, False)
    """
    return "trigger" in value or "actionSlug" in value


def _remarks(value: Mapping[str, Any], form: tuple[str, ...], id_keys: Mapping[str, str]) -> Iterator[KeyRemark]:
    """Finds keys that are unknown or close to a known one, and values of a wrong type."""
    texts = ("name", *id_keys, "modelId", "type", "eventSlug")
    known = dict.fromkeys([*form, "name", "enabled", *id_keys, "modelId", *_SCHEDULE_KEYS, "type", "eventSlug"])
    for key, item in value.items():
        if key in known:
            wanted = ""
            if key == "enabled" and not (item is None or isinstance(item, bool)):
                wanted = "true or false"
            elif key in texts and not (item is None or isinstance(item, str)):
                wanted = "text"
            elif key in _SCHEDULE_KEYS and not (item is None or isinstance(item, dict)):
                wanted = "an object"
            if wanted:
                yield KeyRemark(key, f"{key!r} is {wanted}, but this is: {json_type_of(item)}", f"give {wanted}")
            continue
        close = _OTHER_FORM.get(key) or _closest(key, known)
        if close is not None:
            yield KeyRemark(key, f"there is no key {key!r}: its value is ignored", f"did you mean {close!r}?")
        else:
            yield KeyRemark(
                key,
                f"the key {key!r} is unknown: its value is ignored",
                f"remove it, or use one of: {', '.join(known)}",
                "warning",
            )


def _closest(key: str, known: Iterable[str]) -> str | None:
    plain = {name.replace("_", "").lower(): name for name in known}
    from difflib import get_close_matches

    close = get_close_matches(key.replace("_", "").lower(), plain, n=1, cutoff=_CLOSE)
    return plain[close[0]] if close else None


def read_subscriptions(value: Any) -> list[Subscription]:
    """Reads a list of subscriptions: a JSON list, or a Public API answer (`data.subscriptions`, `data.subscription`).

    Raises:
        DefinitionError: The value has none of these forms, or an item is not a subscription; names its index.

    Example:
        >>> [s.name for s in read_subscriptions([{"name": "A", "subscribe": "", "partnerAction": "x"}])]
        ['A']
    """
    if isinstance(value, dict) and isinstance(value.get("data"), dict):
        value = value["data"]
    if isinstance(value, dict):
        single = value.get("subscription", _ABSENT)
        value = value.get("subscriptions") if single is _ABSENT else [single]
    if not isinstance(value, list):
        raise DefinitionError(
            'expected a JSON list of subscriptions, or an answer of Segment\'s Public API with "data"."subscriptions"'
        )
    subscriptions = []
    for index, item in enumerate(value):
        try:
            subscriptions.append(Subscription.from_json(item))
        except DefinitionError as error:
            raise DefinitionError(f"subscription {index}: {error}") from None
    return subscriptions


_ABSENT: Any = object()
