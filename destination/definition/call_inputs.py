"""What functions are given that no event calls: hooks, dynamic fields, audiences, polls."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from destination.definition.event_options import NO_OPTIONS, EventOptions
from destination.definition.execute_input import ExecuteInput, SubscriptionContext
from destination.definition.polling import PendingOperation

S = TypeVar("S")

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class AppInput(ExecuteInput[S, Mapping[str, Any]]):
    """What Segment's app hands to a hook or a dynamic field while somebody edits a mapping.

    Attributes:
        page: Which page of choices is asked for, as the answer before named it in `nextPage`; None for the first.
        hook_inputs: What was filled in for the hook; validated when a hook is performed.
        dynamic_field_context: Where in an object or list the field is: `selectedArrayIndex` or `selectedKey`.

    Example:
        >>> AppInput({"region": "eu"}, {"payload": {"list": "l1"}, "page": "2"}).payload["list"]
        'l1'
    """

    __slots__ = ("_audience_settings", "dynamic_field_context", "hook_inputs", "page")

    def __init__(
        self,
        settings: S,
        given: Mapping[str, Any],
        options: EventOptions = NO_OPTIONS,
        auth: Mapping[str, Any] | None = None,
    ) -> None:
        payload = given.get("payload")
        outputs = given.get("hookOutputs")
        super().__init__(
            settings,
            MappingProxyType(payload) if isinstance(payload, dict) else _NOTHING,
            {},
            SubscriptionContext(hook_outputs=outputs if isinstance(outputs, Mapping) else _NOTHING),
            options,
            auth,
        )
        self.page: Any = given.get("page")
        self.hook_inputs: Any = given.get("hookInputs")
        self.dynamic_field_context: Mapping[str, Any] | None = given.get("dynamicFieldContext")
        self._audience_settings = given.get("audienceSettings") or {}

    @property
    def audience_settings(self) -> Any:
        """The settings of the audience that the mapping belongs to; empty where there are none."""
        return self._audience_settings


class AudienceInput(ExecuteInput[S, None]):
    """What `create_audience` and `get_audience` are given.

    Attributes:
        audience_name: What to call the audience that is to be made.
        external_id: The partner's identifier of the audience that is looked up.
        personas: Segment's description of the audience: `computation_id`, `computation_key`, `namespace`, …

    Example:
        >>> data = AudienceInput({}, {"audienceName": "VIPs", "audienceSettings": {"folder": "f"}})
        >>> data.audience_name, data.audience_settings
        ('VIPs', {'folder': 'f'})
    """

    __slots__ = ("_audience_settings", "audience_name", "external_id", "personas")

    def __init__(
        self,
        settings: S,
        given: Mapping[str, Any],
        options: EventOptions = NO_OPTIONS,
        auth: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(settings, None, {}, options=options, auth=auth)
        self.audience_name: Any = given.get("audienceName")
        self.external_id: Any = given.get("externalId")
        self.personas: Any = given.get("personas") or {}
        self._audience_settings = given.get("audienceSettings") or {}

    @property
    def audience_settings(self) -> Any:
        """The settings of the audience; validated when it is made."""
        return self._audience_settings


class PollInput(ExecuteInput[S, None]):
    """What `perform_poll` is given.

    Attributes:
        operation: The operation that is asked about.

    Example:
        >>> PollInput({}, PendingOperation(context={"jobId": 7})).operation.context["jobId"]
        7
    """

    __slots__ = ("operation",)

    def __init__(
        self,
        settings: S,
        operation: PendingOperation,
        options: EventOptions = NO_OPTIONS,
        auth: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(settings, None, {}, options=options, auth=auth)
        self.operation = operation
