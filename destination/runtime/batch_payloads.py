"""Payloads for the batches of a delivery, made one by one while the events of a batch are collected.

So each event is looked at once: its payload tells what its batch goes by, and is what `perform_batch` gets.
"""

from collections.abc import Hashable
from typing import Any

from destination.definition import Action
from destination.event import Event
from destination.fields import CompiledFields
from destination.mapping import CompiledMapping


class BatchPayloads:
    """Makes the payloads that a subscription's events have in its batches.

    Args:
        action: Its action.
        mapping: Its mapping.
        fields: The action's fields, None where it has none.

    Attributes:
        reusable: Whether a payload can go out a second time: nobody changes it.

    Example:
        >>> from destination.fields import compile_fields
        >>> from destination.mapping import compile_mapping
        >>> name = {"name": {"label": "Name", "description": "", "type": "string"}}
        >>> action = Action(title="A", description="", perform=print, fields=name, batch_keys=("name",))
        >>> mapping = compile_mapping({"name": {"@path": "$.event"}})
        >>> payloads = BatchPayloads(action, mapping, compile_fields(action.input_fields))
        >>> payload = payloads.of({"event": "Signed Up"})
        >>> payload, payloads.key_of(payload)
        ({'name': 'Signed Up'}, ('Signed Up',))
    """

    __slots__ = ("_fit", "_fitting", "_is_root", "_keys", "_mapping", "_share", "reusable")

    def __init__(self, action: Action[Any, Any], mapping: CompiledMapping, fields: CompiledFields | None) -> None:
        self.reusable = action.reads_only
        # Segment: blank strings stay in a batch, in text fields at the root
        # (test_blank_text_stays_in_a_batch_and_goes_from_a_single_event)
        self._is_root = action.own_batches
        self._keys = action.batch_keys
        self._mapping = mapping
        self._fit = None if fields is None else fields.clean_and_validate
        self._share = mapping.sharing() if action.reads_only else None
        self._fitting = None
        if action.reads_only and fields is not None:
            self._fitting = mapping.fitting(fields.kinds, fields.required)

    def of(self, event: Event, *, may_share: bool = False) -> Any:
        """The payload of an event.

        Args:
            event: The event, which the trigger matched.
            may_share: Whether a copy of the event's values would hold what they hold themselves: they came from
                JSON without a key `__proto__`. An action that only reads gets them as they are then.

        Raises:
            MappingError: A directive cannot work on the event.
            MappingValidationError: The mapping holds invalid directives.
            SchemaValidationError: The payload does not fit the fields.
        """
        resolve: Any = self._mapping
        if may_share and self._share is not None and event.__class__ is dict:
            if self._fitting is not None:
                payload = self._fitting(event)
                if payload is not None:
                    return payload
            resolve = self._share
        payload = resolve(event)
        return payload if self._fit is None else self._fit(payload, is_root=self._is_root)

    def key_of(self, payload: Any) -> Hashable:
        """What must be the same for all payloads of a request: the values of the action's `batch_keys`."""
        if not self._keys or not isinstance(payload, dict):
            return None
        key = tuple(map(payload.get, self._keys))
        try:
            hash(key)
        except TypeError:  # an object or a list
            return repr(key)
        return key
