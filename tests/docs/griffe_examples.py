"""Shows the `Example:` sections of docstrings as examples in the API reference."""

import re
from typing import Any

import griffe

_HEAD = re.compile(r"^(\s*)Example:$", re.MULTILINE)


class ExampleSections(griffe.Extension):
    """Reads `Example:` as `Examples:`, the only one of the two that Griffe's Google style knows."""

    def on_instance(self, *, obj: griffe.Object, **_options: Any) -> None:
        """Changes the text of one docstring."""
        if obj.docstring is not None:
            obj.docstring.value = _HEAD.sub(r"\1Examples:", obj.docstring.value)
