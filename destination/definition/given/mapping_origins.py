"""Where subscriptions were read: the file and the line of each part."""

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from destination.definition import Subscription
    from destination.values.positions import Node

_OTHER_FORM: Final = {"subscribe": "trigger", "mapping": "settings", "partnerAction": "actionSlug"}


class Origin(NamedTuple):
    """Where a subscription was read.

    Attributes:
        name: The file or the Python object, as the user named it.
        node: Its keys and values with their lines; None for a Python object.
    """

    name: str
    node: "Node | None" = None

    def line(self, pointer: str) -> int | None:
        """Returns the line of a part of the subscription, or of the nearest part around it that the file has.

        Args:
            pointer: Which part, as `Finding.pointer` and `Problem.pointer` have it: `subscribe`, `mapping/name`.

        Returns:
            The number of the line, from 1; None for a Python object.
        """
        from destination.values.pointers import pointer_keys

        if self.node is None:
            return None
        node, line = self.node, self.node.line
        for depth, key in enumerate(pointer_keys(f"/{pointer}")):
            members = node.members or {}
            if depth == 0 and key not in members:
                key = _OTHER_FORM.get(key, key)
            if key in members:
                node, line = members[key].node, members[key].key.line
            elif node.items and key.isdecimal() and int(key) < len(node.items):
                node = node.items[int(key)]
                line = node.line
            else:
                break
        return int(line)


class LoadedMappings(NamedTuple):
    """Subscriptions, each with its origin.

    Attributes:
        subscriptions: All subscriptions, in the order of the sources.
        origins: Where each was read; as many as there are subscriptions.
        is_partial: Whether the file is one page of several, and another follows.
        is_terraform: Whether the file is Terraform, also as JSON.
    """

    subscriptions: "list[Subscription]"
    origins: list[Origin]
    is_partial: bool = False
    is_terraform: bool = False

    def location(self, index: int | None, pointer: str = "") -> str:
        """Returns `file:line` of a part of a subscription, or the name alone if there is no line.

        Args:
            index: The number of the subscription, from 0; None for the first file as a whole.
            pointer: Which part of it; see `Origin.line`.
        """
        if index is None or index >= len(self.origins):
            return self.origins[0].name if self.origins else ""
        origin = self.origins[index]
        line = origin.line(pointer)
        return origin.name if line is None else f"{origin.name}:{line}"
