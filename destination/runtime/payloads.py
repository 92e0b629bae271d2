"""Makes the payload of an event, in variants that are fixed when a subscription is compiled.

Also makes the payloads for a delivery's batches, one by one while the events are collected: the payload decides which
batch its event belongs to, and is passed to `perform_batch`.
"""

from collections.abc import Callable, Hashable
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import orjson

from destination.definition import Action
from destination.errors import DestinationError
from destination.event import Event
from destination.fields import CompiledFields
from destination.mapping import CompiledMapping, remove_undefined
from destination.request import Request, Response, Transport

Resolve: TypeAlias = Callable[[Event], Any]
"""Makes the payload of an event."""

_UNDERSCORE: Final = ord("_")


def validated(mapping: Resolve, fields: CompiledFields | None, *, is_root: bool = True) -> Resolve:
    """Makes a function that maps an event to copies of its values, removes empty ones, coerces and validates.

    The function raises what the mapping raises, and SchemaValidationError for a payload that is not valid.

    Args:
        mapping: The mapping, in any of its variants.
        fields: The fields of the action, or None.
        is_root: False if blank strings stay in text fields at the root, as in Segment's batches.
    """
    if fields is None:
        return mapping
    coerce_and_validate = fields.clean_and_validate
    if is_root:
        return lambda event: coerce_and_validate(mapping(event))
    return lambda event: coerce_and_validate(mapping(event), is_root=False)


def validated_for_reading(
    mapping: CompiledMapping, fields: CompiledFields | None, *, without_copies: bool, is_root: bool = True
) -> Resolve:
    """Makes the faster function for an action that does not change its payloads; see `validated`.

    Args:
        mapping: The mapping.
        fields: The fields of the action, or None.
        without_copies: Whether payloads share the event's values, if copies would be equal. Copies do not have
            values that are not JSON, undefined values, and keys `__proto__`.
        is_root: See `validated`.

    Example:
        >>> from destination.fields import compile_fields
        >>> from destination.mapping import compile_mapping
        >>> fields = compile_fields({"all": {"label": "All", "description": "", "type": "object"}})
        >>> resolve = validated_for_reading(compile_mapping({"all": {"@path": "$.a"}}), fields, without_copies=True)
        >>> event = {"a": {"b": 1}}
        >>> resolve(event)["all"] is event["a"], resolve({"a": {"__proto__": 1}})
        (True, {'all': {}})
    """
    with_copies = validated(mapping, fields, is_root=is_root)
    if fields is None:
        return with_copies
    coerce_and_validate = fields.clean_and_validate
    resolve_shared, dumps = mapping.without_copies(), orjson.dumps
    # For most payloads, the types of their values show that they are valid, while they are made.
    resolve_valid = mapping.without_coercion(fields.kinds, fields.required)

    def shared(event: Event) -> Any:
        if event.__class__ is dict:
            try:
                payload = None if resolve_valid is None else resolve_valid(event)
                is_valid = payload is not None
                if not is_valid:
                    payload = resolve_shared(event)
                raw = dumps(payload)
            except (TypeError, RecursionError):  # not JSON, or nested too deeply
                return with_copies(event)
            if _UNDERSCORE not in raw or b"__proto__" not in raw:
                return payload if is_valid else coerce_and_validate(payload, is_root=is_root)
        return with_copies(event)

    if without_copies:
        return shared
    if resolve_valid is None:
        return with_copies

    def copied(event: Event) -> Any:
        if event.__class__ is dict:
            try:
                payload = resolve_valid(event)
            except RecursionError:
                payload = None
            if payload is not None:
                return remove_undefined(payload)
        return with_copies(event)

    return copied


def payload_maker(action: Action[Any, Any] | None) -> Callable[[Any], Any]:
    """Makes the function that converts a validated payload to the payload model, or to a read-only mapping."""
    if action is None:
        return lambda payload: payload
    if action.payload is not None:
        maker: Callable[[Any], Any] = action.payload.maker()
        return maker
    if action.compiled_fields is not None:
        return MappingProxyType  # what has passed validation is an object
    return lambda payload: MappingProxyType(payload) if isinstance(payload, dict) else payload


# --- batches ---------------------------------------------------------------------------------------------


class BatchPayloads:
    """Makes the payloads that a subscription's events have in its batches.

    Args:
        action: Its action.
        mapping: Its mapping.
        fields: The action's fields, None where it has none.

    Attributes:
        reusable: Whether a payload can be sent a second time, because the action does not change it.
        of: Makes the payload of an event that the trigger matched.

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

    __slots__ = ("_keys", "of", "reusable")

    def __init__(self, action: Action[Any, Any], mapping: CompiledMapping, fields: CompiledFields | None) -> None:
        self.reusable = action.reads_only
        self._keys = action.batch_keys
        # Segment: blank strings stay in a batch, in text fields at the root
        # (test_blank_text_stays_in_a_batch_and_goes_from_a_single_event)
        is_root = action.own_batches
        self.of: Resolve = (
            validated_for_reading(mapping, fields, without_copies=True, is_root=is_root)
            if action.reads_only
            else validated(mapping, fields, is_root=is_root)
        )

    def key_of(self, payload: Any) -> Hashable:
        """Returns the values of the action's `batch_keys`, which must be equal for all payloads of a request."""
        if not self._keys or not isinstance(payload, dict):
            return None
        key = tuple(map(payload.get, self._keys))
        try:
            hash(key)
        except TypeError:  # an object or a list
            return repr(key)
        return key


class BatchTooLargeError(DestinationError):
    """The body of a batch is larger than allowed; nothing was sent."""


class SizeLimit:
    """A transport for one batch that refuses the first request if its body is too large.

    Args:
        transport: The transport that sends.
        max_bytes: The maximum size of the body, in bytes.
    """

    def __init__(self, transport: Transport, max_bytes: int) -> None:
        self._transport = transport
        self._max_bytes = max_bytes
        self._has_sent = False

    async def send(self, request: Request) -> Response:
        """Sends a request.

        Raises:
            BatchTooLargeError: It is the first request, and too large.
        """
        size = len(request.body or b"")
        if size > self._max_bytes and not self._has_sent:
            raise BatchTooLargeError(f"the batch takes {size:,} bytes, more than {self._max_bytes:,}")
        self._has_sent = True
        return await self._transport.send(request)

    async def aclose(self) -> None:
        """Closes the transport."""
        await self._transport.aclose()
