"""A subscription as stored: a trigger, an action's slug and a mapping (Segment's app calls it a mapping)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from destination.errors import DefinitionError, MappingValidationError
from destination.fql import parse_fql
from destination.mapping import compile_mapping
from destination.values import real_type_of

_RUNTIME_KEYS = {"ID": "id", "ConfigID": "config_id", "ActionID": "action_id", "ProjectID": "project_id"}
_PUBLIC_API_KEYS = {"id": "id", "destinationId": "config_id", "actionId": "action_id", "modelId": "model_id"}


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

    @classmethod
    def from_json(cls, value: Any) -> "Subscription":
        """Reads a subscription in the form of Segment's runtime or of its Public API.

        The members are not checked further. Errors in them are found when the subscription is compiled, and are
        reported where the reference (Segment's runtime) reports them.

        Raises:
            DefinitionError: The value is not an object.

        Example:
            >>> Subscription.from_json({"trigger": 'type = "page"', "actionSlug": "trackGoal"}).subscribe
            'type = "page"'
        """
        if not isinstance(value, dict):
            raise DefinitionError(f"a subscription is a JSON object, but this is: {real_type_of(value)}")
        public_api = "trigger" in value or "actionSlug" in value
        slug_key, trigger_key, mapping_key = (
            ("actionSlug", "trigger", "settings") if public_api else ("partnerAction", "subscribe", "mapping")
        )
        id_keys = _PUBLIC_API_KEYS if public_api else _RUNTIME_KEYS
        ids = {name: value[key] for key, name in id_keys.items() if key in value}
        enabled = value.get("enabled")
        return cls(
            name=str(value.get("name") or ""),
            subscribe=value.get(trigger_key, ""),
            partner_action=value.get(slug_key, ""),
            # Segment: a mapping that is falsy counts as none
            mapping=value.get(mapping_key) or {},
            enabled=enabled is not False,
            **ids,
        )

    def to_json(self) -> dict[str, Any]:
        """Writes the form of Segment's runtime, without a check of the mapping; `to_portable` writes it for Segment.

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
        return record

    def check(self) -> None:
        """Raises the first error of the trigger or the mapping; for tests.

        Raises:
            FQLSyntaxError: The trigger cannot be parsed.
            MappingValidationError: The mapping holds invalid directives.
            DefinitionError: The trigger is not text, or empty.
        """
        if not self.subscribe or not isinstance(self.subscribe, str):
            raise DefinitionError("Failed to validate subscription")
        error = getattr(parse_fql(self.subscribe), "error", None)
        if error is not None:
            raise error
        problems = compile_mapping(self.mapping).problems
        if problems:
            raise MappingValidationError([problem.message for problem in problems])


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
