"""What the studio works on: a destination with settings, the saved mappings, the corpus, and instances of drafts."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Final, NamedTuple, TypeAlias

from destination.definition import Subscription
from destination.fields import InputField
from destination.fql import Trigger
from destination.local_server import BadRequestError
from destination.records import dataclass
from destination.runtime import MAX_SUBSCRIPTIONS, Destination, Instance
from destination.runtime.auth import Tokens
from destination.runtime.compiled import CompiledSubscription
from destination.values import read_json, real_type_of, write_json

Draft: TypeAlias = Sequence[Mapping[str, Any]]
"""The subscriptions as the page has them: Segment's members, with `key` and `saved` beside them."""

PAGE_MEMBERS: Final = frozenset({"key", "saved"})
"""The members of a draft's subscription that are the page's own."""
_MAX_INSTANCES: Final = 16
_MAX_COMPILED: Final = 500
_POSITION: Final = re.compile(r"(?P<message>.*): line (?P<line>\d+) column (?P<column>\d+) \(char \d+\)", re.DOTALL)


class StudioProblem(BadRequestError):  # noqa: N818  it is not a fault of the program
    """A request of the page cannot be answered.

    Args:
        message: What is wrong, and what to do.
        status: The status of the answer.
        more: Members that the answer has beside `error`, such as `conflict`.

    Example:
        >>> StudioProblem("the file changed on disk", 409, conflict=["-a", "+b"]).more
        {'conflict': ['-a', '+b']}
    """

    def __init__(self, message: str, status: int = 400, **more: Any) -> None:
        super().__init__(message, status)
        self.more = more


@dataclass(frozen=True)
class Forwarder:
    """The admin port of a running forwarder.

    Attributes:
        url: Its address.
        token: The token that it wants.
    """

    url: str
    token: str | None = field(default=None, repr=False)


class ChosenEvent(NamedTuple):
    """The event that a request is about.

    Attributes:
        value: The event, or None if the text is not a JSON object.
        error: Why it is not one: `message`, `line` and `column`, both from 1.
        position: Its index in the corpus, or None if it is a text of the editor.
    """

    value: dict[str, Any] | None
    error: dict[str, Any] | None = None
    position: int | None = None


class Studio:
    """The state of a studio. The draft is the page's own: each request brings it.

    Args:
        definition: The destination.
        settings: Its settings; placeholders where none were given.
        document: The saved mappings: where they are, and whether they can be saved there.
        corpus: The events.
        allow_send: Whether a person may send.
        forwarder: The forwarder whose live events are shown, or None.
        placeholders: Whether the settings are placeholders.

    Example:
        >>> from destination.catalog.absmartly import absmartly
        >>> from destination.definition.destination import placeholders
        >>> studio = Studio(absmartly, placeholders(absmartly), None, None)
        >>> pages = {"key": "s0", "name": "Pages", "subscribe": 'type = "page"', "partnerAction": "trackGoal"}
        >>> [item.name for item in studio.instance_of([pages]).given]
        ['Pages']
    """

    def __init__(
        self,
        definition: Destination[Any],
        settings: Mapping[str, Any],
        document: Any,
        corpus: Any,
        *,
        allow_send: bool = False,
        forwarder: Forwarder | None = None,
        placeholders: bool = False,
    ) -> None:
        self.definition = definition
        self.settings = settings
        self.document = document
        self.corpus = corpus
        self.allow_send = allow_send
        self.forwarder = forwarder
        self.placeholders = placeholders
        self._instances: OrderedDict[bytes, Instance[Any]] = OrderedDict()
        self._compiled: OrderedDict[tuple[bytes, int], CompiledSubscription] = OrderedDict()
        self.redactor = self.instance_of([]).redactor
        """Masks the secrets of the settings."""

    @property
    def saved(self) -> Draft:
        """The subscriptions of the saved version, with their keys `s0`, `s1` and so on."""
        saved: Draft = self.document.subscriptions
        return saved

    def instance_of(self, draft: Draft) -> Instance[Any]:
        """Returns an instance with the subscriptions of a draft; nothing can be sent with it.

        The instances of the latest drafts are kept by content.

        Raises:
            DefinitionError: There are more than 50 subscriptions, or one is not an object.
            SchemaValidationError: The settings are not valid.
        """
        members = [members_of(item) for item in draft]
        content = write_json(members)
        found = self._instances.get(content)
        if found is None:
            found = self._instances[content] = _DraftInstance(self.definition, self.settings, members, self._compiled)
            if len(self._instances) > _MAX_INSTANCES:
                self._instances.popitem(last=False)
        else:
            self._instances.move_to_end(content)
        return found

    def event_of(self, reference: Mapping[str, Any]) -> ChosenEvent:
        """Returns the event that a request names: `{"index": 14}` or `{"text": "{…}"}`.

        Raises:
            StudioProblem: There is no such event, or it is named in another way.
        """
        index, text = reference.get("index"), reference.get("text")
        if isinstance(text, str):
            return read_event(text)
        if isinstance(index, int) and not isinstance(index, bool):
            try:
                text = self.corpus.event(index)["text"]
            except LookupError:
                raise StudioProblem(f"the corpus has no event with the index {index}", 404) from None
            return read_event(text)._replace(position=index)
        raise StudioProblem('an event is named as {"index": 14} or {"text": "{…}"}')

    def to_json(self) -> dict[str, Any]:
        """Returns what the page shows first: the answer of `GET /api/session`."""
        definition = self.definition
        environment = None if self.placeholders else self.settings.get("environment")
        return {
            "destination": {"slug": definition.slug, "name": definition.name},
            "actions": {
                slug: {
                    "title": action.title,
                    "description": action.description,
                    "defaultSubscription": action.default_subscription,
                    "fields": [_field(key, field) for key, field in action.input_fields.items()],
                }
                for slug, action in definition.actions.items()
            },
            "document": self.document.to_json(),
            "corpus": self.corpus.status(),
            "allowSend": self.allow_send,
            "environment": environment if isinstance(environment, str) else None,
            "placeholders": self.placeholders,
            "forward": None if self.forwarder is None else {"url": self.forwarder.url},
            "limits": {"subscriptions": MAX_SUBSCRIPTIONS},
        }


class _DraftInstance(Instance[Any]):
    """An instance that shares what it compiles with those of other drafts: an edit changes one subscription of many.

    Args:
        definition: The destination.
        settings: The settings, which all drafts have in common.
        members: The subscriptions.
        compiled: What was compiled lately.
    """

    def __init__(
        self,
        definition: Destination[Any],
        settings: Mapping[str, Any],
        members: list[dict[str, Any]],
        compiled: "OrderedDict[tuple[bytes, int], CompiledSubscription]",
    ) -> None:
        self._compiled = compiled
        super().__init__(definition, settings, members)

    def compile(
        self,
        subscription: Subscription,
        index: int = 0,
        *,
        trigger: Trigger | None = None,
        tokens: Tokens | None = None,
    ) -> CompiledSubscription:
        """Compiles a subscription, or returns what was compiled of the same content; see `Instance.compile`."""
        if trigger is not None or tokens is not None:
            return super().compile(subscription, index, trigger=trigger, tokens=tokens)
        key = write_json(subscription.to_json()), 0 if subscription.name else index  # the index may be in its name
        found = self._compiled.get(key)
        if found is None:
            found = self._compiled[key] = super().compile(subscription, index)
            if len(self._compiled) > _MAX_COMPILED:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(key)
        return found


def members_of(subscription: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a subscription of a draft without the members that are the page's own.

    Example:
        >>> members_of({"key": "s0", "saved": 0, "name": "Pages"})
        {'name': 'Pages'}
    """
    return {key: value for key, value in subscription.items() if key not in PAGE_MEMBERS}


def draft_in(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the draft that was posted.

    Raises:
        StudioProblem: There is none, or it is not a list of objects.

    Example:
        >>> draft_in({"draft": [{"key": "s0"}]})
        [{'key': 's0'}]
    """
    draft = body.get("draft")
    if not isinstance(draft, list) or not all(isinstance(item, dict) for item in draft):
        raise StudioProblem("`draft` must be a list of subscriptions")
    return draft


def read_event(text: str) -> ChosenEvent:
    """Reads the text of the editor; what is wrong with it becomes a message with its line and column.

    Example:
        >>> read_event('{"type": "page"}').value
        {'type': 'page'}
        >>> read_event('{"type": }').error
        {'message': 'unexpected character, expected a JSON value', 'line': 1, 'column': 10}
        >>> read_event("[]").error
        {'message': 'an event is a JSON object, but this is: array', 'line': 1, 'column': 1}
    """
    try:
        value = read_json(text.encode("utf-8", "surrogatepass"))
    except ValueError as error:
        return ChosenEvent(None, _error(str(error)))
    if not isinstance(value, dict):
        message = f"an event is a JSON object, but this is: {real_type_of(value)}"
        return ChosenEvent(None, {"message": message, "line": 1, "column": 1})
    return ChosenEvent(value)


def _error(message: str) -> dict[str, Any]:
    """Takes the line and column out of the message of `read_json`."""
    found = _POSITION.fullmatch(message)
    if found is None:
        return {"message": message, "line": 1, "column": 1}
    return {"message": found["message"], "line": int(found["line"]), "column": int(found["column"])}


def _field(key: str, field: InputField) -> dict[str, Any]:
    return {
        "key": key,
        "label": field.label,
        "type": field.type,
        "required": field.required if isinstance(field.required, bool) else field.required is not None and "sometimes",
        "default": field.default,
        "description": field.description or "",
        "multiple": bool(field.multiple),
        "choices": field.choices,
        "additional": field.properties is None or field.additional_properties is True,
        "properties": [_field(name, inner) for name, inner in (field.properties or {}).items()],
    }
